/* Whatever stands in a site.yaml: no crash, a bounded answer, and every finding at a place. */
#include "orchestrator/topology/topology.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every room relies on, once the shape is called sound. */
static void
check_sound(const struct topology *topology)
{
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];

		assert(host->name[0] && host->daemon && host->addresses.count > 0);
		assert((host->tier != NULL) != (host->group != NULL));
		assert(topology_host(topology, host->name) == host);
		assert(host_budget(host)->offset_ns > 0 && host_budget(host)->error_bound_ns > 0);
		for (size_t s = 0; s < host_sources(host)->count; s++) {
			const struct source *source = &host_sources(host)->list[s];

			assert((source->upstream != NULL) != (source->server != NULL));
		}
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		assert(topology->tiers[i].server_count > 0 && tier_quorum(&topology->tiers[i]) > 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topology topology;
	struct diags diags = { 0 };
	/* beside what is not there: no file is read */
	int status = topology_load_text(
	    &topology, "/nonexistent/site.yaml", (const char *)data, size, &diags);

	for (size_t i = 0; i < diags.count; i++) {
		assert(diags.list[i].pos.file && diags.list[i].pos.line > 0 &&
		    diags.list[i].pos.column > 0);
	}
	assert(status == (diags.errors > 0 ? -1 : 0));
	if (status == 0) {
		check_sound(&topology);
	}
	diags_free(&diags);
	topology_free(&topology);
	return 0;
}
