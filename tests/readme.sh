#!/bin/bash
# The README says what is so: its site passes check, the commands that need no host print what stands below them, and every
# command that it names exists. tests/fleet/80-readme goes the whole way, on hosts.
cd "$(dirname "$0")/.." || exit 2
. tests/lib/readme.sh
bin=$(realpath "${BUILD:-build}/bin")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

try() { # COMMAND WANTED
	local said
	case $1 in "timetier keys "* | "timetier check"* | "timetier render "*) ;; *) return ;; esac
	if said=$(cd "$dir" && PATH=$bin:$PATH bash -c "$1" 2>&1) && readme_says "$2" "$said"; then
		echo "ok $1"
	else
		printf 'FAIL %s: README.md says "%s", it says "%s"\n' "$1" "$2" "$said"
		status=1
	fi
}

readme_blocks "$dir"
cp "$dir"/*.yaml "$dir/site.yaml"
for block in "$dir"/*.console; do readme_commands "$block" try; done
while read -r name; do
	"$bin/timetier" $name --help >/dev/null 2>&1 || { echo "FAIL README.md names \"timetier $name\""; status=1; }
done < <(grep -oE '`timetier (keys |agent )?[a-z]+' README.md | sed 's/.*timetier //' | sort -u)
exit $status
