#!/bin/sh
# A first site: what init writes passes check as it is, keys are for their owner alone, and nothing is overwritten.
cd "$(dirname "$0")/.." || exit 2
timetier=$(realpath "${BUILD:-build}/bin/timetier")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
faults=0

# expect STATUS WHAT COMMAND...: COMMAND must end with STATUS
expect() {
	wanted=$1 what=$2
	shift 2
	"$@" >out 2>&1
	status=$?
	if [ $status = "$wanted" ]; then
		echo "ok $what"
	else
		echo "FAIL $what: exit $status, not $wanted"
		cat out
		faults=$((faults + 1))
	fi
}

expect 0 "init writes a site" "$timetier" init
expect 0 "which passes check" "$timetier" check --strict
expect 2 "init overwrites nothing" "$timetier" init
expect 2 "keys new overwrites nothing" "$timetier" keys new
expect 0 "keys are for their owner alone" test "$(stat -c %a keys.yaml)" = 600
expect 0 "every pair of the three servers has a key" test "$(grep -c 'secret: "[0-9a-f]\{32\}"' keys.yaml)" = 3
cp keys.yaml before && rm keys.yaml
expect 1 "check misses the keys" "$timetier" check
expect 0 "keys new writes them anew" "$timetier" keys new
expect 1 "with other secrets" cmp -s before keys.yaml
chmod 644 keys.yaml
expect 1 "check refuses keys that others can read" "$timetier" check
cp out said
expect 0 "and says what to do" grep -q 'chmod 600 keys.yaml' said
expect 2 "init needs a folder to write to" "$timetier" init -f nowhere/site.yaml
[ $faults = 0 ]
