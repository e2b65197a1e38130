# Carry out one change of this host, wholly or not at all.  It is read by sh -c whole; on stdin
# follow the words of the change, one a line, up to "go"; what it has to say goes out as records:
# "LENGTH NAME...", the bytes, a newline.  Where it has to know more it asks ("ask ...") and reads one word.
#
# New files are written beside the old ones.  From the first rename on, this host ends with the new
# files in place and confirmed, or with the old ones: whatever becomes of the connection, this
# script puts back what is not confirmed; a timer of systemd's does when the script was killed, a
# unit at the next boot after a crash.  All three by undo.sh, which arm() writes down.
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
last=$top/var/lib/timetier/last
holder= run= wait=60 guard=600 news= drops= folders= acts= backs= revives= still= agent= unit= check=
locked= user= fresh= undo= guarded=

record() { # NAME TEXT; nobody may be listening any more
	printf '%d %s\n%s\n' "${#2}" "$1" "$2" 2>/dev/null
}

# One word of the orchestrator's, or nothing when it is gone or takes too long.
hear() {
	timeout --foreground "$wait" head -n 1 9>&-
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
	if [ -n "$locked" ] && [ "/proc/$$/fd/9" -ef "$lock" ]; then
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

# Who holds the lock, for the words of those who find it held.
lock_words() {
	at=$(cat "$lock/up" 2>/dev/null)
	was=$(cat "$lock/process" 2>/dev/null)
	[ -d "$lock" ] || { printf 'a script that a boot ended' && return; }
	printf '%s' "$(cat "$lock/holder" 2>/dev/null)"
	[ ! -s "$lock/run" ] || printf ', run %s' "$(cat "$lock/run")"
	[ ! -s "$lock/since" ] || printf ', since %s' "$(cat "$lock/since")"
	[ -z "$at" ] || printf ' (%s s ago)' "$(($(cut -d. -f1 /proc/uptime) - at))"
	if [ -n "$was" ] && [ "$(process "${was%% *}")" = "$was" ]; then
		printf ', as process %s' "${was%% *}"
	elif lock_is_held; then
		printf ', whose script was killed while a command of it still runs'
	else
		printf ', whose script was killed'
	fi
}

# The script that this very run began here before its link broke: what it waits for will not come,
# and as long as it has changed nothing it may be ended.
end_former() {
	former=$(cat "$lock/process" 2>/dev/null)
	own=$(process $$)
	[ -n "$run" ] && [ "$(cat "$lock/run" "$lock/holder" 2>/dev/null)" = "$run
$holder" ] && [ "$(process "${former%% *}")" = "$former" ] && [ "${former#* }" -lt "${own#* }" ] || return
	kill -HUP "-$(cut -d' ' -f5 "/proc/${former%% *}/stat")"
}

# The lock is the kernel's, on the folder: it ends with the last process of a change, however that
# ends.  The folder tells who, and what a script that was killed left lying about.
take_lock() {
	tries= most=2
	until command exec 9<"$lock" && flock -w 1 9 && [ "/proc/$$/fd/9" -ef "$lock" ]; do
		tries=${tries}x
		! end_former || most=20
		if [ ${#tries} -gt $most ]; then
			fail "another rollout is at work here: $(lock_words)"
		fi
		said=$(mkdir -p "$lock" 2>&1) || fail "$said"
	done 2>/dev/null
	locked=yes
	while read -r path; do
		rm -f "$top$path.timetier-new"
	done <<END
$(cat "$lock/news" 2>/dev/null)
END
	(cd "$lock" && rm -f news process holder since up run pulse said)
	process $$ >"$lock/process"
	printf '%s\n' "$holder" >"$lock/holder"
	date -u +%Y-%m-%dT%H:%M:%SZ >"$lock/since"
	cut -d. -f1 /proc/uptime >"$lock/up"
	[ -z "$run" ] || echo "$run" >"$lock/run"
}

# An upload that stands still, because the network went and nobody was told, must not keep the
# lock for ever.  The watchdog reads a pipe that this script alone writes to: it ends with it.
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

make_folder() { # PATH
	if [ ! -d "$1" ]; then
		make_folder "${1%/*}" && mkdir -m 755 "$1" && folders="$1 $folders"
	fi
}

write_new() { # MODE OWNER GROUP LENGTH PATH
	rm -f "$top$5.timetier-new" &&
		(umask 077 && head -c "$4" >"$top$5.timetier-new") &&
		chown "$2:$3" "$top$5.timetier-new" &&
		chmod "$1" "$top$5.timetier-new" &&
		sync "$top$5.timetier-new"
}

put() { # MODE OWNER GROUP LENGTH PATH
	news="$news $5"
	echo "$5" >>"$lock/news"
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
			echo "if [ '$at.timetier-old' -ef '$at' ]; then rm -f '$at.timetier-old' || bad=1"
			echo "elif [ -e '$at.timetier-old' ] || [ -L '$at.timetier-old' ]; then mv -f '$at.timetier-old' '$at' || bad=1; fi"
		else
			echo "rm -f '$at' || bad=1"
		fi
	done
	for folder in $folders; do
		echo "rmdir '$folder' 2>/dev/null"
	done
	echo 'exit ${bad:-0}'
}

# What a boot after a crash does, before any daemon starts.
boot_unit() {
	cat <<END
[Unit]
Description=Put back a change of timetier that a crash interrupted
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
ConditionPathExists=$change/undo
[Service]
Type=oneshot
ExecStart=/bin/sh $change/undo boot crashed
END
}

# The timer is systemd's, and outlives this script and its session, whoever ends them.
start_guard() {
	systemctl stop timetier-guard.timer timetier-guard.service 2>/dev/null
	systemctl reset-failed timetier-guard.timer timetier-guard.service 2>/dev/null
	systemd-run --quiet --unit=timetier-guard --description="Put back a change of timetier" \
		--on-active="$guard" --timer-property=AccuracySec=1s --property=OOMScoreAdjust=-900 \
		/bin/sh -c "[ ! -e $change/undo ] || exec /bin/sh $change/undo guard 'it was not confirmed within $guard s'"
}

about() {
	[ -z "$run" ] || echo "run $run"
	printf 'holder %s\n' "$holder"
	echo "id $(process $$)"
	echo "began $(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

# Write down how all is put back, and who does that; the last name makes it true.
arm() {
	mkdir -p "${wanted%/*}" &&
		echo "$news$drops" >"$change/paths" &&
		{ echo "top='$top'" && printf '%s\n' "$undo"; } >"$change/undo" &&
		undo_lines >"$change/files" && about >"$change/about" && process $$ >"$change/process" &&
		echo "$backs" >"$change/backs" && echo "$revives" >"$change/revives" &&
		echo "$still" >"$change/still" && echo "$unit" >"$change/unit" && echo "$agent" >"$change/agent" &&
		boot_unit >"$boot" && ln -sf "$boot" "$wanted" && start_guard &&
		sync "$change/files" "$change/undo" "$change/backs" "$boot" "${wanted%/*}" "$change" &&
		: >"$change/armed" && sync "$change"
}

rename_all() {
	for path in $news; do
		mv -f "$top$path.timetier-new" "$top$path" && sync "$top${path%/*}" || return
	done
	for path in $drops; do
		rm -f "$top$path" || return
	done
}

# The change is ours as long as the guard has not taken it.
ours() {
	[ -z "$guarded" ] || [ -e "$change/armed" ]
}

# From here on it is kept, whatever happens; or the guard was faster.
confirm() {
	if [ -n "$guarded" ]; then
		mv "$change/armed" "$change/kept" || return
		sync "$change" 2>/dev/null
		sh "$change/undo" script >/dev/null 2>&1
	fi
}

# How our change ended, where somebody else put it back.
told() {
	if [ "$(sed -n 's/^id //p' "$last" 2>/dev/null)" = "$(process $$)" ]; then
		echo "$(sed -n 's/^outcome //p' "$last") $(sed -n 's/^reason //p' "$last")"
	else
		echo "broken $1"
	fi
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
	*) said=$(told "$said") ;;
	esac
	user=
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

# A change that was killed halfway, without a boot since.
recover() {
	if [ -e "$change/undo" ]; then
		said=$(sh "$change/undo" apply "cut short; the next apply found it" 2>&1)
		case $? in
		0 | 4) record recovered "$said" ;;
		*) fail "an earlier change cannot be put back: $said" ;;
		esac
		[ ! -e "$change/undo" ] || fail "an earlier change is being put back"
	fi
	rm -rf "$change"
}

# Whether somebody holds the lock; without a folder, nobody does.
lock_is_held() {
	[ -d "$lock" ] && ! (command exec 9<"$lock" && flock -n 9) 2>/dev/null
}

# The script of another and all that it started have the lock open.
end_holder() {
	set +f
	for at in /proc/[0-9]*; do
		[ ! "$at/fd/9" -ef "$lock" ] || kill -9 "${at#/proc/}" 2>/dev/null
	done
	set -f
}

# Break the lock that another left: one whose script has ended, or, by force, one that is held.
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
		*) fail "the lock is broken (it was of $was); and what its change did is $said" ;;
		esac
	fi
	rm -rf "$change"
	news= folders=
	clean
	record "unlocked broken" "it was of $was${said:+; its change: $said}"
	exit 0
}

printf 'timetier-records 1\n'
trap 'clean; exit 1' HUP INT TERM PIPE
while read -r verb words; do
	case $verb in
	holder) holder=$words ;;
	run) run=$words ;; # of the orchestrator's journal: who asks the host later, knows which change it was
	guard) guard=$words ;;
	undo) undo=$(head -c "$words") ;;
	wait) wait=$words ;;
	lock) take_lock; recover; watch ;;
	unlock) unlock "$words" ;;
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
if [ -n "$news$drops$backs$revives" ]; then
	record "step guard" ""
	# the lock keeps a guard out that is in a hurry, until the commands are through
	said=$({ mkdir -p -m 700 "$change" && : >>"$change/lock"; } 2>&1) || fail "$said"
	command exec 7>>"$change/lock" && flock 7
	said=$(arm 2>&1) || {
		sh -c "top='$top'
$undo" undo forget >/dev/null 2>&1
		fail "$said"
	}
	guarded=yes
fi
record "step rename" ""
said=$(rename_all 2>&1) || put_back "$said"
record "step action" ""
run_all "$acts" || {
	failed=$said
	[ -z "$unit" ] || log_of_unit
	put_back "$failed"
}
exec 7>&-
record "step health" ""
while :; do
	ours || put_back ""
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
said=$(confirm 2>&1) || put_back "$said"
user=
clean
record done ""
