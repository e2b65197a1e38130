#!/bin/bash
# help.sh: the --help of each command is complete and fits a terminal, and bash completion knows all of it.
cd "$(dirname "$0")/.." || exit 2
timetier=$(realpath "${BUILD:-build}/bin/timetier")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
faults=0
fault() {
	echo "FAIL $*"
	faults=$((faults + 1))
}
# shellcheck source=packaging/bash-completion/timetier
. packaging/bash-completion/timetier

# slurp FILE: read it into $text, and its lines into "${lines[@]}"
slurp() {
	IFS= read -r -d '' text <"$1"
	mapfile -t lines <"$1"
}

# fits FILE WHAT: FILE must fit a terminal of 80 columns
fits() {
	local line
	slurp "$1"
	for line in "${lines[@]}"; do
		[ ${#line} -le 80 ] || fault "$2: a line of more than 80 columns: $line"
		[[ $line != *' ' ]] || fault "$2: a blank at the end of a line: $line"
	done
	[[ $text = *$'\n' ]] || fault "$2: no end of the last line"
}

# options: read the options of the help in "${lines[@]}" into "${options[@]}", and a malformed line into $odd
options() {
	local line on=no
	options=() odd=
	for line in "${lines[@]}"; do
		case $line in
		options:*) on=yes ;;
		'') on=no ;;
		'  '*--*)
			[ $on = yes ] || continue
			[[ $line =~ ^'  '(-[a-zA-Z],|'   ')' --'[a-z-]+(' '[A-Z:]+)?('  '+[^' '].*)?$ ]] || odd=$line
			[[ ! $line =~ ^'  '(-[a-zA-Z],|'   ')' '(--[a-z-]+) ]] || options+=("${BASH_REMATCH[2]}")
			;;
		esac
	done
}

# follow WORD...: set "${words[@]}" to what completion offers after them
follow() {
	mapfile -t words < <(_timetier_words "$timetier" "$@")
}

"$timetier" help >"$dir/all" || fault "help: exit $?"
fits "$dir/all" help
commands=() on=no
for line in "${lines[@]}"; do
	case $line in
	commands:*) on=yes ;;
	'') on=no ;;
	*) [ $on = no ] || [[ ! $line =~ ^'  '([a-z]+(' '[a-z]+)?)'  ' ]] || commands+=("${BASH_REMATCH[1]}") ;;
	esac
done
[ ${#commands[@]} -ge 20 ] || fault "help names ${#commands[@]} commands"
declare -A behind # what completion offers after "", and after the first word of each command of two words
for command in "${commands[@]}"; do
	read -ra name <<<"$command"
	"$timetier" "${name[@]}" --help >"$dir/help" || fault "$command --help: exit $?"
	"$timetier" help "${name[@]}" >"$dir/same"
	slurp "$dir/same"
	same=$text
	fits "$dir/help" "$command --help"
	[ "$same" = "$text" ] || fault "help $command is not $command --help"
	[[ $text = *$'\nexit status: 0'* ]] || fault "$command --help: no exit status"
	options
	[ -z "$odd" ] || fault "$command --help: $odd"
	follow "${name[@]}"
	known=()
	for word in "${words[@]}"; do
		[[ $word != --* ]] || known+=("$word")
	done
	[ "${known[*]}" = "${options[*]}" ] || fault "completion does not know the options of $command"
	before=${command% *}
	[ "$before" != "$command" ] || before=
	if [ -z "${behind[x$before]}" ]; then
		follow $before # one word, or none
		behind[x$before]=" ${words[*]} "
	fi
	[[ ${behind[x$before]} = *" ${name[-1]} "* ]] || fault "completion does not know $command"
	"$timetier" "${name[@]}" --nonesuch >"$dir/out" 2>"$dir/err" && fault "$command --nonesuch: exit 0"
	[ ! -s "$dir/out" ] || fault "$command --nonesuch: something on stdout"
done

# completes WANTED WORD...: completion must offer WANTED after these words
completes() {
	local wanted=$1
	shift
	follow "$@"
	[ "${words[*]}" = "$wanted" ] || fault "behind \"$*\" completion has: ${words[*]}"
}
completes 'new prune rotate' keys
completes 'new prune rotate' help keys
completes '<FILE>' plan core -o
completes '<FILE>' apply --sudo-password-file
completes '<N>' runs -n
follow runs
[[ " ${words[*]} " = *' show '* ]] || fault 'completion does not know runs show'

# says STATUS WORDS WORD...: `timetier WORD...` must exit with STATUS and say WORDS on stderr
says() {
	local status=$1 wanted=$2 got
	shift 2
	"$timetier" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ $got = "$status" ] || fault "timetier $*: exit $got, not $status"
	slurp "$dir/err"
	[[ $text = *"$wanted"* ]] || fault "timetier $*: $text"
}
# shellcheck disable=SC2016 # as the program writes it
says 2 'did you mean `timetier plan`' plna
# shellcheck disable=SC2016
says 2 '`timetier help` lists them' xyzzy
says 2 'no command "keys spin"' keys spin
says 2 'keys rotate' keys
says 1 'usage: timetier unlock [OPTION...] HOST... (--help' unlock
[ $faults = 0 ]
