#!/bin/bash
# `timetier check --what-if`, as a whole process, beside `check` alone: 200 servers with 20 upstreams; 1,000 upstreams, the
# most that a site may have; 1,000 tiers below each other.
set -eu
timetier=$(realpath "${BUILD:-build}/bin/timetier")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# site SERVERS UPSTREAMS TIERS: servers of each tier; the first tier has the upstreams
site() {
	echo 'site: bench'
	echo 'upstreams:'
	seq "$2" | awk '{ printf "  - {name: u%d, address: 10.%d.%d.1, operator: o%d}\n", $1, $1 / 250, $1 % 250, $1 / 2 }'
	echo 'tiers:'
	seq "$3" | awk -v servers="$1" '{
		printf "  - name: t%d\n    %s\n    servers:\n", $1, $1 == 1 ? "upstreams: all" : "from: t" $1 - 1
		for (i = 0; i < servers; i++) {
			n = $1 * servers + i
			printf "      - {name: s%d, address: 172.%d.%d.%d, link: l%d}\n", n, 16 + n / 62500, n / 250 % 250, n % 250, i % 4
		}
	}'
}

# seconds ARG...: the least of 3 runs
seconds() {
	local least=999999 start took
	for _ in 1 2 3; do
		start=$(date +%s%N)
		"$timetier" check -q "$@" >/dev/null || :
		took=$((($(date +%s%N) - start) / 1000))
		[ "$took" -ge "$least" ] || least=$took
	done
	awk -v us="$least" 'BEGIN { printf "%.3f", us / 1000000 }'
}

rows=
for case in '200 20 1' '3 1000 1' '3 20 1000' '20 20 10'; do
	# shellcheck disable=SC2086
	site $case >"$dir/site.yaml"
	read -r servers upstreams tiers <<<"$case"
	alone=$(seconds -f "$dir/site.yaml")
	all=$(seconds --what-if -f "$dir/site.yaml")
	echo "$tiers tiers of $servers servers, $upstreams upstreams: check $alone s, with --what-if $all s"
	rows+="${rows:+, }{\"tiers\": $tiers, \"servers\": $servers, \"upstreams\": $upstreams, \"check_s\": $alone, \"what_if_s\": $all}"
done
mkdir -p "${BUILD:-build}/bench"
echo "{\"what_if\": [$rows]}" >"${BUILD:-build}/bench/what-if.json"
