#!/bin/bash
# answers.sh: whatever is typed, every command of both programs answers with words that lead on: the place of the mistake, what was
# meant, or what to type next. The commands are those that the programs list, so that a new one is tried here by itself. No host
# is reached: nothing listens at their port. Commands are tried beside each other, each in a folder of its own. A program with
# sanitizers takes 40 ms to begin: with them, what is one piece of code for all (loading a site, parsing an option) is tried once.
cd "$(dirname "$0")/.." || exit 2
top=$PWD
timetier=$(realpath "${BUILD:-build}/bin/timetier")
agent=$(realpath "${BUILD:-build}/bin/timetier-agent")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export HOME=$dir/site
mkdir "$HOME"
cd "$HOME" || exit 2
faults=0
fault() {
	echo "FAIL $*"
	sed 's/^/  /' out err | head -n 20
	faults=$((faults + 1))
}

"$timetier" init -q || exit 2
{ cat "$top/tests/data/unreached.yaml"; echo 'collectors: ["https://127.0.0.1:1"]'; } >site.yaml
rm keys.yaml
"$timetier" keys new -q || exit 2
touch afile

# What leads on: a command or an option to type, the name that was meant, a place in a file, or the name of what is missing.
# A beginning of a line is a newline here, as bash knows no other.
leads=$'the names are in |`[a-z]|usage: |[ (\n]--?[a-z]|did you mean|is "[^"]*" meant|remedy|:[0-9]+:[0-9]+: |No such file|Is a directory|refused|saved|chmod'

# answered WHAT: "$status" is one that a program chooses; an answer that is no success leads on. Without a process, as there are
# hundreds of answers.
answered() {
	local said complaint
	IFS= read -rd '' said <out
	IFS= read -rd '' complaint <err
	said=$'\n'$said$'\n'$complaint
	[ "$status" -lt 120 ] || fault "$1: exit $status"
	[ "$status" = 0 ] || [[ $said = *[!$'\n']* ]] || fault "$1: exit $status without a word"
	[ "$status" = 0 ] || [[ $said =~ $leads ]] || fault "$1: exit $status, and no next step"
	[[ "$said"$'\n' != *' '$'\n'* ]] || fault "$1: a blank at the end of a line"
}
# try PROGRAM WORD...: what runs until it is told to end is told so
try() {
	timeout -s INT -k 5 "${limit:-120}" "$@" >out 2>err </dev/null
	status=$?
	[ $status != 124 ] || [ "${limit:-120}" = 120 ] || status=0
	answered "${*//$timetier/timetier}"
}

commands_of() { # PROGRAM
	"$1" --help | sed -nE '/^commands:/,/^$/s/^  ([a-z-]+( [a-z]+)?)  .*/\1/p'
}
mapfile -t commands < <(commands_of "$timetier")
[ ${#commands[@]} -ge 20 ] || fault "timetier --help names ${#commands[@]} commands"
files=(time1 nofolder/site.yaml /dev/null) most=99
[ -z "${SAN:-}" ] || files=(/dev/null) most=1
try_command() { # COMMAND
	local command=$1 name only=() limit=120 word file asked words option options
	faults=0
	read -ra name <<<"$command"
	tt=("$timetier" "${name[@]}")
	case $command in
	serve) only=(--listen 127.0.0.1:0 --page 127.0.0.1:0) limit=2 ;;
	status) only=(--collector http://127.0.0.1:1) ;;
	audit) only=(--from time1) ;; # nobody is asked: time1 is not reached
	esac
	# no argument, a wrong one, a file where a host is meant, a host where a file is meant
	try "${tt[@]}" "${only[@]}"
	limit=120
	for word in nosuch ./afile '' - --nosuch; do
		try "${tt[@]}" "$word"
	done
	# help, as it may be asked for
	for asked in "${command} -h" "help ${command}" "${command} --help"; do
		read -ra words <<<"$asked"
		"$timetier" "${words[@]}" >help 2>err || fault "$asked: exit $?"
		grep -q "^usage: timetier $command" help && [ ! -s err ] || fault "$asked is no help"
	done
	"$timetier" "${words[@]}" >&- 2>err
	[ $? -le 2 ] && grep -q 'standard output' err || fault "$asked, stdout closed: $(cat err)"
	! grep -q -- '--site FILE' help || for file in "${files[@]}"; do
		try "${tt[@]}" --site "$file" time1
		[ $status != 0 ] || [ "$command" = init ] || fault "$command --site $file: exit 0"
		[ "$command" != init ] || rm -rf time1
	done
	# every option that wants something, without it and with what is no such thing
	mapfile -t options < <(sed -nE 's/^  .{4}(--[a-z-]+) [A-Z:]+( .*)?$/\1/p' help)
	for option in "${options[@]:0:$most}"; do
		try "${tt[@]}" "$option"
		[ $status != 0 ] || fault "$command $option: exit 0 without what it wants"
	done
	# a closed standard output never ends in a crash, nor in silence
	: >out
	timeout -s INT -k 5 30 "${tt[@]}" nosuch >&- 2>err </dev/null
	status=$?
	answered "$command nosuch, stdout closed"
	# a terminal of 60 columns
	if command -v script >/dev/null; then
		script -qec "stty cols 60; '$timetier' $command --help" /dev/null </dev/null 2>/dev/null | tr -d '\r' >out
		awk 'length > 60 && !/^  timetier/ && !/^usage/' out >err
		[ ! -s err ] && grep -q '^usage' out || fault "$command --help: more than 60 columns"
	fi
	[ $faults = 0 ]
}

# one more than there are processors: `probe` mostly waits
for i in "${!commands[@]}"; do
	cp -r "$HOME" "$dir/$i"
	[ "$i" -le "$(nproc)" ] || wait -n
	(HOME=$dir/$i && cd "$HOME" && try_command "${commands[i]}" && : >"$dir/$i.well") >"$dir/$i.said" 2>&1 &
done
wait
for i in "${!commands[@]}"; do
	cat "$dir/$i.said"
	[ -e "$dir/$i.well" ] || faults=$((faults + 1))
done

# groups of commands, and no command at all
for words in '' help 'help nosuch' keys 'keys nosuch' 'help keys' 'agent' 'agent -h' nosuch -x --nosuch '--help plan' '-h nosuch'; do
	read -ra list <<<"$words"
	try "$timetier" "${list[@]}"
done

# the agent; `first-set` alone would set this machine's clock, and `run` goes on for ever
mapfile -t commands < <(commands_of "$agent")
[ ${#commands[@]} -ge 4 ] || fault "timetier-agent --help names ${#commands[@]} commands"
for command in '' "${commands[@]}"; do
	for words in "--config nofolder/agent.conf" "--config afile" "--config" "--nosuch" "two words" "--help" "-h"; do
		read -ra list <<<"$command $words"
		[ "$command" != first-set ] || list+=(--dry-run)
		try "$agent" "${list[@]}"
		case $words in --help | -h) [ $status = 0 ] ;; *) [ $status != 0 ] ;; esac || fault "timetier-agent ${list[*]}: exit $status"
	done
	[ -z "$command" ] || try "$agent" help "$command"
done
for words in help nosuch stauts 'status --daemon nosuch' 'verdict --daemon nosuch'; do
	read -ra list <<<"$words"
	try "$agent" "${list[@]}"
done
"$agent" --help >/dev/full 2>err
[ $? = 2 ] && grep -q 'standard output' err || fault "timetier-agent --help >/dev/full: $(cat err)"
[ $faults = 0 ]
