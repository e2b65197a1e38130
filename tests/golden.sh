#!/bin/bash
# golden.sh [--write]: each site of tests/golden/DAEMON/CASE renders to exactly the files below its expected/.
# A case: site.yaml, keys.yaml (or none), hosts (the hosts that are rendered). --write replaces expected/.
cd "$(dirname "$0")/.." || exit 2
timetier=${BUILD:-build}/bin/timetier
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

for folder in tests/golden/*/*/; do
	name=${folder#tests/golden/}
	name=${name%/}
	rm -rf "${work:?}"/*
	cp "$folder"/*.yaml "$work"
	[ ! -f "$work/keys.yaml" ] || chmod 600 "$work/keys.yaml"
	# shellcheck disable=SC2046
	if ! "$timetier" render -q -f "$work/site.yaml" -o "$work/out" $(cat "$folder/hosts") 2>"$work/errors"; then
		echo "FAIL $name: $(cat "$work/errors")"
		status=1
	elif [ "$1" = --write ]; then
		rm -rf "$folder/expected"
		cp -r --no-preserve=mode "$work/out" "$folder/expected"
	elif diff -ru "$folder/expected" "$work/out"; then
		echo "ok $name"
	else
		echo "FAIL $name: see above; make golden, and read the diff, when it is meant"
		status=1
	fi
done
exit $status
