#include "tests/fake_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct topology fake_topology;
struct graph fake_graph;

void
graph_load(const char *text, const struct graph_seen *seen)
{
	struct diags diags = { 0 };

	if (topology_load_text(&fake_topology, "site.yaml", text, strlen(text), &diags) != 0) {
		diags_print(&diags, stderr, false);
		fail_msg("the site does not load:\n%s", text);
	}
	diags_free(&diags);
	graph_make(&fake_graph, &fake_topology, seen);
}

void
graph_unload(void)
{
	graph_free(&fake_graph);
	topology_free(&fake_topology);
}
