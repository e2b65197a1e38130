/* Asks the collector every few seconds, and hands what it says to the parts of the page. */
import { showHeadline } from "./headline.js";
import { showHosts, setUpHosts } from "./hosts.js";
import { showLedger } from "./ledger.js";
import { showMap, showLegend } from "./map.js";
import { closePanel, openPanel, refreshPanel } from "./panel.js";
import { age } from "./format.js";

const POLL_MS = 4000;
const TIMEOUT_MS = 8000;
const STALE_MS = 15000; /* after so long without an answer, the page is stale */

const state = { fleet: null, steps: [], received: 0, failed: false };

function sinceAnswer() {
	return performance.now() - state.received;
}

function isStale() {
	return !state.fleet || sinceAnswer() > STALE_MS;
}

/* The whole page shows that it is stale: grey, never green. */
function showAge() {
	const updated = document.getElementById("updated");
	const stale = isStale();
	const was = document.body.dataset.stale === "yes";
	document.body.dataset.stale = stale ? "yes" : "no";
	if (!state.fleet) {
		updated.textContent = state.failed ? "the collector does not answer" : "connecting";
		return;
	}
	const text = age(sinceAnswer() * 1e6);
	updated.textContent = stale ? `no answer for ${text}` : `updated ${text} ago`;
	if (stale !== was) {
		show();
	}
}

function show() {
	const { fleet, steps } = state;
	document.getElementById("site").textContent = fleet.site;
	document.getElementById("version").textContent = `timetier ${fleet.version}, reports at ${fleet.collector.listen}` +
		(fleet.collector.history === "kept" ? "" : " \u2013 the history is not kept: see the collector\u2019s log");
	document.title = `${isStale() ? "?" : { good: "\u2713", degraded: "!", bad: "\u2717" }[fleet.headline.state] ?? "?"} ${fleet.site} \u2013 timetier`;
	showHeadline(fleet, steps, isStale(), sinceAnswer() * 1e6);
	showMap(fleet, select);
	showHosts(fleet, select);
	showLedger(steps, Date.parse(fleet.time), show);
}

async function get(path) {
	const answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
	if (!answer.ok) {
		throw new Error(`${path}: ${answer.status}`);
	}
	return answer.json();
}

async function poll() {
	try {
		const [fleet, ledger] = await Promise.all([get("/api/v1/fleet?brief=1"), get("/api/v1/steps?limit=200")]);
		Object.assign(state, { fleet, steps: ledger.steps, received: performance.now(), failed: false });
		document.body.dataset.state = fleet.headline.state;
		document.body.dataset.stale = "no";
		show();
		refreshPanel();
	} catch (error) {
		state.failed = true;
		console.warn(error);
	}
	showAge();
	setTimeout(poll, document.hidden ? 5 * POLL_MS : POLL_MS);
}

/* The address of the page names the open host, so that the address can be sent to somebody. */
function select(name) {
	location.hash = name ? `host=${encodeURIComponent(name)}` : "";
}

function followAddress() {
	const found = location.hash.match(/^#host=(.+)$/);
	if (found) {
		openPanel(decodeURIComponent(found[1]), () => select(null));
	} else {
		closePanel();
	}
}

addEventListener("hashchange", followAddress);
addEventListener("resize", () => state.fleet && showMap(state.fleet, select));
addEventListener("keydown", (event) => {
	if (event.key === "Escape" && location.hash) {
		select(null);
	}
});
document.addEventListener("visibilitychange", showAge);
setUpHosts(() => state.fleet && showHosts(state.fleet, select));
showLegend();
setInterval(showAge, 1000);
poll().then(followAddress);
