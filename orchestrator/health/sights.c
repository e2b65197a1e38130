#include "orchestrator/health/sights.h"

#include "orchestrator/health/host.h"
#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#include <stdlib.h>
#include <string.h>

#define LATELY 0x7       /* of a source's reach: its last three answers */
#define COMPARED_LEAST 3 /* with fewer sources nobody knows which is wrong */

static void *
zeroed(size_t count, size_t size)
{
	void *made = calloc(count + 1, size);

	if (!made) {
		abort();
	}
	return made;
}

void
sights_init(struct sights *sights, const struct topology *topology)
{
	*sights = (struct sights){
		.topology = topology,
		.hosts = zeroed(topology->host_count, sizeof(*sights->hosts)),
		.seen = zeroed(
		    topology->server_count + topology->upstream_count, sizeof(*sights->seen)),
		.tier_news = zeroed(topology->tier_count, sizeof(*sights->tier_news)),
	};
}

void
sights_done(struct sights *sights)
{
	for (size_t i = 0; sights->topology && i < sights->topology->host_count; i++) {
		free(sights->hosts[i].list);
	}
	free(sights->hosts);
	free(sights->seen);
	free(sights->tier_news);
	*sights = (struct sights){ 0 };
}

size_t
sights_server(const struct sights *sights UNUSED, size_t server)
{
	return server;
}

size_t
sights_upstream(const struct sights *sights, size_t upstream)
{
	return sights->topology->server_count + upstream;
}

static bool
counts_leap(const struct sights *sights, size_t host)
{
	return sights->hosts[host].there && !host_is_smeared(&sights->topology->hosts[host]);
}

static void
forget_witness(struct seen *seen, size_t host)
{
	for (size_t i = 0; i < seen->witness_count; i++) {
		if (seen->witnesses[i].host == host) {
			seen->witnesses[i] = seen->witnesses[--seen->witness_count];
			return;
		}
	}
}

static void
add_witness(struct seen *seen, size_t host, const struct sight *sight)
{
	size_t at = seen->witness_count;

	if (at < SIGHTS_WITNESSES) {
		seen->witness_count++;
	} else {
		at = seen->next++ % SIGHTS_WITNESSES;
	}
	seen->witnesses[at] = (struct witness){ (uint32_t)host, sight->off_ns, sight->path_ns };
}

static void
forget(struct sights *sights, size_t host)
{
	struct host_sights *of = &sights->hosts[host];

	if (counts_leap(sights, host)) {
		sights->leaps[of->leap]--;
	}
	for (size_t i = 0; i < of->count; i++) {
		const struct sight *sight = &of->list[i];
		struct seen *seen = sight->seen == SIGHT_NOBODY ? NULL : &sights->seen[sight->seen];

		if (seen) {
			seen->by[sight->state]--;
			seen->heard -= sight->heard;
			seen->count--;
			forget_witness(seen, host);
		}
	}
	of->count = 0;
	of->there = false;
}

static int
compare_offsets(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static bool
is_measured(const struct source_status *source)
{
	return source->age_ns >= 0 && (source->reach & LATELY) != 0 &&
	    source->state > SOURCE_SILENT;
}

/*
 * The median of what the host's sources tell.  Returns false when they are too few, or two halves
 * of them differ by more than @apart_ns: nobody knows then which half is right.
 */
static bool
find_median(const struct daemon_status *status, int64_t apart_ns, int64_t *median_ns)
{
	int64_t offsets[DAEMON_SOURCES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < status->source_count; i++) {
		if (is_measured(&status->sources[i])) {
			offsets[count++] = status->sources[i].offset_ns;
		}
	}
	if (count < COMPARED_LEAST) {
		return false;
	}
	qsort(offsets, count, sizeof(*offsets), compare_offsets);
	*median_ns = offsets[count / 2];
	if (count % 2 == 0) {
		int64_t low_ns = offsets[count / 2 - 1];

		if (*median_ns - low_ns > apart_ns) {
			return false;
		}
		*median_ns = low_ns + (*median_ns - low_ns) / 2;
	}
	return true;
}

static bool
hears_any(const struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if ((status->sources[i].reach & LATELY) != 0) {
			return true;
		}
	}
	return false;
}

static void
take_source(struct sights *sights, size_t host, const struct sight *sight)
{
	struct seen *seen;

	if (sight->seen == SIGHT_NOBODY) {
		return;
	}
	seen = &sights->seen[sight->seen];
	seen->by[sight->state]++;
	seen->heard += sight->heard;
	seen->count++;
	seen->news++;
	if (sight->compared) {
		add_witness(seen, host, sight);
	}
}

static void
take_sources(
    struct sights *sights, size_t host, const struct report *report, owner_fn *owner, void *context)
{
	const struct daemon_status *status = &report->status;
	struct host_sights *of = &sights->hosts[host];
	int64_t median_ns = 0;
	int64_t runs_ns = proof_runs_ns(&report->proof, report->boot_ns);
	bool begins = runs_ns >= 0 && runs_ns < HEALTH_BEGIN_NS;
	bool known =
	    find_median(status, host_budget(&sights->topology->hosts[host])->offset_ns, &median_ns);

	of->list = realloc(of->list, (status->source_count + 1) * sizeof(*of->list));
	if (!of->list) {
		abort();
	}
	/* a host that hears nobody tells nothing of its sources: the fault is its own */
	for (size_t i = 0; i < status->source_count && hears_any(status); i++) {
		const struct source_status *source = &status->sources[i];
		struct sight *sight = &of->list[of->count];

		if (begins && (source->reach & LATELY) == 0) {
			continue; /* it has hardly been asked */
		}
		of->count++;
		*sight = (struct sight){
			.seen = owner(context, source->address),
			.state = (uint8_t)source_shown_state(source),
			.heard = (source->reach & LATELY) != 0,
			.compared = known && is_measured(source),
			.off_ns = source->offset_ns - median_ns,
			.path_ns = source->delay_ns > 0 ? source->delay_ns / 2 : 0,
		};
		take_source(sights, host, sight);
	}
}

void
sights_take(
    struct sights *sights, size_t host, const struct report *report, owner_fn *owner, void *context)
{
	struct host_sights *of = &sights->hosts[host];
	const struct host *declared = &sights->topology->hosts[host];

	forget(sights, host);
	if (!report || !report->answered) {
		return;
	}
	of->there = true;
	of->leap = report->status.stratum >= 16 ? LEAP_UNSYNC : report->status.leap;
	of->bound_ns = daemon_error_bound_ns(&report->status);
	if (counts_leap(sights, host)) {
		sights->leaps[of->leap]++;
		sights->leap_news++;
	}
	if (declared->tier) {
		sights->tier_news[declared->tier - sights->topology->tiers]++;
	}
	take_sources(sights, host, report, owner, context);
}

size_t
sights_median(const struct seen *seen, int64_t *off_ns, int64_t *path_ns)
{
	int64_t offs[SIGHTS_WITNESSES], paths[SIGHTS_WITNESSES];

	if (seen->witness_count == 0) {
		return 0;
	}
	for (size_t i = 0; i < seen->witness_count; i++) {
		offs[i] = seen->witnesses[i].off_ns;
		paths[i] = seen->witnesses[i].path_ns;
	}
	qsort(offs, seen->witness_count, sizeof(*offs), compare_offsets);
	qsort(paths, seen->witness_count, sizeof(*paths), compare_offsets);
	*off_ns = offs[seen->witness_count / 2];
	*path_ns = paths[seen->witness_count / 2];
	return seen->witness_count;
}
