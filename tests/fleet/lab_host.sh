# A part of lab: what is laid over the images of hosts, how hosts boot, and how they end. Each step is done for all hosts that
# come up or end together, so that a host costs few processes.

# Half of the cost of a host would be things that Debian starts at boot and no test looks at (logind, a getty, the console's
# utmp, timers of apt), and things that each daemon-reload does again (generators, of which only the getty's makes a unit here;
# units that are wanted, but do not run in a container). So a host wants only these of systemd's own units:
wanted="sysinit:systemd-journald.service sysinit:systemd-journal-flush.service sysinit:systemd-tmpfiles-setup.service
	sockets:systemd-journald.socket sockets:systemd-journald-dev-log.socket sockets:dbus.socket
	multi-user:dbus.service multi-user:systemd-user-sessions.service"
idle_units="systemd-logind.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer
	e2scrub_reap.service fstrim.timer getty@tty1.service"
idle_generators="bless-boot cryptsetup debug fstab getty gpt-auto hibernate-resume integritysetup rc-local run system-update
	sysv veritysetup"

# The processes of a host are in a control group of their own, in each hierarchy that systemd would use. Where
# tests/lib/meter.sh has made a group for the test, the host's group is below that one, and its processor time counts for the
# test.
hierarchies=()
if [ -f "$LAB/hierarchies" ]; then
	mapfile -t hierarchies <"$LAB/hierarchies"
else
	for top in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
		[ -f "$top/cgroup.procs" ] || continue
		case ${METER_GROUP:-} in "$top"/*) top=$METER_GROUP ;; esac
		hierarchies+=("$top")
	done
fi

# ---- what it is made of

hide() { # PATH...: hide what the layers below the common layer have there
	local path
	for path in "$@"; do [ -e "$path" ] || mknod "$path" c 0 0; done
}

# Write to the common layer which units a host has.
make_units() { # LAYER
	local own=$1/etc/systemd lib=$1/usr/lib/systemd/system name target
	mkdir -p -m 755 "$own" "$own/system" "$own/system-generators" "$1/usr/lib/systemd" "$lib" \
		"$own/system/timetier-first-set.service.d" "$own/system/"{sysinit,sockets,multi-user}.target.wants
	hide "$lib/"{sysinit,sockets,multi-user,timers,graphical,getty}.target.wants
	for target in sysinit sockets multi-user; do
		set --
		for name in $wanted; do [[ $name != $target:* ]] || set -- "$@" "/usr/lib/systemd/system/${name#*:}"; done
		ln -sf "$@" "$own/system/$target.target.wants"
	done
	# an empty file masks a unit, and also a generator
	for name in $idle_units; do : >"$own/system/$name"; done
	for name in $idle_generators; do : >"$own/system-generators/systemd-$name-generator"; done
	# for a unit that has /run read-only and runs nothing else: let it set this clock
	printf '[Service]\nReadWritePaths=-/run/vclock\nExecPaths=-/usr/lib/vclock.so\n' >"$own/system/timetier-first-set.service.d/lab.conf"
}

# The layer that all hosts of a lab have over their images: one for those that systemd boots, and one for the others.
make_common() { # SUITE/DAEMON...
	local kind
	for kind in "$@"; do
		case $kind in
		openrc/*) make_common_of "$LAB/common-openrc" openrc ;;
		*) make_common_of "$LAB/common" "$(below "${kind%%/*}" "${kind#*/}")" units ;;
		esac
	done
}

make_common_of() { # LAYER SUITE [units]
	local c=$1
	[ ! "$c/usr/lib/vclock.so" -nt "$TOOLS/vclock.so" ] || return 0
	mkdir -p -m 755 "$c" "$c/etc" "$c/etc/ssh" "$c/etc/pam.d" "$c/usr" "$c/usr/lib" "$c/usr/local" "$c/usr/local/bin"
	mkdir -p -m 700 "$c/root" "$c/root/.ssh"
	if [ "${3:-}" = units ]; then
		make_units "$c"
		: >"$c/etc/machine-id"
	fi
	echo 'nameserver 127.0.0.1' >"$c/etc/resolv.conf" # answers "refused" at once
	install -m 600 "$LAB/id.pub" "$c/root/.ssh/authorized_keys"
	hide "$c/etc/ssh/ssh_host_rsa_key"{,.pub}
	sed '/pam_motd/d' "$IMAGES/$2/etc/pam.d/sshd" >"$c/etc/pam.d/sshd" # pam_motd runs five programs at each login
	printf '#!/bin/sh\necho none\nexit 1\n' >"$c/usr/local/bin/systemd-detect-virt" # it has a clock of its own, as no container has
	chmod 755 "$c/usr/local/bin/systemd-detect-virt"
	echo /usr/lib/vclock.so >"$c/etc/ld.so.preload"
	install -m 644 "$TOOLS/vclock.so" "$c/usr/lib/vclock.so"
}

# What a host writes need not outlive the machine: a volatile overlay does not wait for the disk.
mount_root() { # FOLDER
	local lower
	read -r lower <"$1/lower"
	lower="lowerdir=$lower,upperdir=$1/up,workdir=$1/work"
	mount -t overlay overlay -o "volatile,$lower" "$1/root" 2>/dev/null ||
		mount -t overlay overlay -o "$lower" "$1/root" ||
		die "$LAB: its file system cannot hold an overlay; set LAB to one that can"
}

configure() { # FOLDER NAME SUITE/DAEMON: write what only this host's disk has
	local root=$1/root type
	echo "$2" >"$root/etc/hostname"
	cat "$LAB/hosts" >"$root/etc/hosts"
	for type in ed25519 ecdsa; do
		rm -f "$root/etc/ssh/ssh_host_${type}_key" "$root/etc/ssh/ssh_host_${type}_key.pub"
		ssh-keygen -q -t $type -N '' -C "$2" -f "$root/etc/ssh/ssh_host_${type}_key"
	done
	[ -n "${LAB_CONF:-}" ] || return 0
	case $3 in
	rhel-like/chrony | suse-like/chrony) cp "$LAB_CONF" "$root/etc/chrony.conf" ;;
	*/chrony) cp "$LAB_CONF" "$root/etc/chrony/chrony.conf" ;;
	*/ntpsec) cp "$LAB_CONF" "$root/etc/ntpsec/ntp.conf" ;;
	*/ntp) cp "$LAB_CONF" "$root/etc/ntp.conf" ;;
	*/openntpd) cp "$LAB_CONF" "$root/etc/openntpd/ntpd.conf" ;;
	esac
}

prepare() { # NAME SUITE/DAEMON N [OFFSET_S [DRIFT_PPM]]
	local folder=$LAB/host/$1 suite=${2%%/*} daemon=${2#*/} lower layer common=common
	lower=$IMAGES/$(below "$suite" "$daemon")
	layer_of "$suite" "$daemon"
	[ -z "$layer" ] || lower=$IMAGES/$layer:$lower
	[ "$suite" != openrc ] || common=common-openrc
	echo "$LAB/$common:$lower" >"$folder/lower"
	echo "$2" >"$folder/kind"
	echo "$3" >"$folder/number"
	mount_root "$folder"
	configure "$folder" "$1" "$2"
	"$LAB/vclockctl" "$folder/vclock" init "${4:-0}" "${5:-0}" >/dev/null
}

# Add the names of hosts to the hosts file of every host and of the bridge. The files are bind mounts: append to them, do not
# replace them.
name_hosts() { # lines of `up` arguments on stdin
	local name n file known new=''
	IFS= read -rd '' known <"$LAB/hosts" || :
	while read -r name _ n _; do
		[[ $known = *"192.0.2.$n $name"$'\n'* ]] || new+="192.0.2.$n $name"$'\n'"2001:db8::$n $name"$'\n'
	done
	[ -n "$new" ] || return 0
	for file in "/etc/netns/$lab_tag/hosts" "$LAB"/host/*/root/etc/hosts; do
		[ ! -f "$file" ] || [ "$file" -ef "$LAB/hosts" ] || printf %s "$new" >>"$file"
	done
	printf %s "$new" >>"$LAB/hosts"
}

link_hosts() { # lines of `up` arguments on stdin
	local name n spaces='' bridge='' own=()
	while read -r name _ n _; do
		name=$lab_tag-$name
		spaces+="netns add $name"$'\n'
		bridge+="link add h$n type veth peer name eth0 netns $name"$'\n'"link set h$n master br0 up"$'\n'
		own+=("$name" "$n")
	done
	ip -batch - <<<"$spaces"
	ip -n "$lab_tag" -batch - <<<"$bridge"
	for ((n = 0; n < ${#own[@]}; n += 2)); do
		ip -n "${own[n]}" -batch - <<-END
			link set lo up
			addr add 192.0.2.${own[n + 1]}/24 dev eth0
			addr add 2001:db8::${own[n + 1]}/64 dev eth0 nodad
			link set eth0 up
		END
	done
}

# ---- how it boots

boot() { # NAME...
	local name folder top groups=()
	for name in "$@"; do
		lab_host "$name" || exit
		! lab_runs "$lab_folder" || die "$name is running"
		groups+=("${hierarchies[@]/%//$lab_tag/$name}")
	done
	mkdir -p "${groups[@]}"
	for name in "$@"; do
		folder=$LAB/host/$name
		(
			for top in "${hierarchies[@]}"; do echo "$BASHPID" >"$top/$lab_tag/$name/cgroup.procs"; done
			# a filter of system calls takes as long to make as ten processes to start; most tests need none
			export SYSTEMD_SECCOMP=${LAB_SECCOMP:-0}
			exec setsid systemd-nspawn --quiet --register=no --keep-unit "--network-namespace-path=/run/netns/$lab_tag-$name" \
				-M "$lab_tag-$name" --hostname="$name" -D "$folder/root" --bind="$folder/vclock:/run/vclock" \
				--capability=CAP_SYS_TIME,CAP_NET_ADMIN --resolv-conf=off --timezone=off -b
		) >>"$folder/console" 2>&1 </dev/null 9>&- &
		echo $! >"$folder/pid"
	done
}

boot_again() { # NAME
	lab_host "$1" || exit
	if [ ! -e "$lab_folder/root/etc" ]; then
		rm -rf "$lab_folder/work/work/incompat" # it keeps a volatile overlay from being mounted twice
		mount_root "$lab_folder"
	fi
	"$LAB/vclockctl" "$lab_folder/vclock" mend >/dev/null
	boot "$1"
	await "$1"
}

# sshd of a host writes its process number when it listens. A host's first process sees the machine's root at first: wait
# until it has a root of its own.
answers() { # PID
	[ -f "/proc/$1/root/run/sshd.pid" ] && [ ! "/proc/$1/root" -ef / ]
}

await() { # NAME...: wait until the sshd of each answers
	local name i nspawn
	for name in "$@"; do
		read -r nspawn <"$LAB/host/$name/pid"
		for ((i = 0; i < 3000; i++)); do
			! lab_runs "$LAB/host/$name" || ! answers "$lab_init" || continue 2
			[ -d "/proc/$nspawn" ] || break
			doze 0.1
		done
		die "$name did not come up: see $LAB/host/$name/console"
	done
}

check_host() { # NAME SUITE/DAEMON N
	case $1 in *[!a-z0-9-]* | '') die "a host's name is a-z, 0-9 and -, not \"$1\"" ;; esac
	case $2 in */*) ;; *) die "an image is SUITE/DAEMON, not $2" ;; esac
	case $3 in *[!0-9]* | '') die "$1: N is a number from 1 to 253, not \"$3\"" ;; esac
	[ ! -e "$LAB/host/$1" ] || die "$1 exists already; lab down $1"
}

fleet() { # lines of `up` arguments on stdin
	local lines='' folders=() names=() kinds=() name kind n rest
	while read -r name kind n rest || [ -n "$name" ]; do
		[[ $name = \#* || -z $name ]] && continue
		check_host "$name" "$kind" "$n"
		lines+="$name $kind $n $rest"$'\n'
		names+=("$name") kinds+=("$kind") folders+=("$LAB/host/$name/"{up,work,root})
	done
	[ -n "$lines" ] || die "no hosts given"
	images "${kinds[@]}"
	shared
	locked "$LAB/lock" make_common "${kinds[@]}"
	mkdir -p "${folders[@]}"
	locked "$LAB/lock" name_hosts <<<"${lines%$'\n'}"
	while read -r name kind n rest; do
		# shellcheck disable=SC2086
		prepare "$name" "$kind" "$n" $rest </dev/null
	done <<<"${lines%$'\n'}"
	link_hosts <<<"${lines%$'\n'}"
	boot "${names[@]}"
	await "${names[@]}"
}

# ---- how it ends

# Kill all that runs in the hosts, as a power cut would. Their control groups go with them: in one that was killed, the kernel (6.18) kills at
# once whatever systemd 257 starts in a group of another age.
crash() { # NAME...
	local name top pids=() groups=() i
	for name in "$@"; do
		lab_host "$name" || exit
		lab_runs "$lab_folder" || continue
		pids+=("$lab_init" "$lab_nspawn")
		for top in "${hierarchies[@]}"; do
			[ ! -f "$top/$lab_tag/$name/cgroup.kill" ] || { echo 1 >"$top/$lab_tag/$name/cgroup.kill"; } 2>/dev/null || :
		done
	done
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null || :
	for name in "$@"; do
		for ((i = 0; i < 100; i++)); do
			lab_runs "$LAB/host/$name" || break
			doze 0.05
		done
		for top in "${hierarchies[@]}"; do [ ! -d "$top/$lab_tag/$name" ] || groups+=("$top/$lab_tag/$name"); done
	done
	for ((i = 0; i < 100 && ${#groups[@]} > 0; i++)); do # what is dying still keeps its group
		! find "${groups[@]}" -depth -type d -delete 2>/dev/null || break
		doze 0.05
	done
}

halt() { # NAME
	local i
	lab_host "$1" || exit
	if lab_runs "$lab_folder"; then
		case $(<"$lab_folder/kind") in
		openrc/*) lab-run "$1" init 0 ;;
		*) kill -RTMIN+4 "$lab_init" ;;
		esac
	fi
	for ((i = 0; i < 600; i++)); do
		lab_runs "$lab_folder" || break
		doze 0.05
	done
}

unmount() { # FOLDER...: a folder that a dying process still uses is tried again
	local i folder left=("$@") still
	for ((i = 0; i < 40 && ${#left[@]} > 0; i++)); do
		[ $i = 0 ] || doze 0.05
		umount "${left[@]}" 2>/dev/null && return
		still=()
		for folder in "${left[@]}"; do [ ! -e "$folder/etc" ] || still+=("$folder"); done
		left=("${still[@]}")
	done
	[ ${#left[@]} = 0 ] || umount -l "${left[@]}" 2>/dev/null || :
}

down() { # NAME...
	local name n folders=() spaces='' ends=''
	[ $# -gt 0 ] || return 0
	crash "$@"
	for name in "$@"; do
		folders+=("$LAB/host/$name")
		spaces+="netns del $lab_tag-$name"$'\n'
		{ read -r n <"$LAB/host/$name/number" && ends+="link del h$n"$'\n'; } 2>/dev/null || :
	done
	unmount "${folders[@]/%//root}"
	ip -n "$lab_tag" -force -batch - <<<"$ends" >/dev/null 2>&1 || :
	ip -force -batch - <<<"$spaces" >/dev/null 2>&1 || :
	rm -rf "${folders[@]}"
}
