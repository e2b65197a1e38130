#!/bin/bash
# validators.sh: a JSON Schema validator that knows nothing of timetier agrees with it: about 300 sites with mistakes, and about SARIF.
# SEED=N makes other sites.
# With sanitizers the same sites are read in one process, without a validator: 300 programs that begin would take longer than they say.
cd "$(dirname "$0")/.." || exit 2
TIMETIER=$(realpath "${BUILD:-build}/bin/timetier")
all=$(realpath "${BUILD:-build}/tests/all")
export TIMETIER
tests=$PWD/tests schemas=$PWD/schemas
python=/usr/bin/python3 # Debian's, for which the packages are
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# expect STATUS WHAT COMMAND...: what it prints is shown when it ends with another status
expect() {
	local status=$1 what=$2 got
	shift 2
	"$@" >"$work/out" 2>&1
	got=$?
	if [ $got = "$status" ]; then
		echo "ok $what"
	else
		echo "FAIL $what: exit $got, not $status"
		cat "$work/out"
		faults=$((faults + 1))
	fi
}

sites=()
for example in examples/*/; do
	name=$(basename "$example")
	cp "$example"/*.txt "$work" 2>/dev/null
	cp "$example/site.yaml" "$work/$name.yaml"
	sites+=("$name.yaml")
done
cp tests/advice.yaml "$work"
cp examples/campus/keys.yaml "$work"
chmod 600 "$work/keys.yaml"
cd "$work" || exit 2
if [ -n "${TEST_SAN:-}" ]; then
	expect 0 "300 sites are written, seed ${SEED:-1}" $python "$tests/mutants.py" --write 300 "${SEED:-1}" "${sites[@]}" advice.yaml
	expect 0 "they are read and judged, and nothing forbidden is done" "$all" fuzz_lint ./[0-9]*.yaml
	exit $((faults > 0))
fi
expect 0 "the schema of site.yaml and the loader agree about 300 sites, seed ${SEED:-1}" \
	$python "$tests/mutants.py" "$schemas/site.schema.json" 300 "${SEED:-1}" "${sites[@]}" advice.yaml
tail -1 out
sed 's/"stratum"/"strata"/' "$schemas/site.schema.json" >other.json
expect 1 'another schema is told apart' $python "$tests/mutants.py" other.json 60 1 "${sites[@]}"

# sarif NAME: check writes NAME.sarif of a site NAME.yaml, whatever it finds there
sarif() {
	"$TIMETIER" check -q --format sarif -f "$1.yaml" >"$1.sarif"
	expect 0 "SARIF of $1 is what its schema demands" $python "$tests/mutants.py" --sarif "$tests/data/sarif/sarif-2.1.0-rtm.5.json" "$1.sarif"
}
for rule in few-sources unused-accept unwatched guessable-key source-loop; do
	cp "$tests/lint/$rule"/*.yaml .
	mv bad.yaml "$rule.yaml"
	chmod 600 ./*keys.yaml
	sarif $rule
done
printf 'site: "caf\303\251"\nupstreams: [\n' >'a b.yaml'
sarif 'a b'
sarif advice
sed 's/"level": "error"/"level": "fatal"/' few-sources.sarif >wrong.sarif
expect 1 'wrong SARIF is told apart' $python "$tests/mutants.py" --sarif "$tests/data/sarif/sarif-2.1.0-rtm.5.json" wrong.sarif
[ $faults = 0 ]
