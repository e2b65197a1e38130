#!/bin/bash
# help.sh: what --help prints of each command is complete and fits a terminal, and completion knows all of it.
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

# fits FILE WHAT: as a terminal of 80 columns shows it well
fits() {
	awk 'length > 80' "$1" | grep -q . && fault "$2: a line of more than 80 columns: $(awk 'length > 80' "$1" | head -n 1)"
	grep -q ' $' "$1" && fault "$2: a blank at the end of a line: $(grep -m 1 -n ' $' "$1")"
	[ -n "$(tail -c 1 "$1")" ] && fault "$2: no end of the last line"
}

"$timetier" help >"$dir/all" || fault "help: exit $?"
fits "$dir/all" help
mapfile -t commands < <(sed -nE '/^commands:/,/^$/s/^  ([a-z]+( [a-z]+)?)  .*/\1/p' "$dir/all")
[ ${#commands[@]} -ge 20 ] || fault "help names ${#commands[@]} commands"
for command in "${commands[@]}"; do
	read -ra words <<<"$command"
	"$timetier" "${words[@]}" --help >"$dir/help" || fault "$command --help: exit $?"
	"$timetier" help "${words[@]}" | cmp -s - "$dir/help" || fault "help $command is not $command --help"
	fits "$dir/help" "$command --help"
	grep -q '^exit status: 0' "$dir/help" || fault "$command --help: no exit status"
	sed -n '/^options:/,/^$/p' "$dir/help" >"$dir/options"
	grep -E '^  .*--' "$dir/options" | grep -vE '^  (-[a-zA-Z],|   ) --[a-z-]+( [A-Z:]+)?(  +[^ ].*)?$' >"$dir/odd" &&
		fault "$command --help: $(head -n 1 "$dir/odd")"
	same=$(grep -oE '^  (-[a-zA-Z],|   ) --[a-z-]+' "$dir/options" | grep -oE -- '--[a-z-]+')
	[ "$(_timetier_words "$timetier" "${words[@]}" | grep -e --)" = "$same" ] || fault "completion does not know the options of $command"
	_timetier_words "$timetier" "${words[@]:0:${#words[@]} - 1}" | grep -qx "${words[-1]}" || fault "completion does not know $command"
	"$timetier" "${words[@]}" --nonesuch >"$dir/out" 2>"$dir/err" && fault "$command --nonesuch: exit 0"
	[ ! -s "$dir/out" ] || fault "$command --nonesuch: something on stdout"
done

# completes WANTED WORD...: the words that may follow
completes() {
	wanted=$1
	shift
	[ "$(_timetier_words "$timetier" "$@" | tr '\n' ' ')" = "$wanted" ] ||
		fault "behind \"$*\" completion has: $(_timetier_words "$timetier" "$@" | tr '\n' ' ')"
}
completes 'new rotate ' keys
completes 'new rotate ' help keys
completes '<FILE> ' plan core -o
completes '<FILE> ' apply --sudo-password-file
completes '<N> ' runs -n
_timetier_words "$timetier" runs | grep -qx show || fault 'completion does not know runs show'

# says STATUS WORDS WORD...: this is what a wrong word is answered
says() {
	status=$1 text=$2
	shift 2
	"$timetier" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ $got = "$status" ] || fault "timetier $*: exit $got, not $status"
	grep -qF -- "$text" "$dir/err" || fault "timetier $*: $(cat "$dir/err")"
}
# shellcheck disable=SC2016 # as the program writes it
says 2 'did you mean `timetier plan`' plna
# shellcheck disable=SC2016
says 2 '`timetier help` lists them' xyzzy
says 2 'no command "keys spin"' keys spin
says 2 'keys rotate' keys
says 1 'usage: timetier unlock [OPTION...] HOST... (--help' unlock
[ $faults = 0 ]
