#!/bin/bash
# packaging.sh: each condition has its alert rule and its section of the runbook, there are no others, and the dashboard asks
# for metrics that there are. Where promtool is installed, it checks the rules, too.
cd "$(dirname "$0")/.." || exit 2
rules=packaging/prometheus/timetier.rules.yml
runbook=packaging/prometheus/runbook.md
dashboard=packaging/grafana/timetier.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

that() { # NAME CMD...
	local name=$1
	shift
	if "$@" >"$work/out" 2>&1; then echo "ok $name"; else
		echo "FAIL $name: $*"
		head -n 20 "$work/out"
		status=1
	fi
}

# over-budget: TimetierOverBudget
tr -d '\n' <orchestrator/health/conditions.c | grep -oE '\[CONDITION_[A-Z_]+\] = \{ "[a-z-]+"' | sed 's/.*"\(.*\)"/\1/' | sort >"$work/codes"
that "there are conditions" test -s "$work/codes"
sed -E 's/(^|-)([a-z])/\U\2/g; s/^/Timetier/' "$work/codes" >"$work/names"
{
	cat "$work/names"
	echo TimetierCollectorDown # no condition: who is not there cannot tell
} | sort >"$work/alerts"

sed -n 's/^ *- alert: //p' "$rules" | sort >"$work/ruled"
that "every condition has its rule, and no other is there" diff "$work/alerts" "$work/ruled"
sed -n 's/^ *expr: timetier_condition{code="\([a-z-]*\)"} == 1$/\1/p' "$rules" | sort >"$work/asked"
that "each rule asks for its code" diff "$work/codes" "$work/asked"
grep -A 1 'alert: ' "$rules" | paste -sd ' ' | sed 's/ -- /\n/g; s/ *- alert: /\n/g' |
	sed -nE 's/^(Timetier[A-Za-z]+) +expr: timetier_condition\{code="([a-z-]+)".*/\2 \1/p' | sort >"$work/pairs"
that "under its own name" diff <(paste -d ' ' "$work/codes" "$work/names" | sort) "$work/pairs"
sed -n 's/^## //p' "$runbook" | sort >"$work/sections"
that "every alert has its section of the runbook, and no other is there" diff "$work/alerts" "$work/sections"
for word in Means 'Look at' Do; do
	that "each section says: $word" test "$(grep -c "^\*\*$word\.\*\*" "$runbook")" = "$(wc -l <"$work/alerts")"
done
sed -n 's/.*runbook: ".*#\(.*\)"/\1/p' "$rules" | sort >"$work/anchors"
that "each alert leads to its section" diff <(tr '[:upper:]' '[:lower:]' <"$work/alerts" | sort) "$work/anchors"

that "the dashboard is JSON" python3 -m json.tool "$dashboard"
grep -oE '"timetier_[a-z_]+"' orchestrator/publish/metrics.c | tr -d '"' | sort -u >"$work/metrics"
python3 -c 'import json, re, sys
board = json.load(open(sys.argv[1]))
for panel in board["panels"]:
    for target in panel["targets"]:
        print("\n".join(re.findall(r"timetier_[a-z_]+", target["expr"])))' "$dashboard" | sort -u >"$work/used"
that "its queries ask for metrics" test -s "$work/used"
that "that the collector has" test -z "$(comm -23 "$work/used" "$work/metrics")"
if command -v promtool >/dev/null; then
	that "promtool finds nothing in the rules" promtool check rules "$rules"
fi
echo "status $status"
exit "$status"
