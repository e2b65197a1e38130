# How shell tests wait: for an event, and give up after a time that no machine should need.

# know_slowness: set TEST_SLOWNESS to what tests/slowness measures, unless it is set already
know_slowness() {
	[ -n "${TEST_SLOWNESS:-}" ] || TEST_SLOWNESS=$("${BASH_SOURCE[0]%/*}/../slowness")
	export TEST_SLOWNESS
}

# doze SECONDS: sleep without a process (sleep is no builtin of bash), by reading a pipe to which nobody writes. Reading
# from "<(:)" would do as well, but it starts a process, which changes $! for the caller.
doze() {
	local fifo=${TMPDIR:-/tmp}/doze.$BASHPID
	[ -n "${doze_fd:-}" ] || { mkfifo "$fifo" && exec {doze_fd}<>"$fifo" && rm "$fifo"; }
	read -rt "$1" -u "$doze_fd" || :
}

# patient SECONDS: print how many seconds this machine, busy with other tests, may need for what an idle quick machine does
# in SECONDS.
patient() {
	know_slowness
	echo $(($1 * TEST_SLOWNESS * 3 / 100))
}

# wait_for SECONDS CMD...: run CMD until it succeeds. SECONDS is what a quick machine needs; this gives up much later.
# Running CMD costs time, so the pauses between two runs grow.
wait_for() {
	local until pause=2
	know_slowness
	until=$((EPOCHSECONDS + $1 * TEST_SLOWNESS * 3 / 100))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $EPOCHSECONDS -lt $until ] || return 1
		doze $((pause / 10)).$((pause % 10))
		[ $pause -ge 10 ] || pause=$((pause + 1))
	done
}
