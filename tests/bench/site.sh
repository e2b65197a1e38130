#!/bin/bash
# A site of N client hosts with an entry each: `timetier check` and `timetier render` as whole processes, the least of
# several runs, beside libyaml's bare event parse of the same file. Files are written to memory (/dev/shm) and to the
# disk of TMPDIR, where making five files a host is most of the time whoever makes them.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
dir=$(mktemp -d) memory=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$dir" "$memory"' EXIT
hosts=${1:-1000}

site() {
	echo 'site: bench'
	echo 'upstreams:'
	for i in 1 2 3 4 5; do echo "  - {name: up$i, address: up$i.example.org, operator: op$i}"; done
	echo 'tiers:'
	echo '  - name: core'
	echo '    upstreams: all'
	echo '    servers:'
	for i in 1 2 3; do echo "      - {name: time$i, address: 192.0.2.$i, daemon: chrony}"; done
	echo 'serve: [192.0.2.0/24, 10.0.0.0/8]'
	echo 'keys: keys.yaml'
	echo 'clients:'
	seq "$hosts" | awk '{ printf "  - name: group%06d\n    from: core\n    hosts: [{name: h%06d.s%03d.example.net, address: 10.%d.%d.%d}]\n    daemon: chrony\n    ssh: {user: deploy, port: 22, sudo: true}\n    budget: {offset: 5ms}\n", $1, $1, $1 / 250, $1 / 65536, $1 / 256 % 256, $1 % 256 }'
}

# least BEFORE CMD...: seconds of CMD's fastest of 5 runs; BEFORE is run ahead of each
least() {
	local before=$1 least=999999999 start took
	shift
	for _ in 1 2 3 4 5; do
		eval "$before"
		start=${EPOCHREALTIME/./}
		"$@" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
		took=$((${EPOCHREALTIME/./} - start))
		[ $took -ge $least ] || least=$took
	done
	echo "$least"
}

row() { # NAME MICROSECONDS
	awk -v name="$1" -v us="$2" -v events="$events" \
		'BEGIN { printf "%-44s %8.4f s   %6.1f x bare events\n", name, us / 1e6, us / 1e6 / events }'
}

site >"$dir/site.yaml"
cd "$dir"
"$build/bin/timetier" keys new -q
events=$("$build/bench/fleet" site.yaml | sed -n "s/^bare events *\([0-9.]*\) s.*/\1/p")
check=$(least : "$build/bin/timetier" check)
memory_render=$(least "rm -rf $memory/out" "$build/bin/timetier" render -q -o "$memory/out")
printf '%d hosts, %d bytes of site.yaml; bare events %s s\n' "$hosts" "$(wc -c <site.yaml)" "$events"
row "check" "$check"
row "render, files to memory" "$memory_render"
row "check and render" $((check + memory_render))
row "render again, nothing changed" "$(least : "$build/bin/timetier" render -q -o "$memory/out")"
row "render, files to disk" "$(least "rm -rf $dir/out" "$build/bin/timetier" render -q -o "$dir/out")"
