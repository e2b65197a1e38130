#!/bin/bash
# render.sh: the command `timetier render`, as its user meets it: what it writes, what it says, and what it leaves alone.
cd "$(dirname "$0")/.." || exit 2
timetier=$PWD/${BUILD:-build}/bin/timetier
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cp tests/golden/chrony/mesh/*.yaml "$work"
chmod 600 "$work/keys.yaml"
cd "$work" || exit 2
status=0

# says NAME EXIT WORDS ARG...: render ends with EXIT and says WORDS
says() {
	local name=$1 wanted=$2 words=$3 out seen
	shift 3
	out=$("$timetier" render "$@" 2>&1)
	seen=$?
	if [ $seen = "$wanted" ] && grep -qF -- "$words" <<<"$out"; then
		echo "ok $name"
	else
		echo "FAIL $name: wanted exit $wanted and \"$words\", saw exit $seen and: $out"
		status=1
	fi
}
that() { # NAME CMD...
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else
		echo "FAIL $name: $*"
		status=1
	fi
}

says "it must be told where to" 2 "say where to: -o DIR"
says "an unknown host is answered by the nearest" 2 'no host, tier or client group "tme1" in the site; is "time1" meant?' -o out tme1
that "and nothing is written" test ! -e out
says "an unknown daemon is refused" 2 'is chrony, ntpsec or ntp meant?' -o out --daemon chorny
mkdir own
printf 'a\n{{#serve}}\n' >own/ntp.conf
says "a broken template is told with its place" 2 \
	'ntp.conf:2:1: section `serve` opened at line 2 is never closed' -o out --templates own
printf '{{#sources}}{{network}}{{/sources}}' >own/ntp.conf
says "so is one that only fails on a host" 2 \
	'host time3: ntp.conf:1:13: `network` has no meaning outside of its section' -o out --templates own
that "and no host's files are written" test ! -e out

says "all hosts are written" 0 "out: 7 hosts, 39 files, 39 written" -o out
that "keys are for their owner alone" test "$(stat -c %a out/time1/etc/chrony/chrony.keys)" = 600
that "other files are not" test "$(stat -c %a out/time1/etc/chrony/chrony.conf)" = 644
touch -d 2001-01-01 out/time1/etc/chrony/chrony.conf
says "the same again writes nothing" 0 "39 files, 0 written" -o out
echo '# by hand' >>out/time2/etc/ntpsec/ntp.conf
says "what differs is written" 0 "39 files, 1 written" -o out
that "and only that" test "$(stat -c %Y out/time1/etc/chrony/chrony.conf)" = "$(date -d 2001-01-01 +%s)"
that "nothing half-written is left" test -z "$(find out -name '*.new')"
says "a host alone" 0 "1 host, 6 files, 6 written" -o out2 time3
that "is alone" test "$(ls out2)" = time3
says "it prints" 0 "==> time3:/etc/ntp.conf <==" -o - time3
says "but not keys" 0 "(secret: -o DIR writes it)" -o - time3
that "no secret is printed" test -z "$("$timetier" render -o - --json | grep -E '5c1b0e4d')"
says "JSON has a hash of each file" 0 \
	"\"sha256\": \"$(sha256sum out/time3/etc/ntp.keys | cut -d' ' -f1)\"" --json time3
touch file
says "a file is no folder" 2 "cannot write file/time3/etc/ntp.conf: Not a directory" -o file time3
says "a folder of templates must be there" 2 "nowhere is not a folder of templates" -o out --templates nowhere
exit $status
