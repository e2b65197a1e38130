# What the tests of collector and page share: a collector of its own, on ports of the kernel's choice.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$top/tests/lib/wait.sh"
build=$top/${BUILD:-build}
here=$top/tests/web
work=$(mktemp -d)
status=0
serve_pid='' feed_pid=''

finish() {
	[ -z "$feed_pid" ] || kill "$feed_pid" 2>/dev/null
	[ -z "$serve_pid" ] || { kill "$serve_pid" 2>/dev/null && wait "$serve_pid" 2>/dev/null; }
	[ $status = 0 ] || { echo "what the collector said:"; tail -n 30 "$work/log"; }
	rm -rf "$work"
	exit $status
}
trap finish EXIT

# check NAME CMD...: one line a case
check() {
	local name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok $name"
	else
		echo "FAIL $name"
		head -n 12 "$work/out"
		status=1
	fi
}

# same GOT WANTED
same() {
	[ "$1" = "$2" ] || { echo "got: $1"; echo "wanted: $2"; return 1; }
}

# start [ARG...]: a collector of $work/site.yaml; sets $page, $reports and $pin
start() {
	: >"$work/log" # or the lines of an earlier one would be read
	"$build/bin/timetier" serve -f "$work/site.yaml" --listen 127.0.0.1:0 --page 127.0.0.1:0 "$@" >"$work/log" 2>&1 &
	serve_pid=$!
	wait_for 10 grep -q 'page at' "$work/log" || { echo "FAIL the collector does not start"; status=1; exit; }
	page=$(sed -n 's|.*page at \(http://[^/]*\)/.*|\1|p' "$work/log")
	reports=$(sed -n 's|.*reports at https://\([^/]*\)/.*|\1|p' "$work/log")
	pin=$(sed -n 's|.*pin \(.*\)|\1|p' "$work/log")
}

# feed SCENARIO [HOURS [EVERY_S]]: the agents of the whole site
feed() {
	"$build/tests/feed" "$work/site.yaml" "$work/.timetier" "$reports" "$@"
}

token() { # HOST
	printf %s "$1" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(od -An -tx1 -v "$work/.timetier/secret" | tr -d ' \n')" |
		sed 's/.*= *//'
}

# shows PATH-AND-HASH [FLAG...]: what headless Chromium makes of a page, as HTML; screenshots: SHOTS=folder
browse() {
	local path=$1 profile
	shift
	profile=$(mktemp -d "$work/chromium.XXXXXX")
	timeout -k 5 "$(patient 60)" chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" --virtual-time-budget=8000 \
		--enable-logging=stderr "$@" "$page$path" 2>"$work/browser.log"
	rm -rf "$profile"
}
