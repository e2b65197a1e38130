# Carries out one change on this host, wholly or not at all.  sh -c reads this whole text first.  Then stdin holds the
# words of the change, one a line, up to "go".  The script answers with records: "LENGTH NAME...", the bytes, a newline.
# Where the orchestrator must decide, the script sends a record "ask ..." and reads one line.
#
# New files are written beside the old ones.  From the first rename on there are two possible ends: the new files are in
# place and confirmed, or the old ones are back.  This script puts back what is not confirmed, even when the connection
# is lost.  If the script was killed, a guard puts back (a systemd timer, or a sleeper of OpenRC); after a crash, a service at
# the next boot.  All three run undo.sh, which arm() writes down.
# Before this text timetier sets $top, which is empty except in tests; $init, the words of what starts the services here,
# systemd.sh or openrc.sh; $undo, the text of undo.sh; and put_texts, which calls put_text for each new file that is text.
#
# Each process costs a slow host milliseconds: what the shell can do itself, it does itself, and one command handles as
# many files as possible.
PATH=$top/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV BASH_ENV CDPATH TMPDIR POSIXLY_CORRECT DBUS_SYSTEM_BUS_ADDRESS SYSTEMCTL_FORCE_BUS
umask 022
set -f

change=$top/var/lib/timetier/change
lock=$top/run/timetier.lock
last=$top/var/lib/timetier/last
holder= run= wait=60 guard=600 news= puts= owners= modes= drops= folders= acts= backs= revives= still=
agent= unit= check= measure= locked= accounts= users= forgets= fresh= guarded= texts= looking= limit= formers= asks=
eval "$init"

record() { # NAME TEXT; the connection may be gone
	printf '%d %s\n%s\n' "${#2}" "$1" "$2" 2>/dev/null
}

# Read one line from the orchestrator into $heard; empty when the orchestrator is gone or takes too long.
hear() {
	heard=$(timeout --foreground "$wait" head -n 1 9>&-)
}

# Read the only line of a small file into $line.
line_of() { # FILE
	line=
	read -r line 2>/dev/null <"$1"
	[ -n "$line" ]
}

clean() {
	unwatch
	set --
	for path in $news; do
		set -- "$@" "$top$path.timetier-new"
	done
	[ $# = 0 ] || rm -f "$@"
	[ -z "$folders" ] || rmdir $folders 2>/dev/null
	for user in $users; do
		userdel "$user" 2>/dev/null
	done
	if [ -n "$locked" ] && [ "/proc/$$/fd/9" -ef "$lock" ]; then
		rm -rf "$lock"
	fi
}

# End here: nothing was changed, or no change is left.
fail() { # TEXT
	trap '' HUP INT TERM PIPE
	clean
	record failed "$1"
	exit 1
}

fail_as_said() {
	fail "$(cat "$lock/said" 2>&1)"
}

# Set $process to the number and the start time of a process, because numbers are used again; and $group to its group.
find_process() { # PID
	process= group=
	line_of "/proc/$1/stat" || return
	set -- "$1" ${line##*) }
	process="$1 ${21}" group=$4
}

is_alive() { # PROCESS
	find_process "${1%% *}"
	[ "$process" = "$1" ]
}

# Print who holds the lock, for the messages to others who find it held.
lock_words() {
	[ -d "$lock" ] || { printf 'a script that a boot ended' && return; }
	line_of "$lock/holder"
	printf '%s' "$line"
	! line_of "$lock/run" || printf ', run %s' "$line"
	! line_of "$lock/since" || printf ', since %s' "$line"
	if line_of "$lock/up"; then
		at=$line
		line_of /proc/uptime
		printf ' (%s s ago)' "$((${line%%.*} - at))"
	fi
	if line_of "$lock/process" && was=$line && is_alive "$was"; then
		printf ', as process %s' "${was%% *}"
	elif lock_is_held; then
		printf ', whose script was killed while a command of it still runs'
	else
		printf ', whose script was killed'
	fi
}

# End the script that this same run began here before its link broke: what that script waits for will not come.  It may
# be ended as long as it has changed nothing; after that it ignores HUP.
end_former() {
	[ -n "$run" ] && line_of "$lock/run" && [ "$line" = "$run" ] &&
		line_of "$lock/holder" && [ "$line" = "$holder" ] && line_of "$lock/process" || return
	former=$line
	find_process $$
	own=$process
	is_alive "$former" && [ "${former#* }" -lt "${own#* }" ] && kill -HUP "-$group"
}

# Whether only our user may open the lock's folder.  Who may open it may hold the lock.
is_private() {
	[ "$(stat -c %a "$lock" 2>/dev/null)" = 700 ] && [ -O "$lock" ]
}

# Whether a process of our user has the lock's folder open.  Those of others are not looked into; set-user-ID programs,
# whose entries in /proc are root's, have the real user ID of who started them.
we_hold() {
	real_user /proc/$$
	ours=$real held=
	set +f
	for at in /proc/[0-9]*; do
		[ "$at" != /proc/$$ ] && [ -O "$at" ] && real_user "$at" && [ "$real" = "$ours" ] &&
			[ "$at/fd/9" -ef "$lock" ] && held=yes && break
	done
	set -f
	[ -n "$held" ]
}

# Set $real to the real user ID of a process.
real_user() { # FOLDER-IN-PROC
	real=
	while read -r name real others; do
		[ "$name" != Uid: ] || return 0
	done 2>/dev/null <"$1/status"
}

# Older versions made a folder that everybody may open, so that everybody may hold it.  Such a lock counts only while a
# process of ours has it; else it is removed, and the next one is private.  One at a time: the file for that is ours alone.
renew_lock() {
	[ -d "$lock" ] && ! is_private || return 0
	(
		umask 077
		command exec 8>>"$lock.turn" 9<&- && flock -w 10 8 && [ -d "$lock" ] && ! is_private && ! we_hold || exit 0
		set --
		[ ! -s "$lock/news" ] || while read -r path; do
			set -- "$@" "$top$path.timetier-new"
		done <"$lock/news"
		rm -rf "$lock" "$@"
	) 2>/dev/null
}

# The lock is a kernel lock on the folder $lock: it ends with the last process of a change, however that process ends.
# The files in the folder tell who holds the lock, and which new files a killed script left behind.
take_lock() {
	tries= most=2
	renew_lock
	until command exec 9<"$lock" && flock -w 1 9 && [ "/proc/$$/fd/9" -ef "$lock" ]; do
		tries=${tries}x
		! end_former || most=20
		if [ ${#tries} -gt $most ]; then
			fail "another rollout is at work here: $(lock_words)"
		fi
		[ -d "$lock" ] || said=$(mkdir -p "${lock%/*}" 2>&1 && mkdir -m 700 "$lock" 2>&1) || [ -d "$lock" ] || fail "$said"
	done 2>/dev/null
	locked=yes
	set --
	if [ -s "$lock/news" ]; then
		while read -r path; do
			set -- "$@" "$top$path.timetier-new"
		done <"$lock/news"
	fi
	for name in news process holder since up run pulse said; do
		[ ! -e "$lock/$name" ] || set -- "$@" "$lock/$name"
	done
	[ $# = 0 ] || rm -f "$@"
	find_process $$
	echo "$process" >"$lock/process"
	printf '%s\n' "$holder" >"$lock/holder"
	since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	echo "$since" >"$lock/since"
	line_of /proc/uptime
	echo "${line%%.*}" >"$lock/up"
	[ -z "$run" ] || echo "$run" >"$lock/run"
}

# A watchdog ends this script when an upload takes 300 s: it may stand still because the network failed unnoticed, and
# must not keep the lock for ever.  Without an upload no watchdog is needed: under the lock, only hear() waits.  The
# watchdog reads a pipe that only this script can write to, so that it ends when the script does.
watch() {
	mkfifo "$lock/pulse" && exec 8<>"$lock/pulse" 6<"$lock/pulse"
	{
		timeout 300 cat
		[ $? != 124 ] || kill -HUP 0
	} >/dev/null 2>&1 <&6 6<&- 8>&- 9>&- &
	exec 6<&-
}

unwatch() {
	exec 8>&-
}

make_folders() { # PATH..., and the missing folders above them
	missing=
	for at; do
		chain=
		while [ -n "$at" ] && [ ! -d "$at" ]; do
			case " $missing " in *" $at "*) break ;; esac
			chain="$at $chain"
			at=${at%/*}
		done
		missing="$missing $chain"
	done
	set -- $missing
	for at; do
		folders="$at $folders"
	done
	[ $# = 0 ] || mkdir -m 755 "$@"
}

# Fail unless every folder above this path is root's: the owner of another one could lead elsewhere, by a link or by a
# rename in time, what root writes there.
only_root_above() { # PATH
	at=${1%/*}
	while [ "$at" != "$top" ]; do
		if [ -e "$at" ] && [ ! -O "$at" ]; then
			echo "$at does not belong to root, whose files its owner could replace there: chown root $at" >&2
			return 1
		fi
		at=${at%/*}
	done
}

# Prepare a new file.  Until it has its owner and mode, only root may read it.
begin_new() { # MODE OWNER GROUP PATH
	new=$top$4.timetier-new
	news="$news $4" puts="$puts $1 $2:$3 $new"
	case " $modes " in *" $1 "*) ;; *) modes="$modes $1" ;; esac
	case " $owners " in *" $2:$3 "*) ;; *) owners="$owners $2:$3" ;; esac
	echo "$4" >>"$lock/news"
	make_folders "${new%/*}" && only_root_above "$new" || return
	if [ -e "$new" ] || [ -L "$new" ]; then
		rm -f "$new" || return
	fi
	umask 077
}

# Write a new file with the bytes that follow on stdin.
put() { # MODE OWNER GROUP LENGTH PATH
	{ begin_new "$1" "$2" "$3" "$5" && head -c "$4" >"$new"; } 2>"$lock/said" || fail_as_said
	umask 022
}

# Write a new file with this text.  If the shell cannot, cat tries again: the shell does not say why, cat does.
put_text() { # MODE OWNER GROUP PATH TEXT
	if [ -n "$looking" ]; then
		needed="$needed $top${4%/*}"
		return
	fi
	{
		begin_new "$1" "$2" "$3" "$4" &&
			{ printf %s "$5" 2>/dev/null >"$new" || printf %s "$5" | cat >"$new"; }
	} 2>"$lock/said" || fail_as_said
	umask 022
}

# Go over the texts twice: first make their folders, then write them.
take_texts() {
	looking=yes needed=
	put_texts
	looking=
	make_folders $needed 2>"$lock/said" || fail_as_said
	put_texts
}

# Set $list to the new files with this mode or owner; without WORD, to all of them.
new_files() { # [WORD]
	word=${1:-} list=
	set -- $puts
	while [ $# -gt 0 ]; do
		case $word in '' | "$1" | "$2") list="$list $3" ;; esac
		shift 3
	done
}

# Take out of $list the files that have our user and group already.
leave_ours() {
	set -- $list
	list=
	for at; do
		[ -O "$at" ] && [ -G "$at" ] || list="$list $at"
	done
}

# Give each new file its owner, then its mode.
finish_puts() {
	for owner in $owners; do
		new_files "$owner"
		[ "$owner" != root:root ] || [ ! -O / ] || leave_ours
		[ -z "$list" ] || chown "$owner" $list || return
	done
	for mode in $modes; do
		new_files "$mode"
		chmod "$mode" $list || return
	done
}

# Make the user NAME if there is none.  Where the shell knows its home, no process is needed to find it.
add_user() { # NAME
	eval "home=~$1"
	if [ "$home" = "~$1" ] && ! id "$1" >/dev/null 2>&1; then
		said=$(useradd --system --user-group --no-create-home --home-dir /nonexistent \
			--shell /usr/sbin/nologin "$1" 2>&1) || fail "user $1: $said"
		users="$users $1"
	fi
}

# Run each command of a list, which ";" separates; stop at the first that fails.
run_all() { # LIST
	rest=$1
	while [ -n "$rest" ]; do
		line=${rest%%;*}
		rest=${rest#*;}
		case $line in
		'sleep '*) within= ;;
		'systemctl '*) within=$limit ;;
		*) within='timeout 150' ;;
		esac
		said=$($within $line </dev/null 2>&1) || {
			said="$line: ${said:-failed}"
			return 1
		}
	done
}

# Cut $said to its first BYTES bytes; the rest is not told.
shorten() { # BYTES
	[ ${#said} -le "$1" ] || said=$(printf "%.${1}s" "$said")
}

# Set $active to the state of the unit; and tell what the unit has logged since its start, if we started it.
look_at_unit() {
	ask_unit
	if [ -n "$said" ]; then
		shorten 16384
		record log "$said"
	fi
}

# Tell the agent's report.  An older agent does not know --fresh and prints nothing: then it is asked again without it.
status() { # NAME PATH-OF-AGENT [--fresh | --daemon DAEMON]
	said=
	if [ -n "$2" ] && [ $# -gt 2 ]; then
		said=$(agent=$2 && shift 2 && timeout 60 "$agent" status --json "$@" </dev/null 2>/dev/null)
	fi
	if [ -n "$2" ] && [ -z "$said" ]; then
		said=$(timeout 20 "$2" status --json </dev/null 2>/dev/null)
	fi
	shorten 65536
	record "$1" "$said"
}

# --- from here on: one change of many files ---

undo_lines() {
	fresh_files=
	echo bad=
	for path in $news $drops; do
		at=$top$path
		if [ -e "$at.timetier-old" ] || [ -L "$at.timetier-old" ]; then
			rm -f "$at.timetier-old" || return
		fi
		if [ -e "$at" ] || [ -L "$at" ]; then
			ln -P "$at" "$at.timetier-old" || cp -pP "$at" "$at.timetier-old" || return
			# mv does not rename one name of a file to another name of the same file
			echo "if [ '$at.timetier-old' -ef '$at' ]; then rm -f '$at.timetier-old' || bad=1"
			echo "elif [ -e '$at.timetier-old' ] || [ -L '$at.timetier-old' ]; then mv -f '$at.timetier-old' '$at' || bad=1; fi"
		else
			fresh_files="$fresh_files '$at'"
		fi
	done
	[ -z "$fresh_files" ] || echo "rm -f$fresh_files || bad=1"
	made=
	for folder in $folders; do
		made="$made '$folder'"
	done
	[ -z "$made" ] || echo "rmdir$made 2>/dev/null"
	echo 'exit ${bad:-0}'
}

about() {
	[ -z "$run" ] || echo "run $run"
	printf 'holder %s\n' "$holder"
	echo "id $process"
	echo "began $since"
}

want_boot() {
	for link in $wanted; do
		ln -sf "$boot" "$link" || return
	done
}

# Write down how everything is put back, and start the guard.  The file `armed` is made last: only it makes this count.
arm() {
	find_process $$
	new_files
	wanting=
	for link in $wanted; do
		[ -d "${link%/*}" ] || mkdir -p "${link%/*}" || return
		wanting="$wanting ${link%/*}"
	done
	echo "$news$drops" >"$change/paths" &&
		{ echo "top='$top'" && printf '%s\n' "$init" "$undo"; } >"$change/undo" &&
		undo_lines >"$change/files" && about >"$change/about" && echo "$process" >"$change/process" &&
		echo "$backs" >"$change/backs" && echo "$revives" >"$change/revives" &&
		echo "$formers" >"$change/formers" && echo "$still" >"$change/still" && echo "$unit" >"$change/unit" && echo "$agent" >"$change/agent" &&
		boot_service >"$boot" && want_boot && start_guard &&
		sync $list "$change/files" "$change/undo" "$change/backs" "$boot" $wanting "$change" &&
		printf '' >"$change/armed" && sync "$change"
}

# Give the new files, and the folders made for them, the labels that SELinux has for their paths: they were made under other
# names, and a rename keeps the label.  What is put back has kept its own.
label_all() {
	[ -e "$top/sys/fs/selinux/enforce" ] || return 0
	set -- $folders
	for path in $news; do
		set -- "$@" "$top$path"
	done
	[ $# = 0 ] || restorecon "$@"
}

rename_all() {
	set --
	for path in $news; do
		mv -f "$top$path.timetier-new" "$top$path" || return
		case " $* " in *" $top${path%/*} "*) ;; *) set -- "$@" "$top${path%/*}" ;; esac
	done
	[ $# = 0 ] || sync "$@" || return
	label_all || return
	set --
	for path in $drops; do
		set -- "$@" "$top$path"
	done
	[ $# = 0 ] || rm -f "$@"
}

# Whether the change is still ours: the guard has not begun to put it back.
ours() {
	[ -z "$guarded" ] || [ -e "$change/armed" ]
}

# Confirm the change: from the rename on it is kept, whatever happens.  Fails when the guard was faster.
confirm() {
	if [ -n "$guarded" ]; then
		said=$(mv "$change/armed" "$change/kept" 2>&1) || return
		(set -- script && . "$change/undo") >/dev/null 2>&1 || : # a guard may be tidying up, or have done so
	fi
}

# Set $said to how our change ended, when somebody else put it back.
told() { # REASON
	said="broken $1" id= outcome= reason=
	[ ! -f "$last" ] || while read -r name words; do
		case $name in
		id) id=$words ;;
		outcome) outcome=$words ;;
		reason) reason=$words ;;
		esac
	done <"$last"
	find_process $$
	[ "$id" != "$process" ] || said="$outcome $reason"
}

# Remove users that nobody needs any more, each with the folder of what it kept.  Sets $said to what is left, and why.
forget() { # [USER FOLDER]...
	left=
	while [ $# -gt 0 ]; do
		said=$(rm -rf "$top$2" 2>&1 && { ! id "$1" >/dev/null 2>&1 || userdel "$1" 2>&1; }) ||
			left="$left${left:+; }user $1 or $2 is left: ${said:-it cannot be removed}"
		shift 2
	done
	said=$left
}

put_back() { # REASON
	record "step put back" ""
	said="back $1"
	if [ -n "$guarded" ]; then
		exec 7>&-
		said=$(sh "$change/undo" script "$1" 2>&1)
	fi
	case $said in
	'back '* | 'still '* | 'stuck '* | 'broken '*) ;;
	*) told "$said" ;;
	esac
	users=
	clean
	case $said in
	'back '*)
		record back "${said#back }"
		exit 3
		;;
	'still '*)
		record "back still" "${said#still }"
		exit 3
		;;
	esac
	record stuck "${said#* }"
	exit 4
}

# Put back an earlier change that was killed halfway, with no boot since.
recover() {
	if [ -e "$change/undo" ]; then
		said=$(sh "$change/undo" apply "cut short; the next apply found it" 2>&1)
		case $? in
		0 | 4) record recovered "$said" ;;
		*) fail "an earlier change cannot be put back: $said" ;;
		esac
		[ ! -e "$change/undo" ] || fail "an earlier change is being put back"
	fi
	[ ! -e "$change" ] || rm -rf "$change"
}

# Whether somebody holds the lock; without a folder, nobody does.
lock_is_held() {
	[ -d "$lock" ] && ! (command exec 9<"$lock" && flock -n 9) 2>/dev/null && { is_private || we_hold; }
}

# Kill the script that holds the lock and all that it started: they have the lock open as file descriptor 9.
end_holder() {
	set +f
	for at in /proc/[0-9]*; do
		[ ! -O "$at" ] || [ ! "$at/fd/9" -ef "$lock" ] || kill -9 "${at#/proc/}" 2>/dev/null
	done
	set -f
}

# Break the lock of somebody else: one whose script has ended or, with "force", one that is still held.
unlock() { # [force]
	[ "$(id -u)" = 0 ] || fail "the login is not root: set \`ssh: {sudo: true}\` for it"
	was=$(lock_words)
	if [ ! -d "$lock" ] && [ ! -e "$change/undo" ]; then
		record "unlocked none" "there was no lock"
		exit 0
	fi
	if lock_is_held; then
		if [ "$1" != force ]; then
			record "unlocked held" "a rollout is at work here: $was"
			exit 1
		fi
		end_holder
	fi
	take_lock
	said=
	if [ -e "$change/undo" ]; then
		said=$(sh "$change/undo" unlock "its lock was broken by $holder" 2>&1)
		case $? in
		0) ;;
		*) fail "the lock (of $was) is broken, and its change could not be put back: $said" ;;
		esac
	fi
	rm -rf "$change"
	news= folders=
	clean
	record "unlocked broken" "it was of $was${said:+; its change: $said}"
	exit 0
}

# Take the lock and begin to write.  Called before the first upload or after "go", when all short words were read: so the
# lock is held no longer than needed.
begin_change() {
	take_lock
	recover
	for account in $accounts; do
		add_user "$account"
	done
	[ -z "$texts" ] || take_texts
}

printf 'timetier-records 1\n'
trap 'clean; exit 1' HUP INT TERM PIPE
while read -r verb words; do
	case $verb in
	holder) holder=$words ;;
	run) run=$words ;; # the mark of the run in the orchestrator's journal; the host remembers it
	guard) guard=$words ;;
	wait) wait=$words ;;
	unlock) unlock "$words" ;;
	user) accounts="$accounts $words" ;;
	texts) texts=yes ;;
	put)
		[ -n "$locked" ] || { begin_change; watch; }
		put $words
		;;
	drop) drops="$drops $words" ;;
	check) check=$words ;;
	measure) measure=$words ;; # what the agent asks the servers of the new configuration, before anything is changed
	agent) agent=$top$words ;;
	asks) asks=$words ;; # the daemon that the agent is asked about after the change, whatever its file says
	forget) forgets="$forgets $words" ;; # when the change is kept, not before: no undo brings them back
	unit) unit=$words ;;
	act) acts="$acts$words;" ;;
	back) backs="$backs$words;" ;;
	revive) revives="$revives$words;" ;;
	former) formers="$formers $words" ;; # a daemon that is stopped, and that putting back starts again
	fresh) fresh=--fresh ;; # the daemon is restarted: the agent measures its sources first
	go) break ;;
	esac
done
[ "$verb" = go ] || fail "the upload was cut short"
[ -n "$locked" ] || begin_change
[ -z "$puts" ] || finish_puts >"$lock/said" 2>&1 || fail_as_said
unwatch

record "step check" ""
if [ -n "$check" ]; then
	said=$(timeout 60 $check </dev/null 2>&1)
	checked=$?
	case $said in # confined, as OpenNTPD by AppArmor, it may not read a file of this name: its start is the check
	*.timetier-new*'ermission denied'*) checked=0 said= ;;
	esac
	record "checked $checked" "$said"
fi
before=$agent
[ ! -x "$agent.timetier-new" ] || before=$agent.timetier-new
status before "$before" $fresh
if [ -n "$measure" ]; then
	said=$(printf '%s\n' "$measure" | timeout 60 "$before" ask 2>/dev/null)
	shorten 65536
	record measured "$said"
fi
record "ask begin" ""
hear
case $heard in
begin) ;;
'begin still') still=yes ;; # the daemon must not be started again with the old configuration
*) fail "nothing was changed" ;;
esac

trap '' HUP INT TERM PIPE
if [ -n "$news$drops$backs$revives" ]; then
	record "step guard" ""
	# while this lock is held, a guard that fires early waits until the commands have ended
	{ only_root_above "$change/armed" && mkdir -p -m 700 "$change"; } >"$lock/said" 2>&1 || fail_as_said
	{ command exec 7>>"$change/lock"; } 2>"$lock/said" || fail_as_said
	flock 7
	arm >"$lock/said" 2>&1 || {
		said=$(cat "$lock/said" 2>&1)
		sh -c "top='$top'
$init
$undo" undo forget >/dev/null 2>&1
		fail "$said"
	}
	guarded=yes
fi
record "step rename" ""
rename_all >"$lock/said" 2>&1 || put_back "$(cat "$lock/said" 2>&1)"
record "step action" ""
[ -z "$unit" ] || note_log
run_all "$acts" || {
	failed=$said
	[ -z "$unit" ] || look_at_unit
	put_back "$failed"
}
exec 7>&-
record "step health" ""
active=
while :; do
	ours || put_back ""
	[ -z "$unit" ] || look_at_unit
	record active "$active"
	status status "$agent" ${asks:+--daemon "$asks"}
	record "ask health" ""
	hear
	case $heard in
	again) sleep 1 ;;
	keep) break ;;
	back) put_back "" ;;
	*) put_back "the orchestrator was not heard of any more" ;;
	esac
done
said=
confirm || put_back "$said"
users= news= folders=
said=
forget $forgets
clean
record done "$said"
