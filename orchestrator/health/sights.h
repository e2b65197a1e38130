/*
 * What the hosts' daemons see of each other and of upstreams: kept host by host as reports come, so
 * that a report costs what is in it, and the site is judged without looking at all hosts.  No I/O.
 */
#ifndef ORCHESTRATOR_HEALTH_SIGHTS_H
#define ORCHESTRATOR_HEALTH_SIGHTS_H

#include "daemons/daemon.h"
#include "orchestrator/health/conditions.h"

struct report;

#define SIGHTS_WITNESSES 16 /* so many hosts' measurements of a source are kept, the latest */

/* One source, as one host's daemon sees it. */
struct sight {
	uint32_t seen;  /* index into sights.seen; SIGHT_NOBODY: nobody that site.yaml names */
	uint8_t state;  /* enum source_state */
	bool heard;     /* one of its last three answers came */
	bool compared;  /* off_ns is there */
	int64_t off_ns; /* what it tells less the median of the host's sources: positive is ahead */
	int64_t path_ns; /* half of the round trip: so much of off_ns may be the path's */
};

#define SIGHT_NOBODY UINT32_MAX

struct host_sights {
	struct sight *list;
	size_t count;
	bool there; /* it is heard, and its daemon answers and has settled */
	enum leap leap;
	int64_t bound_ns; /* its own word: so far from true time at most */
};

struct witness {
	uint32_t host;
	int64_t off_ns, path_ns;
};

/* A server of the site, or an upstream, as all hosts see it. */
struct seen {
	size_t by[SOURCE_SELECTED + 1]; /* hosts by the state that they see */
	size_t heard;                   /* hosts that hear it */
	size_t count;                   /* hosts that ask it, and hear somebody */
	size_t news;                    /* reports about it since it was judged */
	struct witness witnesses[SIGHTS_WITNESSES];
	size_t witness_count, next;
};

struct sights {
	const struct topology *topology;
	struct host_sights *hosts;
	struct seen *seen; /* the servers of the topology, then its upstreams */
	size_t leaps[LEAP_UNSYNC +
	    1]; /* hosts by what they announce; without those that are smeared */
	size_t leap_news;
	size_t *tier_news; /* reports of its servers since a tier was judged */
};

/* Returns the index into sights.seen of the owner of an address, or SIGHT_NOBODY. */
typedef uint32_t owner_fn(void *context, const char *address);

void sights_init(struct sights *sights, const struct topology *topology);
void sights_done(struct sights *sights);

size_t sights_server(const struct sights *sights, size_t server);
size_t sights_upstream(const struct sights *sights, size_t upstream);

/*
 * Take what the latest report of @host tells; it replaces what the host told before.
 *
 * @report: NULL: the host is silent, or its daemon is; nothing of what it told counts any more
 */
void sights_take(struct sights *sights, size_t host, const struct report *report, owner_fn *owner,
    void *context);

/*
 * What the witnesses say of a source: the median of what they measure.
 *
 * Returns how many compared it; 0: @off_ns and @path_ns are untouched.
 */
size_t sights_median(const struct seen *seen, int64_t *off_ns, int64_t *path_ns);

#endif
