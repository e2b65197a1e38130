#!/bin/bash
# check-times.sh [--keep]: print what the stages and the slowest tests of the last check took, and each test of the last soak,
# from what they left in $BUILD; --keep writes it to doc/check-times.md, too.
cd "$(dirname "$0")/.." || exit 2
build=${BUILD:-build}

# purpose_of TEST: print the first sentence of its file, which says what the test shows
purpose_of() {
	local file
	case $1 in
	fleet/* | web/*) file=tests/$1 ;;
	unit/*) file=tests/$1.c ;;
	corpus/*) file=tests/fuzz/fuzz_${1#corpus/}.c ;;
	*) file=tests/$1.sh ;;
	esac
	[ ! -f "$file" ] || awk '
		FNR == 1 && !/^(#!|\/\*)/ || FNR > 1 && !/^(#| \*)/ { exit }
		FNR == 1 && /^#!/ { next }
		{ sub(/^(#|\/?\*| \*)+ */, ""); text = text $0 " " }
		/\*\// { exit }
		END { sub(/^[^ :]+( \[[A-Z]+\])?: /, "", text); sub(/ *\*\/.*/, "", text); sub(/\. .*/, ".", text); sub(/ +$/, "", text); print text }' "$file"
}

in_seconds() { # MS
	printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100))
}


row() { # NAME WALL_MS CPU_MS PURPOSE
	echo "| $1 | $(in_seconds "$2") | $(in_seconds "$3") | $4 |"
}

# rows: read "WALL_MS CPU_MS NAME" lines, and print the row of each
rows() {
	local wall cpu name
	while read -r wall cpu name; do row "$name" "$wall" "$cpu" "$(purpose_of "${name#san:}")"; done
}

heading() { # WORDS
	printf '\n| %s | wall, s | processor, s | what for |\n| --- | ---: | ---: | --- |\n' "$1"
}

# results FILE: print "WALL_MS CPU_MS NAME" of each test in FILE
results() {
	awk '/^[0-9]/ && NF == 5 { print $4, $5, $3 }' "$1"
}

table() {
	local stage wall cpu
	if [ -s "$build/check/stages" ]; then
		heading "stage of \`make check\`"
		while read -r stage wall cpu; do
			row "$stage" "$wall" "$cpu" "$(<"$build/check/$stage.why")"
		done <"$build/check/stages"
		heading "its ten slowest tests"
		{
			results "$build/check/san.results" | sed 's/ \([^ ]*\)$/ san:\1/'
			for stage in code web fleet; do results "$build/check/$stage.results"; done
		} 2>/dev/null | sort -nr | head -n 10 | rows
	fi
	if [ -s "$build/soak/results" ]; then
		heading "test of \`make soak\`"
		results "$build/soak/results" | sort -nr | rows
	fi
}

table
if [ "${1:-}" = --keep ]; then
	{
		sed '/^On [0-9]/,$d' doc/check-times.md
		echo "On $(nproc) processors, $(git log -1 --format='at %h of %cs')."
		table
	} >"$build/check-times.md" && mv "$build/check-times.md" doc/check-times.md
fi
