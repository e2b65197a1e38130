/* One host: its past, what a restart would do and why, its sources. */
import { el, icon, scroll } from "./dom.js";
import { drawCharts } from "./chart.js";
import { get } from "./fleet.js";
import { age, duration, kindOf, reachWords, verdictKind } from "./format.js";
import { proofBlock, stepsBlock } from "./ledger.js";

const RANGES = [["1 h", "1h"], ["6 h", "6h"], ["1 d", "24h"], ["7 d", "7d"], ["30 d", "30d"], ["1 y", "366d"]];

const SHORTEST_S = 120; /* a chart of less time would only show noise */

const STEPS = 6; /* so many of the latest steps are shown */

const open = { name: null, last: "6h", close: null, destroy: null, request: 0, opener: null };

function number(name, value, note) {
	return el("div", { class: "figure" }, el("dt", {}, name), el("dd", {}, value, note ? el("small", {}, note) : null));
}

function ppm(value) {
	return `${value.toFixed(2).replace("-", "\u2212")}\u202fppm`;
}

function figures(host) {
	const known = host.fresh && host.offset_ns !== undefined;
	const { status } = host;
	return el("dl", { class: "figures" },
		number("Offset", known ? duration(host.offset_ns, { sign: true }) : "\u2013", `budget \u00b1${duration(host.budget.offset_ns)}`),
		number("Error bound", known ? duration(host.error_bound_ns) : "\u2013", `budget ${duration(host.budget.error_bound_ns)}`),
		number("Source", known ? host.source?.name ?? (host.by_agent ? "\u2013" : "none") : "\u2013", known ? `stratum ${host.stratum}` : null),
		number("Rate", host.by_agent ? "\u2013" : known && status.frequency_ppm !== undefined ? ppm(status.frequency_ppm) : "\u2013", known && status.frequency_ppm === undefined ? "not told" : "correction"),
		number("Report", host.report_age_ns === undefined ? "not yet" : `${age(host.report_age_ns)} ago`,
			host.interval_ns ? `every ${duration(host.interval_ns)}` : null));
}

/* Of a host whose daemon the agent may not ask: whose figures these are. */
function byAgentBlock(host) {
	if (!host.by_agent || !host.fresh) {
		return null;
	}
	return [el("h3", {}, "Measured by its agent"),
		el("p", { class: "lead" }, `These figures are not the daemon\u2019s own: ${host.by_agent.why}. The agent asks the daemon\u2019s servers itself, as often as the daemon would; they answered ${age(host.by_agent.age_ns)} ago. Whom the daemon follows, and the rate of the clock, are not known.`)];
}

/* Of a host that is not managed: what our own questions tell. */
function measuredFigures(host) {
	const known = host.fresh && host.offset_ns !== undefined;
	const { measured } = host;
	return el("dl", { class: "figures" },
		number("Offset from us", known ? duration(host.offset_ns, { sign: true }) : "\u2013", `budget \u00b1${duration(host.budget.offset_ns)}`),
		number("Error bound", known ? duration(host.error_bound_ns) : "\u2013", "by its own word"),
		number("Round trip", known ? duration(measured.delay_ns) : "\u2013", "of our question"),
		number("Stratum", known ? host.stratum : "\u2013", known && measured.leap !== "none" ? `leap second: ${measured.leap}` : null),
		number("Answers", `${reachWords(measured.reach).split("/")[0]}/${measured.rounds}`,
			measured.heard_age_ns === undefined ? "none yet" : `last ${age(measured.heard_age_ns)} ago`));
}

function measuredBlock(host) {
	const { measured } = host;
	const rows = [["In", `${host.tier ? "tier" : "group"} ${host.tier ?? host.group}`], ["Addresses", host.addresses.join(", ")],
		["Root delay, dispersion", measured.root_delay_ns === undefined ? null : `${duration(measured.root_delay_ns)}, ${duration(measured.root_dispersion_ns)}`],
		["The latest question", measured.why || null],
		["Asked", measured.asked_age_ns === undefined ? "not yet" : `${age(measured.asked_age_ns)} ago`]];
	return [el("h3", {}, "Measured from here"),
		el("p", { class: "lead" }, "Nobody logs in there (manage: false): the collector asks it for the time once a minute, and compares the answer with its own clock. What a restart would do, and whom it follows, is not known."),
		el("dl", { class: "more-list" }, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]))];
}

function verdictBlock(host) {
	const verdict = host.fresh ? host.verdict : null;
	const kind = verdictKind(verdict);
	const by = verdict?.amount_ns ? ` by ${duration(verdict.amount_ns, { sign: true })}` : "";
	const lost = verdict?.degraded ? ", and the daemon would follow no source" : "";
	const says = {
		safe: verdict?.degraded ? "The clock would stay where it is, but the daemon would follow no source." : "Safe: the clock would stay where it is.",
		slew: `It would slew the clock${by || ", by how much is not known"}${lost}.`,
		step: `It ${by ? "would" : "may"} step the clock${by}${lost}.`,
		exit: "The daemon would refuse to run again.",
	}[verdict?.kind] ?? `It cannot be judged: treat it as a step${lost}.`;
	return [el("h3", {}, "May I restart its daemon?"),
		el("p", { class: `say ${kind}` }, icon(kind), says),
		verdict?.reasons.length ? el("ul", { class: "reasons" }, verdict.reasons.map((reason) => el("li", {}, reason))) : null];
}

const SOURCE_HEADS = ["Source", "State", "Offset", "\u00b1 Error", "Delay", "Reach", "Poll", "Auth"];

function sourceRow(source) {
	const kind = kindOf(source.state);
	const none = source.state === "silent";
	return el("tr", { class: source.state === "selected" ? "selected" : "" },
		el("th", { scope: "row" }, source.name, source.name === source.address ? null : el("small", {}, source.address)),
		el("td", { class: kind }, icon(kind), " ", source.state),
		[none ? "\u2013" : duration(source.offset_ns, { sign: true }), none ? "\u2013" : duration(source.error_ns),
			none || source.delay_ns === undefined || source.delay_ns < 0 ? "\u2013" : duration(source.delay_ns), reachWords(source.reach),
			duration(1e9 * 2 ** (source.poll_log2 ?? 0))].map((text) => el("td", { class: "number" }, text)),
		el("td", {}, source.auth_words ?? "\u2013"));
}

function sourcesBlock(host) {
	const sources = host.fresh ? host.sources ?? [] : [];
	if (sources.length === 0) {
		return [el("h3", {}, "Sources"), el("p", { class: "none" }, "None is known now.")];
	}
	return [el("h3", {}, "Sources"), scroll("Sources", el("table", { class: "sources" },
		el("thead", {}, el("tr", {}, SOURCE_HEADS.map((head) => el("th", { scope: "col" }, head)))),
		el("tbody", {}, sources.map(sourceRow))))];
}

function moreBlock(host) {
	const rows = [["Daemon", `${host.daemon} ${host.status?.version ?? ""}`], ["In", `${host.tier ? "tier" : "group"} ${host.tier ?? host.group}`],
		["Addresses", host.addresses.join(", ")], ["Steps since its agent started", host.steps ? (host.steps.count > 0 ? `${host.steps.count}, in all ${duration(host.steps.total_ns, { sign: true })}` : "none") : null],
		["Root delay, dispersion", host.status ? `${duration(host.status.root_delay_ns)}, ${duration(host.status.root_dispersion_ns)}` : null],
		["Clock last updated", host.status && host.status.update_age_ns >= 0 ? `${age(host.status.update_age_ns)} before the report` : null],
		["Skew", host.status?.skew_ppm === undefined ? null : `the rate may be wrong by ${ppm(host.status.skew_ppm)}`],
		["Wander", host.status?.wander_ppm === undefined ? null : ppm(host.status.wander_ppm)],
		["Last, RMS offset", host.status?.rms_offset_ns === undefined ? null : `${duration(host.status.last_offset_ns ?? 0, { sign: true })}, ${duration(host.status.rms_offset_ns)}`],
		["Jitter", host.status?.clock_jitter_ns === undefined ? null : duration(host.status.clock_jitter_ns)],
		["Kernel", host.kernel === undefined ? null : `${host.kernel.flags.join(", ") || "no flags"}, error at most ${duration(host.kernel.max_error_ns)}`],
		["Temperature", host.temperature_c === undefined ? null : `${host.temperature_c.toFixed(1)}\u202f\u00b0C`],
		["RTC minus system clock", host.rtc_offset_ns === undefined ? null : duration(host.rtc_offset_ns, { sign: true })],
		["NTS certificate", host.certificate ? host.certificate.words ?? `holds for ${host.certificate.days} days` : null],
		["Other programs that set its clock", host.rivals?.length ? host.rivals.join(", ") : null],
		["Names that lead elsewhere", host.names?.length ? host.names.map((entry) => `${entry.name}: ${entry.was} → ${entry.now || "gone"}`).join(", ") : null],
		["The daemon cannot read", host.resolver], ["Agent", host.agent_version]];
	return [el("h3", {}, "More"), el("dl", { class: "more-list" }, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]))];
}

function rangeButtons() {
	return el("div", { class: "filters", role: "group", "aria-label": "Stretch of time" }, RANGES.map(([text, last]) => el("button", {
		type: "button", "aria-pressed": String(open.last === last), "data-last": last,
		onclick: () => {
			open.last = last;
			for (const button of document.querySelectorAll("#panel [data-last]")) {
				button.setAttribute("aria-pressed", String(button.dataset.last === last));
			}
			showPast();
		},
	}, text)));
}

/* The parts that stay while numbers change: charts must not flicker. */
function frame(name) {
	const panel = document.getElementById("panel");
	panel.replaceChildren(
		el("div", { class: "panel-head" }, el("h2", { id: "panel-title", tabindex: "-1" }, name),
			el("button", { type: "button", class: "close", "aria-label": "Close", title: "Close (Esc)", onclick: () => open.close() }, "\u00d7")),
		el("div", { id: "panel-now" }),
		el("div", { class: "card-head" }, el("h3", {}, "Offset, with its error bound"), rangeButtons()),
		el("div", { id: "chart-offset", class: "chart", role: "img", "aria-label": "Offset over time, with its error bound" }),
		el("div", { id: "chart-frequency", class: "chart small", role: "img", "aria-label": "Correction of the clock\u2019s rate over time" }),
		el("p", { id: "chart-words", class: "chart-words" }),
		el("div", { id: "panel-more" }));
	panel.hidden = false;
}

function words(text) {
	const line = document.getElementById("chart-words");
	if (line) {
		line.textContent = text || line.dataset.rest || "";
	}
}

function restWords(past) {
	const kept = past.resolution_ns === 0 ? "every report" : past.resolution_ns === 60e9 ? "minutes" : "hours";
	const steps = past.steps.filter((step) => Date.parse(step.time) >= Date.parse(past.from)).length;
	const began = past.began_ms ? `All since reports began, ${age((Date.parse(past.to) - past.began_ms) * 1e6)} ago. ` : "";
	return `${began}Band: the error bound; true time is in it. Dashed: budget of \u00b1${duration(past.budget.offset_ns)}. ${steps > 0 ? `\u25bc ${steps} step${steps > 1 ? "s" : ""}. ` : ""}From ${kept}.`;
}

function history(name, last) {
	return get(`/api/v1/host/${encodeURIComponent(name)}/history?last=${last}&points=600`);
}

/*
 * The stretch of time that was asked for. Where reports begin late in it, as on a new host, the rest would be an empty
 * chart: then only the time since they began, which is asked for once more, because its points are finer.
 */
async function pastOf(name, last) {
	const past = await history(name, last);
	const whole_ms = Date.parse(past.to) - Date.parse(past.from);
	const began_ms = past.time_ms?.[0] ?? 0;
	const lasts_ms = Date.parse(past.to) - began_ms;
	if (!past.time_ms || lasts_ms > 0.6 * whole_ms) {
		return past;
	}
	const part = await history(name, `${Math.max(SHORTEST_S, Math.ceil(lasts_ms / 960))}s`);
	return part.time_ms ? { ...part, began_ms } : past;
}

async function showPast() {
	const { name } = open;
	const request = ++open.request;
	try {
		const past = await pastOf(name, open.last);
		const boxes = ["chart-offset", "chart-frequency"].map((id) => document.getElementById(id));
		if (request !== open.request || !boxes[0]) {
			return;
		}
		open.destroy?.();
		open.destroy = null;
		boxes[1].hidden = past.measured; /* the rate of its clock is not known */
		boxes.forEach((box) => {
			box.replaceChildren();
			box.classList.toggle("empty", !past.time_ms);
		});
		if (!past.time_ms) {
			boxes[0].append(el("p", { class: "none" }, "Nothing was reported in this stretch of time."));
			words(" ");
			return;
		}
		open.destroy = await drawCharts(past, ...boxes, words);
		document.getElementById("chart-words").dataset.rest = restWords(past);
		words("");
	} catch (error) {
		words(`The past cannot be shown: ${error.message}`);
	}
}

async function showNow() {
	const { name } = open;
	const now = document.getElementById("panel-now");
	try {
		const [host, ledger] = await Promise.all([get(`/api/v1/host/${encodeURIComponent(name)}`), get(`/api/v1/steps?host=${encodeURIComponent(name)}&limit=${STEPS}`)]);
		if (name !== open.name || !now) {
			return;
		}
		const kind = kindOf(host.health);
		now.replaceChildren(el("p", { class: `say big ${kind}` }, icon(kind), el("span", {}, el("b", {}, host.health), host.reason ? `: ${host.reason}` : "")), host.measured ? measuredFigures(host) : figures(host));
		document.getElementById("panel-more").replaceChildren(...(host.measured ? measuredBlock(host) : [byAgentBlock(host), verdictBlock(host), proofBlock(host, Date.now()), stepsBlock(ledger.steps, Date.now()), sourcesBlock(host), moreBlock(host)].flat().filter(Boolean)));
	} catch (error) {
		now?.replaceChildren(el("p", { class: "say big unknown" }, icon("unknown"), `${name}: ${error.message}`));
	}
}

export function openPanel(name, close) {
	if (open.name === name) {
		return;
	}
	open.opener = open.name ? open.opener : document.activeElement;
	Object.assign(open, { name, close });
	open.destroy?.();
	open.destroy = null;
	document.body.classList.add("with-panel");
	frame(name);
	document.getElementById("panel-title").focus({ preventScroll: true });
	showNow();
	showPast();
}

export function closePanel() {
	if (!open.name) {
		return;
	}
	open.destroy?.();
	Object.assign(open, { name: null, destroy: null, request: open.request + 1 });
	document.body.classList.remove("with-panel");
	document.getElementById("panel").hidden = true;
	const host = open.opener?.dataset?.host;
	(host ? document.querySelector(`tr[data-host="${CSS.escape(host)}"]`) : open.opener)?.focus?.({ preventScroll: true });
}

let refreshes = 0;

/* Called at every answer of the collector. The past costs more: it is asked for at every fourth. */
export function refreshPanel() {
	if (!open.name) {
		return;
	}
	showNow();
	if (++refreshes % 4 === 0) {
		showPast();
	}
}
