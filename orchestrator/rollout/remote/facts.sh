# Tells what this host is and has, in records: "LENGTH NAME...", the bytes, a newline.  It changes nothing.
# sh -c reads this whole text first.  Then stdin holds the questions, one a line, up to "end".
# Before this text timetier sets $top, which is empty except in tests.
#
# Each process costs a slow host milliseconds: what the shell can do itself, it does itself.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS
umask 077
set -f
nl='
'
out= files= asked= others= many=0

# Records are gathered and go out in few large pieces: a small one would be a packet of its own.
record() { # NAME TEXT
	out="$out${#2} $1$nl$2$nl"
}

send() {
	printf %s "$out"
	out=
}

# Cut $said to its first BYTES bytes; the rest is not told.
shorten() { # BYTES
	[ ${#said} -le "$1" ] || said=$(printf "%.${1}s" "$said")
}

# Read a small file that a rollout wrote here into $said.
text() { # FILE
	said=
	[ -f "$1" ] && [ -r "$1" ] || return
	while [ ${#said} -lt 4096 ] && { IFS= read -r line || [ -n "$line" ]; }; do
		said=$said${said:+$nl}$line
	done <"$1"
	shorten 4096
}

file() { # PATH
	at=$top$1
	asked=$asked$1$nl
	if [ -L "$at" ]; then
		record "link $1" "$(readlink -- "$at")"
	elif [ ! -e "$at" ]; then
		record "absent $1" ""
	elif [ ! -f "$at" ]; then
		record "odd $1" ""
	elif [ ! -r "$at" ]; then
		record "hidden $1" ""
	else
		files=$files${files:+$nl}$at
	fi
}

# Tell also this file, which nobody asked for by its name, if it can be read: up to 32 of them.
other() { # PATH
	case $nl$asked in *"$nl$1$nl"*) return ;; esac
	[ "$many" -lt 32 ] && [ -f "$top$1" ] && [ -r "$top$1" ] && [ "${1%%"$nl"*}" = "$1" ] || return
	many=$((many + 1))
	asked=$asked$1$nl
	others=$others${others:+$nl}$top$1
}

# Tell the files that a configuration brings in, where its daemon finds them.  Of ntpd their names are below /, of NTPsec
# beside the file; there a folder stands for its *.conf, and ntp.d needs no line.
includes() { # chrony|ntp|ntpsec FILE
	queue=$2 read=$2 lines=0
	[ "$1" != ntpsec ] || bring "${2%/*}/ntp.d/*.conf"
	while [ -n "$queue" ]; do
		from=${queue%%"$nl"*}
		queue=${queue#"$from"}
		queue=${queue#"$nl"}
		[ -f "$top$from" ] && [ -r "$top$from" ] || continue
		while [ $lines -lt 8000 ] && { read -r word rest || [ -n "$word" ]; }; do
			lines=$((lines + 1))
			case $1:$word in
			chrony:[Ii][Nn][Cc][Ll][Uu][Dd][Ee]) bring "/${rest%%[ 	]*}" ;;
			chrony:[Cc][Oo][Nn][Ff][Dd][Ii][Rr]) for name in $rest; do bring "/$name/*.conf"; done ;;
			chrony:[Ss][Oo][Uu][Rr][Cc][Ee][Dd][Ii][Rr]) for name in $rest; do bring "/$name/*.sources"; done ;;
			ntp:includefile | ntpsec:includefile)
				name=${rest%%[ 	#]*}
				name=${name#\"}
				name=${name%\"}
				case $1:$name in ntpsec:[!/]*) name=${from%/*}/$name ;; esac
				if [ -d "$top/$name" ]; then bring "/$name/*.conf"; else bring "/$name"; fi
				;;
			esac
		done <"$top$from"
	done
}

# Take the files that the pattern names, and read them for further ones.
bring() { # PATTERN
	pattern=$1
	while :; do
		case $pattern in //*) pattern=${pattern#/} ;; *) break ;; esac
	done
	set +f
	IFS=
	for at in $top$pattern; do
		at=${at#"$top"}
		other "$at"
		case $nl$read$nl$at in
		*.sources | *"$nl$at$nl"*) continue ;;
		esac
		case $nl$asked in *"$nl$at$nl"*) read=$read$nl$at queue=$queue${queue:+$nl}$at ;; esac
	done
	unset IFS
	set -f
}

# Tell all files of a list at once, unless they are larger than MOST bytes.
tell_files() { # LIST MOST file|found
	[ -n "$1" ] || return
	list=$1 most=$2 kind=$3
	set --
	total=0
	while read -r size mode owner group at; do
		[ -n "$at" ] || continue # it went away meanwhile
		if [ "$size" -gt "$most" ]; then
			record "huge ${at#"$top"}" "$size"
			continue
		fi
		header="$size $kind $mode $owner $group ${at#"$top"}"
		total=$((total + ${#header} + size + 2))
		set -- "$@" "$header" "$at"
		if [ $# = 14 ]; then
			contents "$@"
			set --
			total=0
		fi
	done <<END
$(IFS=$nl && exec stat -L -c '%s %a %U %G %n' -- $list)
END
	[ $# = 0 ] || contents "$@"
}

# Tell up to seven files, each with the header of its record, $total bytes in all.  One cat reads headers and files in
# turn.  A header fits into a pipe, so that the shell needs no process to write it.  The length differs when a file has
# zero bytes, which no variable can hold, or is being written just now; then each file is read by itself.
contents() { # HEADER FILE...
	said=$(
		exec cat /dev/fd/3 "$2" ${3:+/dev/fd/4 "$4"} ${5:+/dev/fd/5 "$6"} ${7:+/dev/fd/6 "$8"} ${9:+/dev/fd/7 "${10}"} \
			${11:+/dev/fd/8 "${12}"} ${13:+/dev/fd/9 "${14}"} - 3<<A 4<<B 5<<C 6<<D 7<<E 8<<F 9<<G <<END
$1
A

$3
B

$5
C

$7
D

$9
E

${11}
F

${13}
G

.
END
	)
	if [ ${#said} = $((total + 1)) ]; then
		out=$out${said%.}
		return
	fi
	while [ $# -gt 0 ]; do
		send
		printf '%s\n' "$1"
		head -c "${1%% *}" -- "$2"
		out=$nl
		shift 2
	done
}

binary() { # PATH
	if [ -x "$top$1" ]; then
		record "binary $1" "$(timeout 10 "$top$1" --version </dev/null 2>&1 | head -c 300)"
	fi
}

# Tell a block of lines for each unit, in any order.
units() { # UNIT...
	if [ -n "$openrc" ]; then
		services "$@"
	else
		said=$(systemctl show --no-pager -p Id,LoadState,ActiveState,SubState,UnitFileState,Restart,ExecStart,Before -- "$@" 2>&1)
	fi
	record units "$said"
}

# Set $said to the same of the services of OpenRC that are there, each by its name and by that name as a unit.  What supervise-daemon
# supervises is started again when it ends.
services() { # UNIT...
	said=
	for at; do
		service=${at%.service}
		script=$top/etc/init.d/$service
		[ -f "$script" ] && [ -x "$script" ] || continue
		active=inactive enabled=disabled restart=no
		if [ -L "$top/run/openrc/started/$service" ] && timeout 20 rc-service "$service" status </dev/null >/dev/null 2>&1; then
			active=active
		fi
		for level in sysinit boot default; do
			[ ! -L "$top/etc/runlevels/$level/$service" ] || enabled=enabled
		done
		! grep -qs '^ *supervisor=.*supervise-daemon' "$script" "$top/etc/conf.d/$service" || restart=always
		for at in "$service" "$service.service"; do
			said="$said${said:+$nl$nl}Id=$at${nl}LoadState=loaded${nl}ActiveState=$active${nl}UnitFileState=$enabled${nl}Restart=$restart"
		done
	done
}

# Name what a rollout on a host with OpenRC needs of its commands, and this host lacks: those of busybox are not enough.
lacking() {
	said=
	for at in supervise-daemon rc-service rc-update setsid useradd; do
		command -v "$at" >/dev/null || said="$said $at"
	done
	for at in flock timeout; do # busybox knows fewer options, and not this one
		"$at" --version </dev/null >/dev/null 2>&1 || said="$said $at"
	done
	said=${said# }
}

# Tell the agent's hash and report.  An older agent does not know --fresh and prints nothing: then it is asked without.
agent() { # PATH [--fresh]
	if [ -x "$top$1" ]; then
		said=$(sha256sum -- "$top$1")
		record agent-hash "${said%% *}"
		said=
		if [ -n "${2:-}" ]; then
			record measures ""
			send
		fi
		[ -z "${2:-}" ] || said=$(timeout 45 "$top$1" status --json "$2" </dev/null 2>/dev/null)
		[ -n "$said" ] || said=$(timeout 20 "$top$1" status --json </dev/null 2>/dev/null)
		shorten 65536
		record agent-status "$said"
	fi
}

beside() { # GLOB; tells the paths that match it, one a line, and the files
	said=
	set +f
	for at in "$top"$1; do
		[ ! -e "$at" ] || said=$said${said:+$nl}${at#"$top"}
		other "${at#"$top"}"
	done
	set -f
	shorten 8192
	record "beside $1" "$said"
}

# Tell what kind of machine this is, what its kernel reads the time from, which clocks it has beside, and the last line of
# /etc/adjtime, UTC or LOCAL.
machine() {
	record virt "$(systemd-detect-virt 2>/dev/null)"
	said=
	read -r said 2>/dev/null <"$top/sys/devices/system/clocksource/clocksource0/current_clocksource"
	record clocksource "$said"
	said=
	set +f
	for at in "$top"/sys/class/ptp/*/clock_name; do
		line=
		[ ! -r "$at" ] || ! read -r line <"$at" || said=$said${said:+$nl}$line
	done
	set -f
	shorten 1024
	record ptp "$said"
	clocks
	resolver
	addresses
	line=
	[ ! -r "$top/etc/adjtime" ] || { read -r line && read -r line && read -r line; } <"$top/etc/adjtime" || line=
	record adjtime "$line"
}

# Tell what hardware clocks are read by: devices, one a line, and memory that receivers write, NTP0 (1314148400) and on: its
# unit, its mode, and how many processes have it open.
clocks() {
	said=
	set +f
	for at in "$top"/dev/pps[0-9]* "$top"/dev/ptp[0-9]* "$top"/dev/gps[0-9]* "$top"/dev/tty[A-Z]*; do
		[ ! -e "$at" ] || said=$said${said:+$nl}${at#"$top"}
	done
	set -f
	shorten 2048
	record devices "$said"
	said=
	if [ -r "$top/proc/sysvipc/shm" ]; then
		# KEY ID MODE SIZE CREATOR LATEST OPEN ...
		while read -r line words; do
			case $line in '' | *[!0-9]*) continue ;; esac
			line=$((line - 1314148400))
			set -- $words
			[ $line -lt 0 ] || [ $line -gt 127 ] || said="$said${said:+$nl}$line ${2:-} ${6:-}"
		done <"$top/proc/sysvipc/shm"
	fi
	shorten 2048
	record memory "$said"
}

# Tell whom it asks for names, and whether systemd-resolved checks signatures or speaks TLS.
resolver() {
	said=
	set +f
	for at in "$top/etc/resolv.conf" "$top/run/systemd/resolve/resolv.conf" "$top/etc/systemd/resolved.conf" \
		"$top"/etc/systemd/resolved.conf.d/*.conf; do
		[ -f "$at" ] && [ -r "$at" ] || continue
		lines=0
		while [ $lines -lt 400 ] && { read -r line || [ -n "$line" ]; }; do
			lines=$((lines + 1))
			case $line in nameserver[!a-z0-9]* | DNSSEC=* | DNSOverTLS=*) said=$said${said:+$nl}$line ;; esac
		done <"$at"
	done
	set -f
	shorten 1024
	record resolver "$said"
}

# Tell its addresses, as the kernel has them: "|-- ADDRESS" before "/32 host LOCAL", and for IPv6 32 digits, index, length,
# scope (00: not of one link alone) and flags, of which 01 is a temporary address and 20 an old one.
addresses() {
	said= lines=0 name= address=
	if [ -r "$top/proc/net/fib_trie" ]; then
		while [ $lines -lt 4000 ] && read -r line name words; do
			lines=$((lines + 1))
			case "$line $name $words" in
			'|-- '*) address=$name ;;
			'/32 host LOCAL'*) case " $said " in *" $address "*) ;; *) said="$said${said:+ }$address" ;; esac ;;
			esac
		done <"$top/proc/net/fib_trie"
	fi
	if [ -r "$top/proc/net/if_inet6" ]; then
		while read -r line name words; do
			set -- $words
			case $line:${2:-} in *[!0-9a-f]*:* | *:[!0]* | *:?[!0]*) continue ;; esac
			case ${3:-} in '' | *[!0-9a-f]*) continue ;; esac
			[ $((0x$3 & 0x21)) = 0 ] && [ ${#line} = 32 ] || continue
			address=
			while [ -n "$line" ]; do
				address=$address${address:+:}${line%"${line#????}"}
				line=${line#????}
			done
			said="$said${said:+ }$address"
		done <"$top/proc/net/if_inet6"
	fi
	shorten 1024
	record addresses "$said"
}

ages() { # PATH...; tells when each was changed, its mode and its owner
	said=
	for at; do
		said=$said${said:+$nl}$top$at
	done
	while read -r changed mode owner at; do
		[ -z "$at" ] || record "age ${at#"$top"}" "$changed $mode $owner"
	done <<END
$(IFS=$nl && exec stat -c '%Y %a %U %n' -- $said 2>/dev/null)
END
	record ages ""
}

leap() { # FILE; tells until when this list of leap seconds holds, in seconds of NTP
	line=
	if [ -f "$top$1" ] && [ -r "$top$1" ]; then
		while read -r line; do
			case $line in '#@'*) break ;; esac
			line=
		done <"$top$1"
	fi
	record leap "${line#'#@'}"
}

# Tell the first certificate of a file, and which of these users can read its private key: lines "USER yes", "USER no"; nothing
# where it is not there.  The key itself is not read.
proof() { # CERTIFICATE KEY USER...
	said=
	[ ! -f "$top$1" ] || said=$(sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p; /^-----END CERTIFICATE-----/q' "$top$1" 2>/dev/null)
	shorten 16384
	record certificate "$said"
	at=$top$2 said=
	shift 2
	command -v setpriv >/dev/null || return
	for user; do
		[ -e "$at" ] || break
		case $nl$said in *"$nl$user "*) continue ;; esac
		group=$(id -g "$user" 2>/dev/null) || continue
		if setpriv --reuid "$user" --regid "$group" --init-groups -- test -r "$at" 2>/dev/null; then
			said="$said${said:+$nl}$user yes"
		else
			said="$said${said:+$nl}$user no"
		fi
	done
	record key-readers "$said"
}

# Tell which programs can run here at all: a program names its dynamic loader by its path.
loaders() {
	said=
	set +f
	for at in "$top"/lib/ld-*.so* "$top"/lib32/ld-*.so* "$top"/lib64/ld-*.so*; do
		[ ! -e "$at" ] || said=$said${said:+$nl}${at#"$top"}
	done
	set -f
	shorten 1024
	record loaders "$said"
}

# Tell the address that we are reached from.  sudo takes it out of the environment: then a parent process has it.
via() {
	said=${SSH_CONNECTION:-} pid=$$
	while [ -z "$said" ] && [ "${pid:-0}" -gt 1 ]; do
		at=$nl$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ")
		case $at in
		*"${nl}SSH_CONNECTION="*) said=${at#*"${nl}SSH_CONNECTION="} ;;
		esac
		# PID (NAME) STATE PARENT ...
		line=
		read -r line 2>/dev/null <"/proc/$pid/stat"
		line=${line##*) ? }
		pid=${line%% *}
	done
	record via "${said%%[ $nl]*}"
}

# Tell how many milliseconds passed since sshd began the login shell, which began us, perhaps through sudo.  Its process
# is the last one below sshd's; where none of these is seen, nothing is told.
shell_time() {
	pid=$$ began=
	while [ "${pid:-0}" -gt 1 ]; do
		# PID (NAME) STATE PARENT ...; the 20th word behind the name: its start, in hundredths of a second since boot
		line=
		read -r line 2>/dev/null <"/proc/$pid/stat"
		case $line in
		"$pid (sshd"* | "$pid (dropbear"*) break ;;
		esac
		set -- ${line##*) }
		pid=${2:-} began=${20:-}
	done
	up= idle=
	read -r up idle 2>/dev/null </proc/uptime
	case ${pid:-0},$began,$up in
	[01],* | *,,* | *,*[!0-9]*,* | *,*, | *,*,*[!0-9.]*) return ;;
	esac
	record shell "$(((${up%.*}${up#*.} - began) * 10))"
}

# Whether somebody holds the lock.  Who may open its folder may hold it, and older versions let everybody: then the
# process that is written down in it must live.  A login that may not look into it cannot tell.
lock_is_held() {
	[ -d "$lock" ] && [ -r "$lock" ] && ! (command exec 9<"$lock" && flock -n 9) 2>/dev/null || return
	[ "$(stat -c %a "$lock")" != 700 ] || return 0
	text "$lock/process"
	was=$said line=
	read -r line 2>/dev/null <"/proc/${was%% *}/stat"
	set -- ${line##*) }
	[ -n "$was" ] && [ "${was#* }" = "${20:-}" ]
}

# Tell of changes: how the last one ended, one that waits to be confirmed, and who holds the lock.
changes() {
	lib=$top/var/lib/timetier lock=$top/run/timetier.lock
	if [ -f "$lib/last" ]; then
		text "$lib/last"
		record last "$said"
	fi
	for mark in armed undoing kept; do
		if [ -e "$lib/change/$mark" ]; then
			text "$lib/change/about"
			record change "outcome $mark$nl$said"
			break
		fi
	done
	if lock_is_held; then
		told=
		for name in holder run since; do
			text "$lock/$name"
			told="$told$name $said$nl"
		done
		text "$lock/up"
		read -r up idle </proc/uptime
		record lock "${told}ago $((${up%%.*} - ${said:-0}))"
	fi
}

# at once, so that the time until now is known to be not ours
printf '%s\n' "timetier-records 1"
shell_time
record uid "$(id -u)"
record arch "$(uname -m)"
record libc "$(getconf GNU_LIBC_VERSION 2>/dev/null)"
loaders
via
said=
[ ! -d "$top/run/systemd/system" ] || said=yes
record systemd "$said"
openrc=
if [ -z "$said" ] && [ -d "$top/run/openrc" ]; then
	openrc=yes
	lacking
	record openrc "${said:+lacks }${said:-yes}"
fi
while read -r verb words; do
	# tell the files before the first question that may take long
	case $verb in
	file | beside | changes | includes) ;;
	*)
		tell_files "$files" 262144 file
		tell_files "$others" 65536 found
		files= others=
		;;
	esac
	case $verb in
	file) file "$words" ;;
	includes) includes $words ;;
	binary) binary "$words" ;;
	units) units $words ;;
	machine) machine ;;
	ages) ages $words ;;
	leap) leap "$words" ;;
	proof) proof $words ;;
	agent) agent $words ;;
	beside) beside "$words" ;;
	hook) [ ! -f "$top$words" ] || [ ! -x "$top$words" ] || record "hook $words" "" ;;
	changes) changes ;;
	end) break ;;
	esac
done
record end ""
send
