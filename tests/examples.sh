#!/bin/bash
# examples.sh: every site of examples/ is checked without a finding that it does not accept, as a reader would try it.
cd "$(dirname "$0")/.." || exit 2
timetier=$(realpath "${BUILD:-build}/bin/timetier")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0 count=0

for example in examples/*/; do
	name=$(basename "$example")
	cp -r "$example" "$work/$name"
	[ ! -e "$work/$name/keys.yaml" ] || chmod 600 "$work/$name/keys.yaml" # git does not keep this mode
	if [ ! -e "$work/$name/keys.yaml" ] && grep -q '^keys:' "$work/$name/site.yaml"; then
		"$timetier" keys new -q -f "$work/$name/site.yaml" || faults=$((faults + 1))
	fi
	if (cd "$work/$name" && "$timetier" check --strict -q -f site.yaml) >"$work/out" 2>&1 &&
		! grep -v ': note: accepted: ' "$work/out"; then
		echo "ok $name"
	else
		echo "FAIL $name: timetier check --strict: exit not 0, or a note that is not accepted"
		cat "$work/out"
		faults=$((faults + 1))
	fi
	count=$((count + 1))
done
[ $count -ge 3 ] || { echo "FAIL $count examples: is this the tree?"; exit 1; }
[ $faults = 0 ]
