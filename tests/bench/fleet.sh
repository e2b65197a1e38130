#!/bin/sh
# What a large site costs: to load it, to check it with every rule and to render the files of all hosts, beside libyaml's
# bare event parse of the same file in the same minute; what each rule costs; the memory that it takes.  Four sites of N
# hosts: each host a client group of its own (some 200 bytes and 25 events a host), all in one group's list, all as one
# range, and a tenth of them with four keys each.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

head_of_site() {
	echo 'site: bench'
	echo 'upstreams:'
	for i in 1 2 3 4 5; do
		echo "  - {name: up$i, address: up$i.example.org, operator: op$i}"
	done
	echo 'tiers:'
	echo '  - name: core'
	echo '    upstreams: all'
	echo '    servers:'
	for i in 1 2 3 4; do
		echo "      - {name: time$i, address: 192.0.2.$i, daemon: chrony}"
	done
	echo 'serve: [192.0.2.0/24, 10.0.0.0/8]'
	[ -z "${1:-}" ] || echo "keys: $1"
	echo 'clients:'
}

groups() { # N
	head_of_site
	seq "$1" | awk '{ printf "  - name: group%06d\n    from: core\n    hosts: [{name: h%06d.s%03d.example.net, address: 10.%d.%d.%d}]\n    daemon: chrony\n    ssh: {user: deploy, port: 22, sudo: true}\n    budget: {offset: 5ms}\n", $1, $1, $1 / 250, $1 / 65536, $1 / 256 % 256, $1 % 256 }'
}

list() { # N [FILE of keys]
	head_of_site "${2:-}"
	printf '  - name: all\n    from: core\n    daemon: chrony\n    hosts:\n'
	seq "$1" | awk '{ printf "      - {name: h%06d, address: 10.%d.%d.%d, ssh: {user: deploy, port: 22, sudo: true}}\n", $1, $1 / 65536, $1 / 256 % 256, $1 % 256 }'
}

range() { # N
	head_of_site
	echo "  - {name: web, from: core, daemon: chrony, hosts: 'web[000001-$1].example.net'}"
}

keys() { # N
	echo keys:
	seq "$1" | awk '{ for (s = 1; s <= 4; s++) printf "  - {id: %d, type: AES128CMAC, secret: \"%032x\", between: [h%06d, time%d]}\n", ++id, id, $1, s }'
}

measure() { # TITLE
	echo "$1:"
	"${BUILD:-build}/bench/fleet" "$dir/site.yaml"
}

last=1000
for hosts in ${*:-1000 10000 100000}; do
	groups "$hosts" >"$dir/site.yaml"
	measure "$hosts groups of one host, $(($(wc -c <"$dir/site.yaml") / hosts)) bytes a host"
	last=$hosts
done
list "$last" >"$dir/site.yaml"
measure "a list of $last hosts"
range "$last" >"$dir/site.yaml"
measure "a range of $last hosts"
with_keys=$((last / 10))
[ $with_keys -lt 16000 ] || with_keys=16000 # a number of a key is at most 65535
list "$with_keys" keys.yaml >"$dir/site.yaml"
(umask 077 && keys "$with_keys" >"$dir/keys.yaml")
measure "a list of $with_keys hosts with four keys each"
