/* What a row of the table of hosts shows. */
import { el, icon } from "./dom.js";
import { age, duration, kindOf, runs, verdictKind, verdictWords } from "./format.js";

/* The heads of the columns, and by what each sorts: numbers largest first, texts by the alphabet. */
export const HEADS = [
	["Host", "name", (host) => host.name],
	["Health", "worst", null],
	["Offset", "offset", (host) => (host.fresh ? -Math.abs(host.offset_ns ?? 0) : 1)],
	["Error bound, of its budget", "bound", (host) => (host.fresh ? -(host.error_bound_ns ?? 0) / host.budget.error_bound_ns : 1)],
	["Source", "source", (host) => (host.fresh && host.source?.name) || "\uffff"],
	["Restart", "restart", (host) => ["step", "exit", "unknown", "slew", "safe"].indexOf(host.fresh ? host.verdict?.kind ?? "unknown" : "unknown")],
	["Report", "report", (host) => host.heard_ms ?? -Infinity],
];

/* The error bound against its budget; the darker part is the offset's share. */
function meter(host) {
	const budget = host.budget.error_bound_ns;
	const bound = host.error_bound_ns;
	const share = (ns) => `${Math.min(100, (100 * Math.abs(ns)) / budget)}%`;
	const whole = el("i", { class: "bound" });
	const part = el("i", { class: "part" });
	whole.style.width = share(bound);
	part.style.width = share(host.offset_ns);
	return el("span", {
		/* what an appliance says of its own error is mostly a constant: its offset alone is judged */
		class: `meter ${!host.fresh ? "unknown" : bound > budget ? (host.measured ? "warn" : "bad") : "good"}`,
		role: "img", "aria-label": `${duration(bound)} of ${duration(budget)}`, title: `${duration(bound)} of ${duration(budget)}`,
	}, whole, part);
}

function restartCell(host) {
	if (host.measured) {
		return ["\u2013"];
	}
	const verdict = host.fresh ? host.verdict : null;
	return [icon(verdictKind(verdict)), ` ${verdictWords(verdict)}`];
}

export function heardWords(host) {
	return host.heard_ms === null ? (host.measured ? "\u2013" : "not yet") : `${age((performance.now() - host.heard_ms) * 1e6)} ago`;
}

/* [class, children] of each column. */
export function cells(host) {
	const known = host.fresh && host.offset_ns !== undefined;
	const kind = kindOf(host.health);
	const over = known && Math.abs(host.offset_ns) > host.budget.offset_ns;
	return [
		["name", [el("b", {}, host.name), el("small", {}, `${host.place} \u00b7 ${runs(host)}`)]],
		[`health ${kind}`, [icon(kind), el("span", {}, host.health), host.reason ? el("small", { class: "reason" }, host.reason) : null,
			host.measured?.rounds > 0 ? el("small", { class: "from-here" }, "measured from here") : null,
			host.by_agent && known ? el("small", { class: "from-here" }, "measured by its agent") : null]],
		[`number offset ${over ? "bad" : ""}`, [known ? duration(host.offset_ns, { sign: true }) : "\u2013"]],
		["bound-cell", known ? [el("span", { class: "number" }, duration(host.error_bound_ns)), meter(host)] : ["\u2013"]],
		["source", [host.fresh ? host.source?.name ?? "\u2013" : "\u2013"]],
		["restart", restartCell(host)],
		["number age", [heardWords(host)]],
	];
}
