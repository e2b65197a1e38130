#!/bin/bash
# What the page costs in headless Chromium with HOSTS hosts (10000): how long until the first view, until all hosts are there,
# a search and a sort by keys (from the event to the drawn rows), and each task of more than 50 ms in SECONDS (60) of live
# updates, in which every host reports once in 64 s.
. "$(dirname "$0")/../web/lib.sh"
. "$here/driver.sh"
hosts=${1:-10000} seconds=${2:-60}
sed "s/web\[1-5\]/web[00001-$((hosts - 7))]/" "$here/site.yaml" >"$work/site.yaml"
start
"$build/tests/feed" "$work/site.yaml" "$work/.timetier" "$reports" broken 0 64 >/dev/null 2>&1 &
feed_pid=$!
begin_browser
wait_for 120 sh -c 'curl -s "$0/metrics" | grep -q "^timetier_reports_total{status=.accepted.} [0-9]\{4,\}"' "$page"
page='' open_page about:blank # the browser itself is warm then

devtools Page.addScriptToEvaluateOnNewDocument "$(python3 -c 'import json, sys; print(json.dumps({"source": """
window.tasks = []; window.firstView = null; window.allThere = null;
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.tasks.push([Math.round(one.startTime), Math.round(one.duration)]))).observe({ type: "longtask", buffered: true });
new MutationObserver(() => {
	if (!window.firstView && document.querySelector("#hosts tbody tr[data-host]") && document.querySelector("#map svg")) requestAnimationFrame(() => setTimeout(() => { window.firstView = window.firstView || performance.now(); }));
	const more = document.getElementById("more");
	if (window.firstView && !window.allThere && more && !/others come/.test(more.textContent)) window.allThere = performance.now();
}).observe(document, { subtree: true, childList: true });
"""}))')"
number() { js "Math.round($1)"; }
open_page /
wait_for 60 js_is "window.allThere > 0" true
echo "hosts: $(js "document.getElementById('hosts').getAttribute('aria-rowcount') - 1")"
echo "first view: $(number window.firstView) ms"
echo "all hosts there: $(number window.allThere) ms"
echo "tasks over 50 ms until then: $(js "window.tasks.filter(function (one) { return one[0] < window.allThere; }).map(function (one) { return one[1]; }).join(' ')")"
cat >"$work/act.js" <<'JS'
window.settled = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
window.search = (text) => {
	const box = document.getElementById("search");
	box.value = text;
	box.dispatchEvent(new Event("input"));
};
window.choose = (id, value) => {
	const box = document.getElementById(id);
	box.value = value;
	box.dispatchEvent(new Event("change"));
};
done("");
JS
run_script "$work/act.js" >/dev/null
devtools Performance.setTimeDomain '{"timeDomain":"threadTicks"}'
devtools Performance.enable '{}'
spent() { # microseconds of processor that the page's own thread took until now
	curl -s "$driver/session/$session/goog/cdp/execute" -d '{"cmd":"Performance.getMetrics","params":{}}' |
		python3 -c 'import json, sys; print(round(1e6 * next(one["value"] for one in json.load(sys.stdin)["value"]["metrics"] if one["name"] == "TaskDuration")))'
}
act() { # WORDS SCRIPT: by the clock, and by the processor, which a busy machine does not make longer
	local before took
	before=$(spent)
	echo "const from = performance.now(); $2; settled().then(() => done(Math.round(performance.now() - from)));" >"$work/one.js"
	took=$(run_script "$work/one.js")
	echo "$1: $took ms, of the processor $((($(spent) - before) / 1000)) ms"
}
act 'search "w"' 'search("w")'
act 'search "web0012"' 'search("web0012")'
act 'search ""' 'search("")'
act 'filter by state' 'document.querySelector("#filters button").click()'
act 'and back' 'document.querySelector("#filters button[aria-pressed=true]").click()'
act 'sort by offset' 'document.querySelector("#hosts th[data-sort=offset] button").click()'
act 'gather by source' 'choose("choose-by", "source")'
act 'scroll to the middle' 'scrollTo(0, document.body.scrollHeight / 2)'
act 'scroll to the end' 'scrollTo(0, document.body.scrollHeight)'
act 'back to the beginning' 'scrollTo(0, 0); location.hash = ""'
before=$(spent)
js "window.tasks = []" >/dev/null
sleep "$seconds"
echo "tasks over 50 ms in $seconds s of live updates: $(js "window.tasks.map(function (one) { return one[1]; }).join(' ')")"
echo "processor in that time: $((($(spent) - before) / 1000)) ms"
echo "rows in the document: $(js "document.querySelectorAll('#hosts tbody tr').length"), memory: $(js "Math.round(performance.memory.usedJSHeapSize / 1e6)") MB"
complaints=$(console)
echo "complaints on the console: ${complaints:-none}"
