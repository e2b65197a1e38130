# keywatch.sh SIBLING...: on a host, until it is ended: four times a second what its daemon says of each sibling, a line
# each: seconds since boot, the daemon's name and process, the sibling, its reach, and whether its packets are authenticated (ok, bad).
# A line with "-" for the sibling: nobody answers. (ntpq would ask for reach and authentication one after the other.)
now() { cut -d' ' -f1 /proc/uptime; }
chrony() {
	said=$(chronyc -n -c -m sources "ntpdata $1" ${2:+"ntpdata $2"} ${3:+"ntpdata $3"} 2>/dev/null) || said=
	at=$(now)
	echo "$said" | awk -F, -v at="$at" -v pid="$pid" -v wanted=" $* " '
		$1 ~ /^[\^=]/ && index(wanted, " " $3 " ") { reach[$3] = $6 }
		NF > 25 { auth[$1] = $28 == "Yes" } # ntpdata
		END { for (a in reach) { print at, pid, a, reach[a], auth[a] ? "ok" : "bad"; n++ } if (!n) print at, pid, "-" }'
}
ntp() {
	said=$(timeout 5 /usr/local/sbin/timetier-agent status --json 2>/dev/null)
	at=$(now)
	echo "$said" | tr '{' '\n' | awk -v at="$at" -v pid="$pid" -v wanted=" $* " '
		/^"address":/ { split($0, part, "\""); a = part[4] }
		/^"address":/ && index(wanted, " " a " ") && match($0, /"reach":[0-9]+/) {
			print at, pid, a, substr($0, RSTART + 8, RLENGTH - 8), /"auth":"key"/ ? "ok" : "bad"; n++ }
		END { if (!n) print at, pid, "-" }'
}
while :; do
	if pid=chronyd/$(pgrep -o -x chronyd); then
		chrony "$@"
	elif pid=ntpd/$(pgrep -o -x ntpd); then
		ntp "$@"
	else
		echo "$(now) 0 -"
	fi
	sleep 0.15
done
