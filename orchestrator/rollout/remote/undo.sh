# Puts back the change that apply.sh wrote down beside this script.  When the change was confirmed, only tidies up after
# it.  There is no other way back.  WHO says who runs it: apply.sh itself ("script"), timetier-guard when nobody confirmed in
# time ("guard"), timetier-undo after a crash ("boot"), the next apply ("apply"), or `timetier unlock` ("unlock").
#
#   sh undo WHO [REASON]      prints "OUTCOME WORDS"; exits with 0: all is as it was, or there was nothing to put back;
#                             4: the files are back, but a command failed; 5: the files are not back
#
# One file name decides whether the change is kept or put back: apply.sh renames `armed` to `kept`, this script renames
# it to `undoing`, and only one of them can succeed.  Two copies never work at once (a kernel lock on the file `lock`).
# A copy that was killed halfway is done again from its start.  Before this text timetier sets $top, which is empty
# except in tests, and puts the words of what starts the services here: systemd.sh or openrc.sh.  What the shell can do itself, it does itself, as in apply.sh.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS
umask 022
set -f

change=$top/var/lib/timetier/change
last=$top/var/lib/timetier/last
lock=$top/run/timetier.lock
who=${1:-script} reason=${2:-} failed= tries= gone=

nl='
'

fact() { # NAME; sets $fact to the line that apply.sh wrote down
	fact=
	read -r fact 2>/dev/null <"$change/$1"
	[ -n "$fact" ]
}

# Whether a process lives.  PROCESS is its number and its start time, because numbers are used again.
is_alive() { # PROCESS
	stat=
	read -r stat 2>/dev/null <"/proc/${1%% *}/stat" || return
	set -- "$1" ${stat##*) }
	[ "${1#* }" = "${21}" ]
}

# Take the lock that apply.sh holds while it renames and acts.  apply.sh has 60 s to finish; then it is taken for hung and
# killed.  Fails when the change is over by then, even if another change is there.
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

# Run each command of a list, which ";" separates.  At boot the commands for units and daemons are left out: no unit can
# be waited for, and the boot itself starts what should run.
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
		case $line in
		'systemctl '*) within=$limit ;;
		*) within='timeout 150' ;;
		esac
		said=$($within $line </dev/null 2>&1) || failed="${failed:+$failed; }$line: ${said:-failed}"
	done
}

# Whether a start with the old configuration, whose files are in place again, would surely step the clock.  agent/once.h has
# the exit statuses of `verdict`; 1 comes from an older agent, and may mean a step.  Daemons that the change stopped are judged
# each by its own configuration.
old_steps() {
	fact formers
	set -- $fact
	fact agent
	while :; do
		timeout 60 "$fact" verdict ${1:+--daemon "$1"} </dev/null >/dev/null 2>&1
		case $? in
		1 | 3) return 0 ;;
		esac
		[ $# -gt 1 ] || return 1
		shift
	done
}

# Start the daemon with its old configuration, unless that could step the clock.  Then the daemon stays as it is, running
# or not, and the operator decides about a restart.
revive() {
	fact revives
	revives=$fact
	[ -z "$gone" ] || revives="systemctl start $gone;"
	if [ "$who" = boot ]; then
		! fact formers || boot_jobs "$revives"
		return
	fi
	if [ -n "$revives" ] && { fact still || old_steps; }; then
		outcome=still
		return
	fi
	run_all "$revives"
}

# Write to $last how the change ended.  The mark that decided it (`kept` or `undoing`) is on the disk before that.
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

# Remove what is left of the change.  The marks that make somebody put back go first: a half removed folder must not put
# back anything.  The guard goes late, because it tidies up when this is killed; but before the folder, because the next
# change has a guard of the same name.
tidy() {
	if [ ! -e "$change/kept" ]; then
		rm -f "$change/undoing" "$change/armed"
		sync "$change" 2>/dev/null
	fi
	fact paths
	set -- $wanted "$boot"
	for path in $fact; do
		set -- "$top$path.timetier-old" "$top$path.timetier-new" "$@"
	done
	rm -f "$@"
	if [ "$who" = guard ]; then # the lock of a script that was killed
		(command exec 9<"$lock" && flock -n 9 && rm -rf "$lock") 2>/dev/null
	fi
	end_guard
	rm -rf "$change"
	[ "$who" != boot ] || systemctl daemon-reload
}

# Set $gone to the unit of a daemon that was only told to read its files again, and has ended: it must be started, not
# told again.
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
		tidy # arm() of apply.sh failed
	elif ! alone; then
		echo over
	elif [ -e "$change/undoing" ] || { [ -e "$change/armed" ] && mv "$change/armed" "$change/undoing" 2>/dev/null; }; then
		put_back
	elif [ -e "$change/armed" ]; then
		echo "broken $reason; and putting it back cannot be begun"
		return 5
	elif [ -e "$change/kept" ]; then
		outcome=kept
		[ ! -e "$change/about" ] || tell # without that file: it was told before, and is half removed
		tidy
		echo kept
	else
		tidy # the change had not begun
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
