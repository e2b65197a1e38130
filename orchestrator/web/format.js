/* Turns numbers into texts for people, and states into CSS classes. */

/* Nanoseconds in the unit that fits: "1.25 ms". */
export function duration(ns, { sign = false } = {}) {
	if (ns === null || ns === undefined) {
		return "\u2013";
	}
	const units = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]];
	const size = Math.abs(ns);
	const [unit, factor] = units.find(([, one]) => size >= one * 0.9995) ?? ["ns", 1];
	const value = size / factor;
	const digits = unit === "ns" || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	const mark = ns < 0 ? "\u2212" : sign && ns > 0 ? "+" : "";
	return `${mark}${value.toFixed(digits)}\u202f${unit}`;
}

/* How long ago, coarsely: "3 s", "12 min", "5 h", "3 d". */
export function age(ns) {
	const seconds = Math.max(0, Math.round(ns / 1e9));
	if (seconds < 100) {
		return `${seconds}\u202fs`;
	}
	if (seconds < 100 * 60) {
		return `${Math.round(seconds / 60)}\u202fmin`;
	}
	if (seconds < 48 * 3600) {
		return `${Math.round(seconds / 3600)}\u202fh`;
	}
	return `${Math.round(seconds / 86400)}\u202fd`;
}

/* The kind of each state: colours and shapes follow the kind. A state that is not here is unknown. */
const KINDS = {
	good: "good", selected: "good", combined: "good", measured: "good", safe: "good",
	degraded: "warn", "free-running": "warn", settling: "warn", "follows siblings only": "warn", "clock lost": "warn", outlier: "good", rejected: "warn", slew: "warn",
	bad: "bad", "over budget": "bad", unsynchronised: "bad", stopped: "bad", exited: "bad", falseticker: "bad", step: "bad",
	exit: "bad",
};

export function kindOf(state) {
	return KINDS[state] ?? "unknown";
}

/* The five states of a host, a tier or the site, the one to look at first in front; and their kinds. */
export const STATES = ["bad", "stale", "warn", "unknown", "good"];

export function stateKind(state) {
	return state === "stale" ? "unknown" : state;
}

export function stateOf(host) {
	return STATES.includes(host.state) ? host.state : "unknown";
}

/* What is known of the program that keeps a host's time. */
export function runs(host) {
	return host.measured ? "not managed" : host.daemon;
}

/* A restart is not good when it leaves the clock alone but the daemon without a source. */
export function verdictKind(verdict) {
	const kind = kindOf(verdict?.kind ?? "unknown");
	return kind === "good" && verdict.degraded ? "warn" : kind;
}

/* What a restart would do, in words. */
export function verdictWords(verdict) {
	if (!verdict) {
		return "not known";
	}
	const amount = verdict.amount_ns ? ` ${duration(verdict.amount_ns, { sign: true })}` : "";
	const lost = verdict.degraded ? ", no source" : "";
	return { safe: `safe${lost}`, slew: `slew${amount}${lost}`, step: `${amount ? "step" : "may step"}${amount}${lost}`, exit: "would exit" }[verdict.kind] ?? `not known${lost}`;
}

/* How many of the last eight polls were answered: "7/8", not the reach register in octal. */
export function reachWords(reach) {
	let bits = 0;
	for (let rest = reach ?? 0; rest > 0; rest >>= 1) {
		bits += rest & 1;
	}
	return `${bits}/8`;
}
