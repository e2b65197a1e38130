#!/bin/bash
# The parts of 33-faults, its kin and 34-faults-ssh; read it after lib.sh and site.sh. There are four hosts. Each has a site
# of its own, which the same two siblings belong to, so that four changes can fail at once without breaking a quorum. A host has
# upstreams of set A or of set B; a case is an apply of the other set, and a fault at a place in it.
# With role=client there are no siblings: the hosts are clients, and the sets are those of their servers. With each=yes every host
# goes through all cases; else the hosts share them.
. "$fleet_dir/faults_table.sh"
workers="a1 a2 a3 a4"
role=${role:-server} each=${each:-}
declare -A image_of=([a1]=bookworm/chrony [a2]=bookworm/chrony [a3]=bookworm/ntpsec [a4]=bullseye/ntp)
places="upload check guard rename action health confirm"

number_of() {
	case $1 in a?) echo "${1#a}" ;; sib?) echo "2${1#sib}" ;; esac
}

unit_of() { # HOST
	case ${image_of[$1]} in
	*-like/chrony | openrc/chrony) echo chronyd ;;
	*-like/ntp) echo ntpd ;;
	*) echo "${image_of[$1]#*/}" ;;
	esac
}

on_openrc() { # HOST
	[[ ${image_of[$1]} = openrc/* ]]
}

# The servers of set A or B give time to four clients. Another set restarts every daemon: chronyd needs another line for that. On a
# busy machine the slow answers draw ntpd-rs off by milliseconds: hence the budget.
clients_site() { # A|B WORKER...: site.yaml
	local set=10 extra= name
	[ "$1" = A ] || { set=11 extra='extra: {chrony: ["logbanner 16"]}, '; }
	cat <<END
site: faults
upstreams:
$(for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.15$i, operator: O$i, stratum: 1}"; done)
tiers:
  - name: core
    upstreams: all
    peering: none
    servers:
$(for i in 1 2 3 4 5; do echo "      - {name: time$i, address: 192.0.2.$set$i}"; done)
clients:
  - name: leaf
    from: core
    hosts:
$(for name in "${@:2}"; do
		[[ ${image_of[$name]} = */chrony ]] || extra=
		echo "      - {name: $name, address: 192.0.2.$(number_of "$name"), daemon: auto, ${extra}ssh: {transport: $transport}}"
	done)
serve: [192.0.2.0/24]
collectors: ["https://192.0.2.254:8123"]
budget: {offset: 50ms, error_bound: 250ms}
rollout: {confirm_within: $(patient 15)s}
END
}

# A change from one set to the other restarts every daemon except a server a1's, which only reads its sources again.
faults_site() { # A|B WORKER...: site.yaml
	local set=10 limit=500 name
	[ $role = server ] || { clients_site "$@"; return; }
	[ "$1" = A ] || set=11
	[ "$1" = A ] || [ "$2" = a1 ] || limit=400
	cat <<END
site: faults
upstreams:
$(for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.$set$i, operator: O$i, stratum: 1}"; done)
tiers:
  - name: core
    upstreams: all
    servers:
$(for name in sib1 sib2 "${@:2}"; do
		echo "      - {name: $name, address: 192.0.2.$(number_of "$name"), daemon: auto, ssh: {transport: $transport}}"
	done)
serve: [192.0.2.0/24]
monitors: [192.0.2.254]
keys: keys.yaml
collectors: ["https://192.0.2.254:8123"]
budget: {offset: 5ms, error_bound: 100ms}
restart: {limit: ${limit}ms}
rollout: {confirm_within: $(patient 15)s}
END
}

# tt_at FOLDER ARG...: run timetier in one of the sites.
tt_at() {
	local folder=$1
	shift
	(cd "$work/$folder" && lab net env -u SSH_AUTH_SOCK HOME="$work/home" "$timetier" "$@")
}

faults_up() {
	local name other
	mkdir -p "$work/base" "$work/home/.ssh"
	printf '192.0.2.%s\n' 101 102 103 104 105 111 112 113 114 115 >"$work/servers"
	lab servers "$work/servers" >/dev/null || return
	{
		printf '%s\n' "a1 ${image_of[a1]} 1 0.001" "a2 ${image_of[a2]} 2 -0.001" "a3 ${image_of[a3]} 3 0.001" "a4 ${image_of[a4]} 4 -0.001"
		[ $role = client ] || printf '%s\n' "sib1 bookworm/chrony 21 0.0005" "sib2 bookworm/chrony 22 -0.0005"
	} | lab fleet - >/dev/null || return
	cp "$LAB/id" "$work/home/.ssh/id_ed25519"
	for name in $(lab list | cut -d' ' -f1); do
		echo "192.0.2.$(number_of "$name") $(cat "$LAB/host/$name/root/etc/ssh/ssh_host_ed25519_key.pub")"
	done >"$work/home/.ssh/known_hosts"
	# shellcheck disable=SC2086
	faults_site A $workers >"$work/base/site.yaml"
	[ $role = client ] || {
		(cd "$work/base" && "$timetier" keys new) && tt_at base apply -q sib1 sib2
	} || return
	for name in $workers; do
		other=$(printf '%s\n' $workers | grep -v "$name" | tr '\n' ' ' | sed 's/ $//')
		cp -r "$work/base" "$work/$name"
		# only the keys of pairs that this site has
		[ $role = client ] || grep -vE "\\b(${other// /|})\\b" "$work/base/keys.yaml" >"$work/$name/keys.yaml"
		rm -f "$work/$name"/.timetier/journal*
		ready "$name" && hook "$name" || return
	done
}

# Whatever else the daemon of a host needs before it can be changed.
ready() { # HOST
	case ${image_of[$1]} in
	*/systemd-timesyncd) # it does not start in a container
		lab run "$1" sh -c 'd=/etc/systemd/system/systemd-timesyncd.service.d; mkdir -p $d
			printf "[Unit]\nConditionVirtualization=\n" >$d/lab.conf; systemctl daemon-reload; systemctl start systemd-timesyncd' ;;
	openrc/*) # Alpine's shell reads the scripts; until there is this file OpenRC cannot stop the daemon
		lab run "$1" ln -sf busybox /bin/sh && wait_for 60 lab run "$1" test -s /run/chrony/chronyd.pid ;;
	esac
}

hook() { # HOST: put fault_hook.sh in place of the commands of a change
	local word at
	lab run "$1" sh -c "mkdir -p /root/fault /root/real && echo $(patient 9) >/root/guard_after" || return
	for word in mv chmod timeout systemd-run systemctl journalctl chronyc rc-service; do
		at=$(lab run "$1" sh -c "readlink -f \$(command -v $word)") && [ -n "$at" ] || continue
		[ $word = rc-service ] || at=/usr/bin/$word
		lab run "$1" cp -p $at /root/real/$word || return
		[ $word != rc-service ] || at=/usr/local/sbin/$word # OpenRC itself has the other one
		lab put "$1" "$fleet_dir/fault_hook.sh" $at.hook || return
		lab run "$1" sh -c "chmod 755 $at.hook && /root/real/mv $at.hook $at" || return
	done
}

# Print a text of all that a change may touch and of what the daemon runs with: equal texts mean equal states.
state_of() { # HOST
	# shellcheck disable=SC2016
	lab run "$1" sh -c '
		unit=$0
		{
			find /etc/chrony* /etc/ntpsec /etc/ntp.conf /etc/ntp.keys /etc/openntpd /etc/ntpd-rs /etc/default /etc/sysconfig /etc/conf.d \
				/etc/timetier /etc/systemd /etc/init.d /etc/runlevels /var/lib/timetier/applied \
				! -name "*.timetier-*" ! -name "timetier-undo*" \( -type f -o -type l \) -printf "%p %m %u %g %l\n" \
				-type f -exec sha256sum {} + 2>/dev/null | sort
		} | sha256sum | cut -c1-12
		if [ -d /run/openrc ]; then
			rc-service "$unit" status >/dev/null && echo " active"
			pid=$(pgrep -o -x "$unit")
		else
			echo " $(systemctl is-active "$unit")"
			pid=$(systemctl show -p MainPID --value "$unit")
		fi
		tr "\0" " " <"/proc/$pid/cmdline"
		case $unit in
		chrony*) chronyc -n -c sources | cut -d, -f3 ;;
		systemd-timesyncd) busctl get-property org.freedesktop.timesync1 /org/freedesktop/timesync1 \
			org.freedesktop.timesync1.Manager SystemNTPServers ;;
		openntpd) ntpctl -s peers | grep -oE "^[0-9][0-9.]+" ;;
		ntpd-rs) ntp-ctl status | grep -oE "[0-9.]+:123" ;;
		*) ntpq -pn | sed "1,2d; s/^.//" | cut -d" " -f1 ;;
		esac 2>/dev/null | sort -u | tr "\n" " "
	' "$(unit_of "$1")" 2>/dev/null | tr '\n' ' '
}

# No change is at work: none is armed or being undone, and nobody holds the lock.
at_rest() { # HOST
	lab run "$1" sh -c 'cd /var/lib/timetier 2>/dev/null; for mark in armed undoing kept; do [ ! -e change/$mark ] || exit 1; done
		[ ! -d /run/timetier.lock ] || (command exec 9</run/timetier.lock && flock -n 9) || [ ! -e /run/timetier.lock ]' 2>/dev/null # `flock FILE` would make the file
}

faults_leftovers() { # HOST
	lab run "$1" sh -c 'find /etc /usr/local/sbin /var/lib/timetier /run/timetier.lock \( -name "*.timetier-*" -o -name "timetier-undo*" -o -name change -o \
			-name timetier.lock -o -path "/etc/init.d/timetier-guard" \) 2>/dev/null
		pgrep -f change/slee[p]
		[ -d /run/openrc ] || systemctl list-units --state=active,activating,failed --plain --no-legend "timetier-guard*" "timetier-undo*"'
}

# settled HOST: no change is at work, and the host is wholly A or wholly B; prints which.
settled() {
	local state
	at_rest "$1" || return
	state=$(state_of "$1")
	case $state in
	"$(cat "$work/$1.A")") echo A ;;
	"$(cat "$work/$1.B")") echo B ;;
	*) return 1 ;;
	esac
}

wait_settled() { # HOST SECONDS
	local until=$((SECONDS + $(patient "$2")))
	until settled "$1"; do
		[ $SECONDS -lt $until ] || { echo "neither"; return 1; }
		sleep 1
	done
}

# Print the pattern of the command at which the script is stopped at PLACE.
pattern_of() { # PLACE HOST
	local init=systemd
	! on_openrc "$2" || init=openrc
	case $1:$init in
	upload:*) echo 'chmod * /etc/*.timetier-new' ;;
	check:openrc) echo 'timeout *chronyd -p*' ;;
	check:*) echo 'timeout *status --json*' ;;
	guard:openrc) echo 'rc-service timetier-guard start' ;;
	guard:*) echo 'systemd-run *' ;;
	rename:*) echo 'mv -f /etc/*.timetier-new *' ;;
	action:openrc) echo "rc-service $(unit_of "$2") --nodeps stop" ;;
	action:*) if [ "$role $2" = "server a1" ]; then echo 'chronyc reload sources'; else echo "systemctl restart $(unit_of "$2")*"; fi ;;
	health:openrc) echo "rc-service $(unit_of "$2") status" ;;
	health:*) echo 'systemctl show -p InvocationID *' ;;
	confirm:*) echo 'mv */change/armed */change/kept' ;;
	esac
}

# The faults. Each is done to HOST when its script has stopped at a place; before_ is done before the apply, after_ when
# it is over.
do_cut() { lab cut "$1"; }
after_cut() { lab join "$1"; }
do_crash() { lab crash "$1"; }
after_crash() { lab boot "$1"; }
# Set $session to the session of the script, which has the lock.
find_session='session=$(ps -o sid= -p "$(cut -d" " -f1 /run/timetier.lock/process)" | tr -d " ")'
do_killed() { # kill the script and all of its session
	lab run "$1" sh -c "$find_session"'; for pid in $(ps -e -o pid=,sid= | awk -v s="$session" "\$2 == s { print \$1 }"); do kill -9 $pid; done'
}
do_sshd-restarted() {
	if on_openrc "$1"; then lab run "$1" /root/real/rc-service ssh restart; else lab run "$1" systemctl restart ssh; fi
}
do_session-ended() { # kill the sshd of the connection
	lab run "$1" sh -c "$find_session"'; kill -9 $(ps -o ppid= -p $session)'
}
do_orchestrator-killed() { # kill the timetier of the present case, a descendant of its shell
	local at=$pid
	until [ "/proc/$at/exe" -ef "$timetier" ]; do
		at=$(pgrep -o -P "$at") || return
	done
	kill -9 "$at"
}

folder_of() {
	case ${image_of[$1]} in
	*-like/chrony) echo /etc/chrony.d ;;
	*/ntp) echo /var/lib/timetier ;;
	*/systemd-timesyncd) echo /etc/systemd/timesyncd.conf.d ;;
	*) echo "/etc/${image_of[$1]#*/}" ;;
	esac
}
before_disk-full() {
	lab run "$1" sh -c "d=$(folder_of "$1")"'; cp -a $d /root/aside && mount -t tmpfs -o size=40k,mode=755 tmpfs $d && cp -a /root/aside/. $d
		head -c 100000 /dev/zero >$d/fill' 2>/dev/null
}
after_disk-full() { lab run "$1" sh -c "d=$(folder_of "$1")"'; umount $d; rm -rf /root/aside'; }
before_no-room-to-undo() {
	lab run "$1" sh -c 'd=/var/lib/timetier; cp -a $d /root/aside && mount -t tmpfs -o size=24k,mode=755 tmpfs $d && cp -a /root/aside/. $d && head -c 4096 /dev/zero >$d/fill' 2>/dev/null
}
after_no-room-to-undo() { lab run "$1" sh -c 'cd /; umount /var/lib/timetier; rm -rf /root/aside'; }
before_no-start() { # with the files of this set, the daemon does not start
	local other=10 unit
	[ "$2" = A ] || other=11
	unit=$(unit_of "$1")
	lab run "$1" sh -c 'cat >/root/no-start && chmod 755 /root/no-start' <<-END
		#!/bin/sh
		! grep -rqsF 192.0.2.${other}1 /etc/chrony /etc/chrony.d /etc/ntpsec /etc/ntp.conf /etc/openntpd /etc/ntpd-rs /etc/systemd/timesyncd.conf.d
	END
	if on_openrc "$1"; then
		lab run "$1" sh -c "echo 'start_pre() { /root/no-start; }' >>/etc/init.d/$unit"
	else
		lab run "$1" sh -c "mkdir -p /run/systemd/system/$unit.service.d && printf '[Service]\\nExecStartPre=+/root/no-start\\n' >/run/systemd/system/$unit.service.d/fault.conf; systemctl daemon-reload"
	fi
}
after_no-start() {
	if on_openrc "$1"; then
		lab run "$1" sed -i '/^start_pre/d' "/etc/init.d/$(unit_of "$1")"
	else
		lab run "$1" sh -c 'rm -r /run/systemd/system/*.service.d/fault.conf; systemctl daemon-reload'
	fi
}
do_daemon-dies() {
	if on_openrc "$1"; then lab run "$1" pkill -9 -x "$(unit_of "$1")"; else lab run "$1" systemctl kill -s KILL "$(unit_of "$1").service"; fi
}
agent_service() { # HOST VERB: its agent, if there is one
	if on_openrc "$1"; then lab run "$1" sh -c "[ ! -e /etc/init.d/timetier-agent ] || rc-service timetier-agent $2"; else lab run "$1" systemctl "$2" timetier-agent; fi
}
# It ends as a program without its library does: status 1 would be an old agent's word for a step.
do_agent-dead() {
	agent_service "$1" stop
	lab run "$1" sh -c 'cd /usr/local/sbin; [ -e timetier-agent ] || exit; mv timetier-agent /root/agent; printf "#!/bin/sh\nexit 127\n" >timetier-agent; chmod 755 timetier-agent'
}
after_agent-dead() {
	lab run "$1" sh -c '[ ! -e /root/agent ] || mv -f /root/agent /usr/local/sbin/timetier-agent'
	agent_service "$1" start
}
do_clock-moved() { lab clock "$1" step 0.03; } # as if somebody else stepped it
after_clock-moved() { lab clock "$1" step -0.03; }
tell_new() { # HOST SET WORD...
	local set=10 i
	[ "$2" = A ] || set=11
	for i in 1 2 3 4 5; do echo "192.0.2.$set$i client 192.0.2.$(number_of "$1") ${*:3}"; done | lab tell
}
before_silent-sources() { tell_new "$1" "$2" silent; }
after_silent-sources() { tell_new "$1" "$2" offset 0; }
before_wrong-time() { tell_new "$1" "$2" offset 0.3; }
after_wrong-time() { tell_new "$1" "$2" offset 0; }
do_offset-worse() { tell_new "$1" "$2" offset 0 drift 3000; }
after_offset-worse() { tell_new "$1" "$2" offset 0; }

has() {
	[ "$(type -t "$1")" = function ]
}

# Whether its daemon may be restarted now: for some seconds after a start, an ntpd would exit at the next start.
may_restart() { # HOST
	! on_openrc "$1" || return 0
	lab run "$1" timetier-agent status --json | grep -qE '"verdict":\{"kind":"(safe|slew)"'
}

# Whether it slews little: an ntpd-rs that is stopped meanwhile leaves the kernel's frequency at that, up to 495 ppm, and the next one
# takes it for the clock's own, and finds no consensus for minutes.
steady() { # HOST
	local ppm
	ppm=$(field "$1" freq_ppm) && ppm=${ppm%.*} && [ "${ppm#-}" -lt 150 ] && offset_within "$1" 0.02
}

# Give an ntpd-rs that still slews from the case before a clock that is right, in place of minutes until it is.
calm() { # HOST
	[[ ${image_of[$1]} = */ntpd-rs ]] && ! steady "$1" || return 0
	lab run "$1" systemctl stop ntpd-rs && lab clock "$1" set 0.0005 && lab run "$1" systemctl start ntpd-rs
}

apply_steadily() { # HOST
	calm "$1"
	apply_when_safe "$1" >"$work/$1.out" 2>&1
}

# Apply, and try again on exit status 4 (refused): for some seconds after a start, an ntpd would exit at the next start.
apply_when_safe() { # HOST
	local seconds=120 until status
	[ "$fault" != silent-sources ] || seconds=10 # a timesyncd is not restarted for sources that nobody hears
	until=$((SECONDS + $(patient $seconds)))
	while :; do
		tt_at "$1" apply -q "$1"
		status=$?
		[ $status = 4 ] && [ $SECONDS -lt $until ] || return $status
		! lab run "$1" test -e /root/fault/reached || return $status # the change was begun
		sleep 2
	done
}

# One case: FAULT at PLACE of HOST. Adds "FAULT PLACE OUTCOME WORDS" to its results; OUTCOME is old, new or broken.
faults_case() { # HOST FAULT PLACE
	local host=$1 fault=$2 place=$3 from to status told outcome pid began=$SECONDS steps found lies
	from=$(settled "$host") || { bad "it was not whole before"; return; }
	to=$([ "$from" = A ] && echo B || echo A)
	faults_site $to "$host" >"$work/$host/site.yaml"
	calm "$host"
	wait_for 300 may_restart "$host"
	steps=$(lab steps "$host")
	lab run "$host" sh -c 'rm -f /root/fault/*'
	! has "before_$fault" || "before_$fault" "$host" $to
	has "do_$fault" && lab run "$host" sh -c "echo '$(pattern_of "$place" "$host")' >/root/fault/at"
	apply_when_safe "$host" >"$work/$host.out" 2>"$work/$host.err" &
	pid=$!
	if has "do_$fault"; then
		if wait_for 180 lab run "$host" test -e /root/fault/reached; then
			"do_$fault" "$host" $to
			[ "$fault" = crash ] || lab run "$host" touch /root/fault/go
		else
			bad "the script never came to $place"
			lab run "$host" sh -c 'rm -f /root/fault/*'
		fi
	fi
	# a host that is cut off settles by itself first; only then it, or a crashed host, comes back
	if [ "$fault" = cut ]; then
		wait_settled "$host" 100 >/dev/null
	fi
	if [ "$fault" = cut ] || [ "$fault" = crash ]; then
		"after_$fault" "$host"
	fi
	wait_for 150 sh -c "! kill -0 $pid" || kill $pid
	wait $pid
	status=$?
	if [ "$fault" != cut ] && [ "$fault" != crash ] && has "after_$fault"; then
		"after_$fault" "$host" $to
	fi
	told=$(grep "host $host: " "$work/$host.err" | tail -n 1 | cut -c1-160)
	found=$(wait_settled "$host" 100)
	case $found in
	"$from") outcome=old ;;
	"$to") outcome=new ;;
	*)
		bad "neither old nor new: $(state_of "$host") $(faults_leftovers "$host"); $status: $told"
		outcome=
		;;
	esac
	case $status:$outcome in
	0:old) bad "said to be done, and is old: $told" ;;
	3:new) bad "said to be put back, and is new: $told" ;;
	esac
	lies=$(faults_leftovers "$host")
	case $fault in crash | killed) ;; *) [ -z "$lies" ] || bad "left lying about: $lies" ;; esac
	same_steps "$host" "$steps"
	# the next apply does what is left; an upload that stands still holds the lock for five minutes
	if ! wait_for 330 apply_steadily "$host"; then
		bad "the next apply fails: $(tail -3 "$work/$host.out")"
	fi
	[ "$(wait_settled "$host" 60)" = "$to" ] || bad "the next apply does not finish it: $(state_of "$host")"
	lies=$(faults_leftovers "$host")
	[ -z "$lies" ] || bad "left after the next apply: $lies"
	same_steps "$host" "$steps"
	echo "$fault $place ${outcome:-broken} $host $((SECONDS - began))s status $status $told" >>"$work/$host.result"
}

same_steps() { # HOST STEPS
	[ "$(lab steps "$1")" = "$2" ] || bad "its clock was stepped"
}

bad() { # WORDS: note what is wrong with the present case
	echo "$fault $place BAD $host: $*" | tr '\n' ' ' >>"$work/$host.result"
	echo >>"$work/$host.result"
}

# take LIST: print its first line and take it away; several workers share a list.
take() {
	(
		flock 9
		head -n 1 "$1"
		sed -i 1d "$1"
	) 9>>"$work/lock"
}

faults_worker() { # HOST
	local host=$1 fault="first" place=apply line
	for set in B A; do
		faults_site $set "$host" >"$work/$host/site.yaml"
		wait_for 330 apply_steadily "$host" || bad "it cannot be applied without a fault: $(tail -n 3 "$work/$host.out")"
		sleep 1
		state_of "$host" >"$work/$host.$set"
	done
	while line=$(take "$work/todo${each:+.$host}") && [ -n "$line" ]; do
		fault=${line% *}
		place=${line#* }
		faults_case "$host" "$fault" "$place"
	done
}

faults_run() { # [CASES [HOST=IMAGE...]]: only these; on hosts of other images
	local host place jobs=
	for host in "${@:2}"; do image_of[${host%%=*}]=${host#*=}; done
	ok "its hosts come up" faults_up
	if [ -n "${FAULTS_ONLY:-$1}" ]; then
		printf '%s\n' "${FAULTS_ONLY:-$1}" | tr ',' '\n'
	else
		for place in $places; do
			printf "%s $place\n" cut crash killed session-ended orchestrator-killed
		done
		printf 'sshd-restarted %s\n' guard action health
		printf '%s\n' "disk-full upload" "no-room-to-undo upload" "no-start action" "daemon-dies health" \
			"agent-dead health" "clock-moved health" "silent-sources health" "wrong-time health" "offset-worse health"
	fi >"$work/todo"
	cp "$work/todo" "$work/all"
	for host in $workers; do cp "$work/all" "$work/todo.$host"; done
	for host in $workers; do
		faults_worker "$host" >"$work/$host.log" 2>&1 &
		jobs="$jobs $!"
	done
	# shellcheck disable=SC2086
	wait $jobs
	cat "$work"/*.result >"$work/results"
	faults_table "$work/results" "$work/all"
}
