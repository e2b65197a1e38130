# Measures what a command and all that it starts take, hosts of the lab included, for tests/run and scripts/check.sh:
#
#   meter COMMAND...       runs it, sets $wall_ms and $cpu_ms, and returns its status
#
# The command runs in a control group of its own, below the present one, which counts the processor time. METER_GROUP tells
# the command its group. What still runs in the group at the end is killed. Where this user may not make a group, only
# those processes count that somebody waited for.
meter_top=
for meter_top in /sys/fs/cgroup/unified /sys/fs/cgroup ''; do
	[ ! -w "$meter_top/cgroup.procs" ] || break
done

meter_sweep() { # removes the groups that killed runs left behind
	local left
	for left in "$meter_top"/timetier-*/; do
		[ ! -d "$left" ] || [ -d "/proc/$(basename "${left#*timetier-}")" ] || find "$left" -depth -type d -delete 2>/dev/null
	done
}

meter_group() { # sets $group to a new one, or to nothing
	local below number path
	group=
	[ -n "$meter_top" ] || return
	while IFS=: read -r number _ path; do
		[ "$number" != 0 ] || below=$path
	done </proc/self/cgroup
	group=$meter_top${below%/}/timetier-$BASHPID
	mkdir "$group" 2>/dev/null || group=
}

meter_end() { # sets $cpu_ms, and removes the group
	local name us try
	while read -r name us; do
		[ "$name" != usage_usec ] || cpu_ms=$((us / 1000))
	done <"$group/cpu.stat"
	[ ! -f "$group/cgroup.kill" ] || echo 1 >"$group/cgroup.kill"
	for try in 1 2 3 4 5 6 7 8 9 10; do
		rmdir "$group" 2>/dev/null && break # this is mostly enough
		find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
		sleep 0.1
	done
}

meter() {
	local group status began=${EPOCHREALTIME/[.,]/} TIMEFORMAT='%U %S' spent
	cpu_ms=0
	meter_group
	if [ -n "$group" ]; then
		(echo $BASHPID >"$group/cgroup.procs" && METER_GROUP=$group && export METER_GROUP && "$@")
		status=$?
		meter_end
	else
		exec 3>&1 4>&2
		spent=$({ time "$@" >&3 2>&4 3>&- 4>&-; } 2>&1) # "user system", each in s with three digits
		status=$?
		exec 3>&- 4>&-
		spent=${spent//./}
		cpu_ms=$((10#${spent% *} + 10#${spent#* }))
	fi
	wall_ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	return $status
}
