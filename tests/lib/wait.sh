# How tests wait, for shell scripts of all kinds: for an event, and as long as no machine should need.

# know_slowness: TEST_SLOWNESS is what tests/slowness says, measured now when nobody did before
know_slowness() {
	[ -n "${TEST_SLOWNESS:-}" ] || TEST_SLOWNESS=$("${BASH_SOURCE[0]%/*}/../slowness")
	export TEST_SLOWNESS
}

# doze SECONDS: sleep, which is no builtin of bash, is a process. Nobody writes to what is read here; "<(:)" would do as
# well, but it is a process of the shell's own, so that $! in the caller's loop is suddenly another.
doze() {
	local fifo=${TMPDIR:-/tmp}/doze.$BASHPID
	[ -n "${doze_fd:-}" ] || { mkfifo "$fifo" && exec {doze_fd}<>"$fifo" && rm "$fifo"; }
	read -rt "$1" -u "$doze_fd" || :
}

# patient SECONDS: what a quick machine does in that time by itself, this one does in so many, beside other tests.
patient() {
	know_slowness
	echo $(($1 * TEST_SLOWNESS * 3 / 100))
}

# wait_for SECONDS CMD...: until it succeeds. A quick machine needs so long; what never comes is given up much later. Asking
# is what costs: what takes long is asked for seldom.
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
