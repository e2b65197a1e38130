# Every fleet test begins like this:
#
#   #!/bin/bash
#   # 10-name: what it proves, in a sentence.
#   . "$(dirname "$0")/lib.sh"
#   begin 10-name 60           # makes a lab of its own, which ends with the test; takes 60 s on a quick machine
#   lab up time1 bookworm/chrony 1 0.05
#   ok "a host comes up" lab run time1 true
#   finish
#
# A test prints "ok NAME" or "FAIL NAME" for each thing that it proves, and at its end "N passed, N failed". It exits with 0,
# with 1, or with 77 when it cannot run here. Labs are in FLEET_LABS (/var/tmp/timetier-tests). `tests/run` ends a test that
# hangs.
set -u
fleet_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$fleet_dir/../.." && pwd)
labs=${FLEET_LABS:-/var/tmp/timetier-tests}
. "$top/tests/lib/wait.sh"
export LAB_TOOLS=${BUILD:-build}/lab
[[ $LAB_TOOLS = /* ]] || LAB_TOOLS=$top/$LAB_TOOLS
passed=0
failed=0

. "$fleet_dir/lab_inside.sh"

lab() {
	if declare -F "lab-$1" >/dev/null; then "lab-$1" "${@:2}"; else "$fleet_dir/lab" "$@"; fi
}

skip() { # WHY
	echo "skipped: $*"
	exit 77
}

# Remove the labs of tests that were killed before they could clean up.
sweep() {
	local owner pid
	for owner in "$labs"/*/owner; do
		{ read -r pid <"$owner" && ! kill -0 "$pid"; } 2>/dev/null || continue
		LAB=${owner%/owner} lab clean </dev/null
		rm -rf "${owner%/owner}"
	done
}

begin() { # NAME SECONDS: SECONDS on a quick machine; the longest tests begin first; what takes ten times as long hangs
	[ "$(id -u)" = 0 ] || skip "needs root"
	command -v systemd-nspawn >/dev/null && command -v debootstrap >/dev/null || skip "needs systemd-container and debootstrap"
	know_slowness
	sweep
	export LAB=$labs/$1.$$
	work=$LAB/work # for the test's own files
	mkdir -p "$work"
	echo $$ >"$LAB/owner"
	trap end EXIT
	trap 'exit 1' INT TERM
}

end() {
	local name
	trap '' INT TERM
	if [ $failed -gt 0 ] && [ -n "${FLEET_LOGS:-}" ]; then
		mkdir -p "$FLEET_LOGS"
		for name in $(lab list | cut -d' ' -f1); do
			lab log "$name" >"$FLEET_LOGS/$(basename "$LAB").$name.log" 2>&1
		done
	fi
	lab down
	rm -rf "$LAB"
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
	exit
}

pass() { # NAME
	passed=$((passed + 1))
	echo "ok $1"
}

fail() { # NAME [WHY]
	failed=$((failed + 1))
	echo "FAIL $1${2:+: $2}"
}

ok() { # NAME CMD...: the command succeeds
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then pass "$name"; else fail "$name" "status $?: $* said: ${out:0:2000}"; fi
}

not() { # NAME CMD...: the command fails
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then fail "$name" "$* succeeded: ${out:0:2000}"; else pass "$name"; fi
}

same() { # NAME WANTED SEEN
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted \"$2\", saw \"$3\""; fi
}

# field HOST NAME: print a figure of its clock; NAME is as `lab clock` has it.
field() {
	local seen
	seen=$(lab_exec=exec; lab clock "$1") && seen=" $seen" && seen=${seen#*" $2="} && echo "${seen%% *}"
}

# offset_within HOST SECONDS: its clock is less than SECONDS off the machine's clock.
offset_within() {
	local seen one part size=()
	seen=$(lab_exec=exec; lab clock "$1") || return
	seen=${seen#offset_s=}
	for one in "${seen%% *}" "$2"; do # in µs
		one=${one#-}.
		part=${one#*.}
		part=${part%.}000000
		size+=("$((10#${one%%.*}${part:0:6}))")
	done
	[ "${size[0]}" -lt "${size[1]}" ]
}

# give HOST FOLDER UNIT: put the rendered files of FOLDER (its etc/) on a host, as a rollout would, and restart the unit.
give() {
	tar -C "$2" -cf - etc | lab run "$1" tar -C / --no-same-owner --no-overwrite-dir -xf - &&
		lab run "$1" sh -c '
			for keys in /etc/chrony/chrony.keys:_chrony /etc/ntpsec/ntp.keys:ntpsec /etc/ntp.keys:ntp; do
				[ ! -f ${keys%:*} ] || { chgrp ${keys#*:} ${keys%:*} && chmod 640 ${keys%:*}; } || exit 1
			done
			if [ -f /etc/timetier/first-set.conf ]; then
				id timetier-first-set >/dev/null 2>&1 || useradd --system --user-group timetier-first-set || exit 1
				chgrp timetier-first-set /etc/timetier/first-set.conf && chmod 640 /etc/timetier/first-set.conf || exit 1
			fi
			systemctl daemon-reload && systemctl reset-failed && systemctl restart '"$3"
}
