/* The table of hosts, worst first. A row stays while its numbers change, so that it keeps the keyboard's focus. */
import { el, icon } from "./dom.js";
import { age, duration, kindOf, runs, verdictKind, verdictWords } from "./format.js";

const SHOWN = 60; /* rows until somebody asks for all */
const HEADS = ["Host", "Health", "Offset", "Error bound, of its budget", "Source", "Restart", "Report"];

const rows = new Map();
const view = { health: null, search: "", all: false };
let refresh = () => {};

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

function cells(host) {
	const known = host.fresh && host.offset_ns !== undefined;
	const kind = kindOf(host.health);
	const seen = host.measured ? host.measured.heard_age_ns : host.report_age_ns;
	const over = known && Math.abs(host.offset_ns) > host.budget.offset_ns;
	return [
		["name", [el("b", {}, host.name), el("small", {}, `${host.tier ?? host.group} \u00b7 ${runs(host)}`)]],
		[`health ${kind}`, [icon(kind), el("span", {}, host.health), host.reason ? el("small", {}, host.reason) : null,
			host.measured?.rounds > 0 ? el("small", { class: "from-here" }, "measured from here") : null,
			host.by_agent && known ? el("small", { class: "from-here" }, "measured by its agent") : null]],
		[`number offset ${over ? "bad" : ""}`, [known ? duration(host.offset_ns, { sign: true }) : "\u2013"]],
		["bound-cell", known ? [el("span", { class: "number" }, duration(host.error_bound_ns)), meter(host)] : ["\u2013"]],
		["source", [host.fresh ? host.source?.name ?? "\u2013" : "\u2013"]],
		["restart", restartCell(host)],
		["number age", [seen === undefined ? (host.measured ? "\u2013" : "not yet") : `${age(seen)} ago`]],
	];
}

function rowOf(host, select) {
	let row = rows.get(host.name);
	if (!row) {
		row = el("tr", {
			tabindex: "0", "data-host": host.name,
			onclick: () => select(host.name),
			onkeydown: (event) => moveOrOpen(event, host.name, select),
		});
		rows.set(host.name, row);
	}
	row.className = host.fresh ? "" : "stale";
	row.setAttribute("aria-label", `${host.name}: ${host.health}`);
	row.replaceChildren(...cells(host).map(([name, children], i) =>
		el(i === 0 ? "th" : "td", { class: name, scope: i === 0 ? "row" : null, "data-head": HEADS[i] }, children)));
	return row;
}

function moveOrOpen(event, name, select) {
	const row = event.currentTarget;
	const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
	if (event.key === "Enter" || event.key === " ") {
		event.preventDefault();
		select(name);
	} else if (next) {
		event.preventDefault();
		next.focus();
	}
}

function matches(host) {
	return (!view.health || host.health === view.health) &&
		(!view.search || `${host.name} ${host.tier ?? host.group} ${runs(host)} ${host.source?.name ?? ""}`.toLowerCase().includes(view.search));
}

function showFilters(counts) {
	const present = Object.entries(counts).filter(([, count]) => count > 0);
	const buttons = present.map(([health, count]) => el("button", {
		type: "button", "aria-pressed": String(view.health === health), class: kindOf(health), "data-health": health,
		onclick: () => {
			view.health = view.health === health ? null : health;
			refresh();
		},
	}, icon(kindOf(health)), `${health} ${count}`));
	const focused = document.activeElement?.dataset?.health;
	const filters = document.getElementById("filters");
	filters.replaceChildren(...(present.length > 1 ? buttons : []));
	buttons.find((button) => button.dataset.health === focused)?.focus();
}

export function setUpHosts(again) {
	refresh = again;
	document.getElementById("search").addEventListener("input", (event) => {
		view.search = event.target.value.trim().toLowerCase();
		refresh();
	});
}

function showMore(found, total) {
	const more = document.getElementById("more");
	more.replaceChildren();
	if (found === 0) {
		more.append(total === 0 ? "The site declares no hosts." : "No host fits.");
	} else if (!view.all && found > SHOWN) {
		more.append(el("button", {
			type: "button",
			onclick: () => {
				view.all = true;
				refresh();
			},
		}, `Show all ${found} hosts`));
	}
}

export function showHosts(fleet, select) {
	const table = document.getElementById("hosts");
	const found = fleet.hosts.filter(matches);
	const shown = view.all ? found : found.slice(0, SHOWN);
	const body = table.tBodies[0] ?? table.createTBody();
	const focused = document.activeElement?.dataset?.host;
	if (!table.tHead) {
		table.createTHead().append(el("tr", {}, HEADS.map((head) => el("th", { scope: "col" }, head))));
	}
	const wanted = shown.map((host) => rowOf(host, select));
	if (wanted.length !== body.rows.length || wanted.some((row, i) => row !== body.rows[i])) {
		body.replaceChildren(...wanted);
		if (focused && document.activeElement !== rows.get(focused)) {
			rows.get(focused)?.focus({ preventScroll: true });
		}
	}
	showFilters(fleet.headline.counts);
	showMore(found.length, fleet.hosts.length);
}
