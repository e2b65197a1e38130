/*
 * The fleet as the collector tells it: the worst hosts first, which the first view needs, then the others page by page, then
 * only what changed. So no answer is so large that reading it would make the page stutter, however many hosts there are.
 */
const FIRST = 100; /* hosts of the first answer */
const SERVERS = 40; /* of the first in site.yaml, which are the servers: the map begins with them */
const PAGE = 400;
const CHANGED = 1000;
const TIMEOUT_MS = 8000;

const known = { hosts: new Map(), sorted: [], site: null, revision: null, whole: false };
export const compareTexts = new Intl.Collator("en", { numeric: true }).compare;

/* The collector's own order: the worse health, servers before clients, the larger error bound. */
export function compareWorst(a, b) {
	return b.rank - a.rank || a.client - b.client || b.bound - a.bound || compareTexts(a.name, b.name);
}

/* Hosts, worst first. Most stand where they stood, so that this costs little. */
function sort() {
	const { hosts, sorted } = known;
	const next = sorted.length === hosts.size ? sorted.map((host) => hosts.get(host.name)) : null;
	known.sorted = (next?.every(Boolean) ? next : [...hosts.values()]).sort(compareWorst);
}

export async function get(path) {
	const answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
	if (!answer.ok) {
		throw new Error((await answer.json().catch(() => ({}))).error ?? `${path}: ${answer.status}`);
	}
	return answer.json();
}

/*
 * What the page adds to each host: when it was heard, what is searched, and its row, whose kind tells rows of one height
 * (window.js). Ages are told as of the answer: an instant of this page's own clock goes on by itself.
 */
function take(hosts) {
	const now = performance.now();
	for (const host of hosts) {
		const age_ns = host.measured ? host.measured.heard_age_ns : host.report_age_ns;
		host.heard_ms = age_ns === undefined ? null : now - age_ns / 1e6;
		host.place = host.tier ?? host.group;
		host.client = host.role === "server" ? 0 : 1;
		host.bound = host.fresh ? host.error_bound_ns ?? -1 : -1;
		host.item = { key: host.name, kind: host.reason ? "tall" : host.by_agent || host.measured ? "noted" : "plain", host };
		host.words = `${host.name} ${host.place} ${host.daemon} ${host.health} ${host.source?.name ?? ""}`.toLowerCase();
		known.hosts.set(host.name, host);
	}
}

const query = (words) => `/api/v1/fleet?brief=1&${new URLSearchParams(words)}`;

/* The pages behind @answer; @show is called once they are there. */
async function takeRest(answer) {
	while (answer.next) {
		answer = await get(query({ order: "worst", limit: PAGE, after: answer.next }));
		take(answer.hosts);
	}
	known.whole = true;
}

async function begin(show) {
	const [first, servers] = await Promise.all([get(query({ order: "worst", limit: FIRST })), get(query({ order: "site", limit: SERVERS }))]);
	Object.assign(known, { hosts: new Map(), site: first, revision: first.revision, whole: !first.next });
	take([...servers.hosts, ...first.hosts]);
	show();
	await takeRest(first);
}

async function goOn() {
	const [site, changed] = await Promise.all([get(query({ limit: 0 })), get(query({ since: known.revision, limit: CHANGED }))]);
	known.site = site;
	known.revision = changed.revision;
	if (changed.since === undefined) { /* another collector, or another site: what was known is of no worth */
		known.hosts = new Map();
		take(changed.hosts);
		await takeRest(changed);
	} else {
		take(changed.hosts);
	}
}

/* All that is known: the collector's answer about the site, with every host that was told of, worst first. */
export function fleet() {
	sort();
	return { ...known.site, hosts: known.sorted, whole: known.whole };
}

/* Ask for what is new; @show is called as soon as there is something to show, and perhaps again. */
export async function update(show) {
	await (known.whole ? goOn() : begin(show));
	show();
}
