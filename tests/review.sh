#!/bin/bash
# review.sh: `timetier review` tells what a site is, keeps what its names say out of the markup, and knows what has changed.
cd "$(dirname "$0")/.." || exit 2
top=$PWD
timetier=$PWD/${BUILD:-build}/bin/timetier
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp examples/two-sites/*.yaml "$work"
chmod 600 "$work/keys.yaml"
cd "$work" || exit 2
status=0

that() { # NAME CMD...
	local name=$1
	shift
	if "$@" >out 2>err; then echo "ok $name"; else
		echo "FAIL $name: $*"
		head -n 5 out err
		status=1
	fi
}
says() { # WORDS ARG...: review, as text, says them
	local words=$1
	shift
	"$timetier" review --text "$@" 2>err | tr -s '\n ' ' ' | grep -qF -e "$words"
}

"$timetier" review 2>said
that "it writes a page beside the site file, and says so" grep -qx 'timetier review: review.html' said
that "which nothing else belongs to" bash -c '! grep -E "(src|href)=\"[^#]|@import|url\(|<script|<link" review.html'
that "and which has a picture" grep -q '<svg' review.html
that "every section has its anchor" bash -c '[ "$(grep -o "href=\"#[a-z-]*\"" review.html | tr -d "#" | cut -d= -f2 | sort)" = "$(grep -o "section id=\"[a-z-]*\"" review.html | cut -d= -f2 | sort)" ]'
that "as text it goes to the terminal" says 'Where the time comes from'
that "nobody has reviewed it yet" says 'Nobody has reviewed this design yet'
that "who has two minutes is told so at the front" says 'Who signed the design, and when? Nobody'
that "the price of a GB makes a sum" says 'billed at 0.12 USD a GB, that is' --price 0.12
"$timetier" review --price cheap 2>said
that "what is no price is refused" test $? = 2
that "with the words that lead on" grep -q 'what a GB costs in USD, as 0.12' said

that "a review is written down" "$timetier" review -q --done
that "the journal has it" bash -c "'$timetier' runs | grep -q ' review .* done'"
that "and the next review knows it" says 'The design is as it was then'
sed -i 's/^site: .*/&\n# moved/; s/daemon: chrony/daemon: ntpsec/' site.yaml
that "what has changed since then is shown" says '+# moved'

# findings that are new since the last review, and gone since; what was probed; until when a finding is accepted
mkdir then && cd then || exit 2
cp "$top/tests/lint/burst/bad.yaml" site.yaml
that "a design with a finding is reviewed" "$timetier" review -q --done
that "the finding is told with what happens if nobody acts" says 'If nobody acts'
that "and is the same as then" says 'at the last review? The same findings as then'
cp "$top/tests/lint/burst/good.yaml" site.yaml
that "mended, the finding is gone" says 'Since then Finding Rule gone '
that "which the front says" says '1 gone'
"$timetier" review -q --done
cp "$top/tests/lint/burst/bad.yaml" site.yaml
that "back again, it is new" says 'at the last review? 1 finding is new since then, 0 gone'
echo 'accept: [{rule: burst, because: "the operator agreed", until: 2199-06-30}]' >>site.yaml
that "accepted, it has an end" says 'the operator agreed 2199-06-30'
that "which the front says" says '1, of which the first comes back on 2199-07-01'
cd ..
mkdir -p probed/.timetier
printf 'site: a\nupstreams: [{name: one, address: 192.0.2.1}, {name: two, address: 192.0.2.2}]\n' >probed/site.yaml
printf 'tiers: [{name: t, upstreams: all, servers: [{name: s, address: 192.0.2.3}]}]\n' >>probed/site.yaml
cp "$top/tests/fuzz/corpus/kept/good" probed/.timetier/probed.json
that "what was probed is told" says 'two poor 2 192.0.2.1 far' -f probed/site.yaml
that "also at the front" says 'rightly? 1 of 2 did on 2026-11-30' -f probed/site.yaml

# names from a file that somebody else may have written
cat >site.yaml <<'END'
site: hostile
upstreams:
  - {name: a, address: 192.0.2.101, operator: '"><script>alert(1)</script>'}
  - {name: b, address: 192.0.2.102, operator: "a & b's `x` <b>"}
  - {name: c, address: 192.0.2.103, operator: "\u202egnp.exe"}
tiers:
  - {name: core, upstreams: all, peering: none, servers: [{name: time1, address: 192.0.2.1}]}
serve: [192.0.2.0/24]
accept: [{rule: few-servers, because: "<img src=x onerror=alert(1)>"}]
END
"$timetier" review -o hostile.html 2>/dev/null
that "a design with errors is told, and exits with 1" test $? = 1
that "no name becomes markup" bash -c '! grep -iE "<script|<img|<b>|onerror=[^&]*>" hostile.html | grep -v "&lt;img"'
that "nor turns a line around" bash -c "! grep -q \$'\\u202e' hostile.html"
echo 'tiers: 7' >site.yaml
"$timetier" review -o none.html 2>/dev/null
that "what cannot be read is not reviewed" test $? = 2 -a ! -e none.html
exit $status
