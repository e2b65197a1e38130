/* Who sees whom how far off: a table for each tier, from what its servers' daemons measure. */
import { el, icon, scroll } from "./dom.js";
import { age, duration } from "./format.js";

const WIDEST = 40; /* columns */

/* What @host says of @name: the kind, the words in the cell, and those for who asks. */
function cellOf(host, name, sources) {
	if (host.name === name) {
		return ["self", "\u2013", "itself"];
	}
	if (!host.fresh || host.offset_ns === undefined) {
		return ["unknown", "?", "its daemon is not heard"];
	}
	const source = sources.get(name);
	if (!source) {
		return ["none", "", "not asked"];
	}
	if (source.state === "silent" || (source.reach ?? 0) === 0) {
		return ["unknown", "silent", `does not answer ${host.name}`];
	}
	const over = Math.abs(source.offset_ns) > host.budget.offset_ns;
	const heard = source.age_ns >= 0 ? `, heard ${age(source.age_ns)} before the report` : "";
	return [source.state === "falseticker" ? "bad" : over ? "warn" : "good", duration(source.offset_ns, { sign: true }),
		`${source.state}, \u00b1${duration(source.error_ns)}${heard}`];
}

function row(host, names) {
	const sources = new Map((host.sources ?? []).map((source) => [source.name, source]));
	return el("tr", {}, el("th", { scope: "row" }, el("a", { href: `#host=${encodeURIComponent(host.name)}` }, host.name)), names.map((name) => {
		const [kind, words, more] = cellOf(host, name, sources);
		return el("td", { class: kind, title: `${host.name} sees ${name}: ${words} ${more}` },
			kind === "bad" || kind === "warn" || kind === "unknown" ? icon(kind) : null, words || el("span", { class: "hidden" }, more));
	}));
}

/* Of a tier: its own servers, then other servers and upstreams that any of them measures. */
function columns(fleet, tier, hosts) {
	const measured = new Set(hosts.flatMap((host) => (host.sources ?? []).map((source) => source.name)));
	const others = [...fleet.tiers.flatMap((one) => one.servers), ...fleet.upstreams.map((one) => one.name)];
	return [...tier.servers, ...others.filter((name) => measured.has(name) && !tier.servers.includes(name))].slice(0, WIDEST);
}

function table(fleet, tier, servers) {
	const hosts = tier.servers.map((name) => servers.get(name)).filter(Boolean);
	const names = columns(fleet, tier, hosts);
	return [el("h3", {}, `Tier ${tier.name}`), scroll(`How tier ${tier.name} sees the others`, el("table", { class: "matrix" },
		el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "sees"), names.map((name) => el("th", { scope: "col" }, name)))),
		el("tbody", {}, hosts.map((host) => row(host, names)))))];
}

export function showMatrix(fleet) {
	const box = document.getElementById("matrix");
	const servers = new Map(fleet.hosts.filter((host) => host.tier).map((host) => [host.name, host]));
	const parts = fleet.tiers.filter((tier) => tier.servers.length > 0).flatMap((tier) => table(fleet, tier, servers));
	const same = parts.length === box.children.length && parts.every((part, i) => part.isEqualNode(box.children[i]));
	if (!same) { /* it stays, with its focus and where it was scrolled to, while nothing changes */
		const left = [...box.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
		box.replaceChildren(...parts);
		box.querySelectorAll(".scroll").forEach((one, i) => { one.scrollLeft = left[i] ?? 0; });
	}
}
