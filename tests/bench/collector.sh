#!/bin/bash
# The collector with a site of 10,000 hosts (or HOSTS): what a report costs it, with TLS, from connections that stay open;
# what it holds in memory; and how long its answers take. Processor time is that of its process, by /proc, so that what
# the client and others on the machine do does not count. The agents: tests/bench/collector.c.
#
# Held against the goals: 60 us a report, 50 ms of the fleet's first view, 5 ms of a difference, 100 ms of /metrics, 2 s to start.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
work=$(mktemp -d)
serve=
trap '[ -z "$serve" ] || { kill $serve; wait $serve || true; }; rm -rf "$work"' EXIT
hosts=${HOSTS:-10000} rounds=${ROUNDS:-2} connections=${CONNECTIONS:-64}

site() {
	printf 'site: bench\nupstreams:\n'
	for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.10$i, operator: op$i}"; done
	printf 'tiers:\n  - name: core\n    upstreams: all\n    servers:\n'
	for i in 1 2 3 4; do echo "      - {name: time$i, address: 192.0.2.$i, daemon: chrony}"; done
	printf 'serve: [192.0.2.0/24, 10.0.0.0/8]\nclients:\n'
	for i in $(seq $((hosts / 1000))); do
		echo "  - {name: group$i, from: core, daemon: chrony, hosts: \"h$i-[1-1000].example.net\"}"
	done
	echo 'budget: {offset: 5ms, error_bound: 50ms}'
}

# Microseconds of processor that the collector has taken.
spent() { awk '{ print ($14 + $15) * 10000 }' /proc/$serve/stat; }

# start: until it answers; prints milliseconds
start() {
	local began=${EPOCHREALTIME/./}
	: >"$work/log"
	"$build/bin/timetier" serve -f "$work/site.yaml" --listen 127.0.0.1:0 --page 127.0.0.1:0 >"$work/log" 2>&1 &
	serve=$!
	until grep -q 'page at' "$work/log"; do
		kill -0 $serve || { cat "$work/log"; exit 1; }
		sleep 0.02
	done
	page=$(sed -n 's|.*page at \(http://[^/]*\)/.*|\1|p' "$work/log")
	reports=$(sed -n 's|.*reports at https://\([^/]*\)/.*|\1|p' "$work/log")
	until curl -s -o "$work/out" "$page/healthz"; do sleep 0.02; done
	printf '%-44s %9d ms\n' "$1" $(((${EPOCHREALTIME/./} - began) / 1000))
}

# answer NAME PATH: processor time of one answer, the mean of five, and its bytes
answer() {
	local before=$(spent)
	for _ in 1 2 3 4 5; do curl -s -o "$work/out" "$page$2"; done
	printf '%-44s %9.1f ms %9d bytes\n' "$1" "$(awk -v a="$before" -v b="$(spent)" 'BEGIN { print (b - a) / 5000 }')" "$(wc -c <"$work/out")"
}

site >"$work/site.yaml"
start "start, no history"
"$build/bench/collector" "$work/site.yaml" "$work/.timetier" "$reports" "$connections" 1
before=$(spent)
"$build/bench/collector" "$work/site.yaml" "$work/.timetier" "$reports" "$connections" "$rounds"
taken=$(curl -s "$page/metrics?hosts=none" | sed -n 's/^timetier_reports_taken_total{order="latest"} //p')
printf '%-44s %9d us\n' "a report, $connections connections with TLS" $((($(spent) - before) * (rounds + 1) / (taken * rounds)))
printf '%-44s %9d bytes\n' "memory a host" $(($(awk '/^VmRSS/ { print $2 }' /proc/$serve/status) * 1024 / hosts))
revision=$(curl -s "$page/api/v1/fleet?limit=0" | sed -n 's/.*"revision":"\([^"]*\)".*/\1/p')
answer "fleet, first view" '/api/v1/fleet?brief=1&limit=200'
answer "fleet, all hosts, brief" '/api/v1/fleet?brief=1'
answer "fleet, all" '/api/v1/fleet'
answer "fleet, since now" "/api/v1/fleet?since=$revision"
answer "metrics" /metrics
answer "metrics, hosts=none" '/metrics?hosts=none'
kill $serve
wait $serve
start "start, with the history of these"
