# The words of OpenRC, for apply.sh and undo.sh, as systemd.sh has those of systemd.  The commands of a change are written for
# systemctl, which is a function here.
#
# A service that OpenRC starts is a child of this script: it must not keep the locks open (7, 9), nor the pipe of the watchdog (8),
# nor ignore the signals that this script ignores, nor be reached by the end of the session.
boot=$top/etc/init.d/timetier-undo
wanted="$top/etc/runlevels/boot/timetier-undo $top/etc/runlevels/default/timetier-undo"
limit=
sleeper=$top/etc/init.d/timetier-guard
messages=$top/var/log/messages

# Run a command of OpenRC; tell what it said.  A daemon may keep its output open, so that no pipe is read.
rc() { # WORD...
	output=$lock/openrc
	[ -d "$lock" ] || output=$change/openrc
	(
		trap - HUP INT TERM PIPE
		exec setsid timeout 150 "$@"
	) </dev/null >"$output" 2>&1 7>&- 8>&- 9>&-
	set -- $?
	while IFS= read -r printed; do
		printf '%s\n' "$printed"
	done <"$output"
	rm -f "$output"
	return "$1"
}

# A service that has died still counts as started: its state must go first.
start_service() { # NAME
	rc rc-service "$1" status >/dev/null
	[ $? != 32 ] || rc rc-service "$1" zap >/dev/null
	rc rc-service "$1" start
}

# Whether this process, a folder of /proc, runs a service of our own namespace: another one may be a container's.
runs() { # PROCESS NAME
	read -r printed 2>/dev/null <"$1/comm" && [ "$printed" = "$2" ] && [ "$1/ns/pid" -ef /proc/self/ns/pid ]
}

# Start a service anew when its old processes have ended.  `rc-service restart` waits only for the one that a pidfile names; chronyd
# has another, which ends a moment later, and start-stop-daemon takes that one for a service that runs.  What needs the service goes on.
restart_service() { # NAME
	old=
	set +f
	for one in "$top"/proc/[0-9]*; do
		! runs "$one" "$1" || old="$old $one"
	done
	set -f
	rc rc-service "$1" --nodeps stop
	stopped=$?
	for one in $old; do
		tried=
		while runs "$one" "$1"; do
			if [ ${#tried} = 60 ]; then
				[ $stopped = 0 ] || return $stopped
				break
			fi
			tried=${tried}x
			sleep 1
		done
	done
	# killed, it cannot be stopped, though an init script without a pidfile of OpenRC's counts it as started
	[ $stopped = 0 ] || rc rc-service "$1" zap >/dev/null
	rc rc-service "$1" start
}

# Stop a service.  One whose file went with the change, or with what puts it back, has no words of its own: its supervisor is stopped.
stop_service() { # NAME
	if [ -e "$top/etc/init.d/$1" ]; then
		rc rc-service "$1" stop
		return
	fi
	if [ -e "$top/run/$1.pid" ]; then
		rc env RC_SVCNAME="$1" supervise-daemon "$1" --stop --pidfile "$top/run/$1.pid" || return
	fi
	rm -rf "$top/run/openrc/started/$1" "$top/run/openrc/options/$1" "$top/run/openrc/daemons/$1"
}

# Have the services read again.  OpenRC does it by itself when a file is younger than what it knows, in whole seconds: too late for
# one that comes back while the host boots, which would then not be started.
reload_services() {
	rc-update --update </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- || :
}

systemctl() { # VERB [--now|--quiet] [UNIT]
	asked=$1 now=
	shift
	case ${1:-} in
	--now) now=yes && shift ;;
	--quiet) shift ;;
	esac
	service=${1:-}
	service=${service%.service}
	case $asked in
	daemon-reload) reload_services ;;
	enable) rc rc-update add "$service" default ;;
	disable)
		[ -z "$now" ] || rc rc-service "$service" stop || return
		rc rc-update --all del "$service"
		;;
	start) start_service "$service" ;;
	stop) stop_service "$service" ;;
	restart) restart_service "$service" ;;
	is-active) service_state && [ "$active" = active ] ;;
	*)
		echo "OpenRC has no word for systemctl $asked"
		return 1
		;;
	esac
}

# Whether the process of a service lives that supervise-daemon supervises: until it has started one again, OpenRC calls it started.
supervised_lives() {
	child=
	read -r child 2>/dev/null <"$top/run/openrc/options/$service/child_pid"
	[ -z "$child" ] || [ -d "/proc/$child" ]
}

# Set $active to the state of $service, in the words of systemd, and tell it.
service_state() {
	rc rc-service "$service" status >/dev/null
	case $? in
	0) if supervised_lives; then active=active; else active=failed; fi ;;
	3) active=inactive ;;
	*) active=failed ;;
	esac
	echo $active
}

# What puts back at the boot after a crash, before the daemon starts.  Alpine has the runlevel "boot"; Debian leaves it out.
boot_service() {
	echo "#!/sbin/openrc-run
description=\"Put back a change of timetier that a crash interrupted\"
depend() {
	after localmount root fsck bootmisc
	before ${unit:-net}
}
start() {
	[ ! -e $change/undo ] || /bin/sh $change/undo boot crashed
	return 0
}"
}

# The runlevel that starts daemons comes after this boot service, and reads then which of them are enabled.
boot_jobs() { # LIST
	:
}

# The guard: a sleeper that supervise-daemon starts again if it is killed.  It counts the seconds since boot, which no step of the
# clock changes.  It runs nothing in the foreground, because a shell hears no signal meanwhile.  When it has put back, it has its supervisor stopped by a process of a session of its own.
sleeper_service() {
	echo "#!/sbin/openrc-run
description=\"Put back a change of timetier\"
supervisor=supervise-daemon
command=/bin/sh
command_args=\"$change/sleep\"
pidfile=/run/timetier-guard.pid
respawn_delay=1
respawn_max=0"
}

sleeper_text() { # SECONDS-SINCE-BOOT
	echo "{ echo -900 >/proc/self/oom_score_adj; echo -900 >/proc/\$PPID/oom_score_adj; } 2>/dev/null
nap=
trap '[ -z \"\$nap\" ] || kill \$nap; exit' TERM
while read -r up idle </proc/uptime && [ \"\${up%%.*}\" -lt $1 ]; do
	sleep \"\$(($1 - \${up%%.*}))\" &
	nap=\$!
	wait \$nap
done
if [ -e $change/undo ]; then
	/bin/sh $change/undo guard 'it was not confirmed within $guard s' &
	nap=\$!
	wait \$nap
fi
trap - TERM
setsid /bin/sh -c 'rc-service timetier-guard stop; rm -f $sleeper' >/dev/null 2>&1 &
exec sleep 600"
}

start_guard() {
	line_of /proc/uptime
	end_guard
	sleeper_text "$((${line%%.*} + guard))" >"$change/sleep" && sleeper_service >"$sleeper" && chmod 755 "$sleeper" "$boot" &&
		rc rc-service timetier-guard start && rc rc-service timetier-guard status >/dev/null
}

# Stop the guard, unless this is its own process: the sleeper does it then.
end_guard() {
	[ "${who:-}" != guard ] && [ -e "$sleeper" ] || return 0
	rc rc-service timetier-guard stop >/dev/null
	rm -f "$sleeper"
}

# Set $active to the state of the unit; and $said to what it has told syslog since note_log, if we started it.
ask_unit() {
	service=${unit%.service} said=
	service_state >/dev/null
	if [ -n "$fresh" ] && [ -r "$messages" ]; then
		said=$(tail -n +"${logged:-1}" "$messages" 2>/dev/null | grep -F " $service[" | head -n 1000)
	fi
}

note_log() {
	logged=1
	[ ! -r "$messages" ] || logged=$(($(wc -l <"$messages") + 1))
}
