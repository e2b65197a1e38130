#!/bin/bash
# A file of 4 KB and one command on 64 hosts, 32 at once: the transport of timetier beside what one would take instead, in
# turn, round by round, so that whatever else the machine does hits all alike. The hosts are 64 addresses of the loopback,
# so both ends share its processors; wall times are theirs together, processor time is the client's alone.
#
# What each is held against:
#   bare logins       64 handshakes and logins by libssh2 and nothing else (plain.c): what cannot be had for less
#   by hand           the same job as one would write it with libssh2 and poll() (plain.c)
#   ansible-core      copy and command, forks 50, pipelining;  clush --copy and clush;  parallel-scp and parallel-ssh: as
#                     Debian ships them, the last two also with the key exchange that libssh2 has (curve25519)
# Round trips are the slope of the time that one host takes over the delay that a proxy (delay.c) adds.
#
# ROUNDS (5), ANSIBLE_ROUNDS (2; 0: none), PEERS=no: without the others, which are installed (apt-get, as root) when they are
# not there. Figures as JSON: BUILD/bench/push.json. STRICT=1: exit 1 when one was missed.
set -eu
. "$(dirname "$0")/farm.sh"
rounds=${ROUNDS:-5}
peers=()
port=2271

need() { # COMMAND PACKAGE
	command -v "$1" >/dev/null && return
	[ "$(id -u)" = 0 ] && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$2" >"$farm/apt" 2>&1 &&
		command -v "$1" >/dev/null && return
	echo "left out: $2 is not installed"
	return 1
}

if [ "${PEERS:-yes}" = yes ]; then
	! need clush clustershell || peers+=(clush)
	! need parallel-ssh pssh || peers+=(pssh)
	! need ansible-playbook ansible-core || peers+=(ansible)
fi
farm_up 71 64 $port
hosts=$(wc -l <"$farm/hosts")
addresses=$(paste -sd' ' "$farm/hosts")

client() { # PROGRAM login|push PARALLEL ADDRESS...
	local program=$1 what=$2 parallel=$3
	shift 3
	echo "$build/bench/$program" "$what" $port "$farm/id" "$farm/known_hosts" "$farm/file" "$farm/to" "$parallel" "$@"
}

clush() { # SSH-CONFIG
	local common="clush -q -f 32 -w $(paste -sd, "$farm/hosts") -l $user -o '-F $1'"
	echo "$common --copy $farm/file --dest $farm/to/clush && $common true"
}

pssh() { # SSH-CONFIG
	local common="-h $farm/hosts -l $user -p 32 -x '-F $1'"
	echo "parallel-scp $common $farm/file $farm/to/pssh && parallel-ssh $common true"
}

cat >"$farm/inventory" <<END
[all]
$(cat "$farm/hosts")
[all:vars]
ansible_port=$port
ansible_user=$user
ansible_ssh_private_key_file=$farm/id
ansible_python_interpreter=$(command -v python3 || :)
END
cat >"$farm/play.yml" <<END
- hosts: all
  gather_facts: no
  tasks:
  - copy: {src: "$farm/file", dest: "$farm/to/{{ inventory_hostname }}.ansible", mode: "0644"}
  - command: "true"
END
ansible() {
	rm -f "$farm"/to/*.ansible
	spent ansible env LC_ALL=C.UTF-8 ANSIBLE_FORKS=50 ANSIBLE_PIPELINING=True ANSIBLE_LOCAL_TEMP="$farm/local" \
		ANSIBLE_REMOTE_TEMP="$farm/remote" ANSIBLE_SSH_CONTROL_PATH_DIR="$farm/cp" \
		ANSIBLE_SSH_ARGS="-F $farm/ssh_config -o ControlMaster=auto -o ControlPersist=2s" \
		ansible-playbook -i "$farm/inventory" "$farm/play.yml"
}

# Everybody once outside the count: files in memory, sshd at work.
spent warm $(client push push 32 $addresses)
[ "$(cat "$farm"/to/127.* | cksum)" = "$(for _ in $addresses; do cat "$farm/file"; done | cksum)" ] ||
	{ echo "the files did not arrive"; exit 1; }
for round in $(seq "$rounds"); do
	spent bare $(client plain login 32 $addresses)
	spent by-hand $(client plain push 32 $addresses)
	spent timetier $(client push push 32 $addresses)
	for peer in ${peers[@]+"${peers[@]}"}; do
		if [ "$peer" = ansible ]; then
			[ "$round" -gt "${ANSIBLE_ROUNDS:-2}" ] || ansible
			continue
		fi
		spent "$peer-25519" sh -c "$($peer "$farm/ssh_config_25519")"
		spent "$peer" sh -c "$($peer "$farm/ssh_config")"
	done
done

# round_trips PROGRAM login|push: of one host, without the one of the TCP connection
round_trips() {
	local delay proxy times=()
	for delay in 50 250; do
		"$build/bench/delay" 127.0.70.1 $port 127.0.71.1 $port $delay >"$farm/ready" &
		proxy=$!
		until [ -s "$farm/ready" ]; do sleep 0.05; done
		: >"$farm/ready.spent"
		for _ in 1 2 3; do
			"$build/bench/spent" "$farm/took" $(client "$1" "$2" 1 127.0.70.1) || exit 1
			cat "$farm/took" >>"$farm/ready.spent"
		done
		times+=("$(sort -g "$farm/ready.spent" | sed -n '2s/ .*//p')")
		kill $proxy
		wait $proxy 2>/dev/null || :
		rm "$farm/ready"
	done
	awk -v a="${times[0]}" -v b="${times[1]}" 'BEGIN { printf "%.1f\n", (b - a) / 0.2 }'
}
sed 's/\[127.0.71.1\]/[127.0.70.1]/' "$farm/known_hosts" >"$farm/known_proxy"
cat "$farm/known_proxy" >>"$farm/known_hosts"

echo "$hosts hosts, 4 KB and a command, 32 at once, $rounds rounds; medians"
printf '%-18s %8s %12s %14s %12s\n' "" "wall s" "x timetier" "CPU ms a host" "x timetier"
for name in bare by-hand timetier ${peers[@]/%/-25519} ${peers[@]+"${peers[@]}"}; do
	[ -n "$(median_of 1 "$name")" ] || continue
	awk -v name="$name" -v hosts="$hosts" -v wall="$(median_of 1 "$name")" -v wide="$(median_of 1 "$name" timetier)" \
		-v cpu="$(median_of 2 "$name")" -v dear="$(median_of 2 "$name" timetier)" \
		'BEGIN { printf "%-18s %8.2f %12.2f %14.2f %12.2f\n", name, wall, wide, cpu * 1000 / hosts, dear }'
done
out=$build/bench/push.json
rm -f "$out"
held "$out" "wall over bare logins" "$(median_of 1 timetier bare)" most 1.5 x "handshake and login alone by libssh2"
held "$out" "wall over by hand" "$(median_of 1 timetier by-hand)" most 1.1 x "a hand-written libssh2 program"
held "$out" "client CPU over by hand" "$(median_of 2 timetier by-hand)" most 1.1 x "a hand-written libssh2 program"
held "$out" "client CPU a host" "$(median_of 2 timetier | awk -v n="$hosts" '{ print $1 * 1000 / n }')" most 3 ms "the limit of a core: 330 hosts a second"
ours=$(round_trips push push) bare=$(round_trips plain login) by_hand=$(round_trips plain push)
held "$out" "round trips a host" "$ours" most 10 "+ connect" "logins alone: $bare, by hand: $by_hand"
for peer in ${peers[@]+"${peers[@]}"}; do
	case $peer in
	ansible) [ -z "$(median_of 1 ansible)" ] ||
		held "$out" "wall of ansible-core" "$(median_of 1 ansible timetier)" least 30 x "copy and command, forks 50, pipelining" ;;
	*)
		held "$out" "wall of $peer as shipped" "$(median_of 1 "$peer" timetier)" least 7 x "its copy and its command, 32 at once"
		held "$out" "wall of $peer, same key exchange" "$(median_of 1 "$peer-25519" timetier)" least 2.5 x "the same with curve25519"
		;;
	esac
done
[ "$missed" = 0 ] || [ "${STRICT:-0}" = 0 ] || exit 1
