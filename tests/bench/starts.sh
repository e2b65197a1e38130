#!/bin/bash
# Process starts on a host: of what asks it (facts), and of an apply in which all changes, the agent with it. The host is a
# Debian of the lab with chrony and sshd, the program goes over ssh as it does for a user, and strace follows sshd: what
# counts is the script's shell, once it has begun, and all below it; not sshd and the login, nor what systemd starts itself.
#
#   forks    processes made, subshells of the script with them
#   execs    programs started
#
# TELL=1 says which programs. Needs root, strace and what the lab needs. STRICT=1 as in push.sh. BUILD/bench/starts.json.
. "$(dirname "$0")/../fleet/lib.sh"
. "$(dirname "$0")/../fleet/site.sh"
command -v strace >/dev/null || skip "needs strace"
begin bench-starts 600
. "$(dirname "$0")/farm.sh"
trap 'farm_down; end' EXIT

die() {
	echo "$*" >&2
	exit 1
}

mkdir -p "$work/site" "$work/home/.ssh"
printf '192.0.2.%s\n' 101 102 103 104 105 >"$work/servers"
lab servers "$work/servers" >/dev/null || die "no servers"
lab up time1 bookworm/chrony 1 0.001 >/dev/null || die "no host"
cp "$LAB/id" "$work/home/.ssh/id_ed25519"
echo "192.0.2.1 $(cat "$LAB/host/time1/root/etc/ssh/ssh_host_ed25519_key.pub")" >"$work/home/.ssh/known_hosts"
cat >"$work/site/site.yaml" <<END
site: bench
upstreams:
$(for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.10$i, operator: O$i, stratum: 1}"; done)
tiers:
  - name: core
    upstreams: all
    servers: [{name: time1, address: 192.0.2.1, daemon: chrony}]
clients:
  - {name: web, from: core, daemon: chrony, hosts: "192.0.2.11"}
serve: [192.0.2.0/24]
monitors: [192.0.2.254]
keys: keys.yaml
collectors: ["https://192.0.2.254:8123"]
budget: {offset: 5ms, error_bound: 100ms}
END
printf 'keys:\n  - {id: 1, type: SHA1, secret: %040x, between: [time1, 192.0.2.11]}\n' 11 >"$work/site/keys.yaml"
chmod 600 "$work/site/keys.yaml"

# counted NAME CMD...: run it; $work/NAME has a line for each script that ran on the host meanwhile: apply, facts or look (a
# facts of the agent alone), forks, execs, and every program
counted() {
	local name=$1 sshd tracer
	shift
	sshd=$(pgrep -o -x sshd --ns "$(pgrep -P "$(cat "$LAB/host/time1/pid")")" --nslist pid)
	strace -f -qq --decode-pids=pidns -e signal=none -e trace=clone,clone3,fork,vfork,execve -s 64 \
		-o "$work/$name.trace" -p "$sshd" &
	tracer=$!
	until grep -q "^TracerPid:[^0-9]*$tracer$" "/proc/$sshd/status"; do
		kill -0 $tracer 2>/dev/null || die "strace did not begin"
		sleep 0.1
	done
	"$@" >"$work/$name.said" 2>&1 || die "$(cat "$work/$name.said")"
	kill $tracer
	wait $tracer
	# a child may be seen before the call that made it returns
	[ -z "${KEEP:-}" ] || cp "$work/$name.trace" "$KEEP"
	awk '
		function script(pid) {
			while (pid && !(pid in is_script)) pid = parent[pid]
			return pid
		}
		/ execve\(.*unfinished/ { begun[$1] = $0 }
		/ execve.* = 0$/ {
			program = $2 ~ /^execve/ ? $0 : begun[$1]
			if (program ~ /"eval .*head -c/ && !is_script[$1]) {
				is_script[$1] = 1
				order[++scripts] = $1
				for (i = 1; i <= started; i++) if (who[i] == $1) who[i] = "" # its login shell
				next
			}
			split(program, quoted, "\"")
			sub(".*/", "", quoted[2])
			who[++started] = $1
			what[started] = quoted[2]
		}
		/ (<\.\.\. )?(clone3?|v?fork)(\(| resumed).* = [0-9]/ {
			child = $0
			sub(/ in strace.*/, "", child)
			sub(/.* /, "", child)
			parent[child] = $1
			made[++forked] = $1
		}
		END {
			for (i = 1; i <= forked; i++) forks[script(made[i])]++
			for (i = 1; i <= started; i++) {
				execs[script(who[i])]++
				programs[script(who[i])] = programs[script(who[i])] " " what[i]
			}
			for (i = 1; i <= scripts; i++) {
				at = order[i]
				kind = programs[at] ~ / flock/ ? "apply" : programs[at] ~ / systemctl/ ? "facts" : "look"
				print kind, forks[at], execs[at] programs[at]
			}
		}' "$work/$name.trace" >"$work/$name"
}

# row NAME FILE KIND FORKS EXECS: what the first such script of a file took, held against half of that
row() {
	local kind forks execs programs
	read -r kind forks execs programs <<<"$(grep "^$3 " "$2")"
	[ -n "$forks" ] || die "no script ran there: $1"
	held "$out" "forks, $1" "$forks" most $(($4 / 2)) processes "half of the $4 it was"
	held "$out" "execs, $1" "$execs" most $(($5 / 2)) programs "half of the $5 it was"
	[ -z "${TELL:-}" ] || tr ' ' '\n' <<<"$programs" | sort | uniq -c | sort -rn | awk '{ printf "    %4d %s\n", $1, $2 }'
}

tt() {
	(cd "$work/site" && lab net env -u SSH_AUTH_SOCK HOME="$work/home" "$timetier" "$@")
}

out=$build/bench/starts.json
mkdir -p "${out%/*}"
rm -f "$out"
counted apply tt apply -q time1
by_hand time1
counted change tt apply -q time1
counted facts tt plan -q time1
# The scripts took these when each thing they wanted to know was a process. A look at the health was 15 forks and 12 execs of
# it, and their number depends on the time.
looks() { # FILE
	grep '^apply ' "$1" | grep -o ' journalctl' | wc -l
}
echo "looks at the health until a change was kept: $(looks "$work/apply") and $(looks "$work/change")"
row "facts of a bare host" "$work/apply" facts 49 36
row "apply of all files" "$work/apply" apply $((215 + 15 * $(looks "$work/apply"))) $((183 + 12 * $(looks "$work/apply")))
row "apply of a line" "$work/change" apply $((82 + 15 * $(looks "$work/change"))) $((70 + 12 * $(looks "$work/change")))
row "facts of a host in use" "$work/facts" facts 77 61
[ "$missed" = 0 ] || [ "${STRICT:-0}" = 0 ] || exit 1
