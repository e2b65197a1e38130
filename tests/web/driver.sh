# What the tests that drive a browser over WebDriver share; sourced behind lib.sh. Sets $driver and $session.
command -v chromedriver >/dev/null || { echo "skipped: chromedriver is not installed"; exit 77; }
trap 'quit; finish' EXIT
quit() {
	[ -z "${session:-}" ] || curl -s -X DELETE "$driver/session/$session" >/dev/null
	[ -z "${driver_pid:-}" ] || kill "$driver_pid" 2>/dev/null
}

# A driver whose port is taken by another, or that a loaded machine starts too slowly, is begun anew.
begin_driver() {
	chromedriver --port=0 >"$work/driver.log" 2>&1 &
	driver_pid=$!
	wait_for 30 grep -q 'on port [1-9]' "$work/driver.log" || { kill $driver_pid 2>/dev/null; return 1; }
}

# A browser that a loaded machine starts too slowly is given up by the driver: asked for anew, with a profile of its own.
begin_session() {
	curl -s "$driver/session" -d "{\"capabilities\":{\"alwaysMatch\":{\"goog:loggingPrefs\":{\"browser\":\"ALL\"},
		\"goog:chromeOptions\":{\"args\":[\"--headless\",
		\"--no-sandbox\",\"--disable-gpu\",\"--disable-quic\",\"--no-first-run\",\"--disable-background-networking\",
		\"--disable-component-update\",\"--disable-sync\",\"--window-size=1280,1400\",\"--user-data-dir=$work/profile$1\"]}}}}" >"$work/session"
	session=$(sed -n 's/.*"sessionId":"\([^"]*\)".*/\1/p' "$work/session")
	[ -n "$session" ]
}

# begin_browser: a window of 1280 by 1400, with nothing in it yet
begin_browser() {
	begin_driver || begin_driver || begin_driver || {
		echo "FAIL chromedriver does not start: $(head -c 500 "$work/driver.log")"
		status=1
		exit
	}
	driver=http://127.0.0.1:$(sed -n 's/.*on port \([1-9][0-9]*\).*/\1/p' "$work/driver.log" | tail -n 1)
	begin_session 1 || begin_session 2 || begin_session 3 || {
		echo "FAIL no session in the browser: $(head -c 500 "$work/session")"
		status=1
		exit
	}
}

open_page() { # PATH
	curl -s "$driver/session/$session/url" -d "{\"url\":\"$page$1\"}" >/dev/null
}

# js EXPRESSION: its value, as JSON
js() {
	curl -s "$driver/session/$session/execute/sync" -d "{\"script\":\"return ($1)\",\"args\":[]}" | sed 's/^{"value"://; s/}$//'
}
js_is() { same "$(js "$1")" "$2"; }

# run_script FILE...: what the text of all of them, as the body of a function, gives to `done(VALUE)`; texts as they are, all else as JSON
run_script() {
	cat "$@" | python3 -c 'import json, sys; print(json.dumps({"script": "const done = arguments[0];" + sys.stdin.read(), "args": []}))' >"$work/script"
	curl -s "$driver/session/$session/execute/async" -d @"$work/script" | python3 -c '
import json, sys
value = json.load(sys.stdin)["value"]
print(value if isinstance(value, str) else json.dumps(value))'
}

keys() { # KEY-AS-JSON-ESCAPE
	curl -s "$driver/session/$session/actions" -d "{\"actions\":[{\"type\":\"key\",\"id\":\"k\",\"actions\":[
		{\"type\":\"keyDown\",\"value\":\"$1\"},{\"type\":\"keyUp\",\"value\":\"$1\"}]}]}" >/dev/null
}

devtools() { # METHOD PARAMETERS-AS-JSON
	curl -s "$driver/session/$session/goog/cdp/execute" -d "{\"cmd\":\"$1\",\"params\":$2}" >/dev/null
}

scheme() { # light | dark
	devtools Emulation.setEmulatedMedia "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"$1\"}]}"
}

window() { # WIDTH HEIGHT [MOBILE]: what the page sees, a phone's 390 pixels, too
	devtools Emulation.setDeviceMetricsOverride "{\"width\":$1,\"height\":$2,\"deviceScaleFactor\":1,\"mobile\":${3:-false}}"
}

picture() { # FILE.png
	curl -s "$driver/session/$session/screenshot" | sed 's/^{"value":"//; s/"}$//' | base64 -d >"$1"
}

# console: what the browser complained of since the last call; nothing when it did not
console() {
	curl -s "$driver/session/$session/se/log" -d '{"type":"browser"}' | python3 -c '
import json, sys
for line in json.load(sys.stdin)["value"]:
    if line["level"] in ("SEVERE", "WARNING"):
        print(line["message"])'
}
