# Many hosts on the loopback for benches, to be sourced: sshd at addresses 127.0.N.1 and on, each with keys of $farm alone.
# Nothing of the user's own ~/.ssh or start-up files is used: sessions have $farm/home as HOME, and so have clients.
farm=$(mktemp -d "${TMPDIR:-/tmp}/timetier-farm.XXXXXX")
build=$(cd "${BUILD:-build}" && pwd)
user=$(id -un)
export USER=$user
unset SSH_AUTH_SOCK

farm_down() {
	local pid
	for pid in $(cat "$farm"/pid.* 2>/dev/null); do
		kill "$pid" 2>/dev/null || :
	done
	rm -rf "$farm"
}
trap farm_down EXIT
trap 'exit 1' INT TERM

# farm_addresses NET COUNT: 127.0.NET.1 and so on; from 251 on in the next network
farm_addresses() {
	seq "$2" | awk -v net="$1" '{ printf "127.0.%d.%d\n", net + int(($1 - 1) / 250), ($1 - 1) % 250 + 1 }'
}

# farm_up NET COUNT PORT [LINE...]: sshd with these lines of configuration besides; fills $farm/hosts
farm_up() {
	local net=$1 count=$2 port=$3 part sshd
	shift 3
	sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || { echo "skipped: no sshd here"; exit 77; }
	[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd
	mkdir -p "$farm/home" "$farm/to"
	ssh-keygen -q -t ed25519 -N '' -C bench -f "$farm/id"
	ssh-keygen -q -t ed25519 -N '' -C host -f "$farm/host"
	farm_addresses "$net" "$count" >"$farm/hosts"
	sed "s|.*|[&]:$port $(cut -d' ' -f1,2 "$farm/host.pub")|" "$farm/hosts" >"$farm/known_hosts"
	# sshd has room for 16 addresses
	split -l 16 -d -a 4 "$farm/hosts" "$farm/part."
	for part in "$farm"/part.*; do
		part=${part##*.}
		{
			printf '%s\n' "Port $port" "HostKey $farm/host" "AuthorizedKeysFile $farm/id.pub" "PidFile $farm/pid.$part" \
				"StrictModes no" "UsePAM no" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
				"PermitRootLogin prohibit-password" "MaxStartups 1000:30:2000" "UseDNS no" "PrintMotd no" "PrintLastLog no" \
				"LogLevel ERROR" "SetEnv HOME=$farm/home" "Subsystem sftp internal-sftp" "$@"
			sed 's/^/ListenAddress /' "$farm/part.$part"
		} >"$farm/sshd.$part"
		"$sshd" -f "$farm/sshd.$part" -E "$farm/log"
	done
	for part in "$farm"/sshd.*; do
		until [ -s "$farm/pid.${part##*.}" ]; do sleep 0.05; done
	done
	cat >"$farm/ssh_config" <<END
Host *
  User $user
  Port $port
  IdentityFile $farm/id
  IdentitiesOnly yes
  UserKnownHostsFile $farm/known_hosts
  GlobalKnownHostsFile /dev/null
  BatchMode yes
  LogLevel ERROR
END
	sed '1a\  KexAlgorithms curve25519-sha256' "$farm/ssh_config" >"$farm/ssh_config_25519"
	head -c 3072 /dev/urandom | base64 -w 63 | head -c 4096 >"$farm/file"
	export HOME=$farm/home
}

# spent NAME CMD...: run it; a line "ROUND NAME WALL CPU RSS" is added to $farm/spent
spent() {
	local name=$1
	shift
	if ! "$build/bench/spent" "$farm/took" "$@" >"$farm/said" 2>&1 </dev/null; then
		echo "$name failed: $*" >&2
		tail -n 20 "$farm/said" >&2
		exit 1
	fi
	echo "${round:-1} $name $(cut -d' ' -f1-3 "$farm/took")" >>"$farm/spent"
}

# median_of COLUMN NAME [OTHER]: of all rounds; with OTHER of the ratios to what that took in the same round
median_of() {
	awk -v column="$1" -v name="$2" -v other="${3:-}" '
		$2 == name { mine[$1] = $(column + 2) }
		$2 == other { its[$1] = $(column + 2) }
		END { for (r in mine) if (other == "" || r in its) print other == "" ? mine[r] : mine[r] / its[r] }' "$farm/spent" |
		sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# held FILE NAME VALUE most|least LIMIT UNIT AGAINST: a figure, what it must be, and against what it is held; FILE gets it
# as a line of JSON
missed=0
held() {
	local verdict
	verdict=$(awk -v v="$3" -v way="$4" -v l="$5" 'BEGIN { print (way == "most" ? v <= l : v >= l) ? "ok" : "MISSED" }')
	[ "$verdict" = ok ] || missed=$((missed + 1))
	printf '%-6s %-44s %10.2f %-9s at %s %s, against %s\n' "$verdict" "$2" "$3" "$6" "$4" "$5" "$7"
	printf '{"figure": "%s", "value": %.4f, "unit": "%s", "at_%s": %s, "against": "%s", "ok": %s}\n' \
		"$2" "$3" "$6" "$4" "$5" "$7" "$([ "$verdict" = ok ] && echo true || echo false)" >>"$1"
}
