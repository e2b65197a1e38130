#!/bin/bash
# A part of faults.sh: the table of all cases, and whether each ended wholly old or wholly new.

faults_table() { # RESULTS ALL
	local cases broken
	cut -c1-200 "$1" | sort | sed 's/^/  /'
	awk -v places="$places" -v each="$each" '
		{ host = $4; sub(/:$/, "", host); at = each ? host : "" }
		$3 == "BAD" { bad[at, $1, $2]++; faults[at, $1]; next }
		{ count[at, $1, $2, $3]++; faults[at, $1] }
		END {
			n = split(places, place, " ")
			printf "%-25s", "fault at step"
			for (i = 1; i <= n; i++) { printf " %9s", place[i] }
			printf "\n"
			for (fault in faults) {
				split(fault, part, SUBSEP)
				printf "%-25s", part[1] (part[1] == "" ? "" : " ") part[2]
				for (i = 1; i <= n; i++) {
					key = fault SUBSEP place[i]
					cell = key in bad ? "BROKEN" : (key SUBSEP "old") in count ? "old" : (key SUBSEP "new") in count ? "new" : "-"
					printf " %9s", cell
				}
				printf "\n"
			}
		}' "$1"
	cases=$(wc -l <"$2")
	[ -z "$each" ] || cases=$((cases * $(wc -w <<<"$workers")))
	broken=$(awk -v each="$each" '$3 == "BAD" || $3 == "broken" { sub(/:$/, "", $4); print $1, $2, each ? $4 : "" }' "$1" | sort -u | wc -l)
	same "every case was tried" "$cases" "$(awk -v each="$each" '$3 != "BAD" { print $1, $2, each ? $4 : "" }' "$1" | sort -u | wc -l)"
	echo "over $transport, wholly old or wholly new: $((cases - broken)) of $cases ($(((cases - broken) * 100 / cases)) %)"
	same "every one ends wholly old or wholly new, at its step, said truly" 0 "$broken"
}
