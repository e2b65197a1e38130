/* Draws the hierarchy: what is declared, and what is seen. */
import { visit } from "./address.js";
import { el, icon, svg } from "./dom.js";
import { duration, kindOf, runs } from "./format.js";
import { NODE, place, rowsOf } from "./layout.js";

/* How an edge is drawn: its class and its words, of the first case that fits. */
function edgeLook(edge, heard) {
	if (edge.declared === 0) {
		return ["stranger", "seen, and not declared"];
	}
	if (edge.seen === 0) {
		return heard ? ["missing", "declared, and not seen"] : ["unheard", "declared; nothing is known"];
	}
	if (edge.state === "falseticker") {
		return ["falseticker", "outvoted: a falseticker"];
	}
	if (edge.state === "silent") {
		return ["silent", "does not answer"];
	}
	return edge.selected > 0 ? ["selected", "selected"] : ["used", edge.state];
}

const LEGEND = [["selected", "selected"], ["used", "also used"], ["falseticker", "falseticker"], ["silent", "silent"],
	["missing", "declared, not seen"], ["stranger", "not declared"]];

export function showLegend() {
	document.getElementById("legend").replaceChildren(...LEGEND.map(([look, words]) =>
		el("li", {}, svg("svg", { viewBox: "0 0 30 10", class: "sample", "aria-hidden": "true" },
			svg("path", { class: `edge ${look}`, d: "M1 5H29" })), words)));
}

/* Words that are too long for a node. */
const SHORT = { "follows siblings only": "siblings only" };

function subtitle(node) {
	const { data } = node;
	if (node.kind === "upstream") {
		const plain = { selected: "in use", combined: "in use", outlier: "spare" }[data.state] ?? data.state;
		return data.seen === 0 ? (data.heard > 0 ? "not seen" : "not known yet") : data.state === "falseticker" ? plain : `${plain} \u00b7 ${data.seen} of ${data.declared}`;
	}
	if (node.kind === "clock") {
		return data.seen === 0 ? "not seen" : { selected: "followed", combined: "in use", silent: "gives no time" }[data.state] ?? data.state;
	}
	if (node.kind === "stranger") {
		return "not declared";
	}
	if (node.kind === "group") {
		return `${data.counts.good} of ${data.hosts} good`;
	}
	return data.fresh && data.offset_ns !== undefined && data.health === "good"
		? `${runs(data)} \u00b7 \u00b1${duration(data.error_bound_ns)}` : SHORT[data.health] ?? data.health;
}

/* Bad when a host is bad; else unknown when most hosts are unknown; else warn when a host is warn or unknown. */
function groupKind(group) {
	const kinds = { good: 0, warn: 0, bad: 0, unknown: 0 };
	for (const [health, count] of Object.entries(group.counts)) {
		kinds[kindOf(health)] += count;
	}
	return kinds.bad > 0 ? "bad" : 2 * kinds.unknown > group.hosts ? "unknown" : kinds.warn + kinds.unknown > 0 ? "warn" : "good";
}

function nodeKind(node) {
	return {
		upstream: () => kindOf(node.data.state), stranger: () => "warn",
		clock: () => (node.data.seen > 0 && node.data.state !== "silent" ? kindOf(node.data.state) : "warn"),
		group: () => groupKind(node.data), server: () => kindOf(node.data.health),
	}[node.kind]();
}

/* Cut @whole to @width; @letter is the width of a letter. The part behind a dot goes first. */
function clip(whole, width, letter) {
	const room = Math.floor(width / letter);
	const text = whole.length > room ? whole.split(" \u00b7 ")[0] : whole;
	return text.length > room ? `${text.slice(0, Math.max(1, room - 1))}\u2026` : text;
}

function drawNode(node, select) {
	const kind = nodeKind(node);
	const sub = subtitle(node);
	const mark = icon(kind);
	const activate = () => (node.kind === "server" ? select(node.name) : node.kind === "group" ? findGroup(node.name) : null);
	const left = node.width < 100 ? 25 : 36; /* where the text begins */
	for (const [name, value] of Object.entries({ x: left - 26 + 2, y: NODE.height / 2 - 9, width: 18, height: 18 })) {
		mark.setAttribute(name, value);
	}
	return svg("g", {
		class: `node ${node.kind} ${kind}`, transform: `translate(${node.x} ${node.y})`, tabindex: "0", "data-key": node.key,
		role: node.kind === "server" || node.kind === "group" ? "button" : "img", /* its title is its name for who does not see it */
		onclick: activate,
		onkeydown: (event) => {
			if (event.key === "Enter" || event.key === " ") {
				event.preventDefault();
				activate();
			}
		},
	},
	svg("rect", { width: node.width, height: NODE.height, rx: 9 }), mark,
	svg("text", { x: left, y: 20, class: "name" }, clip(node.name, node.width - left - 4, 7.8)),
	svg("text", { x: left, y: 36, class: "sub" }, clip(sub, node.width - left - 4, 6.1)),
	svg("title", {}, `${node.name}: ${sub}${node.data.operator ? `\n${node.data.operator}` : ""}${node.data.reason ? `\n${node.data.reason}` : ""}`));
}

function findGroup(name) {
	visit({ in: name, state: null, q: null, daemon: null });
	document.getElementById("hosts-title").scrollIntoView({ block: "start", behavior: "smooth" });
}

/* The path from the foot of one node to the head of another; within a row, an arc below the row. */
function pathOf(from, to) {
	const x1 = from.x + from.width / 2;
	const x2 = to.x + to.width / 2;
	const y1 = from.y + NODE.height;
	if (to.y > from.y) {
		const bend = (to.y - y1) / 2;
		return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${to.y - bend} ${x2} ${to.y}`;
	}
	const depth = y1 + Math.min(30, 10 + Math.abs(x2 - x1) / 22);
	return `M${x1} ${y1}C${x1} ${depth} ${x2} ${depth} ${x2} ${y1}`;
}

/* Whether it is known what a host follows: not when the host or its daemon is silent, nor when nobody may look there. */
function isHeard(host) {
	return host.fresh && host.offset_ns !== undefined && !host.measured;
}

const RANK = ["unheard", "used", "selected", "silent", "missing", "stranger", "falseticker"];

/* A pair of peers gets one line for both directions: the one that needs more attention. */
function drawEdges(fleet, nodes) {
	const heard = new Set();
	for (const host of fleet.hosts) {
		if (isHeard(host)) {
			heard.add(host.tier ? host.name : host.group);
		}
	}
	const drawn = new Map();
	for (const edge of fleet.edges) {
		const from = nodes.get(`host ${edge.from}`) ?? nodes.get(`source ${edge.from}`);
		const to = nodes.get(`${edge.to_group ? "group" : "host"} ${edge.to}`);
		if (!from || !to) {
			continue;
		}
		const [look, words] = edgeLook(edge, heard.has(to.name));
		const peers = from.y === to.y || (from.kind === "server" && to.kind === "server" && from.row === to.row);
		const key = peers ? [from.key, to.key].sort().join("|") : `${from.key}|${to.key}`;
		const known = drawn.get(key);
		if (!known || RANK.indexOf(look) > RANK.indexOf(known.look)) {
			drawn.set(key, { from, to, look, peers, words: `${edge.from} \u2192 ${edge.to}: ${words}${edge.auth === "key" || edge.auth === "nts" ? `, ${edge.auth === "nts" ? "NTS" : "key"}` : ""}` });
		}
	}
	return [...drawn.values()].sort((a, b) => RANK.indexOf(a.look) - RANK.indexOf(b.look)).map(({ from, to, look, peers, words }) =>
		svg("path", {
			class: `edge ${look}${peers ? " peer" : ""}`, d: pathOf(from, to), "data-from": from.key, "data-to": to.key,
		}, svg("title", {}, words)));
}

/* The edges of the node under the pointer or the keyboard stand out. */
function highlight(picture, key) {
	picture.classList.toggle("focus", Boolean(key));
	for (const edge of picture.querySelectorAll(".edge")) {
		edge.classList.toggle("hot", edge.dataset.from === key || edge.dataset.to === key);
	}
}

export function showMap(fleet, select) {
	const frame = document.getElementById("map");
	const width = Math.max(300, frame.clientWidth);
	const rows = rowsOf(fleet);
	const height = place(rows, width);
	rows.forEach((row, i) => row.nodes.forEach((node) => { node.row = i; }));
	const nodes = new Map(rows.flatMap((row) => row.nodes).map((node) => [node.key, node]));
	const focused = frame.contains(document.activeElement) ? document.activeElement.dataset.key : null;
	const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "Map of the hierarchy" },
		rows.map((row) => svg("text", { x: 0, y: row.y + 12, class: "row-title" }, row.title)),
		drawEdges(fleet, nodes), [...nodes.values()].map((node) => drawNode(node, select)));
	for (const [event, on] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]]) {
		picture.addEventListener(event, ({ target }) => highlight(picture, on ? target.closest("[data-key]")?.dataset.key : null));
	}
	frame.replaceChildren(picture);
	if (focused) {
		frame.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
	}
}
