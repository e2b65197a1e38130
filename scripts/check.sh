#!/bin/bash
# check.sh: all that must hold, in the order in which it is most basic. What only waits (hosts, a browser) runs beside what
# only computes (the other compilers, at the lowest priority). Ends with a line "N passed, N failed"; exit 0 when N is 0.
cd "$(dirname "$0")/.." || exit 2
build=${BUILD:-build}
logs=$build/check
rm -rf "$logs"
mkdir -p "$logs"
jobs=$(nproc)
unset MAKEFLAGS MFLAGS MAKELEVEL CC SAN CFLAGS

# stage NAME CMD...: its output to a log, its counts to NAME.results; a stage without counts is one case itself.
stage() {
	local name=$1 began=$SECONDS status=0
	shift
	LOGS=$logs/$name RESULTS=$logs/$name.results "$@" >"$logs/$name.log" 2>&1 </dev/null || status=$?
	if [ $status = 0 ]; then
		[ -s "$logs/$name.results" ] || echo "1 0 $name" >"$logs/$name.results"
	elif ! grep -q '^[0-9]* [1-9]' "$logs/$name.results" 2>/dev/null; then
		echo "0 1 $name" >>"$logs/$name.results"
	fi
	echo $((SECONDS - began)) >"$logs/$name.seconds"
}

# tell NAME: what a stage showed; of a failed one all of it
tell() {
	local name=$1 passed failed
	read -r passed failed < <(awk '/^[0-9]/ { p += $1; f += $2 } END { print p + 0, f + 0 }' "$logs/$name.results")
	printf '%-14s %4d passed, %d failed  (%d s)\n' "$name" "$passed" "$failed" "$(cat "$logs/$name.seconds")"
	grep '^skip ' "$logs/$name.results" | sed 's/^skip /  skipped: /'
	[ "$failed" = 0 ] || grep -vE '^  (CC|LINK|ok) ' "$logs/$name.log" | tail -n 200
}

# again: a busy machine can be too slow for a test on hosts. Up to three that failed beside others are run once more, by
# themselves, and both is told; not where a clock was stepped or a host was left half done: that has no excuse.
again() {
	local tests name
	tests=$(awk '$2 > 0 { print $3 }' "$logs/fleet.results" | sed -n 's,^fleet/,,p' | tr '\n' ' ')
	[ -n "$tests" ] && [ "$(wc -w <<<"$tests")" -le 3 ] || return
	for name in $tests; do
		! grep -qE '^(FAIL|.* BAD ).*(stepped|neither)' "$logs/fleet/fleet/$name.log" || return
	done
	wait "$computing"
	stage fleet-again make --no-print-directory -k BUILD="$build" FLEET_JOBS=1 FLEET="$tests" check-fleet
	for name in $tests; do
		! grep -q "fleet/$name\$" "$logs/fleet-again.results" || sed -i "\\,fleet/$name\$,d" "$logs/fleet.results"
	done
	echo "  run again, by themselves: $tests"
	tell fleet-again
}

# again_code: the same for a test of code: up to two that a variant failed by a case, by no sanitizer and no crash.
again_code() {
	local failed name test
	failed=$(for name in $variants; do awk -v n="$name" '$2 > 0 { print n, $3 }' "$logs/$name.results"; done)
	[ -n "$failed" ] && [ "$(wc -l <<<"$failed")" -le 2 ] || return
	while read -r name test; do
		[[ $test = unit/* ]] && grep -q '^not ok' "$logs/$name/$test.log" || return
		! grep -qE 'Sanitizer|runtime error' "$logs/$name/$test.log" || return
	done <<<"$failed"
	while read -r name test; do
		stage "$name-again" make_variant "$name" "run-${test#unit/}"
		sed -i "\\,$test\$,d" "$logs/$name.results"
		echo "  $name, run again, by itself: $test"
		cat "$logs/$name/$test.log"
		tell "$name-again"
	done <<<"$failed"
}

# skip NAME WHY
skip() {
	echo "skip $1: $2" >"$logs/$1.results"
	echo 0 >"$logs/$1.seconds"
}

# make_variant NAME GOAL...: COMPILER or COMPILER-san
variants='gcc-san clang clang-san'
make_variant() {
	local name=$1 with=()
	shift
	[[ $name != *-san ]] || with=(SAN=address,undefined CFLAGS='-O1 -g')
	TEST_LIMIT=900 nice -n 19 make --no-print-directory -k -j"$jobs" BUILD="$build/$name" CC="${name%-san}" "${with[@]}" "$@"
}

hosts='needs root: sudo make check-fleet'
if [ "$(id -u)" = 0 ]; then
	hosts='this machine gives no namespaces'
	! unshare --mount --net true 2>/dev/null || hosts=
fi
# Images of hosts take minutes the first time, most of it waiting.
[ -n "$hosts" ] || { make --no-print-directory fleet-images >"$logs/images.log" 2>&1 </dev/null & images=$!; }

stage gcc make --no-print-directory -k -j"$jobs" BUILD="$build" CC=gcc quick
tell gcc
[ -x "$build/bin/timetier" ] || { echo "it does not build: $logs/gcc.log"; echo "0 passed, 1 failed"; exit 1; }
stage format make --no-print-directory format-check
tell format

{
	for name in $variants; do stage "$name" make_variant "$name" all check-code; done  # the tests of code, built another way
	stage tidy nice -n 19 make --no-print-directory -k tidy
} &
computing=$!

if ! compgen -G 'tests/web/[0-9]*' >/dev/null; then
	skip web "no tests/web"
elif ! command -v chromium >/dev/null; then
	skip web "chromium is not installed"
else
	stage web make --no-print-directory BUILD="$build" check-web
fi
tell web
if [ -n "$hosts" ]; then
	skip fleet "$hosts"
else
	wait "$images"
	stage fleet make --no-print-directory -k BUILD="$build" check-fleet
	tell fleet
	again
fi
wait $computing
for name in $variants tidy; do tell "$name"; done
again_code

cat "$logs"/*.results | awk -v seconds=$SECONDS '
	/^[0-9]/ { p += $1; f += $2 }
	END { printf "in %d min %02d s\n%d passed, %d failed\n", seconds / 60, seconds % 60, p, f; exit f > 0 }'
