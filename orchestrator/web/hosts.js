/* The table of hosts, worst first: which of them are shown, in which order, in which groups. All of that is in the address. */
import { el, icon } from "./dom.js";
import { seen, visit } from "./address.js";
import { compareTexts, compareWorst } from "./fleet.js";
import { HEADS, cells, heardWords } from "./cells.js";
import { kindOf, STATES, stateKind, stateOf } from "./format.js";
import { LongTable, PRINTED } from "./window.js";

/* By what hosts can be gathered; "" is not at all. */
const GROUPS = { "": ["not grouped", null], place: ["by tier or group", (host) => host.place], state: ["by state", stateOf], daemon: ["by daemon", (host) => host.daemon],
	source: ["by source", (host) => (host.fresh && host.source?.name) || "none"] };

let list = null, latest = null, open = () => {};
/* @hosts, which are worst first, as @view has them. */
function inOrder(hosts, view) {
	const value = HEADS.find(([, name]) => name === view.sort)?.[2];
	if (!value) {
		return view.down ? hosts.reverse() : hosts;
	}
	const sign = view.down ? -1 : 1;
	const keyed = hosts.map((host) => [value(host), host]);
	const compare = typeof keyed[0]?.[0] === "string" ? compareTexts : (a, b) => a - b;
	return keyed.sort((a, b) => sign * compare(a[0], b[0]) || compareWorst(a[1], b[1])).map(([, host]) => host);
}

function rowOf({ host, title, count, words }, known, same) {
	if (same && host) { /* only its age goes on */
		known.lastChild.textContent = heardWords(host);
		return known;
	}
	if (!host) {
		return el("tr", { class: "group-head" }, el("th", { colspan: HEADS.length, scope: "rowgroup" }, title, el("small", {}, `${count} host${count === 1 ? "" : "s"}: ${words}`)));
	}
	const row = known ?? el("tr", {
		tabindex: "0", "data-host": host.name, onclick: () => open(host.name), onkeydown: (event) => moveOrOpen(event, host.name),
	});
	row.className = host.fresh ? "" : "stale";
	row.setAttribute("aria-label", `${host.name}: ${host.health}`);
	row.replaceChildren(...cells(host).map(([name, children], i) =>
		el(i === 0 ? "th" : "td", { class: name, scope: i === 0 ? "row" : null, "data-head": HEADS[i][0] }, children)));
	return row;
}

function moveOrOpen(event, name) {
	const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
	if (event.key === "Enter" || event.key === " ") {
		event.preventDefault();
		open(name);
	} else if (step) {
		event.preventDefault();
		list.move(name, step);
	}
}

function fits(view) {
	const words = (view.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
	if (!view.state && !view.in && !view.daemon && words.length === 0) {
		return () => true;
	}
	return (host) => (!view.state || stateOf(host) === view.state) && (!view.in || host.place === view.in) && (!view.daemon || host.daemon === view.daemon) &&
		words.every((word) => host.words.includes(word));
}

/* The hosts of each group behind its title, the group of the worst host first. */
function gathered(hosts, by) {
	const groups = new Map();
	for (const host of hosts) {
		const name = by(host) || "none";
		groups.get(name)?.push(host) ?? groups.set(name, [host]);
	}
	return [...groups].flatMap(([title, members]) => {
		const counts = STATES.map((state) => [members.filter((host) => stateOf(host) === state).length, state]).filter(([count]) => count > 0);
		return [{ key: `group ${title}`, kind: "head", title, count: members.length, words: counts.map((pair) => pair.join(" ")).join(", ") }, ...members.map((host) => host.item)];
	});
}

function showStates(hosts, view) {
	const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
	for (const host of hosts) {
		counts[stateOf(host)]++;
	}
	const present = STATES.filter((state) => counts[state] > 0 || state === view.state);
	const focused = document.activeElement?.dataset?.state;
	const buttons = present.map((state) => el("button", {
		type: "button", "aria-pressed": String(view.state === state), class: stateKind(state), "data-state": state,
		onclick: () => visit({ state: seen().state === state ? null : state }, { quiet: true }),
	}, icon(stateKind(state)), `${state} ${counts[state]}`));
	document.getElementById("filters").replaceChildren(...(present.length > 1 || view.state ? buttons : []));
	buttons.find((button) => button.dataset.state === focused)?.focus();
}

/* The choices of a list: made anew only when they changed, or an open list would close. */
function offer(id, choices, chosen) {
	const box = document.getElementById(id);
	const known = JSON.stringify(choices);
	if (box.dataset.known !== known) {
		box.dataset.known = known;
		box.replaceChildren(...choices.map(([value, words]) => el("option", { value }, words)));
	}
	box.value = chosen ?? "";
	box.closest("label").classList.toggle("chosen", Boolean(chosen));
}

function showChoices(fleet, view) {
	const daemons = [...new Set(fleet.hosts.map((host) => host.daemon))].sort(compareTexts);
	offer("choose-in", [["", "everywhere"], ...fleet.tiers.map(({ name }) => [name, `tier ${name}`]), ...fleet.groups.map(({ name }) => [name, `group ${name}`])], view.in);
	offer("choose-daemon", [["", "any"], ...daemons.map((name) => [name, name])], view.daemon);
	offer("choose-by", Object.entries(GROUPS).map(([value, [words]]) => [value, words]), view.by);
}

function showHeads(view) {
	const sorted = view.sort ?? "worst";
	for (const head of document.querySelectorAll("#hosts thead th")) {
		const own = head.dataset.sort === sorted;
		if (own) {
			head.setAttribute("aria-sort", view.down ? "descending" : "ascending");
		} else {
			head.removeAttribute("aria-sort");
		}
	}
	const words = HEADS.find(([, name]) => name === sorted)?.[0].toLowerCase().replace(/,.*/, "");
	document.getElementById("hosts-title").textContent = sorted === "worst" ? (view.down ? "Hosts, best first" : "Hosts, worst first") : `Hosts, by ${words}`;
}

function showFound(found, fleet, view) {
	const total = fleet.headline.hosts;
	const some = view.state || view.in || view.daemon || view.q;
	const more = document.getElementById("more");
	const words = total === 0 ? "The site declares no hosts." : !fleet.whole ? `${fleet.hosts.length} of ${total} hosts are here; the others come.`
		: found === 0 ? "No host fits." : some ? `${found} of ${total} hosts fit.` : "";
	more.replaceChildren(words, some ? el("button", { type: "button", onclick: () => visit({ state: null, in: null, daemon: null, q: null }, { quiet: true }) }, "Show all") : "");
	document.getElementById("unprinted").textContent = found > PRINTED ? `${found - PRINTED} more hosts are not printed.` : "";
}

export function showHosts(fleet) {
	const view = seen();
	const search = document.getElementById("search");
	const found = inOrder(fleet.hosts.filter(fits(view)), view);
	const by = GROUPS[view.by]?.[1];
	latest = fleet;
	if (document.activeElement !== search) {
		search.value = view.q ?? "";
	}
	showStates(fleet.hosts, view);
	showChoices(fleet, view);
	showHeads(view);
	list.show(by ? gathered(found, by) : found.map((host) => host.item));
	showFound(found.length, fleet, view);
}

/* @select is called with the name of a host to open. */
export function setUpHosts(select) {
	const table = document.getElementById("hosts");
	open = select;
	table.createTHead().append(el("tr", { "aria-rowindex": "1" }, HEADS.map(([words, name]) => el("th", { scope: "col", "data-sort": name }, el("button", {
		type: "button", onclick: () => {
			const view = seen();
			visit({ sort: name === "worst" ? null : name, down: (view.sort ?? "worst") === name && !view.down ? "1" : null }, { quiet: true });
		},
	}, words)))));
	list = new LongTable(table, HEADS.length, rowOf);
	for (const [id, name] of [["choose-in", "in"], ["choose-daemon", "daemon"], ["choose-by", "by"]]) {
		document.getElementById(id).addEventListener("change", ({ target }) => visit({ [name]: target.value }, { quiet: true }));
	}
	document.getElementById("search").addEventListener("input", ({ target }) => visit({ q: target.value.trim() }, { quiet: true }));
	addEventListener("hashchange", () => latest && showHosts(latest));
}
