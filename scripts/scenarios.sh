#!/bin/bash
# scenarios.sh: run every restart scenario on hosts of the lab, and write what it showed to doc/restart-scenarios.md.
cd "$(dirname "$0")/.." || exit 2
rows=$(mktemp -d) || exit 2
trap 'rm -rf "$rows"' EXIT
status=0
siblings=$(sed -n '/^## Siblings$/,$p' doc/restart-scenarios.md) # an experiment of hours, which this does not repeat
for test in tests/fleet/6[0-9]-*; do
	echo "== $test"
	SCENARIO_ROWS=$rows "$test" || status=1
done
[ -n "$(ls "$rows")" ] || exit 1
{
	cat <<'TEXT'
# Restart scenarios

What the clocks of real daemons did, on hosts with clocks of their own: chrony 4.3 and NTPsec 1.2.2 of Debian 12, ntp 4.2.8p15 of Debian 11.
"Stock" is the distribution's configuration, with the lab's servers in place of the pool, whose names it does not have. "timetier" is what
`timetier render` writes. Made by `make scenarios`; the tests are `tests/fleet/6*`, and fail when a cell of timetier is not clean.

- **step -50 s**: the daemon set the clock by so much. Of several steps, the largest.
- **ran off by 3 s**: no step, but the clock was moved (by a fast slew) further from true time than 0.5 s, timetier's limit in these sites,
  and than the test itself had put it.
- held, clock untouched: the daemon runs and follows nobody. ended, clock untouched: it gave up, and nothing started it again.
- ok: it follows right sources, and its clock was never further from true time than the limit.
- \-: not part of the scenario.
TEXT
	for piece in "$rows"/*.md; do
		echo
		cat "$piece"
	done
	printf '\n%s\n' "$siblings"
} >doc/restart-scenarios.md
exit $status
