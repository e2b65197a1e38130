#include "orchestrator/publish/rows.h"

#include "common/json_write.h"
#include "orchestrator/publish/api_host.h"
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/topology.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a row stands among all: what is less comes first. */
struct place {
	int better;            /* 0: the worst health */
	int client;            /* 0: a server, of the same health */
	int64_t less_bound_ns; /* less: the larger error bound */
	uint64_t index;        /* in site.yaml */
};

#define CURSOR "%d.%d.%" PRId64 ".%" PRIu64
#define CURSOR_BYTES 80

const char *
rows_revision(const struct fleet *fleet, char out[ROWS_REVISION_BYTES])
{
	snprintf(out, ROWS_REVISION_BYTES, "%" PRIx64 "-%" PRIu64, (uint64_t)fleet->epoch,
	    fleet->revision);
	return out;
}

/* Read what rows_revision() wrote; false: it is not of this fleet. */
static bool
read_revision(const struct fleet *fleet, const char *text, uint64_t *revision)
{
	uint64_t epoch;
	int end = 0;

	if (sscanf(text, "%" SCNx64 "-%" SCNu64 "%n", &epoch, revision, &end) != 2 || text[end]) {
		return false;
	}
	return epoch == (uint64_t)fleet->epoch && *revision <= fleet->revision;
}

bool
rows_are_difference(const struct fleet *fleet, const struct rows_query *query)
{
	uint64_t revision;

	return query->since && read_revision(fleet, query->since, &revision);
}

static struct place
place_of(const struct fleet *fleet, const struct fleet_host *row, enum rows_order order)
{
	struct place place = { .index = (uint64_t)(row - fleet->hosts) };

	if (order == ROWS_WORST) {
		place.better = -health_rank(row->health);
		place.client = row->host->role != HOST_SERVER;
		place.less_bound_ns =
		    is_heard(row) ? -daemon_error_bound_ns(&row->report.status) : 1;
	}
	return place;
}

static int
compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->better != right->better) {
		return left->better < right->better ? -1 : 1;
	}
	if (left->client != right->client) {
		return left->client - right->client;
	}
	if (left->less_bound_ns != right->less_bound_ns) {
		return left->less_bound_ns < right->less_bound_ns ? -1 : 1;
	}
	return left->index < right->index ? -1 : left->index > right->index;
}

static int
read_cursor(const char *text, struct place *place, struct error *err)
{
	int end = 0;

	if (sscanf(text, "%d.%d.%" SCNd64 ".%" SCNu64 "%n", &place->better, &place->client,
		&place->less_bound_ns, &place->index, &end) != 4 ||
	    text[end]) {
		return error_set(err, "after is the \"next\" of an earlier answer");
	}
	return 0;
}

static void
write_row(const struct fleet_host *row, const struct names *names, const struct rows_query *query,
    int64_t now_ns, struct buf *out)
{
	bool sources = !query->brief || row->host->role == HOST_SERVER;

	api_host_row(out, row, names, sources, now_ns);
}

/* Write the rows that changed after @revision, the last one first. */
static void
write_changed(const struct fleet *fleet, const struct names *names, const struct rows_query *query,
    int64_t now_ns, struct buf *out)
{
	uint64_t revision = 0;

	read_revision(fleet, query->since, &revision);
	json_begin(out, "hosts", '[');
	for (const struct fleet_host *row = fleet->newest; row && row->changed > revision;
	     row = row->older) {
		write_row(row, names, query, now_ns, out);
	}
	json_end(out, ']');
}

/* The places of all rows behind @after, sorted; the caller frees them. */
static struct place *
places_behind(
    const struct fleet *fleet, enum rows_order order, const struct place *after, size_t *count)
{
	struct place *places = malloc((fleet->count + 1) * sizeof(*places));

	if (!places) {
		abort();
	}
	*count = 0;
	for (size_t i = 0; i < fleet->count; i++) {
		struct place place = place_of(fleet, &fleet->hosts[i], order);

		if (!after || compare_places(&place, after) > 0) {
			places[(*count)++] = place;
		}
	}
	if (order != ROWS_SITE) {
		qsort(places, *count, sizeof(*places), compare_places);
	}
	return places;
}

int
rows_write(const struct fleet *fleet, const struct names *names, const struct rows_query *query,
    int64_t now_ns, struct buf *out, struct error *err)
{
	struct place after, *places;
	char cursor[CURSOR_BYTES];
	size_t count, shown;

	if (query->after && read_cursor(query->after, &after, err) < 0) {
		return -1;
	}
	if (rows_are_difference(fleet, query)) {
		write_changed(fleet, names, query, now_ns, out);
		return 0;
	}
	places = places_behind(fleet, query->order, query->after ? &after : NULL, &count);
	shown = count < query->limit ? count : query->limit;
	json_begin(out, "hosts", '[');
	for (size_t i = 0; i < shown; i++) {
		write_row(&fleet->hosts[places[i].index], names, query, now_ns, out);
	}
	json_end(out, ']');
	if (shown > 0 && shown < count) {
		const struct place *last = &places[shown - 1];

		snprintf(cursor, sizeof(cursor), CURSOR, last->better, last->client,
		    last->less_bound_ns, last->index);
		json_add_text(out, "next", cursor);
	}
	free(places);
	return 0;
}
