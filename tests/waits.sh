#!/bin/bash
# waits.sh: the functions by which tests wait work: doze sleeps and leaves $! alone, wait_for ends at its event or gives up.
cd "$(dirname "$0")/.." || exit 2
. tests/lib/wait.sh
TEST_SLOWNESS=100
status=0
check() { # NAME CMD...
	if "${@:2}"; then echo "ok $1"; else echo "not ok $1"; status=1; fi
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

true &
background=$!
began=${EPOCHREALTIME/./}
doze 0.2
check "doze sleeps" test $((${EPOCHREALTIME/./} - began)) -ge 200000
check "and what runs in the background is still known" test "$!" = "$background"
wait "$background"

(doze 0.3; : >"$folder/there") &
background=$!
check "an event is waited for" wait_for 60 test -e "$folder/there"
check "by whom the shell still knows" test "$!" = "$background"
check "what never comes is given up" eval '! wait_for 0 false'
check "a busy machine is waited for longer" test "$(TEST_SLOWNESS=500 patient 2)" = 30
exit $status
