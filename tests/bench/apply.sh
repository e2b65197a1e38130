#!/bin/bash
# An apply of changed keys to 1,000 clients, `batch: 100%`: the memory that the orchestrator takes, its processor time and
# the bytes on the wire, when the keys of none, 10, 100 and all of them have changed. It is the program itself over
# ssh to 1,000 addresses of the loopback; there the true scripts run on files of each address (booth.c). The programs
# that they call, systemctl and chronyc, do nothing and say that all is well.
#
# Needs root. HOSTS (1000), STRICT=1 as in push.sh. Figures as JSON: BUILD/bench/apply.json.
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: needs root"; exit 77; }
# a network of its own: nothing else counts, and nobody else is reached
[ -n "${APPLY_NET:-}" ] || APPLY_NET=own exec unshare -n "$0" "$@"
ip link set lo up
export TMPDIR=/dev/shm
. "$(dirname "$0")/farm.sh"
hosts=${HOSTS:-1000}
port=2272
timetier=$build/bin/timetier
mkdir "$farm/local" "$farm/sbin" "$farm/site"
farm_up 80 "$hosts" $port "ForceCommand $build/bench/booth enter $farm"
mv "$farm/hosts" "$farm/addresses"

program() { # PATH: its text on stdin
	cat >"$1"
	chmod 755 "$1"
}
"$build/bench/booth" report >"$farm/local/report"
program "$farm/local/timetier-agent" <<'END'
#!/bin/sh
case $1 in
status) exec cat /usr/local/sbin/report ;;
--version) echo "timetier-agent 0.1.0" ;;
esac
END
program "$farm/local/systemctl" <<'END'
#!/bin/sh
case $1 in
is-active) echo active ;;
show)
	case $* in
	*InvocationID*) printf 'InvocationID=\nActiveState=active\n' ;;
	*LoadState*)
		while [ "$1" != -- ]; do shift; done
		shift
		for unit; do
			case $unit in
			chrony.service | timetier-agent.service)
				printf 'Id=%s\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nRestart=no\nMainPID=0\n\n' "$unit" ;;
			*) printf 'Id=%s\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\nRestart=no\nMainPID=0\n\n' "$unit" ;;
			esac
		done
		;;
	esac
	;;
esac
END
for name in chronyc systemd-run journalctl; do
	printf '#!/bin/sh\nexit 0\n' | program "$farm/local/$name"
done
program "$farm/sbin/chronyd" <<'END'
#!/bin/sh
[ "$1" != --version ] || echo "chronyd (chrony) version 4.3 (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH +IPV6 -DEBUG)"
END

# secrets GENERATION COUNT: keys.yaml, in which the first COUNT clients have the key of that generation
secrets() {
	umask 077
	{
		echo keys:
		awk 'BEGIN { for (i = 1; i <= 3; i++) printf "  - {id: %d, type: SHA1, secret: %040x, between: [time%d, time%d]}\n", i, i, i, i % 3 + 1 }'
		awk -v made="$1" -v count="$2" '{
			printf "  - {id: %d, type: SHA1, secret: %040x, between: [h%04d, time1]}\n", NR + 100, NR * 1000 + (NR <= count ? made : 1), NR }
			' "$farm/addresses"
	} >"$farm/site/keys.yaml"
	umask 022
}

{
	echo 'site: bench'
	echo 'upstreams:'
	for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.$((100 + i)), operator: op$i}"; done
	echo 'tiers:'
	echo '  - {name: core, upstreams: all, servers: ['
	for i in 1 2 3; do echo "      {name: time$i, address: 192.0.2.$i, daemon: chrony},"; done
	echo '  ]}'
	echo 'clients:'
	echo "  - {name: web, from: core, daemon: chrony, ssh: {user: root, port: $port, identity: $farm/id}, hosts: ["
	awk '{ printf "      {name: h%04d, address: %s},\n", NR, $1 }' "$farm/addresses"
	echo '  ]}'
	echo 'serve: [192.0.2.0/24, 127.0.0.0/8]'
	echo 'keys: keys.yaml'
	echo 'budget: {offset: 5ms, error_bound: 100ms}'
	echo 'rollout: {batch: 100%, confirm_within: 60s}'
} >"$farm/site/site.yaml"
cd "$farm/site"
secrets 1 "$hosts"

# Each host has what it should have, to begin with.
"$timetier" render -q -o "$farm/out" web
mkdir "$farm/hosts"
awk '{ printf "h%04d %s\n", NR, $1 }' "$farm/addresses" | while read -r name address; do
	mkdir -p "$farm/hosts/$address"/{lib/timetier,run/systemd/system}
	mv "$farm/out/$name/etc" "$farm/hosts/$address/etc"
	cp /etc/ld.so.cache /etc/nsswitch.conf "$farm/hosts/$address/etc/"
	printf 'root:x:0:0::/root:/bin/sh\n' >"$farm/hosts/$address/etc/passwd"
	printf 'root:x:0:\n_chrony:x:12345:\n' >"$farm/hosts/$address/etc/group"
	chgrp 12345 "$farm/hosts/$address/etc/chrony/chrony.keys"
	chmod 640 "$farm/hosts/$address/etc/chrony/chrony.keys"
done

sent() {
	awk '$1 == "lo:" { print $10 }' /proc/net/dev
}

generation=1
counts="0 $((hosts / 100)) $((hosts / 10)) $hosts"
for changed in $counts; do
	generation=$((generation + 1))
	[ "$changed" = 0 ] || secrets $generation "$changed"
	before=$(sent)
	spent "changed-$changed" "$timetier" apply --no-agent -q --known-hosts "$farm/known_hosts" --state "$farm/state" web
	echo "$changed $(cut -d' ' -f1-3 "$farm/took") $(($(sent) - before))" >>"$farm/figures"
	grep -qE "^done: $changed of $hosts hosts? changed(, $((hosts - changed)) had nothing to do)?$" "$farm/said" ||
		{ echo "$changed of $hosts were to change:"; tail -n 3 "$farm/said"; exit 1; }
done

figure() { # CHANGED COLUMN
	awk -v changed="$1" -v column="$2" '$1 == changed { print $column }' "$farm/figures"
}

# a_change CHANGED COLUMN UNIT: what one of so many changes takes, on top of asking everybody
a_change() {
	awk -v n="$1" -v none="$(figure 0 "$2")" -v some="$(figure "$1" "$2")" -v unit="$3" 'BEGIN { print (some - none) / n / unit }'
}

asked() { # COLUMN UNIT: of one host that has nothing to do
	awk -v n="$hosts" -v all="$(figure 0 "$1")" -v unit="$2" 'BEGIN { print all / n / unit }'
}

echo "$hosts clients, all asked; 32 at once, one batch"
printf '%8s %8s %8s %12s %10s\n' changed "wall s" "CPU s" "largest MiB" "wire MB"
while read -r changed wall cpu rss bytes; do
	awk -v c="$changed" -v w="$wall" -v p="$cpu" -v r="$rss" -v b="$bytes" \
		'BEGIN { printf "%8d %8.1f %8.2f %12.1f %10.2f\n", c, w, p, r / 1024, b / 1e6 }'
done <"$farm/figures"
out=$build/bench/apply.json
rm -f "$out"
few=$((hosts / 100))
all_bytes=$(a_change "$hosts" 5 1)
held "$out" "memory, all changed" "$(figure "$hosts" 4 | awk '{ print $1 / 1024 }')" most 64 MiB "the limit for $hosts hosts in one batch"
held "$out" "memory, none changed" "$(figure 0 4 | awk '{ print $1 / 1024 }')" most 64 MiB "the same"
held "$out" "client CPU to ask a host" "$(asked 3 0.001)" most 3 ms "the limit of a push (push.sh)"
held "$out" "client CPU of a change" "$(a_change "$hosts" 3 0.001)" most 6 ms "a second push, and three more words"
held "$out" "bytes to ask a host" "$(asked 5 1000)" most 40 kB "login, one script, its answers"
held "$out" "bytes of a change" "$(awk -v b="$all_bytes" 'BEGIN { print b / 1000 }')" most 60 kB "login, one script, a file"
held "$out" "bytes of one of $few changes over one of all" \
	"$(awk -v few="$(a_change "$few" 5 1)" -v all="$all_bytes" 'BEGIN { print few / all }')" most 2 x "a cost that grows with the hosts that change"
[ "$missed" = 0 ] || [ "${STRICT:-0}" = 0 ] || exit 1
