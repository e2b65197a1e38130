#!/bin/bash
# check.sh: check all that must hold, the most basic first: what compilers say, then what they built, then the page in a
# browser, then hosts, which mostly wait and have the processors for themselves. Ends with what each stage and the slowest
# tests took, and a line "N passed, M failed"; exit 0 when M is 0. `make check-times` keeps that table in doc/.
cd "$(dirname "$0")/.." || exit 2
. tests/lib/meter.sh
build=${BUILD:-build}
logs=$build/check
rm -rf "$logs"
mkdir -p "$logs"
meter_sweep
unset MAKEFLAGS MFLAGS MAKELEVEL CC SAN CFLAGS
sanitized=(BUILD="$build/clang-san" CC=clang SAN=address,undefined)

run_make() { # GOAL...
	make --no-print-directory -k -j"$(($(nproc) * 4))" "$@"
}

# stage NAME "WHAT FOR" CMD...: run CMD, with its output in NAME.log and its counts in NAME.results; a CMD without counts is
# one case itself. Then print the counts, and when a case failed the end of the log.
stage() {
	local name=$1 status=0 passed failed
	echo "$2" >"$logs/$name.why"
	shift 2
	export LOGS=$logs/$name RESULTS=$logs/$name.results
	: >"$RESULTS"
	meter "$@" >"$logs/$name.log" 2>&1 </dev/null || status=$?
	if [ $status = 0 ]; then
		[ -s "$RESULTS" ] || echo "1 0 $name $wall_ms $cpu_ms" >"$RESULTS"
	elif ! grep -q '^[0-9]* [1-9]' "$RESULTS"; then
		printf '0 1 %s %d %d\nfail %s: see %s\n' "$name" $wall_ms $cpu_ms "$name" "$logs/$name.log" >>"$RESULTS"
	fi
	echo "$name $wall_ms $cpu_ms" >>"$logs/stages"
	read -r passed failed < <(awk '/^[0-9]/ { p += $1; f += $2 } END { print p + 0, f + 0 }' "$RESULTS")
	printf '%-10s %4d passed, %d failed  (%d s)\n' "$name" "$passed" "$failed" $((wall_ms / 1000))
	sed -n 's/^skip /  skipped: /p' "$RESULTS"
	[ "$failed" = 0 ] || grep -vE '^  (CC|LINK|ok) ' "$logs/$name.log" | tail -n 200
}

skip() { # NAME WHY
	echo "skip $1: $2" | tee "$logs/$1.results" | sed 's/^skip /  skipped: /'
}

# Boot a host of the lab: it shows how slow this machine is, and all time limits of tests depend on that.
measure_with_host() {
	local began=$SECONDS
	export LAB=/var/tmp/timetier-tests/measure.$$
	tests/fleet/lab up measured bookworm/chrony 1 >"$logs/measure.log" 2>&1
	TEST_SLOWNESS=$(tests/slowness $((SECONDS - began)))
	tests/fleet/lab down >/dev/null 2>&1
	rm -rf "$LAB"
	unset LAB
}

hosts='needs root: sudo make check-fleet'
if [ "$(id -u)" = 0 ]; then
	hosts='this machine gives no namespaces'
	! unshare --mount --net true 2>/dev/null || hosts=
fi
# Images of hosts take minutes the first time, most of it waiting: make them in the background.
[ -n "$hosts" ] || { run_make fleet-images >"$logs/images.log" 2>&1 </dev/null & images=$!; }
TEST_SLOWNESS=$(tests/slowness)
export TEST_SLOWNESS

stage build "both programs and all tests, with gcc" run_make BUILD="$build" CC=gcc all build-tests
[ -x "$build/bin/timetier" ] || { echo "it does not build: $logs/build.log"; echo "0 passed, 1 failed"; exit 1; }
stage code "the shape of the tree, units, rules, rendered files, corpora, what the programs print" \
	run_make BUILD="$build" CC=gcc quick
stage format "the layout of the code is clang-format's" run_make format-check
stage syntax "the other compilers have no warning either" run_make BUILD="$build" syntax
stage tidy "clang-tidy finds nothing" run_make BUILD="$build" tidy
stage san-build "the same with clang and sanitizers (address, undefined)" run_make "${sanitized[@]}" all build-tests
stage san "units, corpora and commands make no forbidden access and no undefined step" run_make "${sanitized[@]}" check-code

if ! command -v chromium >/dev/null; then
	skip web "chromium is not installed"
else
	stage web "the page in a browser" run_make BUILD="$build" check-web
fi
if [ -n "$hosts" ]; then
	skip fleet "$hosts"
else
	wait "$images"
	stage agent "the agent for hosts as old as Debian 11" run_make BUILD="$build" agent-deb11
	measure_with_host
	stage fleet "real hosts with real daemons, each with a clock of its own" run_make BUILD="$build" check-fleet
fi

BUILD=$build scripts/check-times.sh
sed -n 's/^fail /failed: /p' "$logs"/*.results
awk -v seconds=$SECONDS '
	/^[0-9]/ { p += $1; f += $2 }
	END { printf "in %d min %02d s\n%d passed, %d failed\n", seconds / 60, seconds % 60, p, f; exit f > 0 }' "$logs"/*.results
