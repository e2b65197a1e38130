#!/bin/bash
# mistakes.sh: the commands that work on hosts answer a mistake of the operator, or a fault of the machine, with one clear error that
# names its place and with the exit status for scripts, and change nothing.  No host is reached: nothing listens at their port.
# shellcheck disable=SC2016,SC2181,SC2015 # words are as the program writes them
cd "$(dirname "$0")/.." || exit 2
top=$PWD
timetier=$(realpath "${BUILD:-build}/bin/timetier")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export HOME=$dir
cd "$dir" || exit 2
faults=0
fault() {
	echo "FAIL $*"
	sed 's/^/  /' out err
	faults=$((faults + 1))
}
# says STATUS WORDS COMMAND...: COMMAND must exit with STATUS and print WORDS
says() {
	wanted=$1 words=$2
	shift 2
	timeout 60 "$@" >out 2>err
	status=$?
	if [ $status != "$wanted" ]; then
		fault "${*//$timetier/timetier}: exit $status, not $wanted"
	elif ! cat out err | grep -qF -e "$words"; then
		fault "${*//$timetier/timetier} does not say: $words"
	elif [ $status -ge 126 ]; then
		fault "${*//$timetier/timetier}: exit $status"
	else
		echo "ok ${*//$timetier/timetier}: $words"
	fi
}
tt() {
	wanted=$1 words=$2
	shift 2
	says "$wanted" "$words" "$timetier" "$@"
}

"$timetier" init -q || exit 2
cp "$top/tests/data/unreached.yaml" site.yaml
mv keys.yaml of-init.yaml
"$timetier" keys new -q || exit 2
"$timetier" check -q || exit 2

# the site
for command in plan apply drift restart refresh rollback 'keys rotate' 'unlock time1'; do
	read -ra words <<<"$command"
	tt 1 'cannot open nosite/site.yaml: No such file or directory (`timetier init` writes a first one)' "${words[@]}" -f nosite/site.yaml
done
tt 1 'nosite/site.yaml: No such file' runs -f nosite/site.yaml
tt 1 'nosite/site.yaml: No such file' runs show 1 -f nosite/site.yaml
tt 1 'nostate: No such file' runs --state nostate
tt 1 'cannot read .: Is a directory' plan -f .
tt 1 'is "time1" meant?' plan --no-agent tiem1
tt 1 'is "time1" meant?' apply --no-agent --limit tiem1
tt 1 'names no host' plan --no-agent --limit ''
tt 1 'no host, tier or client group "nosuch"' unlock nosuch
tt 1 'none of the hosts that are named is within --limit' plan --no-agent time2 --limit time1
chmod 644 keys.yaml
tt 1 'chmod 600 keys.yaml' apply --no-agent
chmod 600 keys.yaml
mv keys.yaml kept
tt 1 '`timetier keys new` writes it' keys rotate
mv kept keys.yaml

# the file of the site as a word, and a host's name that is none
for command in check 'keys new' 'status --json'; do
	read -ra words <<<"$command"
	tt 2 'nosite.yaml' "${words[@]}" nosite.yaml
done
tt 0 'site.yaml: no findings' check site.yaml
tt 2 '"site.yaml" is a word too many' check site.yaml other.yaml
tt 2 '"site.yaml" is a word too many' check -f site.yaml site.yaml
tt 2 '"hosts" is a word too many' check hosts
for command in plan drift restart refresh rollback 'keys rotate' unlock 'agent install'; do
	read -ra words <<<"$command"
	tt 1 'site.yaml is a file, and the words here are hosts: is `-f site.yaml` meant?' "${words[@]}" site.yaml
done
tt 2 'is `-f site.yaml` meant?' render -o out site.yaml
tt 1 'the file site.yaml is no saved plan; -f names the site' apply site.yaml
tt 1 'no host, tier or client group "nofile.plan" in the site, and there is no such file' apply nofile.plan
tt 1 'HOST... is missing' unlock
tt 1 'agent remove: this takes the agent off every host of the site: name the hosts, or say --yes' agent remove

# keys that nobody needs any more
cp site.yaml all.yaml && cp keys.yaml all
sed -i '/name: time3/d' site.yaml
tt 0 'key 2 is shared with time3, and the site has no host of that name' check
tt 1 'host time1: connect: 127.0.0.1 port 1: Connection refused' keys prune
tt 1 'timetier keys prune: no key was taken away' keys prune
cmp keys.yaml all || fault 'keys prune changed keys.yaml'
tt 1 'unrecognized option' keys prune --limit time1
sed -i 's/^  - {id: 1,.*/&\n  - {id: 9, type: AES128CMAC, secret: "00112233445566778899aabbccddeeff", between: [time1, time2], state: coming}/' keys.yaml
tt 1 'keys are being replaced (phase learn): `timetier keys rotate` ends that first' keys prune
cp all.yaml site.yaml && cp all keys.yaml

# hosts that are not reached
tt 1 'host time1: connect: 127.0.0.1 port 1: Connection refused' plan --no-agent
tt 1 'time1                    could not be asked' unlock time1
tt 1 'failed: time1, time2, time3 failed and are as they were' apply --no-agent
tt 1 'nothing was restarted: 3 hosts could not be asked' restart
grep -n ' $' out && fault 'a blank at the end of a line'

# hosts that are left out
tt 1 '--exclude leaves none of the hosts that are meant' plan --no-agent --exclude core
tt 1 'is "time1" meant?' restart --exclude tiem1
tt 1 'restarted: 2 hosts could not be asked; --exclude HOST goes on without one, --skip-unreachable without those' restart -x time1
tt 1 'timetier restart: host time1: connect: ' restart --skip-unreachable
tt 1 'unrecognized option' keys rotate --exclude time1
tt 1 "timetier keys rotate: unrecognized option '--skip-unreachable'" keys rotate --skip-unreachable
tt 1 'did you mean --limit?' plan --limti core
tt 2 'did you mean "time1"?' explain tiem1
tt 2 'did you mean "few-sources"?' explain few-source
tt 0 'core: a tier of servers' explain core
tt 0 'watches   time2 (key ' explain time1
tt 0 'exit status 5: hosts trust a collector with another key' explain 5
tt 0 'verdict step: at a restart of the daemon, the clock jumps' explain step
tt 0 'outcome put back: the host was put back as it was' explain 'put back'

# at a terminal, what changes hosts asks first, and only yes is yes
if command -v script >/dev/null; then
	. "$top/tests/lib/terminal.sh"
	asks() { # WANTED ANSWER COMMAND
		answer 'will be accepted' "$2" "'$timetier' $3; echo status \$?" out
		: >err
		grep -qF -e "$1" out || fault "$3, answered \"$2\", does not say: $1"
	}
	asks 'could not be asked' 'yes\n' 'unlock time1'
	for answer in 'no\n' 'y\n' 'YES\n' 'yes please\n' '\n' '\004' '\003' ' yes\n'; do
		asks 'timetier unlock: nothing was done' "$answer" 'unlock time1'
		grep -q 'status 1' out || fault "unlock, answered \"$answer\""
		grep -q "break the locks of 1 host? Only 'yes' will be accepted" out || fault 'unlock does not ask'
	done
	asks 'and end the changes at work there?' 'no\n' 'unlock --force time1'
	asks 'could not be asked' '' 'unlock --yes time1'
	asks 'connect: ' '' 'plan --no-agent' # what only looks does not ask
	timeout 60 "$timetier" unlock time1 <<<no >out 2>err
	grep -q 'could not be asked' out || fault 'a script is asked'
fi

# the collector's identity
sed 's|^serve:|collectors: ["https://127.0.0.1:18123"]\nserve:|' site.yaml >with.yaml
cp "$(dirname "$timetier")/timetier-agent" agent 2>/dev/null
collector() { # FOLDER: a collector that runs with the identity of FOLDER
	"$timetier" serve --site with.yaml --state "$1" --listen 127.0.0.1:0 --page 127.0.0.1:0 >serve.out 2>&1 &
	serving=$!
	for _ in $(seq 300); do grep -q 'reports at' serve.out && break || sleep 0.1; done
	port=$(sed -n 's|.*reports at https://127.0.0.1:\([0-9]*\)/.*|\1|p' serve.out)
	sed -i "s|127.0.0.1:[0-9]*\"|127.0.0.1:$port\"|" with.yaml
}
collector theirs
for command in plan apply 'agent install'; do
	read -ra asked <<<"$command"
	tt 5 "nothing was done: the collector at https://127.0.0.1:$port has another key" "${asked[@]}" --agent agent --site with.yaml --state lost
	grep -q -e 'bring back the state folder .*--state DIR.*--new-identity' err || fault "$command: no choice is offered"
	tt 1 'connect: ' "${asked[@]}" --agent agent --site with.yaml --state lost --new-identity
	tt 1 'connect: ' "${asked[@]}" --agent agent --site with.yaml --state theirs
done
tt 1 'connect: ' drift --agent agent --site with.yaml --state lost # it writes no agent.conf
kill "$serving" && wait "$serving"
rm -rf lost
tt 1 'connect: ' plan --agent agent --site with.yaml --state lost # nobody answers there, and nothing says otherwise
for part in secret collector.key collector.crt; do
	cp -a theirs half && rm "half/$part"
	tt 5 "half/$part is missing, which belongs to the collector's identity: bring it back from a backup" plan --agent agent --site with.yaml --state half
	tt 2 "half/$part is missing" serve --site with.yaml --state half --listen 127.0.0.1:0 --page 127.0.0.1:0
	[ ! -e "half/$part" ] || fault "half/$part was made"
	tt 1 'connect: ' apply --agent agent --site with.yaml --state half --new-identity
	[ -e "half/$part" ] && [ -n "$(ls half/*.old)" ] || fault "half: $(ls half)"
	rm -r half
done
cp -a theirs emptied && rm emptied/secret emptied/collector.*
tt 5 'emptied has the history of a collector, and no identity of the collector any more' plan --agent agent --site with.yaml --state emptied
tt 2 'emptied/history.db is there, and no identity of the collector any more' serve --site with.yaml --state emptied --listen 127.0.0.1:0 --page 127.0.0.1:0
tt 2 'emptied has no identity of a collector, so no token is of it' agent revoke time1 --site with.yaml --state emptied
[ ! -e emptied/secret ] || fault 'an identity was made'
rm -r emptied theirs lost with.yaml serve.out agent

# runs
tt 1 '"x" is no number of a run' runs show x
tt 1 'is no number of a run' runs show 99999999999999999999
tt 1 'there is no run 99; `timetier runs` lists them' runs show 99
tt 1 'there is no run 99; `timetier runs` lists them' rollback 99
tt 1 'no run has changed a file of "time1"' runs before time1
tt 1 'no run has changed a file yet' rollback
tt 1 'there is nothing to take back' rollback 1
tt 1 '--resume is about the hosts of the earlier run: name none' apply --no-agent --resume time1
tt 1 'there is no earlier run of `apply`' apply --state other --resume

# saved plans
tt 1 'saved: `timetier apply plan` does exactly this' plan --no-agent -o plan
head -c 200 plan >cut
tt 1 'cut is no whole saved plan, make a new one by `timetier plan -o cut`: line ' apply cut
(head -c 300 plan && head -c 3000 /dev/urandom) >bytes
tt 1 'bytes is no whole saved plan' apply bytes
head -c 3000 /dev/urandom >bytes
tt 1 './bytes: this is no saved plan; `timetier plan -o FILE` makes one' apply ./bytes
tt 1 'the file bytes is no saved plan' apply bytes
tt 1 './nosuch: No such file' apply ./nosuch
tt 1 'plan is a saved plan, which names its hosts itself: give it alone' apply plan time1
tt 1 'a saved plan is carried out as it is, without --limit' apply plan --limit time1
for option in agent templates state; do
	sed "s|\"$option\": *\"[^\"]*\"|\"$option\":\"/somewhere/else\"|" plan >theirs
	tt 1 "theirs was made with --$option /somewhere/else, which is not what is used here" apply theirs
done
sed 's|"site_file": *"[^"]*"|"site_file":"/somewhere/else/site.yaml"|' plan >theirs
tt 1 'theirs was made with --site /somewhere/else/site.yaml' apply theirs
mkdir elsewhere && cp plan elsewhere
cd elsewhere || exit 2
tt 1 'site.yaml, which is not what is used here: give that option again' apply plan
cd ..
rm -r theirs elsewhere
echo '# changed' >>site.yaml
tt 1 'site.yaml was changed since' apply plan
tt 1 'nofolder/plan cannot be written: No such file' plan --no-agent -o nofolder/plan
tt 1 '--output needs the name of a file' plan --no-agent -o ''
tt 1 '--output needs the name of a file' plan --no-agent -o -
tt 1 'it is not overwritten' plan --no-agent -o site.yaml
[ "$(find . -name '*plan*' | sort | tr '\n' ' ')" = './plan ' ] || fault "something was left lying about: $(find . -name '*plan*')"

# the journal
cp -a .timetier whole
echo 'this is no database' >.timetier/journal.db
for command in runs 'runs show 1' rollback 'apply --no-agent'; do
	read -ra words <<<"$command"
	tt 1 '.timetier/journal.db cannot be read as a journal (file is not a database): move it away' "${words[@]}"
done
tt 1 'warning: .timetier/journal.db cannot be read as a journal' plan --no-agent
[ "$(cat .timetier/journal.db)" = 'this is no database' ] || fault 'a journal that cannot be read was written'
rm -rf .timetier && mv whole .timetier
if command -v sqlite3 >/dev/null; then
	mkfifo fifo
	sqlite3 .timetier/journal.db <fifo >/dev/null 2>&1 &
	exec 3>fifo
	echo 'BEGIN EXCLUSIVE;' >&3
	printf '.shell touch held\n' >&3
	for _ in $(seq 100); do [ -e held ] && break || sleep 0.1; done
	tt 1 '.timetier/journal.db: database is locked: another program has it open' apply --no-agent
	exec 3>&-
	wait
fi
if [ "$(id -u)" = 0 ]; then
	chmod 755 . && chmod 644 site.yaml
	as_other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	for command in runs 'runs show 1'; do
		read -ra words <<<"$command"
		timeout 60 "${as_other[@]}" "$timetier" "${words[@]}" >out 2>err
		[ $? -gt 0 ] && grep -qF 'folder .timetier belongs to root, and you are nobody: run timetier as root' err || fault "$command as another user"
	done
	chmod 000 site.yaml
	says 1 'cannot open site.yaml: Permission denied' "${as_other[@]}" "$timetier" plan --no-agent
	chmod 644 site.yaml
fi

# when standard output cannot be written, the program says so, and does not write into another file instead
for command in 'runs' 'runs --json' 'runs show 1' rules help 'plan --help' version schema 'check --json -q'; do
	read -ra words <<<"$command"
	"$timetier" "${words[@]}" >/dev/full 2>err
	[ $? -gt 0 ] && grep -q 'cannot write to standard output' err || fault "$command >/dev/full: $(cat err)"
	"$timetier" "${words[@]}" >&- 2>err
	[ $? -gt 0 ] && grep -q 'cannot write to standard output' err || fault "$command >&-: $(cat err)"
	"$timetier" "${words[@]}" 2>err | head -n 1 >/dev/null
	[ ! -s err ] || fault "$command | head -n 1: $(cat err)"
done
"$timetier" apply --no-agent >&- 2>err
grep -q 'host time1: connect' err || fault "apply >&-: $(cat err)"
tt 0 apply runs -n 1

# a full disk, in a mount namespace of its own
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	cat >full.sh <<'END'
mkdir full && mount -t tmpfs -o size=4k none full && head -c 4096 /dev/zero >full/ballast || exit 77
"$1" plan --no-agent -o full/plan
echo "plan: $?"
"$1" apply --no-agent --state full/state
echo "apply: $?"
"$1" init -f full/site.yaml
echo "init: $?"
"$1" render -q -o full/out
echo "render: $?"
find full -type f -size +0 ! -name ballast
END
	unshare -m sh full.sh "$timetier" >out 2>err
	status=$?
	if [ $status != 77 ]; then
		[ "$(grep -v '^[0-9]* hosts' out)" = 'plan: 1
apply: 1
init: 2
render: 2' ] || fault 'a full disk: exit statuses, or something was left'
		[ "$(grep -c 'No space left on device' err)" = 4 ] || fault 'a full disk is not told'
	fi
fi
[ $faults = 0 ]
