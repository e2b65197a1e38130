#!/bin/bash
# report.sh: `timetier report` counts what the history has, as text, CSV, JSON and HTML, and changes nothing in it.
# `tests/report.sh write` writes the expected files anew; read their diff.
cd "$(dirname "$0")/.." || exit 2
timetier=$PWD/${BUILD:-build}/bin/timetier
expected=$PWD/tests/data/report
schemas=$PWD/schemas
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$expected/site.yaml" "$work"
cd "$work" || exit 2
mkdir -m 700 .timetier
{
	cat "$schemas/history.sql" "$expected/history.sql"
} | sqlite3 .timetier/history.db
{
	cat "$schemas/journal.sql"
	echo "INSERT INTO run VALUES (7, '7.0', 'apply', 'alice@ops', 'timetier apply', 0, 0, 0, 'example-corp', 'site.yaml', NULL, NULL,
		1793530000000000000, 1793530060000000000, 0);
		INSERT INTO run_host VALUES (1, 7, 'time2', 'ntpsec', 'restart', 1, 1793530000000000000, 1793530060000000000, 'changed', '', '', '', '', NULL, '');"
} | sqlite3 .timetier/journal.db
status=0

that() { # NAME CMD...
	local name=$1
	shift
	if "$@" >out 2>err; then echo "ok $name"; else
		echo "FAIL $name: $*"
		head -n 20 out err
		status=1
	fi
}
span=(--from 2026-11-01 --to 2026-11-03)
made() { sed -E 's/"made":"[^"]*"/"made":"MADE"/; s/Made [0-9TZ:-]* by timetier [0-9.]*/Made MADE by timetier/; s/"version":"[^"]*"/"version":"0"/'; }
before=$(sqlite3 .timetier/history.db .sha3sum 2>/dev/null || sha256sum <.timetier/history.db)

"$timetier" report "${span[@]}" 2>err | made >expected.txt
that "what is beyond or unknown is exit status 1" test "${PIPESTATUS[0]}" = 1
"$timetier" report "${span[@]}" -q -o all.csv
"$timetier" report "${span[@]}" --json | made >expected.json
"$timetier" report "${span[@]}" -q -o page.html
mv all.csv expected.csv
for file in expected.txt expected.csv expected.json; do
	if [ "$1" = write ]; then cp "$file" "$expected/$file"; fi
	that "$file is as expected" diff -u "$expected/$file" "$file"
done
that "the file was not changed" test "$before" = "$(sqlite3 .timetier/history.db .sha3sum 2>/dev/null || sha256sum <.timetier/history.db)"
that "a host that is good all the time is exit status 0" "$timetier" report "${span[@]}" --group time1
that "the page belongs to nothing else" bash -c '! grep -E "(src|href)=\"[^#]|@import|url\(|<script|<link" page.html'
that "and every section has its anchor" bash -c '[ "$(grep -o "href=\"#[a-z-]*\"" page.html | tr -d "#" | cut -d= -f2 | sort)" = "$(grep -o "section id=\"[a-z-]*\"" page.html | cut -d= -f2 | sort)" ]'
that "JSON is JSON" python3 -m json.tool expected.json
that "a named budget names its source" bash -c '"$1" report "${@:2}" --budget finra | grep -q "FINRA Rule 4590 (a)"' - "$timetier" "${span[@]}"
for budget in mifid-hft mifid finra pci; do
	"$timetier" report "${span[@]}" --budget "$budget" --json >"$budget.json"
	that "$budget is known" python3 -m json.tool "$budget.json"
done

refuses() { # NAME WORDS ARG...: it cannot run, and says why
	local name=$1 words=$2
	shift 2
	"$timetier" report "$@" >out 2>said
	that "$name" bash -c 'test "$1" = 2 && grep -qF -e "$2" said' - $? "$words"
}
refuses "a budget that nobody knows is refused, with those there are" 'mifid-hft, mifid, finra, pci' --budget sox
refuses "a day that is none is refused" 'a day as 2026-11-22' --from yesterday
refuses "a span that ends before it begins is refused" '--from is not before --to' --from 2026-11-03 --to 2026-11-01
refuses "a form that nobody knows is refused" 'it ends with .html, .csv, .json or .pdf' -o report.doc
refuses "a group that is not there is refused" 'nowhere' --group nowhere
refuses "where no history is, it is told who keeps it" '`timetier serve` keeps it' --state "$work/none"

# While another program writes, the report reads what was committed.
mkfifo talk
sqlite3 .timetier/history.db <talk >/dev/null &
writer=$!
exec 7>talk
echo "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; INSERT INTO host VALUES (9, 'late1');" >&7
echo ".shell touch begun" >&7
until [ -e begun ] || ! kill -0 "$writer"; do sleep 0.05; done
that "while the history is written, it is read" bash -c '"$1" report "${@:2}" --json | grep -q time1' - "$timetier" "${span[@]}"
that "and what is not committed is not there" bash -c '! "$1" report "${@:2}" --json | grep -q late1' - "$timetier" "${span[@]}"
exec 7>&-
wait "$writer"

sqlite3 .timetier/history.db 'PRAGMA user_version = 2'
refuses "a file of an older timetier is left as it is" 'was made by an older timetier' "${span[@]}"
echo "status $status"
exit "$status"
