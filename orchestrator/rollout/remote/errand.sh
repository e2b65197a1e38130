# Runs one command of the agent on this host, and tells what it printed.  It changes nothing.
# sh -c reads this whole text first.  Then stdin holds a line "LENGTH SECONDS PROGRAM WORD...", and LENGTH bytes, which
# the command gets on its stdin.  It answers with records: "LENGTH NAME...", the bytes, a newline.  What the command says
# on stderr is not touched: it is told with the exit status when there is no record.
# Before this text timetier sets $top, which is empty except in tests.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS
umask 077
set -f

record() { # NAME TEXT
	printf '%d %s\n%s\n' "${#2}" "$1" "$2"
}

printf '%s\n' "timetier-records 1"
read -r length seconds program words || exit
if [ ! -x "$top$program" ]; then
	record missing "$program"
	exit
fi
# one byte more than may be told: then it is known to be too long
said=$(head -c "$length" | timeout "$seconds" "$top$program" $words | head -c 524289; printf .)
said=${said%.}
if [ -z "$said" ]; then
	exit 1
elif [ ${#said} -gt 524288 ]; then
	record endless ""
else
	record said "$said"
fi
