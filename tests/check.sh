#!/bin/bash
# check.sh: what `timetier check` and `timetier rules` print, where, and with which exit status.
cd "$(dirname "$0")/.." || exit 2
timetier=$(realpath "${BUILD:-build}/bin/timetier")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# expect STATUS WHAT COMMAND...: run it; out and err hold what it printed.
expect() {
	local status=$1 what=$2 got
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	if [ $got = "$status" ]; then
		echo "ok $what"
	else
		echo "FAIL $what: exit $got, not $status"
		cat "$work/out" "$work/err"
		faults=$((faults + 1))
	fi
}
# says FILE REGEX: the last command must have printed a line that matches REGEX to FILE, out or err
says() {
	grep -qE -- "$2" "$work/$1" && return
	echo "FAIL no /$2/ in std$1:"
	cat "$work/$1"
	faults=$((faults + 1))
}
silent() {
	[ ! -s "$work/$1" ] && return
	echo "FAIL std$1 is not empty:"
	cat "$work/$1"
	faults=$((faults + 1))
}

# lines of `extra` are judged as our own, and findings about them have their place in site.yaml
sed -e '/name: time1,/s/daemon: chrony/daemon: chrony, extra: {chrony: [logdir \/var\/log\/chrony, bogus 1, rtcfile, makestep 1 3]}/' \
	tests/advice.yaml >"$work/site.yaml"
grep -q bogus "$work/site.yaml" || { echo "FAIL no host of tests/advice.yaml has taken the lines"; faults=$((faults + 1)); }
expect 0 'keys for a site with lines of extra' "$timetier" keys new -q -f "$work/site.yaml"
expect 1 'lines of extra that a daemon or the site refuses' "$timetier" check -f "$work/site.yaml"
says out '^[^ ]*site.yaml:[0-9]+:[0-9]+: error: `bogus 1`: chronyd does not accept this line.*\[not-chrony\]$'
says out '^[^ ]*site.yaml:[0-9]+:[0-9]+: error: `rtcfile`: chronyd does not accept this line.*\[not-chrony\]$'
says out '^[^ ]*site.yaml:[0-9]+:[0-9]+: error: `makestep 1 3`: `restart: limit`.*\[extra-owned\]$'
! grep -q logdir "$work/out" || { echo "FAIL a good line is found fault with"; faults=$((faults + 1)); }

rm "$work/keys.yaml"
cp tests/advice.yaml "$work/site.yaml"
expect 0 'keys for a site that follows all advice' "$timetier" keys new -q -f "$work/site.yaml"
expect 0 'a site that follows all advice has no finding' "$timetier" check -f "$work/site.yaml"
silent out
says err ': no findings$'

cd tests/lint || exit 2
expect 0 'a clean site' "$timetier" check -f unwatched/good.yaml
silent out
says err '^unwatched/good.yaml: no findings$'
expect 1 'a site with errors' "$timetier" check -f few-sources/bad.yaml
says out '^few-sources/bad.yaml:7:11: error: .* \[few-sources\]$'
says err '^2 errors, 2 warnings$'
expect 0 'a site with warnings' "$timetier" check -f burst/bad.yaml
says err '^0 errors, 1 warning$'
expect 1 'warnings, and --strict' "$timetier" check --strict -f burst/bad.yaml
expect 0 'an accepted finding' "$timetier" check -f unknown-accept/good.yaml
says out ': note: accepted: .* \(there are no more in reach\) \[even-sources\]$'
says err '^0 errors, 0 warnings, 1 accepted$'
expect 0 '--quiet' "$timetier" check -q -f unwatched/good.yaml
silent out
silent err
expect 1 'no colour but on a terminal' env TERM=xterm "$timetier" check -f few-sources/bad.yaml
! grep -q $'\033' "$work/out" || { echo "FAIL colours in a file"; faults=$((faults + 1)); }

expect 2 'no such file' "$timetier" check -f nowhere.yaml
says err '^timetier check: nowhere.yaml: No such file or directory$'
silent out
expect 2 'a folder' "$timetier" check -f .
says err 'it is a folder'
expect 2 'an unknown format' "$timetier" check --format sarfi -f burst/bad.yaml
says err 'no format is called "sarfi" \(did you mean sarif\?\)'
expect 2 'formats that exclude each other' "$timetier" check --json --format sarif -f burst/bad.yaml
expect 0 'a site as the only word' "$timetier" check burst/bad.yaml
says out '^burst/bad.yaml:5:71: warning: '
chmod 600 files.keys.yaml
expect 0 'the built-in templates' "$timetier" check -f files.yaml
expect 1 'templates of one'"'"'s own' "$timetier" check -f files.yaml --templates start-may-step/bad.templates
says out '^time2:/etc/default/ntp:2: error: .-g.: .* \[start-may-step\]$'
expect 1 '--templates and --format sarif' "$timetier" check --format sarif -f files.yaml --templates start-may-step/bad.templates
says out '"uri": "time2%3A/etc/default/ntp"'
expect 2 'templates that are not there' "$timetier" check -f files.yaml --templates nowhere
expect 0 'render tells the same, and writes' "$timetier" render time2 -f files.yaml --templates start-may-step/bad.templates -o -
says err '^time2:/etc/default/ntp:2: error: .* \[start-may-step\]$'
says out 'NTPD_PANICGATE=1'
expect 2 'a word too many' "$timetier" check burst/bad.yaml burst/good.yaml
says err '^timetier check: "burst/bad.yaml" is a word too many$'
expect 2 'findings that cannot be written' \
	bash -c "'$timetier' check -f few-sources/bad.yaml >/dev/full"
says err 'cannot write to standard output'

expect 1 '--json' "$timetier" check --json -f few-sources/bad.yaml
says out '"number": "SRC001"'
cp "$work/out" "$work/json"
expect 1 '--format json is the same' "$timetier" check --format json -f few-sources/bad.yaml
cmp -s "$work/out" "$work/json" || { echo "FAIL --json and --format json differ"; faults=$((faults + 1)); }
expect 1 '--format sarif' "$timetier" check --format sarif -f few-sources/bad.yaml
says out '"version": "2.1.0"'
says out '"ruleId": "few-sources"'

expect 0 '--what-if' "$timetier" check --what-if -f unwatched/good.yaml
says out '^core$'
says out '^  wrong       Up to [0-9] of its [0-9] sources may be wrong at once'
says out '^  one loss    '
says out '^  2012        With the source of any one operator wrong by 12 years'
! grep -qE '^.{79}' "$work/out" || { echo "FAIL lines of more than 78 columns"; faults=$((faults + 1)); }
expect 1 '--what-if beside findings' "$timetier" check --what-if --json -f few-sources/bad.yaml
says out '"what_if": \{'
says out '"outcome": "'
says out '"number": "SRC001"'
mkdir -p "$work/probed/.timetier"
printf 'site: a\nupstreams: [{name: one, address: 192.0.2.1, operator: A}, {name: two, address: 192.0.2.2}]\n' >"$work/probed/site.yaml"
printf 'tiers: [{name: t, upstreams: all, servers: [{name: s, address: 192.0.2.3}]}]\n' >>"$work/probed/site.yaml"
expect 1 '--what-if where nobody has probed' "$timetier" check --what-if -f "$work/probed/site.yaml"
says out 'before `timetier probe` has asked'
cp ../fuzz/corpus/kept/good "$work/probed/.timetier/probed.json"
expect 1 '--what-if where upstreams were probed' "$timetier" check --what-if -f "$work/probed/site.yaml"
says out 'probe of'
expect 1 'and as JSON' "$timetier" check --what-if --json -f "$work/probed/site.yaml"
says out '"kind": "reference"'
says out '"probed_at": "2026-11-30T'
echo rubbish >"$work/probed/.timetier/probed.json"
expect 1 '--what-if beside a probe that cannot be read' "$timetier" check --what-if -f "$work/probed/site.yaml"
says err '^timetier check: warning: .*/probed.json: it is no JSON$'
expect 2 '--what-if as SARIF' "$timetier" check --what-if --format sarif -f few-sources/bad.yaml
says err 'it is printed as text or json$'
printf 'site: loop\ntiers:\n' >"$work/loop.yaml"
for i in 1 2 3 4 5; do
	printf '  - {name: t%d, from: t%d, servers: [{name: s%d, address: 192.0.2.%d}]}\n' $i $((i % 5 + 1)) $i $i
done >>"$work/loop.yaml"
expect 1 '--what-if of a loop of five tiers' "$timetier" check --what-if -f "$work/loop.yaml"
says out '\[source-loop\]$'
says err '^what-if: not judged, '

expect 0 'rules' "$timetier" rules
says out '^SRC001 +error +few-sources +check +a tier takes time from at least four sources$'
says out '^sources: how many, and how independent of each other$'
[ "$(wc -l <"$work/out")" -ge 22 ] || { echo "FAIL rules lists fewer than 22"; faults=$((faults + 1)); }
expect 0 'rules by name' "$timetier" rules few-sources
says out '^source   RFC 8633 section 3.2$'
says out '^remedy   '
says out '^why      One source may be wrong'
says out '^  tiers:$'
says out '^judged   by `timetier check`, from site.yaml$'
long=$("$timetier" rules | grep -oE '^[A-Z]+[0-9]{3}' | while read -r number; do
	"$timetier" rules "$number" | grep -v '^  ' | grep -E '^.{79}' | sed "s/^/$number: /"
done)
for words in rules 'rules few-sources'; do # the pieces of site.yaml keep their lines
	long+=$(script -qec "stty cols 60; '$timetier' $words" /dev/null </dev/null 2>/dev/null | tr -d '\r' |
		sed 's/\x1b\[[0-9;]*m//g' | grep -v '^  [a-z -]' | grep -E '^.{61}')
done
[ -z "$long" ] || { echo "FAIL lines of more than 78 columns:"; echo "$long"; faults=$((faults + 1)); }
expect 0 'rules by number' "$timetier" rules KEY002
says out '^shared-key \(KEY002\), error$'
expect 0 'rules as JSON' "$timetier" rules --json
says out '"number": "ORP001"'
expect 2 'a rule that does not exist' "$timetier" rules few-source
says err 'no rule is called "few-source"; did you mean "few-sources"\?'
[ $faults = 0 ]
