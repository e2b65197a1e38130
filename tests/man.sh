#!/bin/bash
# man.sh: every man page is sound mdoc, and timetier.1 names each command of the program and each of its options.
cd "$(dirname "$0")/.." || exit 2
timetier=${BUILD:-build}/bin/timetier
faults=0
fault() {
	echo "FAIL $*"
	faults=$((faults + 1))
}

command -v groff >/dev/null || { echo "skipped: needs groff (make deps)"; exit 77; }
for page in doc/*.[1-8]; do
	while read -r warning; do
		fault "$warning"
	done < <(groff -mdoc -ww -z "$page" 2>&1)
done

mapfile -t commands < <("$timetier" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p')
[ ${#commands[@]} -ge 3 ] || fault "$timetier --help names ${#commands[@]} commands"
for command in "${commands[@]}"; do
	grep -q "^\.It Cm $command\( [A-Z]\|$\)" doc/timetier.1 ||
		fault "doc/timetier.1: the command \"$command\" needs a \".It Cm $command\""
	# shellcheck disable=SC2086 # two words may name one command
	for option in $("$timetier" $command --help | sed -n 's/^  \(-[a-zA-Z],\|   \) --\([a-z-]*\).*/\2/p'); do
		grep -q "Fl -$option\b" doc/timetier.1 ||
			fault "doc/timetier.1: the option --$option of \"$command\" needs a \"Fl -$option\""
	done
done
while read -r name; do
	printf '%s\n' "${commands[@]}" | grep -q "^$name" || fault "doc/timetier.1: there is no command \"$name\""
done < <(sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' doc/timetier.1)
[ $faults = 0 ]
