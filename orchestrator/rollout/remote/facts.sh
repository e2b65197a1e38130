# What this host is and has, as records: "LENGTH NAME...", the bytes, a newline.  It changes nothing.
# It is read by sh -c whole; on stdin follow the questions, one a line, up to "end".
# $top is empty but in tests; timetier sets it before this text.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077

record() { # NAME TEXT
	printf '%d %s\n%s\n' "${#2}" "$1" "$2"
}

file() { # PATH
	at=$top$1
	if [ -L "$at" ]; then
		record "link $1" "$(readlink -- "$at")"
	elif [ ! -e "$at" ]; then
		record "absent $1" ""
	elif [ ! -f "$at" ]; then
		record "odd $1" ""
	elif [ ! -r "$at" ]; then
		record "hidden $1" ""
	else
		set -- "$1" $(stat -c '%s %a %U %G' -- "$at")
		if [ "$2" -gt 262144 ]; then
			record "huge $1" "$2"
		else
			printf '%d file %s %s %s %s\n' "$2" "$3" "$4" "$5" "$1"
			head -c "$2" -- "$at"
			echo
		fi
	fi
}

binary() { # PATH
	if [ -x "$top$1" ]; then
		record "binary $1" "$(timeout 10 "$top$1" --version </dev/null 2>&1 | head -c 300)"
	fi
}

units() { # UNIT...
	record units "$(systemctl show --no-pager -p Id,LoadState,ActiveState,SubState,UnitFileState,Restart,MainPID \
		-- "$@" 2>&1)"
	for unit in "$@"; do
		pid=$(systemctl show -p MainPID --value -- "$unit" 2>/dev/null)
		if [ "${pid:-0}" -gt 0 ] && [ -r "/proc/$pid/cmdline" ]; then
			record "argv $unit" "$(tr '\0' ' ' <"/proc/$pid/cmdline")"
		fi
	done
}

# An agent of before does not know --fresh, and says nothing to it.
agent() { # PATH [--fresh]
	if [ -x "$top$1" ]; then
		record agent-hash "$(sha256sum -- "$top$1" | cut -c1-64)"
		record agent-version "$("$top$1" --version </dev/null 2>&1 | head -c 100)"
		said=
		[ -z "${2:-}" ] || said=$(timeout 45 "$top$1" status --json "$2" </dev/null 2>/dev/null | head -c 65536)
		[ -n "$said" ] || said=$(timeout 20 "$top$1" status --json </dev/null 2>/dev/null | head -c 65536)
		record agent-status "$said"
	fi
}

beside() { # GLOB: files of that name, one a line
	list=
	set +f
	for at in "$top"$1; do
		[ ! -e "$at" ] || list="$list${at#"$top"}
"
	done
	set -f
	record "beside $1" "$(printf %s "$list" | head -c 8192)"
}

# The address that we are reached from; sudo takes it out of the environment.
via() {
	said=${SSH_CONNECTION:-} pid=$$
	while [ -z "$said" ] && [ "${pid:-0}" -gt 1 ]; do
		said=$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
		pid=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status" 2>/dev/null)
	done
	record via "${said%% *}"
}

# Of changes: how the last one ended, one that waits to be confirmed, and who holds the lock.
changes() {
	lib=$top/var/lib/timetier lock=$top/run/timetier.lock
	[ ! -f "$lib/last" ] || record last "$(head -c 4096 "$lib/last")"
	for mark in armed undoing kept; do
		if [ -e "$lib/change/$mark" ]; then
			record change "outcome $mark
$(head -c 4096 "$lib/change/about" 2>/dev/null)"
			break
		fi
	done
	if [ -d "$lock" ] && ! (command exec 9<"$lock" && flock -n 9) 2>/dev/null; then
		at=$(cat "$lock/up" 2>/dev/null)
		record lock "$(for name in holder run since; do echo "$name $(cat "$lock/$name" 2>/dev/null)"; done)
ago $(($(cut -d. -f1 /proc/uptime) - ${at:-0}))"
	fi
}

tell() {
	printf 'timetier-records 1\n'
	record uid "$(id -u)"
	record arch "$(uname -m)"
	via
	record systemd "$([ -d "$top/run/systemd/system" ] && echo yes)"
	while read -r verb words; do
		set -f
		case $verb in
		file) file "$words" ;;
		binary) binary "$words" ;;
		units) units $words ;;
		agent) agent $words ;;
		beside) beside "$words" ;;
		hook) [ ! -f "$top$words" ] || [ ! -x "$top$words" ] || record "hook $words" "" ;;
		changes) changes ;;
		end) break ;;
		esac
	done
	record end ""
}

# In few large pieces: each small one would be a packet of its own.
tell | dd bs=65536 iflag=fullblock 2>/dev/null
