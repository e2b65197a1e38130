/* What is wrong now, worst first, each with the reason that says what to do. Many hosts with the same trouble are one row. */
import { el, icon } from "./dom.js";
import { age, stateKind } from "./format.js";

const ALONE = 3; /* so many hosts with the same trouble have a row each */
const NAMED = 6; /* so many of more are named at once */
const LISTED = 200;

function hostLink(name) {
	return el("a", { href: `#host=${encodeURIComponent(name)}` }, name);
}

/* A reason, with the commands in it, which stand between backticks, as such. */
function reasonOf(text) {
	return text.split("`").map((part, i) => (i % 2 === 1 ? el("code", {}, part) : part));
}

function since(condition, now_ms) {
	return el("span", { class: "since", title: condition.since }, `for ${age((now_ms - Date.parse(condition.since)) * 1e6)}`);
}

function row(condition, now_ms) {
	const { scope, subject, state, title, reason } = condition;
	return el("li", { class: stateKind(state), "data-code": condition.code },
		icon(stateKind(state)),
		el("div", {}, el("p", {}, el("b", {}, scope === "host" ? hostLink(subject) : scope === "tier" ? `tier ${subject}` : subject), ` \u2013 ${title} `, el("small", {}, state, ", ", since(condition, now_ms))),
			el("p", { class: "reason" }, reasonOf(reason))));
}

function links(names) {
	return names.flatMap((name, i) => [i > 0 ? ", " : "", hostLink(name)]);
}

/* One row for all @members: the reason of the first stands for those of the others. */
function common(members, now_ms, opened) {
	const [first] = members;
	const names = members.map((one) => one.subject);
	return el("li", { class: stateKind(first.state), "data-code": first.code },
		icon(stateKind(first.state)),
		el("div", {}, el("p", {}, el("b", {}, `${members.length} hosts`), ` \u2013 ${first.title} `, el("small", {}, first.state)),
			el("p", { class: "reason" }, `${first.subject}: `, reasonOf(first.reason)),
			el("details", { open: opened.has(first.code) }, el("summary", {}, `All ${members.length}: ${names.slice(0, NAMED).join(", ")}${names.length > NAMED ? " \u2026" : ""}`),
				el("p", {}, links(names.slice(0, LISTED)), names.length > LISTED ? ` and ${names.length - LISTED} more` : ""))));
}

/* Conditions of the same code and state, in the order of the first of each. */
function gathered(conditions) {
	const groups = new Map();
	for (const one of conditions) {
		const key = `${one.code} ${one.state}`;
		groups.get(key)?.push(one) ?? groups.set(key, [one]);
	}
	return [...groups.values()];
}

function rows(health, now_ms, box) {
	const opened = new Set([...box.querySelectorAll("details[open]")].map((one) => one.closest("li").dataset.code));
	return gathered(health.conditions).flatMap((members) => (members.length > ALONE && members[0].scope === "host"
		? [common(members, now_ms, opened)] : members.map((one) => row(one, now_ms))));
}

/* @health: the answer of /api/v1/health */
export function showWrong(health, now_ms, stale) {
	const box = document.getElementById("wrong");
	const { condition_count: count, conditions, hosts } = health;
	const focused = box.contains(document.activeElement) ? document.activeElement : null;
	const place = focused ? [...box.querySelectorAll("a, summary")].indexOf(focused) : -1;
	document.getElementById("wrong-title").textContent = count > 0 ? `What is wrong now (${count})` : "What is wrong now";
	box.replaceChildren(count > 0 ? el("ul", { class: "wrong" }, rows(health, now_ms, box))
		: el("p", { class: "none" }, stale || hosts.reporting === 0 ? "Not known: no host is heard." : "Nothing stands against any host, tier or upstream."),
	count > conditions.length ? el("p", { class: "none" }, `The worst ${conditions.length} of ${count}.`) : "");
	box.querySelectorAll("a, summary")[place]?.focus({ preventScroll: true });
}
