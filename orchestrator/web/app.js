/* Asks the collector every few seconds, and hands what it says to the parts of the page. */
import { followLinks, seen, visit } from "./address.js";
import { fleet, get, update } from "./fleet.js";
import { showHeadline } from "./headline.js";
import { showHosts, setUpHosts } from "./hosts.js";
import { showLedger } from "./ledger.js";
import { showMatrix } from "./matrix.js";
import { showMap, showLegend } from "./map.js";
import { closePanel, openPanel, refreshPanel } from "./panel.js";
import { showWrong } from "./wrong.js";
import { age } from "./format.js";

const POLL_MS = 4000;
const STALE_MS = 15000; /* after so long without an answer, the page is stale */

const state = { fleet: null, steps: [], health: null, received: 0, failed: false };

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
	const { fleet, steps, health } = state;
	document.getElementById("site").textContent = fleet.site;
	document.getElementById("version").textContent = `timetier ${fleet.version}, reports at ${fleet.collector.listen}` +
		(fleet.collector.history === "kept" ? "" : " \u2013 the history is not kept: see the collector\u2019s log");
	document.title = `${isStale() ? "?" : { good: "\u2713", degraded: "!", bad: "\u2717" }[fleet.headline.state] ?? "?"} ${fleet.site} \u2013 timetier`;
	showHeadline(fleet, health, steps, isStale(), sinceAnswer() * 1e6);
	later([() => showWrong(health, Date.parse(fleet.time), isStale()), () => showMap(fleet, select), () => showHosts(fleet), () => showMatrix(fleet), () => showLedger(steps, Date.parse(fleet.time), show)]);
}

/* Each part by itself, so that keys and clicks are heard between them; what is shown anew meanwhile takes the place of the rest. */
let parts = [];

function later(list) {
	const idle = parts.length === 0;
	parts = list;
	if (idle) {
		setTimeout(showPart);
	}
}

function showPart() {
	parts.shift()();
	if (parts.length > 0) {
		setTimeout(showPart);
	}
}

function answered() {
	Object.assign(state, { fleet: fleet(), received: performance.now(), failed: false });
	document.body.dataset.state = state.fleet.headline.state;
	document.body.dataset.stale = "no";
	show();
}

async function poll() {
	try {
		const [health, { steps }] = await Promise.all([get("/api/v1/health?limit=500"), get("/api/v1/steps?limit=200")]);
		Object.assign(state, { health, steps });
		await update(answered);
		refreshPanel();
	} catch (error) {
		state.failed = true;
		console.warn(error);
	}
	showAge();
	setTimeout(poll, document.hidden ? 5 * POLL_MS : POLL_MS);
}

/* Open a host, or with null close it: the address of the page says which is open. */
function select(name) {
	visit({ host: name });
}

function followAddress() {
	const { host } = seen();
	if (host) {
		openPanel(host, () => select(null));
	} else {
		closePanel();
	}
}

addEventListener("hashchange", followAddress);
addEventListener("resize", () => state.fleet && showMap(state.fleet, select));
addEventListener("keydown", (event) => {
	if (event.key === "Escape" && seen().host) {
		select(null);
	}
});
document.addEventListener("visibilitychange", showAge);
setUpHosts(select);
followLinks();
showLegend();
setInterval(showAge, 1000);
poll().then(followAddress);
