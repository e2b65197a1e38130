# keywatch.sh SIBLING...: on a host, until it is ended: four times a second what its daemon says of each sibling, a line
# each: seconds since boot, the daemon's process, the sibling, its reach, and whether its packets are authenticated (ok, bad).
# A line with "-" for the sibling: nobody answers.
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
	said=$(ntpq -n -c as -c peers 2>/dev/null)
	at=$(now)
	echo "$said" | awk -v at="$at" -v pid="$pid" -v wanted=" $* " '
		/^ *[0-9]+ +[0-9]+ +[0-9a-f]+ / { auth[++n] = $6 }
		/^.(192|2001)/ { m++; a = substr($0, 2); sub(/ .*/, "", a); if (index(wanted, " " a " ")) { print at, pid, a, $7, auth[m]; seen = 1 } }
		END { if (!seen) print at, pid, "-" }'
}
while :; do
	if pid=$(pgrep -o -x chronyd); then
		chrony "$@"
	elif pid=$(pgrep -o -x ntpd); then
		ntp "$@"
	else
		echo "$(now) 0 -"
	fi
	sleep 0.2
done
