# keywatch.sh SIBLING...: runs on a host, by bash, until /root/keywatch.end is there. Four times a second it prints what the
# daemon says of each sibling, one line each: seconds since boot, the daemon's name and process, the sibling, its reach, and
# whether its packets are authenticated (ok, bad). A line with "-" for the sibling: the daemon does not answer. It does not use
# ntpq, which would ask for reach and authentication one after the other. A look costs one process of chronyc, and none for ntpd.
siblings=("$@")
asked=("${@/#/ntpdata }")
exec {idle}<> <(:) # nothing comes from it: reading it is a pause

runs() { # NAME PID-FILE: whether that daemon runs; sets pid to its name and process
	local number='' name=''
	{ read -r number <"$2"; read -r name <"/proc/$number/comm"; } 2>/dev/null # the last line may lack its newline
	pid=$1/$number
	[ "$name" = "$1" ]
}

chrony() {
	local field
	local -A reach=() auth=()
	# the two answers may be of two associations, if it is made anew between them: what is bad once more is bad
	ask_chrony || ask_chrony
	for field in "${siblings[@]}"; do
		[ -z "${reach[$field]:-}" ] || tell "$field" "${reach[$field]}" "${auth[$field]:-bad}"
	done
}

# Set reach and auth of each sibling; fails if one is reached, and its packets are not authenticated.
ask_chrony() {
	local said field
	reach=() auth=()
	said=$(exec chronyc -n -c -m sources "${asked[@]}" 2>/dev/null) || said=
	read -r at _ </proc/uptime
	while IFS=, read -ra field; do
		case ${field[0]:-} in
		[=^]*) reach[${field[2]}]=${field[5]} ;;
		*.*) [ "${field[27]:-}" != Yes ] || auth[${field[0]}]=ok ;; # a line of ntpdata
		esac
	done <<<"$said"
	for field in "${siblings[@]}"; do
		[ "${reach[$field]:-0}" = 0 ] || [ -n "${auth[$field]:-}" ] || return
	done
}

ntp() {
	local said=()
	[ -n "${look_PID:-}" ] || coproc look { exec /root/keylook "${siblings[@]}"; }
	echo >&"${look[1]}"
	read -r at _ </proc/uptime
	while read -ra said -u "${look[0]}" && [ ${#said[@]} != 0 ]; do
		tell "${said[@]}"
	done
}

tell() { # SIBLING REACH ok|bad
	echo "$at $pid $*"
	told=yes
}

while [ ! -e /root/keywatch.end ]; do
	told=
	if runs chronyd /run/chrony/chronyd.pid; then
		chrony
	elif runs ntpd /run/ntpd.pid; then
		ntp
	else
		pid=0
		read -r at _ </proc/uptime
	fi
	[ -n "$told" ] || echo "$at $pid -"
	read -rt 0.2 -u "$idle"
done
