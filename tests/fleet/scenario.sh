# Restart scenarios; read it after lib.sh. The same thing happens to hosts as Debian configures them (stock) and, at the same
# time, to hosts as `timetier render` configures them (tier).  A host's name is PLACE-CONFIG-DAEMON: a-stock-ntpsec,
# a-tier-ntpsec.
#
#   scenario 60-name 200 "Its title" "What it is," "for doc/restart-scenarios.md."
#   upstreams 111 112 113 114 115
#   trio a 1                   # hosts a-stock-* at .1 .2 .3 and a-tier-* at .4 .5 .6
#   boot_all
#   site_of FOLDER 4 111 112 113 114 115
#   stock_conf a 192.0.2.111 ...
#   tier_conf a FOLDER         # rendered for time1 (chrony), time2 (NTPsec), time3 (ntp 4.2.8)
#   watch
#   say "111 112" offset -50
#   hurt restart a
#   row "what happened" a      # a cell for each host: what its clock did between the last two marks
#   verdicts
#
# A timetier cell must be clean: the clock made no step, and was never further from true time than $limit_s (or than the test
# put it). At least one stock cell of the scenario must not be clean, or the scenario shows nothing.  With
# SCENARIO_ROWS=FOLDER, the scenario's table is written there.
limit_s=0.5
daemons="chrony ntpsec ntp"
timetier=${BUILD:-$top/build}/bin/timetier
case $timetier in /*) ;; *) timetier=$top/$timetier ;; esac

scenario() { # NAME SECONDS TITLE TEXT...
	begin "$1" "$2"
	scenario_name=$1
	scenario_title=$3
	scenario_text=$(printf '%s\n' "${@:4}")
	: >"$work/fleet"
	: >"$work/rows"
}

upstreams() { # N...: time servers of the lab at 192.0.2.N, which are right until `say` tells otherwise
	printf '192.0.2.%s\n' "$@" >"$work/servers"
	ok "upstreams answer" lab servers "$work/servers"
}

say() { # "N..." [WORD VALUE]...: set what these upstreams say from now on, in the words of timeserver.c
	local n
	for n in $1; do echo "192.0.2.$n ${*:2}"; done | lab tell || fail "upstreams $1 say: ${*:2}"
}

address() { # N...
	printf '192.0.2.%s ' "$@"
}

image_of() { # DAEMON
	case $1 in ntp) echo bullseye/ntp ;; *) echo "bookworm/$1" ;; esac
}

trio() { # PLACE FIRST-N [OFFSET_S [DRIFT_PPM]]
	local place=$1 n=$2 config daemon
	shift 2
	for config in stock tier; do
		for daemon in $daemons; do
			echo "$place-$config-$daemon $(image_of "$daemon") $n $*"
			n=$((n + 1))
		done
	done >>"$work/fleet"
}

boot_all() {
	probe=$(lab tool probe) || fail "the probe is built"
	ok "hosts come up" lab fleet "$work/fleet"
	managed=$(cut -d' ' -f1 "$work/fleet")
}

of() { # PLACE [CONFIG]: prints its hosts
	grep -E "^$1-${2:-(stock|tier)}-" <<<"$managed"
}

daemon_of() {
	echo "${1##*-}"
}

config_of() {
	local rest=${1%-*}
	echo "${rest##*-}"
}

conf_of() { # HOST: prints the path of its daemon's configuration
	case $1 in *-chrony) echo /etc/chrony/chrony.conf ;; *-ntpsec) echo /etc/ntpsec/ntp.conf ;; *) echo /etc/ntp.conf ;; esac
}

drift_of() {
	case $1 in
	*-chrony) echo /var/lib/chrony/chrony.drift ;;
	*-ntpsec) echo /var/lib/ntpsec/ntp.drift ;;
	*) echo /var/lib/ntp/ntp.drift ;;
	esac
}

# each "HOST..." CMD...: run CMD HOST for these hosts, all at the same time
each() {
	local host pids=() pid failed=0
	for host in $1; do
		"${@:2}" "$host" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
	return $failed
}

# Give stock hosts the distribution's file, with the lab's sources in place of the pool. chrony is told to serve clients, too;
# both ntpd do that anyway.
stock_conf() { # PLACE ADDRESS...
	local place=$1
	shift
	printf "server %s iburst${poll:+ $poll}\n" "$@" >"$work/$place.servers"
	each "$(of "$place" stock)" stock_one "$work/$place.servers"
}

stock_one() { # SERVERS HOST
	local conf root=$LAB/host/$2/root
	conf=$(conf_of "$2")
	[ -f "$root$conf.dist" ] || cp -p "$root$conf" "$root$conf.dist"
	{ grep -v '^pool ' "$root$conf.dist"; cat "$1"; case $2 in *-chrony) echo allow ;; esac; } >"$root$conf"
	lab run "$2" systemctl reset-failed "$(daemon_of "$2")" 2>/dev/null
	fresh "$2"
}

# site_of FOLDER NUMBER-OF-TIME1 UPSTREAM-N...: a site of one tier, rendered to FOLDER/out
site_of() {
	local folder=$1 n=$2 up
	shift 2
	mkdir -p "$folder"
	{
		printf 'site: lab\nupstreams:\n'
		for up in "$@"; do
			echo "  - {name: up$up, address: 192.0.2.$up, operator: O$up, stratum: 1${upstream_keys:+, $upstream_keys}}"
		done
		printf 'tiers:\n  - name: core\n    upstreams: all\n%s    servers:\n' "${tier_keys:+    $tier_keys
}"
		echo "      - {name: time1, address: 192.0.2.$n, daemon: chrony}"
		echo "      - {name: time2, address: 192.0.2.$((n + 1)), daemon: ntpsec}"
		echo "      - {name: time3, address: 192.0.2.$((n + 2)), daemon: ntp}"
		[ -z "${clients_at:-}" ] || {
			echo "clients:"
			echo "  - {name: web, from: core, daemon: chrony, hosts: \"192.0.2.$clients_at\"}"
			echo "  - {name: app, from: core, daemon: ntpsec, hosts: \"192.0.2.$((clients_at + 1))\"}"
			echo "  - {name: old, from: core, daemon: ntp, hosts: \"192.0.2.$((clients_at + 2))\"}"
		}
		printf 'serve: [192.0.2.0/24]\nkeys: keys.yaml\n%s' "${site_keys:-}"
	} >"$folder/site.yaml"
	(cd "$folder" && { [ -f keys.yaml ] || "$timetier" keys new; } && "$timetier" render -q -o out) >"$folder/log" 2>&1 || {
		fail "the site of $folder is rendered" "$(cat "$folder/log")"
		return 1
	}
}

tier_conf() { # PLACE FOLDER [HOST-OF-CHRONY HOST-OF-NTPSEC HOST-OF-NTP]: as rendered
	local place=$1 folder=$2 pids=()
	tier_one "$folder/out/${3:-time1}" "$place-tier-chrony" &
	pids+=($!)
	tier_one "$folder/out/${4:-time2}" "$place-tier-ntpsec" &
	pids+=($!)
	tier_one "$folder/out/${5:-time3}" "$place-tier-ntp" &
	wait "${pids[@]}" $!
}

tier_one() { # FOLDER HOST
	fresh "$2"
	give "$2" "$1" "$(daemon_of "$2")" >/dev/null || fail "$2 takes its files"
}

# Make a host like one that has run for long: its frequency is known (0), its clock is right, nothing else is left of before.
# Its daemon is stopped.
fresh() { # HOST
	local owner
	case $1 in *-chrony) owner=_chrony ;; *-ntpsec) owner=ntpsec ;; *) owner=ntp ;; esac
	lab run "$1" sh -c "systemctl stop $(daemon_of "$1"); rm -f /run/chrony/*.dat; $(seed "$1" "$owner")"
	right "$1"
}

seed() { # HOST OWNER: prints the command that writes its drift file
	local line=0.000
	[ "$2" != _chrony ] || line="0.000000 0.100000"
	echo "echo $line >$(drift_of "$1"); chown $2: $(drift_of "$1")"
}

right() { # HOST: set its clock right; this is no step of the host
	lab clock "$1" set 0 0 >/dev/null
}

# What else a rollout does for a server: it puts the agent there, which sets the clock at the next boot, before the daemon.
first_set() { # HOST of timetier
	local agent=$top/${BUILD:-build}/bin/timetier-agent
	[ "$(config_of "$1")" = tier ] || return 0
	case $1 in *-ntp) agent=$agent-deb11 ;; esac
	lab put "$1" "$agent" /usr/local/sbin/timetier-agent
	lab run "$1" sh -c 'id timetier-agent || useradd --system timetier-agent; systemctl daemon-reload
		systemctl enable timetier-first-set' >/dev/null 2>&1
}

restart() { # HOST
	lab run "$1" systemctl restart "$(daemon_of "$1")" 2>/dev/null || true
}

# Kill the daemon. The clock of a stock host, which may be far off by now, is set right.
crash() { # HOST
	lab run "$1" systemctl kill -s KILL "$(daemon_of "$1")" 2>/dev/null
	[ "$(config_of "$1")" = tier ] || right "$1"
}

# Start the daemon, as a person or a watchdog would, whether it was killed or gave up.
start() { # HOST
	lab run "$1" sh -c "systemctl reset-failed $(daemon_of "$1"); systemctl start $(daemon_of "$1")" 2>/dev/null || true
}

hurt() { # restart | crash, PLACE...: do that to all hosts there, and give their daemons time for a mistake
	local hosts
	hosts=$(for place in "${@:2}"; do of "$place"; done)
	[ "$1" != crash ] || each "$hosts" crash
	mark
	if [ "$1" = crash ]; then each "$hosts" start; else each "$hosts" restart; fi
	sleep "${patience:-13}"
	mark
}

# all_synced HOSTS: each of them is or was synchronised; a host that was is not asked again
all_synced() {
	local host asked=() pids=() i
	for host in $1; do
		[[ $were_synced != *" $host "* ]] || continue
		synced "$host" &
		asked+=("$host") pids+=($!)
	done
	for i in "${!asked[@]}"; do
		! wait "${pids[i]}" || were_synced+=" ${asked[i]} "
	done
	for host in "${asked[@]}"; do
		[[ $were_synced = *" $host "* ]] || return
	done
	were_synced=
}
were_synced=

watch() {
	local name files=() clockwatch
	clockwatch=$(lab tool clockwatch) || fail "clockwatch is built"
	for name in $managed; do files+=("$name=$LAB/host/$name/vclock"); done
	coproc WATCH { exec "$clockwatch" "${files[@]}"; }
}

mark() { # writes to $work/seen what the clocks did since the mark before
	local line
	echo >&"${WATCH[1]}"
	: >"$work/seen"
	while read -r -u "${WATCH[0]}" line && [ "$line" != end ]; do echo "$line" >>"$work/seen"; done
}

# state HOST: print synced, active, or another word of systemd
state() {
	local state
	state=$(lab_exec=exec; lab run "$1" systemctl is-active "$(daemon_of "$1")")
	[ "$state" != active ] || ! synced "$1" || state=synced
	echo "$state"
}

synced() { # HOST: ntpq would do, but NTPsec's takes a tenth of a second of processor time to start
	local said
	case $1 in
	*-chrony) said=$(lab_exec=exec; lab run "$1" chronyc -n -c tracking) && [[ $said = *,Normal ]] ;;
	*) said=$(lab_exec=exec; lab beside "$1" "$probe" readvar 127.0.0.1) && [[ $said = *" leap 0" ]] ;;
	esac
}

# cell HOST: print in words what its clock did between the last two marks
cell() {
	local state
	state=$(state "$1")
	awk -v host="$1" -v limit="$limit_s" -v state="$state" '
		function size(s) { return (s < 0) ? -s : s }
		function told(s, digits) {
			digits = (size(s) >= 10) ? "%.0f" : "%.2f"
			return sprintf(digits, s)
		}
		function signed(s, sign) {
			sign = (s > 0) ? "+" : ""
			return sign told(s)
		}
		$1 == host {
			allowed = (limit > size($2)) ? limit : size($2) + 0.005
			if ($5 > 1) printf "%d steps, %s s", $5, signed($6)
			else if ($5 == 1) printf "step %s s", signed($6)
			else if (size($3) > allowed) printf "ran off by %s s", told(size($3))
			else if (state == "synced" && size($4) <= limit) printf "ok"
			else if (state == "active" || state == "synced") printf "held, clock untouched"
			else printf "ended, clock untouched"
		}' "$work/seen"
}

row() { # LABEL PLACE [CONFIG]: print and keep the cells of its hosts, between the last two marks
	each "$(of "$2" "${3:-}")" row_cell "$1" | tee -a "$work/rows" | awk -F'\t' '
		{ cell[$2, $3] = $4 }
		END { printf "   %-42s stock: %s | %s | %s\n   %-42s timetier: %s | %s | %s\n", "'"$1"'",
			cell["stock", "chrony"], cell["stock", "ntpsec"], cell["stock", "ntp"], "",
			cell["tier", "chrony"], cell["tier", "ntpsec"], cell["tier", "ntp"] }'
}

row_cell() { # LABEL HOST
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$(config_of "$2")" "$(daemon_of "$2")" "$("${cell_of:-cell}" "$2")" "$2"
}

clean_cell() {
	case $1 in ok* | right* | *"clock untouched") return 0 ;; *) return 1 ;; esac
}

# Each timetier cell is a case. One more case is that the scenario bites: some stock cell is not clean.
verdicts() {
	local label config daemon cell host bites=0
	while IFS=$'\t' read -r label config daemon cell host; do
		if [ "$config" = stock ]; then
			clean_cell "$cell" || bites=$((bites + 1))
		elif clean_cell "$cell"; then
			pass "$label: $daemon of timetier: $cell"
		else
			fail "$label: $daemon of timetier" "$cell; its log ends: $(lab log "$host" -u "$daemon" -n 20 -o cat 2>&1)"
		fi
	done <"$work/rows"
	if [ $bites -gt 0 ]; then
		pass "the scenario bites: $bites cells of stock configurations"
	else
		fail "the scenario bites some stock configuration"
	fi
	[ -z "${SCENARIO_ROWS:-}" ] || table >"$SCENARIO_ROWS/$scenario_name.md"
}

table() { # prints a piece of doc/restart-scenarios.md
	printf '## %s\n\n%s\n\n' "$scenario_title" "$scenario_text"
	echo '| | chrony, stock | NTPsec, stock | ntp 4.2.8, stock | chrony, timetier | NTPsec, timetier | ntp 4.2.8, timetier |'
	echo '| --- | --- | --- | --- | --- | --- | --- |'
	awk -F'\t' '
		!($1 in seen) { seen[$1] = 1; label[++n] = $1 }
		{ cell[$1, $2, $3] = $4 }
		END {
			for (i = 1; i <= n; i++) {
				printf "| %s |", label[i]
				for (k = 1; k <= 6; k++) {
					config = k <= 3 ? "stock" : "tier"
					daemon = k % 3 == 1 ? "chrony" : k % 3 == 2 ? "ntpsec" : "ntp"
					text = cell[label[i], config, daemon]
					clean = text ~ /^(ok.*|right.*|.*untouched)$/
					printf " %s |", text == "" ? "-" : clean ? text : "**" text "**"
				}
				printf "\n"
			}
		}' "$work/rows"
}
