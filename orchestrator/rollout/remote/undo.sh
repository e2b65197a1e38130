# Put back the change that apply.sh wrote down beside this script, or, when it was confirmed, tidy up after it.  It is
# the only way back, whoever goes it: apply.sh itself ("script"), the timer timetier-guard when nobody confirmed in time
# ("guard"), timetier-undo.service after a crash ("boot"), the next apply ("apply"), `timetier unlock` ("unlock").
#
#   sh undo WHO [REASON]      says "OUTCOME WORDS"; 0: it is as it was, 4: files are, a command failed, 5: they are not
#
# Which of the two it is, one name decides, and renames decide about that: `armed` becomes `kept` by apply.sh's
# confirming, or `undoing` here.  Two never run at once (a lock of the kernel's, on `lock`), and one that was killed
# halfway is done again from its start.  timetier sets $top, empty but in tests, before this text.  What the shell can do
# itself, it does itself, as in apply.sh.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022
set -f

change=$top/var/lib/timetier/change
last=$top/var/lib/timetier/last
lock=$top/run/timetier.lock
boot=$top/etc/systemd/system/timetier-undo.service
wanted=$top/etc/systemd/system/sysinit.target.wants/timetier-undo.service
who=${1:-script} reason=${2:-} failed=

nl='
'

fact() { # NAME: the line that apply.sh wrote down, as $fact
	fact=
	read -r fact 2>/dev/null <"$change/$1"
	[ -n "$fact" ]
}

# A process as its number and the moment of its start: numbers come again.
is_alive() { # PROCESS
	stat=
	read -r stat 2>/dev/null <"/proc/${1%% *}/stat" || return
	set -- "$1" ${stat##*) }
	[ "${1#* }" = "${21}" ]
}

# apply.sh holds this lock while it renames and acts.  It has a minute to come to an end; then it hangs, and is ended.
# Whoever waited may find that all is over, and another change there.
alone() {
	[ -d "$change" ] && command exec 7>>"$change/lock" || return
	if ! flock -w 60 7; then
		if fact process && is_alive "$fact"; then
			kill -9 "${fact%% *}"
		fi
		flock 7
	fi
	[ /proc/self/fd/7 -ef "$change/lock" ]
}

# Each command of a list that ";" separates; at boot, no unit can be waited for, and the boot starts what is to run.
run_all() { # LIST
	rest=$1
	while [ -n "$rest" ]; do
		line=${rest%%;*}
		rest=${rest#*;}
		case $who:$line in
		'boot:systemctl start '* | 'boot:systemctl stop '* | 'boot:systemctl restart '*) continue ;;
		boot:chronyc* | 'boot:systemctl daemon-reload') continue ;;
		*:chronyc*) [ -z "$gone" ] || continue ;;
		esac
		said=$(timeout 150 $line </dev/null 2>&1) || failed="${failed:+$failed; }$line: ${said:-failed}"
	done
}

# The verdict on the old configuration, now that its files are in place again: a step for sure.
old_steps() {
	fact agent
	case $(timeout 60 "$fact" verdict --json </dev/null 2>/dev/null) in
	*'"verdict":{"kind":"step"'*) return 0 ;;
	esac
	return 1
}

# Start the daemon with its old configuration, unless that could step the clock: then it stays as it
# is, running or not, and a restart is the operator's.
revive() {
	fact revives
	revives=$fact
	[ -z "$gone" ] || revives="systemctl start $gone;"
	if [ "$who" != boot ] && [ -n "$revives" ] && { fact still || old_steps; }; then
		outcome=still
		return
	fi
	run_all "$revives"
}

# What became of the change, for those who were not there; the mark by which it did is on the disk before.
tell() {
	told=$reason${failed:+; and putting it back failed: $failed}
	[ ${#told} -lt 2000 ] || told=$(printf %.1990s "$told")
	while [ "$told" != "${told#*"$nl"}" ]; do
		told="${told%%"$nl"*} ${told#*"$nl"}"
	done
	{
		echo "outcome $outcome"
		echo "by $who"
		[ ! -r "$change/about" ] || while IFS= read -r line; do
			printf '%s\n' "$line"
		done <"$change/about"
		date -u '+ended %Y-%m-%dT%H:%M:%SZ'
		printf 'reason %s\n' "$told"
	} >"$last.new" && sync "$last.new" "$change" && mv -f "$last.new" "$last"
}

# Marks by which something would be put back go first: of a half removed folder, nothing may be.  The timer goes as late as may be: it tidies
# up after who is killed in here.  Not later, for the next change has a timer of the same name.
tidy() {
	if [ ! -e "$change/kept" ]; then
		rm -f "$change/undoing" "$change/armed"
		sync "$change" 2>/dev/null
	fi
	fact paths
	set -- "$wanted" "$boot"
	for path in $fact; do
		set -- "$top$path.timetier-old" "$top$path.timetier-new" "$@"
	done
	rm -f "$@"
	if [ "$who" = guard ]; then # the lock of a script that was killed
		(command exec 9<"$lock" && flock -n 9 && rm -rf "$lock") 2>/dev/null
	fi
	systemctl stop timetier-guard.timer 2>/dev/null
	rm -rf "$change"
	[ "$who" != boot ] || systemctl daemon-reload
}

# A daemon that was only to read its files again, and has ended over it: it is started, not told once more.
find_gone() {
	gone=
	if [ "$who" != boot ] && ! fact revives && fact unit; then
		case $(systemctl is-active "$fact" 2>/dev/null) in
		failed | inactive) gone=$fact ;;
		esac
	fi
}

put_back() {
	outcome=back failed=
	find_gone
	sync "$change"
	if ! said=$(sh "$change/files" 2>&1); then
		outcome=broken failed=$said
		tell
		echo "$outcome $reason; and putting its files back failed: $said"
		return 5
	fi
	fact paths
	set --
	for path in $fact; do
		case " $* " in *" $top${path%/*} "*) ;; *) set -- "$@" "$top${path%/*}" ;; esac
	done
	[ $# = 0 ] || sync "$@" 2>/dev/null
	fact backs
	run_all "$fact"
	revive
	if [ -n "$failed" ]; then
		outcome=stuck
	fi
	tell
	if [ -n "$failed" ] && [ "$who" != apply ]; then
		echo "$outcome $reason; and putting it back failed: $failed"
		return 4
	fi
	tidy
	echo "$outcome $reason${failed:+; and putting it back failed: $failed}"
	[ -z "$failed" ] || return 4
}

main() {
	if [ "$who" = forget ]; then
		tidy # apply.sh could not arm
	elif ! alone; then
		echo over
	elif [ -e "$change/undoing" ] || { [ -e "$change/armed" ] && mv "$change/armed" "$change/undoing" 2>/dev/null; }; then
		put_back
	elif [ -e "$change/armed" ]; then
		echo "broken $reason; and it cannot be begun to put it back"
		return 5
	elif [ -e "$change/kept" ]; then
		outcome=kept
		[ ! -e "$change/about" ] || tell # else it was told, and half removed
		tidy
		echo kept
	else
		tidy # it had not begun
		echo nothing
	fi
}

main
status=$?
while [ "$who" = guard ] && [ $status -ne 0 ] && [ ${#tries} -lt 3 ]; do
	tries=${tries:-}x
	sleep 30
	main
	status=$?
done
exit $status
