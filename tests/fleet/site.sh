#!/bin/bash
# A small site for tests of the rollout; read it after lib.sh. It has upstreams on the bridge, servers time1 (chrony), time2
# (NTPsec) and time3 (ntp 4.2.8), and a client web1 (chrony). `site_up` boots them, and writes site.yaml, its keys and a
# known_hosts into $work.

timetier=${BUILD:-$top/build}/bin/timetier
case $timetier in /*) ;; *) timetier=$top/$timetier ;; esac

tt() { # ARG...: run timetier where an orchestrator would sit
	(cd "$work/site" && lab net env -u SSH_AUTH_SOCK HOME="$work/home" "$timetier" "$@")
}

site_yaml() { # [DAEMON-OF-TIME1]
	cat <<END
site: lab
upstreams:
$(for i in 1 2 3 4 5; do echo "  - {name: up$i, address: 192.0.2.$((100 + i)), operator: O$i, stratum: 1}"; done)
tiers:
  - name: core
    upstreams: all
    servers:
      - {name: time1, address: 192.0.2.1, daemon: ${1:-chrony}}
      - {name: time2, address: 192.0.2.2, daemon: ntpsec}
      - {name: time3, address: 192.0.2.3, daemon: auto}
clients:
  - {name: web, from: core, hosts: "192.0.2.11"}
serve: [192.0.2.0/24]
monitors: [192.0.2.254]
keys: keys.yaml
collectors: ["https://192.0.2.254:8123"]
budget: {offset: 5ms, error_bound: 100ms}
rollout: {confirm_within: $(patient 15)s}
END
}

site_up() { # [N...]: upstreams at 192.0.2.N, 101 to 105
	local name
	[ $# -gt 0 ] || set -- 101 102 103 104 105
	printf '192.0.2.%s\n' "$@" >"$work/servers"
	lab servers "$work/servers" || return
	mkdir -p "$work/site" "$work/home/.ssh"
	printf '%s\n' "time1 bookworm/chrony 1 0.002" "time2 bookworm/ntpsec 2 -0.001" "time3 bullseye/ntp 3 0.001" \
		"web1 bookworm/chrony 11 0.003" | lab fleet - >/dev/null || return
	cp "$LAB/id" "$work/home/.ssh/id_ed25519"
	for name in time1:1 time2:2 time3:3 web1:11; do
		echo "192.0.2.${name#*:} $(cat "$LAB/host/${name%:*}/root/etc/ssh/ssh_host_ed25519_key.pub")"
	done >"$work/home/.ssh/known_hosts"
	site_yaml >"$work/site/site.yaml"
	(cd "$work/site" && "$timetier" keys new) || return
}

# by_hand HOST: add a line to its daemon's configuration; to take the line away, the daemon must be restarted.
by_hand() {
	case $1 in
	time2) lab run "$1" sh -c 'echo "tos maxclock 9" >>/etc/ntpsec/ntp.conf' ;;
	time3) lab run "$1" sh -c 'echo "tos maxclock 9" >>/etc/ntp.conf' ;;
	*) lab run "$1" sh -c 'echo "logbanner 16" >>/etc/chrony/chrony.conf' ;;
	esac
}

has_hand() {
	lab run "$1" sh -c 'grep -qE "^(logbanner 16|tos maxclock 9)$" /etc/chrony/chrony.conf /etc/ntpsec/ntp.conf /etc/ntp.conf 2>/dev/null'
}

runs() { # HOST: its daemon runs
	lab run "$1" sh -c 'systemctl is-active chrony || systemctl is-active ntpsec || systemctl is-active ntp' | grep -qx active
}

# No change has left anything behind on a host.
clean() { # HOST
	[ -z "$(lab run "$1" find /etc /var/lib/timetier /run/timetier.lock \( -name '*.timetier-*' -o -name 'timetier-undo*' -o -name change -o -name timetier.lock \) 2>/dev/null)" ]
}
