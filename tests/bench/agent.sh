#!/bin/bash
# What an agent takes of its host: processor time for a sample each 16 s, and memory, beside a real chronyd with five
# servers on a Debian of the lab, which reports to a real collector over TLS; on the host as it is, and with 2,000 more
# processes and 300 more units. Beside it what one run of chronyc takes, and node_exporter where the machine has it.
#
#   %core    processor time of the agent and of all that it started, of the time that went by
#
# The agent has the machine's clock, as the lab's makes a system call of each reading. AGENT=FILE takes another program.
# Needs root, what the lab needs, and make agent-deb11. SECONDS_EACH (96) is how long each figure is taken, STRACE=FILE writes which system calls
# it makes meanwhile. STRICT=1 as in push.sh. Figures as JSON: BUILD/bench/agent.json.
. "$(dirname "$0")/../fleet/lib.sh"
begin bench-agent 900
. "$(dirname "$0")/farm.sh"
serve=
trap '[ -z "$serve" ] || kill "$serve"; farm_down; end' EXIT
each=${SECONDS_EACH:-96}

die() {
	echo "$*" >&2
	exit 1
}

printf '192.0.2.%s\n' 101 102 103 104 105 >"$work/servers"
{
	for i in 1 2 3 4 5; do echo "server 192.0.2.10$i iburst"; done
	printf '%s\n' 'driftfile /var/lib/chrony/chrony.drift' 'keyfile /etc/chrony/chrony.keys' 'confdir /etc/chrony/conf.d' \
		'sourcedir /etc/chrony/sources.d' 'makestep 1 3'
} >"$work/chrony.conf"
cat >"$work/site.yaml" <<SITE
site: bench
upstreams:
$(for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.10$i, operator: O$i, stratum: 1}"; done)
tiers:
  - {name: core, upstreams: all, servers: [{name: time1, address: 192.0.2.1, daemon: chrony}]}
serve: [192.0.2.0/24]
collectors: ["https://192.0.2.254:8123"]
SITE
lab servers "$work/servers" >/dev/null || die "no servers"
LAB_CONF=$work/chrony.conf lab up time1 bookworm/chrony 1 0.001 >/dev/null || die "no host"
gcc -I"$top" -D_GNU_SOURCE -o "$work/agent_conf" "$fleet_dir/agent_conf.c" "$build/library.a" -ljansson -lcrypto -lm ||
	die "agent_conf is not built"
"$fleet_dir/lab" net "$build/bin/timetier" serve --site "$work/site.yaml" --listen 192.0.2.254:8123 \
	--page 127.0.0.1:8124 >"$work/serve.log" 2>&1 &
serve=$!
wait_for 20 lab net curl -sf -o /dev/null http://127.0.0.1:8124/api/v1/fleet || die "no collector"
lab put time1 "${AGENT:-$build/bin/timetier-agent-deb11}" /usr/local/sbin/timetier-agent
lab put time1 "$build/bench/idle" /usr/local/sbin/idle
"$work/agent_conf" "$work/.timetier" time1 https://192.0.2.254:8123 16s >"$work/agent.conf" || die "no agent.conf"
lab run time1 sh -c 'useradd --system timetier-agent; mkdir -p /etc/timetier' >/dev/null 2>&1
lab put time1 "$work/agent.conf" /etc/timetier/agent.conf
lab run time1 sh -c 'chown root:timetier-agent /etc/timetier/agent.conf; chmod 0640 /etc/timetier/agent.conf'

agent_pid() {
	pgrep -o -x timetier-agent --ns "$(pgrep -P "$(cat "$LAB/host/time1/pid")" | head -n 1)" --nslist pid
}

# cpu PID: milliseconds of its threads, to the microsecond, and of the programs that it started, to 10 ms
cpu() {
	cat "/proc/$1"/task/*/schedstat | awk -v tick="$(getconf CLK_TCK)" -v stat="$(sed 's/.*) //' "/proc/$1/stat")" '
		{ own += $1 }
		END { split(stat, field, " "); printf "%.3f\n", own / 1e6 + (field[14] + field[15]) * 1000 / tick }'
}

rss() { # PID: KiB
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

# figures WHERE: sets percent and memory
figures() {
	local pid before begun after ended
	lab run time1 systemctl stop timetier-agent >/dev/null 2>&1
	lab run time1 systemctl reset-failed timetier-agent >/dev/null 2>&1
	lab run time1 systemd-run --quiet --unit=timetier-agent -p User=timetier-agent -p StateDirectory=timetier-agent \
		-p BindReadOnlyPaths=/dev/null:/etc/ld.so.preload /usr/local/sbin/timetier-agent || die "the agent does not start"
	sleep 75 # until it no longer looks more often, as it does after its start
	pid=$(agent_pid) && [ -n "$pid" ] || die "no agent"
	before=$(cpu "$pid")
	begun=$(date +%s%N)
	if [ -n "${STRACE:-}" ]; then
		timeout "$each" strace -f -c -p "$pid" -o "$STRACE.$1" || :
	else
		sleep "$each"
	fi
	after=$(cpu "$pid")
	ended=$(date +%s%N)
	percent=$(awk -v a="$before" -v b="$after" -v t=$((ended - begun)) 'BEGIN { printf "%.4f", (b - a) * 1e6 / t * 100 }')
	memory=$(awk -v k="$(rss "$pid")" 'BEGIN { printf "%.2f", k / 1024 }')
	echo "$1: $(awk -v p="$percent" 'BEGIN { printf "%.2f", p * 160 }') ms a sample of 16 s"
}

out=$build/bench/agent.json
mkdir -p "${out%/*}"
rm -f "$out"
chronyc=$(lab run time1 bash -c 'for i in {1..50}; do chronyc -h 127.0.0.1 -c -n -m tracking sources sourcestats >/dev/null; done; times' |
	tail -n 1 | awk '{ for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += t[1] * 60 + t[2] } printf "%.2f", s * 1000 / 50 }')
echo "chronyc, three commands in one run: $chronyc ms"
figures plain
held "$out" "processor, the host as it is" "$percent" most 0.05 %core "the goal"
held "$out" "memory, the host as it is" "$memory" most 6 MiB "the goal"
lab run time1 sh -c 'for i in $(seq 300); do
	printf "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n" >/etc/systemd/system/bench$i.service
	ln -s ../bench$i.service /etc/systemd/system/multi-user.target.wants/
done; systemctl daemon-reload'
lab run time1 systemd-run --quiet --unit=idle -p TasksMax=infinity /usr/local/sbin/idle 2000
wait_for 60 lab run time1 sh -c '[ $(ls -d /proc/[0-9]* | wc -l) -gt 2000 ]' || die "the processes are not there"
figures full
held "$out" "processor, 2000 processes and 300 units" "$percent" most 0.05 %core "the goal"
held "$out" "memory, 2000 processes and 300 units" "$memory" most 6 MiB "the goal"
exporter=$(command -v prometheus-node-exporter node_exporter | head -n 1)
if [ -n "$exporter" ]; then
	"$exporter" --collector.disable-defaults --collector.timex --web.listen-address=127.0.0.1:19100 >/dev/null 2>&1 &
	pid=$!
	wait_for 20 curl -sf -o /dev/null http://127.0.0.1:19100/metrics
	before=$(cpu $pid)
	for i in $(seq 50); do curl -sf -o /dev/null http://127.0.0.1:19100/metrics; done
	echo "node_exporter, timex alone: $(awk -v a="$before" -v b="$(cpu $pid)" 'BEGIN { printf "%.2f", (b - a) / 50 }') ms a scrape, $(rss $pid) KiB"
	kill $pid
fi
[ "$missed" = 0 ] || [ "${STRICT:-0}" = 0 ] || exit 1
