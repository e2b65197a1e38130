#!/bin/bash
# A site whose servers watch each other by keys, for tests of keys; read it after lib.sh. `watch` begins to watch the
# associations of servers, second by second, and `seen` makes a table of what keywatch.sh saw.
timetier=${BUILD:-$top/build}/bin/timetier
case $timetier in /*) ;; *) timetier=$top/$timetier ;; esac

tt() { # ARG...: run timetier where an orchestrator would sit
	(cd "$work" && lab net env -u SSH_AUTH_SOCK HOME="$work" "$timetier" "$@")
}

site() { # PEERING SERVER...
	echo "site: keys"
	echo "upstreams:"
	for n in 1 2 3 4 5; do echo "  - {name: up$n, address: 192.0.2.10$n, operator: O$n, stratum: 1}"; done
	printf 'tiers:\n  - name: core\n    upstreams: all\n    peering: %s\n    servers:\n' "$1"
	shift
	for n in "$@"; do echo "      - {name: time$n, address: 192.0.2.$n, daemon: auto}"; done
	printf 'serve: [192.0.2.0/24]\nmonitors: [192.0.2.254]\nkeys: keys.yaml\ncollectors: ["https://192.0.2.254:8123"]\n'
	printf 'budget: {offset: 5ms, error_bound: 100ms}\nrollout: {confirm_within: %ss}\n' "$(patient 20)"
}

states() { # prints the numbers of the keys, with the states of those that are coming or leaving
	sed -n 's/^  - {id: \([0-9]*\),.*\]\(, state: \([a-z]*\)\)\?}$/\1 \3/p' "$work/keys.yaml" | sed 's/ $//; s/ /:/' | paste -sd' '
}

watch() { # N...: begin to watch the siblings from each of these servers, and those that $joining names, from them
	local n k others looker
	watchers= watched=
	looker=$(lab tool keylook) || return
	for n in "$@"; do
		others=
		watched="$watched time$n=192.0.2.$n"
		for k in "$@" ${joining:-}; do [ "$k" = "$n" ] || others="$others 192.0.2.$k"; done
		lab put "time$n" "$fleet_dir/keywatch.sh" /root/keywatch.sh
		[ -e "$LAB/host/time$n/root/root/keylook" ] || lab put "time$n" "$looker" /root/keylook
		rm -f "$LAB/host/time$n/root/root/keywatch.end"
		# shellcheck disable=SC2086
		lab run "time$n" nice -n -5 bash /root/keywatch.sh $others >"$work/watch.time$n" 2>/dev/null &
		watchers="$watchers $!"
	done
}

seen() { # MOST [LOST]: end the watch and make its table; fails unless each start took at most MOST s and LOST s were lost
	local n
	for n in $watched; do n=${n%%=*}; : >"$LAB/host/$n/root/root/keywatch.end"; done
	# shellcheck disable=SC2086
	wait $watchers
	for file in "$work"/watch.*; do sed "s/^/${file##*.} /" "$file"; done | sort -s -k2,2n >"$work/seen"
	rm "$work"/watch.*
	awk -v hosts="$watched" -v most="$1" -v peers="${2:-0}" -v unseen="${unseen:-0}" -f "$fleet_dir/keywatch.awk" "$work/seen" >"$work/table"
	status=$?
	return $status
}

# Each server hears all the others.
all_heard() { # N...
	local n
	for n in "$@"; do
		[ "$(lab run "time$n" /usr/local/sbin/timetier-agent status --json | grep -o '"address":"192.0.2.[1234]",[^}]*' | grep -vc '"reach":0,')" = $(($# - 1)) ] || return
	done
}
