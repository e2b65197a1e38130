# Runs one command of the agent on this host, and tells what it printed.  It changes nothing: where the agent's program is not
# there, it is brought for this one command, into a folder that is gone afterwards, whatever happens.
# sh -c reads this whole text first.  Then stdin holds a line "LENGTH SECONDS PROGRAM WORD...", and LENGTH bytes, which
# the command gets on its stdin; and, once this text has told that the program is missing, a line with the length of one, and
# the program.  It answers with records: "LENGTH NAME...", the bytes, a newline.  What the command says
# on stderr is not touched: it is told with the exit status when there is no record.
# Before this text timetier sets $top, which is empty except in tests.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS
umask 077
set -f
nl='
'

record() { # NAME TEXT
	printf '%d %s\n%s\n' "${#2}" "$1" "$2"
}

# Make a folder in which programs can be run.  What a host that crashed meanwhile has left of an earlier one goes.
find_place() {
	for at in "$top/tmp" "$top/var/tmp" "${top:-$HOME}"; do
		places=$places${places:+, }${at#"$top"}
		folder=$(mktemp -d "$at/timetier-errand.XXXXXXXX" 2>/dev/null) || continue
		find "$at" -maxdepth 1 -name 'timetier-errand.*' -user "$(id -u)" -mmin +60 -exec rm -rf {} + 2>/dev/null
		printf '#!/bin/sh\n' >"$folder/try" && chmod 700 "$folder/try" && "$folder/try" 2>/dev/null && return
		rm -rf "$folder"
		folder=
	done
	return 1
}

# Which of the agent's programs can run here, as facts.sh tells it.
tell_kind() {
	said=
	set +f
	for at in "$top"/lib/ld-*.so* "$top"/lib32/ld-*.so* "$top"/lib64/ld-*.so*; do
		[ ! -e "$at" ] || said=$said${said:+$nl}${at#"$top"}
	done
	set -f
	record arch "$(uname -m)"
	record libc "$(getconf GNU_LIBC_VERSION 2>/dev/null)"
	record loaders "$said"
}

folder='' places=''
trap '[ -z "$folder" ] || rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM PIPE
printf '%s\n' "timetier-records 1"
read -r length seconds program words || exit
program=$top$program
if [ ! -x "$program" ]; then
	kept=/dev/null
	! find_place || kept=$folder/input
	head -c "$length" >"$kept"
	tell_kind
	record missing "${program#"$top"}"
	read -r size || exit
	if [ -z "$folder" ]; then
		record noplace "$places"
		exit
	fi
	program=$folder/timetier-agent
	head -c "$size" >"$program"
	if [ "$(wc -c <"$program")" -ne "$size" ]; then
		record cut "${folder#"$top"}"
		exit
	fi
	chmod 700 "$program"
	exec <"$folder/input"
fi
# one byte more than may be told: then it is known to be too long
said=$(head -c "$length" | timeout "$seconds" "$program" $words | head -c 524289; printf .)
said=${said%.}
# who is told the answer may look at once whether anything is left
[ -z "$folder" ] || rm -rf "$folder"
folder=
if [ -z "$said" ]; then
	exit 1
elif [ ${#said} -gt 524288 ]; then
	record endless ""
else
	record said "$said"
fi
