/* Where each part of the hierarchy stands: outside sources, tiers, groups of clients, top down. */

export const NODE = { height: 46, min: 104, narrow: 82, max: 168, gap: 14, line: 14, row: 62, label: 22 };

/* A server that the collector did not tell of yet: the page has just begun. */
const NOT_HERE = { health: "\u2026", fresh: false };

/* Sources that some host follows and nobody declared. */
function strangersOf(fleet) {
	const known = new Set([...fleet.upstreams.map((one) => one.name), ...fleet.tiers.flatMap((tier) => tier.servers)]);
	return [...new Set(fleet.edges.filter((edge) => !known.has(edge.from)).map((edge) => edge.from))];
}

/* The rows of the map: a title, and what stands in it. */
export function rowsOf(fleet) {
	const hosts = new Map(fleet.hosts.filter((host) => host.tier).map((host) => [host.name, host]));
	const outside = fleet.upstreams.map((one) => ({ key: `source ${one.name}`, kind: "upstream", data: one, name: one.name }));
	for (const name of strangersOf(fleet)) {
		/* what a host of the site declares, and no upstream is, is its hardware clock */
		const clock = fleet.edges.find((edge) => edge.from === name && edge.declared > 0);
		outside.push({ key: `source ${name}`, kind: clock ? "clock" : "stranger", data: { name, ...clock }, name });
	}
	const rows = [{ title: "Outside sources", nodes: outside }];
	for (const tier of fleet.tiers) {
		rows.push({
			title: `Tier ${tier.name}`,
			nodes: tier.servers.map((name) => ({ key: `host ${name}`, kind: "server", data: hosts.get(name) ?? NOT_HERE, name })),
		});
	}
	rows.push({
		title: "Clients",
		nodes: fleet.groups.map((group) => ({ key: `group ${group.name}`, kind: "group", data: group, name: group.name })),
	});
	return rows.filter((row) => row.nodes.length > 0);
}

/* Give every node its place in @width; returns the height. A row that is too long gets several lines, evenly filled. */
export function place(rows, width) {
	const least = width < 480 ? NODE.narrow : NODE.min;
	const gap = width < 480 ? 8 : NODE.gap;
	let y = 4;
	for (const row of rows) {
		const fit = Math.max(1, Math.floor((width + gap) / (least + gap)));
		const lines = Math.ceil(row.nodes.length / fit);
		const each = Math.ceil(row.nodes.length / lines);
		const nodeWidth = Math.min(NODE.max, (width - (each - 1) * gap) / each);
		row.y = y;
		y += NODE.label;
		row.nodes.forEach((node, i) => {
			const line = Math.floor(i / each);
			const inLine = Math.min(each, row.nodes.length - line * each);
			const start = (width - inLine * nodeWidth - (inLine - 1) * gap) / 2;
			node.width = nodeWidth;
			node.x = start + (i % each) * (nodeWidth + gap);
			node.y = y + line * (NODE.height + NODE.line);
		});
		y += lines * NODE.height + (lines - 1) * NODE.line + NODE.row;
	}
	return y - NODE.row + (rows.at(-1)?.nodes[0].kind === "server" ? 36 : 4); /* room for the arcs between peers */
}
