# The words of systemd, for apply.sh and undo.sh: this text stands before theirs where systemd starts the services, and
# openrc.sh where OpenRC does.  Both set $boot, the file of a service that puts back at the boot after a crash; $wanted, the
# links that make a boot start it; and $limit, which stands before a command of the change for its units.
boot=$top/etc/systemd/system/timetier-undo.service
wanted=$top/etc/systemd/system/sysinit.target.wants/timetier-undo.service
limit='timeout 150'

# What puts back at the boot after a crash, before any daemon starts.
boot_service() {
	echo "[Unit]
Description=Put back a change of timetier that a crash interrupted
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
ConditionPathExists=$change/undo
[Service]
Type=oneshot
ExecStart=/bin/sh $change/undo boot crashed"
}

# Start the guard: a systemd timer, which lives on when this script and its session have ended.
run_guard() {
	systemd-run --quiet --unit=timetier-guard --description="Put back a change of timetier" \
		--on-active="$guard" --timer-property=AccuracySec=1s --property=OOMScoreAdjust=-900 \
		/bin/sh -c "[ ! -e $change/undo ] || exec /bin/sh $change/undo guard 'it was not confirmed within $guard s'"
}

# If an earlier guard still has the name, stop it and try again.
start_guard() {
	run_guard >/dev/null 2>&1 && return
	systemctl stop timetier-guard.timer timetier-guard.service 2>/dev/null
	systemctl reset-failed timetier-guard.timer timetier-guard.service 2>/dev/null
	run_guard
}

# A boot has read which units are enabled before they are put back: of two daemons that the change exchanged it would start the
# new one.  Let it start the other; it waits for none of them.
boot_jobs() { # LIST
	rest=$1
	while [ -n "$rest" ]; do
		line=${rest%%;*}
		rest=${rest#*;}
		case $line in
		'systemctl start '* | 'systemctl stop '*)
			said=$(timeout 150 systemctl --no-block ${line#systemctl } 2>&1) || failed="${failed:+$failed; }$line: ${said:-failed}"
			;;
		esac
	done
}

end_guard() {
	systemctl stop timetier-guard.timer 2>/dev/null
}

# Set $active to the state of the unit; and $said to what the unit has logged since its start, if it has started.
ask_unit() {
	active=$(systemctl show -p InvocationID -p ActiveState "$unit" 2>&1)
	id= said=
	while IFS='=' read -r name value; do
		case $name in
		InvocationID) id=$value ;;
		ActiveState) active=$value ;;
		esac
	done <<END
$active
END
	if [ -n "$id" ] && [ -n "$fresh" ]; then
		said=$(journalctl --no-pager -q -n 1000 -o cat "_SYSTEMD_INVOCATION_ID=$id" 2>/dev/null)
	fi
}

note_log() {
	:
}
