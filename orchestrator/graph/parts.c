#include "orchestrator/graph/parts.h"

#include "orchestrator/graph/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One thing that goes with a part. */
struct member {
	enum graph_kind kind;
	const char *name;
	bool is_host;
	size_t index; /* of the upstream or host */
};

struct list {
	struct member *list;
	size_t count;
};

static void
add(struct list *members, enum graph_kind kind, const char *name, bool is_host, size_t index)
{
	members->list[members->count++] = (struct member){ kind, name, is_host, index };
}

/* Members of one part stand beside each other: upstreams before hosts. */
static int
compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int by_name;

	if (x->kind != y->kind) {
		return (int)x->kind - (int)y->kind;
	}
	by_name = strcasecmp(x->name, y->name);
	if (by_name != 0) {
		return by_name;
	}
	if (x->is_host != y->is_host) {
		return (int)x->is_host - (int)y->is_host;
	}
	return (x->index > y->index) - (x->index < y->index);
}

/* The network of the first address of @addresses, or NULL: it is a name. */
static const char *
first_network(struct graph *graph, const struct address_list *addresses)
{
	if (addresses->count == 0 || addresses->list[0].ip.family == IP_NONE) {
		return NULL;
	}
	return network_around(&graph->arena, &addresses->list[0].ip);
}

/* What is shared by several upstreams, of upstream @i; NULL: nothing is known. */
static void
add_shared(struct list *members, enum graph_kind kind, const char *name, size_t i)
{
	if (name) {
		add(members, kind, name, false, i);
	}
}

static void
list_upstreams(struct graph *graph, const char *const *operators, const struct graph_seen *seen,
    struct list *members)
{
	const struct topology *topology = graph->topology;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct upstream *upstream = &topology->upstreams[i];

		add(members, GRAPH_UPSTREAM, upstream->name, false, i);
		add(members, GRAPH_OPERATOR, operators[i], false, i);
		add_shared(members, GRAPH_NETWORK, first_network(graph, &upstream->addresses), i);
		add_shared(members, GRAPH_COUNTRY, upstream_country(upstream), i);
		if (!seen) {
			continue;
		}
		/* who is a reference of others goes with them; who is of nobody, alone */
		add_shared(members, GRAPH_REFERENCE, seen[i].address, i);
		if (!seen[i].address || !seen[i].reference ||
		    strcasecmp(seen[i].address, seen[i].reference) != 0) {
			add_shared(members, GRAPH_REFERENCE, seen[i].reference, i);
		}
	}
}

static void
list_servers(struct graph *graph, struct list *members)
{
	const struct topology *topology = graph->topology;

	for (size_t i = 0; i < topology->server_count; i++) {
		const struct host *host = &topology->hosts[i];
		const char *network = first_network(graph, &host->addresses);

		add(members, GRAPH_SERVER, host->name, true, i);
		if (network) {
			add(members, GRAPH_NETWORK, network, true, i);
		}
		if (host->link) {
			add(members, GRAPH_LINK, host->link, true, i);
		}
		if (host_clock_votes(host) > 0) {
			add(members, GRAPH_CLOCK, host->name, true, i);
		}
	}
}

/* Make parts of sorted @members; returns how many. */
static size_t
group(struct graph *graph, const struct list *members, struct graph_part *parts)
{
	size_t count = 0;

	for (size_t i = 0, end; i < members->count; i = end) {
		const struct member *first = &members->list[i];
		struct graph_part *part = &parts[count++];
		size_t *indexes;

		for (end = i + 1; end < members->count && members->list[end].kind == first->kind &&
		     strcasecmp(members->list[end].name, first->name) == 0;
		     end++) {
		}
		indexes = arena_alloc(&graph->arena, (end - i) * sizeof(*indexes));
		*part = (struct graph_part){ first->kind, first->name, 0, 0, indexes };
		for (size_t m = i; m < end; m++) {
			indexes[m - i] = members->list[m].index;
			part->server_count += members->list[m].is_host;
		}
		part->upstream_count = end - i - part->server_count;
	}
	return count;
}

/* What the kind of a part leaves of its servers: all, what a link leaves, what clocks leave. */
static int
reach(const struct graph_part *part)
{
	return part->kind == GRAPH_LINK ? 1 : part->kind == GRAPH_CLOCK ? 2 : 0;
}

/* The same for parts that take the same with them; a link takes less than its servers. */
static int
compare_takings(const struct graph_part *x, const struct graph_part *y)
{
	if (x->upstream_count != y->upstream_count) {
		return x->upstream_count > y->upstream_count ? -1 : 1;
	}
	if (x->server_count != y->server_count) {
		return x->server_count > y->server_count ? -1 : 1;
	}
	if (reach(x) != reach(y)) {
		return reach(x) - reach(y);
	}
	return memcmp(
	    x->members, y->members, (x->upstream_count + x->server_count) * sizeof(*x->members));
}

/* Those that take the same stand beside each other, the plainest kind first. */
static int
compare_alike(const void *a, const void *b)
{
	const struct graph_part *x = a, *y = b;
	int by_taking = compare_takings(x, y);

	return by_taking != 0 ? by_taking : (int)x->kind - (int)y->kind;
}

/* The order in which parts are shown and lost: the largest first, then as site.yaml has them. */
static int
compare_sizes(const void *a, const void *b)
{
	const struct graph_part *x = a, *y = b;
	size_t x_size = x->upstream_count + x->server_count,
	       y_size = y->upstream_count + y->server_count;

	if (x_size != y_size) {
		return x_size > y_size ? -1 : 1;
	}
	if (x->kind != y->kind) {
		return (int)x->kind - (int)y->kind;
	}
	return (x->members[0] > y->members[0]) - (x->members[0] < y->members[0]);
}

void
parts_find(struct graph *graph, const char *const *operators, const struct graph_seen *seen)
{
	size_t most = 7 * (graph->topology->upstream_count + graph->topology->server_count) + 1;
	struct arena scratch = { 0 };
	struct list members = { arena_alloc(&scratch, most * sizeof(*members.list)), 0 };
	struct graph_part *parts = arena_alloc(&graph->arena, most * sizeof(*parts));
	size_t count, kept = 0;

	list_upstreams(graph, operators, seen, &members);
	list_servers(graph, &members);
	qsort(members.list, members.count, sizeof(*members.list), compare_members);
	count = group(graph, &members, parts);
	qsort(parts, count, sizeof(*parts), compare_alike);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || compare_takings(&parts[kept - 1], &parts[i]) != 0) {
			parts[kept++] = parts[i];
		}
	}
	qsort(parts, kept, sizeof(*parts), compare_sizes);
	graph->parts = parts;
	graph->part_count = kept;
	arena_free(&scratch);
}
