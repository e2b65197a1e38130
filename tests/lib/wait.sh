# How tests wait, for shell scripts of all kinds: for an event, and as long as no machine should need.
export TEST_SLOWNESS=${TEST_SLOWNESS:-$("${BASH_SOURCE[0]%/*}/../slowness")}

# patient SECONDS: what a quick machine does in that time by itself, this one does in so many, beside other tests.
patient() {
	echo $(($1 * TEST_SLOWNESS * 3 / 100))
}

# wait_for SECONDS CMD...: until it succeeds. A quick machine needs so long; what never comes is given up much later.
wait_for() {
	local until=$((SECONDS + $1 * TEST_SLOWNESS * 3 / 100)) pause=0.1
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || return 1
		sleep $pause
		pause=0.4
	done
}
