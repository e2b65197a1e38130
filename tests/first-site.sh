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

# says WORDS: what was said last contains them
says() {
	if grep -qF -e "$1" out; then
		echo "ok it says: $1"
	else
		echo "FAIL it does not say: $1"
		cat out
		faults=$((faults + 1))
	fi
}

expect 0 "init writes a site" "$timetier" init
expect 0 "which passes check" "$timetier" check --strict
for place in '--country DE' '--country LU' '--region north-america' '--region africa' '--country NZ'; do
	# shellcheck disable=SC2086
	expect 0 "init $place writes a site" "$timetier" init $place -f "$(mktemp -d -p .)/site.yaml"
	case $place in *africa | *NZ) says "servers are elsewhere: the catalogue has no more for" ;; esac
done
for site in ./*/site.yaml; do
	expect 0 "which passes check" "$timetier" check -f "$site"
	[ "$(grep -c '^  - {name: .* operator: ' "$site")" = 7 ] || { echo "FAIL not seven servers in $site"; faults=$((faults + 1)); }
done
expect 2 "init of a country that is none" "$timetier" init --country XX -f other.yaml
says 'no country is called "XX"'
expect 2 "init of a region that is none" "$timetier" init --region mars -f other.yaml
says 'no region is called "mars": africa, '
expect 2 "init overwrites nothing" "$timetier" init
cp keys.yaml before
expect 0 "keys new says that no key is missing" "$timetier" keys new
says 'keys.yaml: every pair of servers has its key: nothing is missing'
expect 0 "and writes nothing" cmp before keys.yaml
expect 0 "keys are for their owner alone" test "$(stat -c %a keys.yaml)" = 600
expect 0 "every pair of the three servers has a key" test "$(grep -c 'secret: "[0-9a-f]\{32\}"' keys.yaml)" = 3
mv keys.yaml before
expect 1 "check misses the keys" "$timetier" check
expect 0 "keys new writes them anew" "$timetier" keys new
says 'keys.yaml: 3 new keys'
says '  key 1: time1, time2'
expect 1 "with other secrets" cmp -s before keys.yaml

# servers come and go
sed -i 's/^      - {name: time3, .*/&\n      - {name: time4, address: 192.0.2.4, daemon: chrony}/' site.yaml
expect 1 "check misses the keys of a fourth server" "$timetier" check
says 'time1 shares none with time4 [unkeyed-siblings]'
cp keys.yaml before
expect 0 "keys new adds them" "$timetier" keys new
says 'keys.yaml: 3 new keys'
says '  key 4: time1, time4'
says '  key 6: time3, time4'
expect 0 "and keeps the others" sh -c 'head -n "$(wc -l <before)" keys.yaml | cmp - before'
expect 0 "for their owner alone" test "$(stat -c %a keys.yaml)" = 600
expect 0 "check is content" "$timetier" check --strict
expect 0 "no key is needed no more" "$timetier" keys prune
says 'keys.yaml: every key is needed'
sed 's/time[1-4]/ntp&/' site.yaml >renamed.yaml
expect 0 "servers with other names get other keys" "$timetier" keys new -f renamed.yaml
says '  key 12: ntptime3, ntptime4'
says '6 other keys are needed no more: `timetier rules unneeded-key`'
expect 1 "check tells of keys of others" "$timetier" check --strict -f renamed.yaml
says 'key 1 is shared with time1, and the site has no host of that name [unneeded-key]'
expect 0 "with whom nobody shares a key needs not be asked" "$timetier" keys prune -f renamed.yaml
says 'keys.yaml: 6 keys taken away'
says '  key 1: time1, time2'
expect 0 "check is content" "$timetier" check --strict -f renamed.yaml
if command -v flock >/dev/null; then
	expect 2 "nobody changes the keys while somebody else does" flock . "$timetier" keys new
	says 'the keys of keys.yaml are being changed by somebody else'
fi
expect 2 "keys new asks to name the file" sh -c 'sed "/^keys:/d" site.yaml >keyless.yaml && "$1" keys new -f keyless.yaml' - "$timetier"
says 'keys.yaml is there, and keyless.yaml does not name it: add the line `keys: keys.yaml`'
chmod 644 keys.yaml
expect 1 "check refuses keys that others can read" "$timetier" check
cp out said
expect 0 "and says what to do" grep -q 'chmod 600 keys.yaml' said
expect 2 "init needs a folder to write to" "$timetier" init -f nowhere/site.yaml
[ $faults = 0 ]
