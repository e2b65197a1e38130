# Carry out one change of this host, wholly or not at all.  It is read by sh -c whole; on stdin
# follow the words of the change, one a line, up to "go"; what it has to say goes out as records:
# "LENGTH NAME...", the bytes, a newline.  Where it has to know more it asks ("ask ...") and reads one word.
#
# New files are written beside the old ones.  From the first rename on, this script ends only with
# the new files in place and confirmed, or with the old ones: whatever becomes of the connection,
# it puts back what is not confirmed, and so does a unit at the next boot after a crash.
# $top is empty but in tests; timetier sets it before this text.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022
set -f

change=$top/var/lib/timetier/change
lock=$top/run/timetier.lock
boot=$top/etc/systemd/system/timetier-undo.service
wanted=$top/etc/systemd/system/sysinit.target.wants/timetier-undo.service
holder= wait=60 news= drops= folders= acts= backs= revives= still= agent= unit= check= locked= user= dog= fresh= run=

record() { # NAME TEXT; nobody may be listening any more
	printf '%d %s\n%s\n' "${#2}" "$1" "$2" 2>/dev/null
}

# One word of the orchestrator's, or nothing when it is gone or takes too long.
hear() {
	timeout --foreground "$wait" head -n 1
}

clean() {
	unwatch
	for path in $news; do
		rm -f "$top$path.timetier-new"
	done
	for folder in $folders; do
		rmdir "$folder" 2>/dev/null
	done
	if [ -n "$user" ]; then
		userdel "$user" 2>/dev/null
	fi
	if [ -n "$locked" ]; then
		rm -rf "$lock"
	fi
}

# Nothing was changed, or nothing is left of it.
fail() { # TEXT
	trap '' HUP INT TERM PIPE
	clean
	record failed "$1"
	exit 1
}

# A process as its number and the moment of its start: numbers come again.
process() { # PID
	cut -d' ' -f1,22 "/proc/$1/stat" 2>/dev/null
}

lock_is_held() {
	was=$(cat "$lock/process" 2>/dev/null)
	[ -n "$was" ] && [ "$(process "${was%% *}")" = "$was" ]
}

take_lock() {
	if ! mkdir "$lock" 2>/dev/null; then
		# who made it this very moment has not written there yet
		lock_is_held || sleep 1
		if lock_is_held; then
			fail "another rollout is at work here: $(cat "$lock/holder" 2>/dev/null)"
		fi
		rm -rf "$lock"
		said=$(mkdir "$lock" 2>&1) || fail "$said"
	fi
	locked=yes
	process $$ >"$lock/process"
	echo "$holder, since $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$lock/holder"
	watch
}

# An upload that stands still, because the network went and nobody was told, must not keep the
# lock for ever.
watch() {
	{
		sleep 300 &
		echo $! >"$lock/sleep"
		wait
		kill -HUP 0
	} >/dev/null 2>&1 </dev/null &
	dog=$!
}

unwatch() {
	if [ -n "$dog" ]; then
		kill "$dog" "$(cat "$lock/sleep" 2>/dev/null || echo "$dog")" 2>/dev/null
		dog=
	fi
}

make_folder() { # PATH
	if [ ! -d "$1" ]; then
		make_folder "${1%/*}" && mkdir -m 755 "$1" && folders="$1 $folders"
	fi
}

write_new() { # MODE OWNER GROUP LENGTH PATH
	rm -f "$top$5.timetier-new" &&
		(umask 077 && head -c "$4" >"$top$5.timetier-new") &&
		{ [ "$(stat -c %s "$top$5.timetier-new")" = "$4" ] || { echo "$5: the upload was cut short" && false; }; } &&
		chown "$2:$3" "$top$5.timetier-new" &&
		chmod "$1" "$top$5.timetier-new" &&
		sync "$top$5.timetier-new"
}

put() { # MODE OWNER GROUP LENGTH PATH
	news="$news $5"
	make_folder "$top${5%/*}" 2>"$lock/said" || fail "$(cat "$lock/said")"
	said=$(write_new "$@" 2>&1) || fail "$said"
}

add_user() { # NAME
	if ! id "$1" >/dev/null 2>&1; then
		said=$(useradd --system --user-group --no-create-home --home-dir /nonexistent \
			--shell /usr/sbin/nologin "$1" 2>&1) || fail "user $1: $said"
		user=$1
	fi
}

# Each command of a list that ";" separates.
run_all() { # LIST
	rest=$1
	while [ -n "$rest" ]; do
		line=${rest%%;*}
		rest=${rest#*;}
		said=$(timeout 150 $line </dev/null 2>&1) || {
			said="$line: ${said:-failed}"
			return 1
		}
	done
}

log_of_unit() {
	id=$(systemctl show -p InvocationID --value "$unit" 2>/dev/null)
	if [ -n "$id" ]; then
		record log "$(journalctl --no-pager -q -o cat "_SYSTEMD_INVOCATION_ID=$id" 2>/dev/null | head -c 16384)"
	fi
}

# An agent of before does not know --fresh, and says nothing to it.
status() { # NAME PATH-OF-AGENT [--fresh]
	said=
	if [ -n "$2" ] && [ -n "${3:-}" ]; then
		said=$(timeout 60 "$2" status --json "$3" </dev/null 2>/dev/null | head -c 65536)
	fi
	if [ -n "$2" ] && [ -z "$said" ]; then
		said=$(timeout 20 "$2" status --json </dev/null 2>/dev/null | head -c 65536)
	fi
	record "$1" "$said"
}

# --- from here on: one change of many files ---

undo_lines() {
	for path in $news $drops; do
		at=$top$path
		if [ -e "$at" ] || [ -L "$at" ]; then
			rm -f "$at.timetier-old" && { ln -P "$at" "$at.timetier-old" || cp -pP "$at" "$at.timetier-old"; } || return
			# two names of one file are not renamed to each other
			echo "if [ '$at.timetier-old' -ef '$at' ]; then rm -f '$at.timetier-old'"
			echo "elif [ -e '$at.timetier-old' ] || [ -L '$at.timetier-old' ]; then mv -f '$at.timetier-old' '$at'; fi"
		else
			echo "rm -f '$at'"
		fi
	done
	for folder in $folders; do
		echo "rmdir '$folder' 2>/dev/null"
	done
	echo :
}

# What a boot after a crash does, before any daemon starts.
boot_unit() {
	cat <<END
[Unit]
Description=Put back a change of timetier that a crash interrupted
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
ConditionPathExists=$change/files
[Service]
Type=oneshot
ExecStart=/bin/sh $change/files
ExecStart=/bin/rm -rf $wanted $boot $change
ExecStart=/bin/systemctl --no-block daemon-reload
END
}

arm() {
	[ -n "$news$drops" ] || return 0
	mkdir -p -m 700 "$change" && mkdir -p "${wanted%/*}" &&
		undo_lines >"$change/files.new" && echo "$backs" >"$change/backs" &&
		echo "$revives" >"$change/revives" && echo "$still" >"$change/still" &&
		boot_unit >"$boot" && ln -sf "$boot" "$wanted" &&
		sync "$change/files.new" "$boot" && mv "$change/files.new" "$change/files" &&
		sync "$change" "${wanted%/*}"
}

disarm() {
	[ -n "$news$drops" ] || return 0
	rm -f "$change/files" || : >"$change/files"
	sync "$change" 2>/dev/null # from here on a crash keeps what is in place
	rm -f "$wanted" "$boot"
	for path in $news $drops; do
		rm -f "$top$path.timetier-old" "$top$path.timetier-new"
	done
	rm -rf "$change"
}

rename_all() {
	for path in $news; do
		mv -f "$top$path.timetier-new" "$top$path" && sync "$top${path%/*}" || return
	done
	for path in $drops; do
		rm -f "$top$path" || return
	done
}

files_back() {
	[ -z "$news$drops" ] || sh "$change/files"
}

# The verdict on the old configuration, now that its files are in place again: a step for sure.
old_steps() {
	[ -n "$agent" ] && [ -x "$agent" ] || return 1
	case $(timeout 60 "$agent" verdict --json </dev/null 2>/dev/null) in
	*'"verdict":{"kind":"step"'*) return 0 ;;
	esac
	return 1
}

# Start the daemon with its old configuration, unless that could step the clock: then it stays as it
# is, running or not, and a restart is the operator's.
revive() {
	if [ -n "$revives" ] && { [ -n "$still" ] || old_steps; }; then
		still=yes
		return 0
	fi
	still=
	run_all "$revives"
}

put_back() { # REASON
	record "step put back" ""
	reason=$1
	if said=$(files_back 2>&1) && run_all "$backs" && revive; then
		disarm
		folders=
		clean
		if [ -n "$still" ]; then
			record "back still" "$reason"
		else
			record back "$reason"
		fi
		exit 3
	fi
	rm -rf "$lock"
	record stuck "$reason; and putting it back failed: $said"
	exit 4
}

# A change that was killed halfway, without a boot since.
recover() {
	if [ -e "$change/files" ]; then
		sh "$change/files"
		backs=$(cat "$change/backs" 2>/dev/null)
		run_all "$backs"
		revives=$(cat "$change/revives" 2>/dev/null)
		still=$(cat "$change/still" 2>/dev/null)
		revive
		backs= revives= still=
		rm -rf "$change" "$wanted" "$boot"
		record recovered ""
	fi
}

printf 'timetier-records 1\n'
trap 'clean; exit 1' HUP INT TERM PIPE
while read -r verb words; do
	case $verb in
	holder) holder=$words ;;
	wait) wait=$words ;;
	run) run=$words ;; # of the orchestrator's journal: who asks the host later, knows which change it was
	lock) take_lock; recover ;;
	user) add_user "$words" ;;
	put) put $words ;;
	drop) drops="$drops $words" ;;
	check) check=$words ;;
	agent) agent=$top$words ;;
	unit) unit=$words ;;
	act) acts="$acts$words;" ;;
	back) backs="$backs$words;" ;;
	revive) revives="$revives$words;" ;;
	fresh) fresh=--fresh ;;
	go) break ;;
	esac
done
[ "$verb" = go ] || fail "the upload was cut short"
unwatch

record "step check" ""
if [ -n "$check" ]; then
	said=$(timeout 60 $check </dev/null 2>&1)
	record "checked $?" "$said"
fi
before=$agent
[ ! -x "$agent.timetier-new" ] || before=$agent.timetier-new
status before "$before" $fresh
record "ask begin" ""
case $(hear) in
begin) ;;
'begin still') still=yes ;; # the old configuration must not be started again
*) fail "nothing was changed" ;;
esac

trap '' HUP INT TERM PIPE
record "step rename" ""
said=$(arm 2>&1) || {
	disarm
	fail "$said"
}
said=$(rename_all 2>&1) || put_back "$said"
record "step action" ""
run_all "$acts" || {
	failed=$said
	[ -z "$unit" ] || log_of_unit
	put_back "$failed"
}
record "step health" ""
while :; do
	[ -z "$unit" ] || log_of_unit
	record active "$([ -z "$unit" ] || systemctl is-active "$unit" 2>&1)"
	status status "$agent"
	record "ask health" ""
	case $(hear) in
	again) sleep 1 ;;
	keep) break ;;
	back) put_back "" ;;
	*) put_back "the orchestrator was not heard of any more" ;;
	esac
done
disarm
user= folders=
clean
record done ""
