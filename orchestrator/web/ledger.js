/* Steps of clocks with their causes, and what is proved of the latest start of a daemon. */
import { el, icon, scroll } from "./dom.js";
import { age, duration } from "./format.js";

const NOTHING_NS = 1000; /* of a move: what the clocks cannot be read better than */
const SHOWN = 8; /* rows until somebody asks for all */
const HEADS = ["When", "Host", "Step", "Cause"];

/* The kind and the words of each cause; a cause that is nobody's fault is grey. */
const CAUSES = {
	"start-up": ["bad", "start of the daemon"], "first-set": ["unknown", "first set of the boot"],
	source: ["bad", "another source"], daemon: ["bad", "the running daemon"], "by hand": ["warn", "by hand"],
	"machine paused": ["warn", "machine paused"], "leap second": ["unknown", "leap second"], unknown: ["bad", "not known"],
};

let all = false;

function causeOf(step) {
	const [kind, words] = CAUSES[step.cause] ?? CAUSES.unknown;
	return [kind, step.cause === "unknown" && !step.settled ? "not known yet" : words];
}

/* "12:01"; with the day when that is not today. */
function moment(text, now_ms) {
	const at = new Date(text);
	const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
	return at.toDateString() === new Date(now_ms).toDateString() ? time
		: `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}

/* Whether a step says that something went wrong: a leap second or a first set does not. */
export function isMishap(step) {
	return step.cause !== "leap second" && step.cause !== "first-set";
}

export function causeWords(step) {
	return causeOf(step)[1];
}

function row(step, now_ms, withHost) {
	const [kind, words] = causeOf(step);
	return el("tr", {},
		el("td", { class: "when", title: step.time }, moment(step.time, now_ms), el("small", {}, `${age((now_ms - Date.parse(step.time)) * 1e6)} ago`)),
		withHost ? el("th", { scope: "row" }, el("a", { href: `#host=${encodeURIComponent(step.host)}` }, step.host)) : null,
		el("td", { class: "number size" }, duration(step.amount_ns, { sign: true }), el("small", {}, step.amount_ns > 0 ? "forward" : "back")),
		el("td", { class: `cause ${kind}` }, icon(kind), el("span", {}, words), el("small", {}, step.words)));
}

function table(steps, now_ms, withHost) {
	return el("table", { class: "ledger" },
		el("thead", {}, el("tr", {}, HEADS.filter((head) => withHost || head !== "Host").map((head) => el("th", { scope: "col" }, head)))),
		el("tbody", {}, steps.map((step) => row(step, now_ms, withHost))));
}

export function showLedger(steps, now_ms, refresh) {
	const box = document.getElementById("ledger");
	const shown = all ? steps : steps.slice(0, SHOWN);
	box.replaceChildren(steps.length === 0 ? el("p", { class: "none" }, "No step of any clock is known.") : table(shown, now_ms, true),
		shown.length < steps.length ? el("p", { class: "more" }, el("button", {
			type: "button",
			onclick: () => {
				all = true;
				refresh();
			},
		}, `Show all ${steps.length} steps`)) : "");
}

/* The proof after the latest start, in one sentence. */
export function proofSentence(proof, now_ms) {
	const started = proof?.started ? moment(proof.started, now_ms) : "";
	const window = duration(proof?.window_ns ?? 0).replace("900\u202fs", "15\u202fmin").replace("3600\u202fs", "1\u202fh");
	switch (proof?.state) {
	case "proved":
		return ["good", `No step in ${window} after the restart at ${started}: proved.`];
	case "watching":
		return ["unknown", `No step since the restart at ${started}; proved at ${moment(proof.window_ends, now_ms)} if it stays so.`];
	case "stepped":
		return ["bad", `Stepped by ${duration(proof.stepped_ns, { sign: true })}${proof.steps > 1 ? ` in ${proof.steps} steps` : ""} after the restart at ${started}.`];
	case "blind":
		return ["unknown", `Not known: it started at ${started}, before its agent watched. No step since.`];
	default:
		return ["unknown", "No start of its daemon was seen."];
	}
}

export function proofBlock(host, now_ms) {
	const proof = host.proof ?? {};
	const [kind, words] = proofSentence(proof, now_ms);
	const notes = [];
	if (proof.state && proof.state !== "none") {
		const moved = Math.abs(proof.moved_ns ?? 0) < NOTHING_NS ? "not moved" : `moved by ${duration(proof.moved_ns, { sign: true })}`;
		notes.push(`In all, slews included, the clock was ${moved}.`);
	}
	if (proof.unwatched_ns > 0) {
		notes.push(`The agent did not run for ${duration(proof.unwatched_ns)} of that time; the clock made no net step then.`);
	}
	if (proof.ended) {
		notes.push("The daemon has ended since.");
	}
	return [el("h3", {}, "Its latest restart"), el("p", { class: `say ${kind}` }, icon(kind), words),
		notes.length ? el("ul", { class: "reasons" }, notes.map((note) => el("li", {}, note))) : null];
}

export function stepsBlock(steps, now_ms) {
	return [el("h3", {}, "Steps of its clock"), steps.length === 0 ? el("p", { class: "none" }, "None is known.") : scroll("Steps of its clock", table(steps, now_ms, false))];
}
