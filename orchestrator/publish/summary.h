/*
 * What the fleet's reports amount to: is the site's time good, who follows whom, what the servers
 * make of each upstream.  Pure; the page, the terminal and /metrics say the same because all of
 * them ask here.
 */
#ifndef ORCHESTRATOR_PUBLISH_SUMMARY_H
#define ORCHESTRATOR_PUBLISH_SUMMARY_H

#include "common/arena.h"
#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/names.h"

enum site_state {
	SITE_GOOD,     /* every host is within its budget */
	SITE_DEGRADED, /* most are, and every tier has a good server */
	SITE_BAD,      /* a tier has none, or less than half of the hosts are good */
	SITE_UNKNOWN,  /* of more than half of the hosts nothing is known */
};

struct headline {
	enum site_state state;
	size_t counts[HEALTH_NEVER + 1]; /* hosts by health */
	size_t host_count;
	const struct fleet_host *worst;  /* NULL when all are good */
	const struct fleet_host *widest; /* the one with the largest error bound, or NULL */
	const char *text;                /* "The site's time is good" */
	const char *detail;              /* the next sentence */

	/* May the daemons be restarted now? */
	size_t verdicts[VERDICT_UNKNOWN + 1]; /* hosts by verdict; stale ones are unknown */
	const struct fleet_host *unsafe;      /* the worst one, NULL when all are safe */
	const struct fleet_host *lost; /* one whose clock would be safe and that would follow no
					  source; NULL: none */
	size_t lost_count;
	const char *restart_text;
};

#define UPSTREAM_OFFSETS_MAX 32

/* What the hosts that use an upstream make of it. */
struct upstream_view {
	const struct upstream *upstream;
	size_t declared;                       /* hosts that should use it */
	size_t seen;                           /* that do */
	size_t by[SOURCE_SELECTED + 1];        /* of those, by the state they see */
	enum source_state state;               /* what most of them say */
	int64_t offsets[UPSTREAM_OFFSETS_MAX]; /* that they measure, in order */
	size_t offset_count;
};

/* Who takes time from whom.  To a server, or to a whole group of clients. */
struct edge {
	const char *from; /* name, or the address of a stranger */
	const char *to;   /* host, or group */
	bool to_group;
	size_t declared;         /* hosts of @to that should */
	size_t seen;             /* that do */
	size_t selected;         /* whose selected source it is */
	enum source_state state; /* of a group: the best that a host sees */
	enum source_auth auth;
	bool measured;
	int64_t offset_ns; /* source minus local; of a group: one host's */
};

struct edge_list {
	struct edge *list;
	size_t count;
};

const char *site_state_name(enum site_state state);

/* Whether what the daemon of @row says is of now. */
bool is_heard(const struct fleet_host *row);

/* Whether @a should be looked at before @b: worse health first, then the larger error bound. */
bool is_worse(const struct fleet_host *a, const struct fleet_host *b);

/* What a source is called: the name of its upstream or server, or its address. */
const char *source_name(const struct names *names, const char *address);

/* Texts come from @arena. */
void summarise(const struct fleet *fleet, struct arena *arena, struct headline *headline);

/* One view an upstream of the topology, in its order, from @arena. */
struct upstream_view *summarise_upstreams(
    const struct fleet *fleet, const struct names *names, struct arena *arena);

/* Every edge that is declared or seen, from @arena. */
void summarise_edges(const struct fleet *fleet, const struct names *names, struct arena *arena,
    struct edge_list *edges);

#endif
