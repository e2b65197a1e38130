#!/bin/sh
# Load time of a site with N client groups of one host each, some 213 bytes and 25 events a host, beside the
# time of libyaml's bare event parse of the same file; and of the same hosts as one range.
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
	echo 'serve: [192.0.2.0/24]'
	echo 'clients:'
}

for hosts in ${*:-1000 10000 100000}; do
	{
		head_of_site
		seq "$hosts" | awk '{ printf "  - name: group%06d\n    from: core\n    hosts: [{name: h%06d.s%03d.example.net, address: 10.%d.%d.%d}]\n    daemon: chrony\n    ssh: {user: deploy, port: 22, sudo: true}\n    budget: {offset: 5ms}\n", $1, $1, $1 / 250, $1 / 65536, $1 / 256 % 256, $1 % 256 }'
	} >"$dir/site.yaml"
	printf '%s bytes a host, ' $(($(wc -c <"$dir/site.yaml") / hosts))
	"${BUILD:-build}/bench/topology" "$dir/site.yaml"
done
{
	head_of_site
	echo "  - {name: web, from: core, hosts: 'web[000001-$hosts].example.net'}"
} >"$dir/site.yaml"
printf 'one range, '
"${BUILD:-build}/bench/topology" "$dir/site.yaml"
