#!/bin/bash
# man.sh: every man page is valid mdoc. timetier.1 has the commands of the program, in the program's order. Each option of
# a command stands at the command or among the shared options, and no option stands there that the command does not have.
cd "$(dirname "$0")/.." || exit 2
timetier=${BUILD:-build}/bin/timetier
page=doc/timetier.1
faults=0
fault() {
	echo "FAIL $*"
	faults=$((faults + 1))
}

command -v groff >/dev/null || { echo "skipped: needs groff (make deps)"; exit 77; }
for file in doc/*.[1-8]; do
	while read -r warning; do
		fault "$warning"
	done < <(groff -mdoc -ww -z "$file" 2>&1)
done

mapfile -t commands < <("$timetier" help | sed -nE '/^commands:/,/^$/s/^  ([a-z]+( [a-z]+)?)  .*/\1/p')
[ ${#commands[@]} -ge 3 ] || fault "$timetier help names ${#commands[@]} commands"
named=$(sed -nE '/^\.Sh COMMANDS/,/^\.Sh ENV/s/^\.It Cm ([a-z]+( [a-z]+)?)( .*)?$/\1/p' $page)
[ "$named" = "$(printf '%s\n' "${commands[@]}")" ] ||
	fault "$page: the commands are not those of the program, or in another order:
$(diff <(printf '%s\n' "${commands[@]}") <(echo "$named"))"

# section COMMAND: print its heading and its text; several headings in a row share the text below them
section() {
	awk -v name="$1" '/^\.Sh COMMANDS/ { on = 1 } /^\.Sh ENV/ { on = 0 } !on { next }
		/^\.It Cm / { if (!heading) take = 0; heading = 1
			if ($0 ~ "^.It Cm " name "( [A-Z]|$)") take = 1 }
		/^\.Ar [a-z]$/ && heading { next }
		!/^\.It Cm / { heading = 0 } take' $page
}
# shared COMMAND: print the lists of options that name it, or that are for most commands
shared() {
	awk -v name="$1" '/^\.S[sh] / { if (mine) print text; text = ""; on = /^\.Ss Options of/; mine = /most commands/ }
		on { text = text $0 "\n" } on && $0 ~ "^.Cm " name "( ,)?$" { mine = 1 }' $page
}
for command in "${commands[@]}"; do
	read -ra words <<<"$command"
	options=()
	while IFS= read -r line; do
		[[ ! $line =~ ^'  '(-[a-zA-Z],|'   ')' --'([a-z-]+) ]] || options+=("${BASH_REMATCH[2]}")
	done < <("$timetier" "${words[@]}" --help)
	own=$(section "$command")$'\n' others=$(shared "$command")$'\n'
	for option in "${options[@]}"; do
		[[ $own$others =~ "Fl -$option"[[:space:]] ]] ||
			fault "$page: the option --$option of \"$command\" needs a \"Fl -$option\" where the command is, or among the options that it shares"
	done
	while read -r line; do
		[[ "$line " =~ ^'.It Cm '"$command "([A-Z]|$) ]] || continue
		while [[ $line =~ 'Fl -'([a-z-]+)(.*) ]]; do
			line=${BASH_REMATCH[2]}
			[[ " ${options[*]} " = *" ${BASH_REMATCH[1]} "* ]] || fault "$page: \"$command\" has no option --${BASH_REMATCH[1]}"
		done
	done <<<"$own"
done
[ $faults = 0 ]
