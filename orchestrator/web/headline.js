/* What a reader sees in the first second: is the site's time good, where not and why, may I restart, what changed. */
import { el, icon } from "./dom.js";
import { age, duration, kindOf } from "./format.js";
import { causeWords, isMishap } from "./ledger.js";

const ORDER = ["good", "settling", "follows siblings only", "clock lost", "free-running", "over budget", "unsynchronised", "stopped", "exited", "no answer", "silent", "not heard yet", "not measurable"];

/* @text, with a full stop when it ends without one. */
function sentence(text) {
	return text && !/[.!?]$/.test(text) ? `${text}.` : text;
}

function fact(question, kind, ...answer) {
	return el("div", { class: "fact" },
		el("dt", {}, question),
		el("dd", { class: kind }, kind ? icon(kind) : null, el("span", {}, answer)));
}

function restartFact(fleet, stale) {
	const { safe, text } = fleet.restart;
	const { step, exit, unknown } = fleet.restart.counts;
	const { hosts } = fleet.restart;
	const kind = stale || unknown === hosts ? "unknown" : safe === hosts ? (fleet.restart.lost > 0 ? "warn" : "good") : step + exit > 0 ? "bad" : "warn";
	return fact("May I restart?", kind, stale ? "Not known: the collector does not answer." : sentence(text));
}

function sourcesFact(fleet, stale) {
	const bad = fleet.upstreams.filter((one) => one.state === "falseticker");
	const silent = fleet.upstreams.filter((one) => one.state === "silent");
	const used = fleet.upstreams.filter((one) => kindOf(one.state) === "good");
	const begun = fleet.upstreams.filter((one) => one.state === "new");
	const told = fleet.upstreams.some((one) => one.seen > 0);
	const parts = [told ? `${used.length} of ${fleet.upstreams.length} good` : "Not known: no host has told of them"];
	for (const one of bad) {
		parts.push(`${one.name} is a falseticker, ${duration(Math.abs(one.offset_ns))} off`);
	}
	for (const one of silent) {
		parts.push(`${one.name} is silent`);
	}
	if (begun.length > 0) {
		parts.push(`${begun.length} ${begun.length > 1 ? "have" : "has"} just begun to answer`);
	}
	const kind = stale || !told ? "unknown"
		: used.length === 0 ? (begun.length > 0 ? "unknown" : "bad") : bad.length + silent.length > 0 ? "warn" : "good";
	return fact("Outside sources", kind, sentence(parts.join("; ")));
}

/* A leap second to come; null when none is announced. */
function leapFact(fleet, stale) {
	const { kind, text, without } = fleet.leap;
	if (kind === "none") {
		return null;
	}
	return fact("What comes?", stale ? "unknown" : without.length > 0 ? "warn" : "good", sentence(text[0].toUpperCase() + text.slice(1)));
}

function changeFact(fleet, steps) {
	const now = Date.parse(fleet.time);
	const recent = steps.filter((step) => isMishap(step) && now - Date.parse(step.time) < 86400e3);
	if (recent.length === 0) {
		return fleet.hosts.some((host) => host.fresh) ? fact("What changed?", "good", "No step of a clock is known in the last 24 hours.")
			: fact("What changed?", "unknown", "Not known: no host is heard.");
	}
	const latest = recent[0];
	const others = recent.length > 1 ? [", and ", el("a", { href: "#ledger" }, `${recent.length - 1} more in 24 hours`)] : "";
	return fact("What changed?", "bad", el("a", { href: `#host=${encodeURIComponent(latest.host)}` }, latest.host),
		` was stepped by ${duration(latest.amount_ns, { sign: true })} ${age((now - Date.parse(latest.time)) * 1e6)} ago: ${causeWords(latest)}`, others, ".");
}

function reportingFact({ hosts }, stale) {
	const { expected, reporting } = hosts;
	return fact("Who reports?", stale || reporting === 0 ? "unknown" : reporting < expected ? "warn" : "good",
		reporting === expected ? `All ${expected} hosts.` : `${reporting} of ${expected} hosts; `,
		reporting < expected ? el("a", { href: "#by=state" }, `${expected - reporting} do not.`) : "");
}

/* The host that is furthest off by its own word, with how far it may be off at most. */
function worstFact(fleet, stale) {
	const known = fleet.hosts.filter((host) => host.fresh && host.offset_ns !== undefined);
	const worst = known.reduce((a, b) => (a && Math.abs(a.offset_ns) >= Math.abs(b.offset_ns) ? a : b), null);
	if (!worst || stale) {
		return fact("Furthest off?", "unknown", "Not known: no host tells its offset.");
	}
	return fact("Furthest off?", Math.abs(worst.offset_ns) > worst.budget.offset_ns ? "bad" : "good",
		el("a", { href: `#host=${encodeURIComponent(worst.name)}` }, worst.name), `, by ${duration(worst.offset_ns, { sign: true })}, at most ${duration(worst.error_bound_ns)}.`);
}

function quorumFact(fleet, stale) {
	const short = fleet.tiers.filter((tier) => tier.good < tier.quorum);
	const words = fleet.tiers.map((tier) => `${tier.name} has ${tier.good} of ${tier.servers.length} servers good and needs ${tier.quorum}`);
	return fleet.tiers.length === 0 ? null : fact("Enough servers?", stale ? "unknown" : short.length > 0 ? "bad" : "good", sentence(words.join("; ")));
}

/* The fleet as one bar: each health has the width of its share of the hosts. */
function shares(fleet) {
	const { counts, hosts } = fleet.headline;
	const present = ORDER.filter((health) => counts[health] > 0);
	const bar = el("div", { class: "shares", "aria-hidden": "true" });
	for (const health of present) {
		const part = el("i", { class: kindOf(health) });
		part.style.flexGrow = counts[health] / hosts;
		bar.append(part);
	}
	return [bar, el("ul", { class: "counts" }, present.map((health) =>
		el("li", { class: kindOf(health) }, icon(kindOf(health)), el("b", {}, counts[health]), ` ${health}`)))];
}

export function showHeadline(fleet, health, steps, stale, since_ns) {
	const { state, text, detail, host } = fleet.headline;
	const kind = stale ? "unknown" : kindOf(state);
	const title = stale ? "The collector does not answer" : text;
	const words = stale ? `What is below was so ${age(since_ns)} ago. Is timetier serve running?` : sentence(detail);
	const at = !stale && host ? ` ${words}`.indexOf(` ${host} `) : -1;
	const where = at >= 0
		? [words.slice(0, at), el("a", { href: `#host=${encodeURIComponent(host)}` }, host), words.slice(at + host.length)] : words;
	const section = document.getElementById("headline");
	section.className = `headline ${kind}`;
	section.replaceChildren(
		el("div", { class: "verdict" }, icon(kind), el("div", {}, el("h1", {}, title), el("p", { class: "detail" }, where))),
		...shares(fleet),
		el("dl", { class: "facts" }, restartFact(fleet, stale), quorumFact(fleet, stale), reportingFact(health, stale), worstFact(fleet, stale), sourcesFact(fleet, stale), leapFact(fleet, stale), changeFact(fleet, steps)));
}
