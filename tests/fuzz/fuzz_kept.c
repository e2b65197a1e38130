/* The file that keeps the latest probe: anybody may have written into it. */
#include "orchestrator/probe/kept.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct topology topology;
	static const char site[] = "site: a\nupstreams:\n  - {name: one, address: 192.0.2.1}\n"
				   "  - {name: two, address: 192.0.2.2}\n"
				   "tiers: [{name: t, upstreams: all, servers: [{name: s, "
				   "address: 192.0.2.3}]}]\n";
	struct arena arena = { .blocks = NULL };
	struct diags diags = { 0 };
	struct kept kept;
	struct error err;
	struct graph graph;

	if (!topology.site) {
		assert(topology_load_text(&topology, "site", site, strlen(site), &diags) == 0);
	}
	if (kept_parse((const char *)data, size, &topology, &arena, &kept, &err) == 0) {
		assert(kept.at_ns != 0 && kept.probed <= 2 && kept.good <= kept.probed);
		graph_make(&graph, &topology, kept.seen);
		graph_free(&graph);
	} else {
		assert(err.text[0] && kept.at_ns == 0 && !kept.seen);
	}
	arena_free(&arena);
	diags_free(&diags);
	return 0;
}
