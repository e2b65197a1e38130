/*
 * What the fleet's reports say together: is the site's time good, who follows whom, what the hosts
 * say of each upstream.  No I/O: the caller hands in the fleet.  The page, the terminal and
 * /metrics say the same because all of them use this file.
 */
#ifndef ORCHESTRATOR_PUBLISH_SUMMARY_H
#define ORCHESTRATOR_PUBLISH_SUMMARY_H

#include "common/arena.h"
#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/names.h"

enum site_state {
	SITE_GOOD,     /* every host is within its budget */
	SITE_DEGRADED, /* at least half are, and every tier has a good server */
	SITE_BAD,      /* a tier has no good server, or less than half of the hosts are good */
	SITE_UNKNOWN,  /* nothing is known of more than half of the hosts */
};

struct headline {
	enum site_state state;
	size_t counts[HEALTH_COUNT]; /* hosts by health */
	size_t host_count;
	size_t known_count;   /* of these: whose time can be known, all but HEALTH_UNMEASURABLE */
	size_t managed_count; /* whose daemons can be restarted from here */
	const struct fleet_host *worst;  /* NULL when all are good */
	const struct fleet_host *widest; /* the one with the largest error bound, or NULL */
	const char *text;                /* "The site's time is good" */
	const char *detail;              /* the sentence after @text */

	/* May the daemons be restarted now? */
	size_t verdicts[VERDICT_UNKNOWN + 1]; /* hosts by verdict; unknown where !is_heard() */
	const struct fleet_host *unsafe;      /* the worst one, NULL when all are safe */
	const struct fleet_host *lost; /* one whose clock would not be stepped, but that would
					  follow no source; or NULL */
	size_t lost_count;
	size_t safe_lost_count; /* of these: the clock would stay where it is */
	const char *restart_text;
};

#define UPSTREAM_OFFSETS_MAX 32

/* What hosts say of one upstream. */
struct upstream_view {
	const struct upstream *upstream;
	size_t declared;                       /* hosts that should use it */
	size_t heard;                          /* of these, those that are heard */
	size_t seen;                           /* hosts that do use it */
	size_t by[SOURCE_SELECTED + 1];        /* hosts that do use it, by the state they see */
	enum source_state state;               /* what they say together */
	int64_t offsets[UPSTREAM_OFFSETS_MAX]; /* that they measure, sorted */
	size_t offset_count;
};

/* A server, or a whole group of clients, takes time from a source. */
struct edge {
	const char *from; /* name, or the address of a source that nobody declared */
	const char *to;   /* name of the server, or of the group */
	bool to_group;
	size_t declared;         /* hosts of @to that should use @from */
	size_t seen;             /* hosts of @to that do use it */
	size_t selected;         /* hosts of @to that have selected it */
	enum source_state state; /* of a group: the best that one of its hosts sees */
	enum source_auth auth;
	bool measured;
	int64_t offset_ns; /* source minus local; of a group: that of one of its hosts */
};

struct edge_list {
	struct edge *list;
	size_t count;
};

const char *site_state_name(enum site_state state);

/* Whether the latest report of @row is of now, and the daemon answered in it. */
bool is_heard(const struct fleet_host *row);

/* Whether @row is not managed, and the collector's own questions tell its time now. */
bool is_measured(const struct fleet_host *row);

/* How bad @health is: the higher rank is worse. */
int health_rank(enum health health);

/* Whether @a should be looked at before @b: worse health first, then servers, then the larger error
 * bound. */
bool is_worse(const struct fleet_host *a, const struct fleet_host *b);

/* What a source is called: the name of its upstream or server, or its address. */
const char *source_name(const struct names *names, const char *address);

/* As source_name(), of a source of @host: its hardware clocks have the names of site.yaml, too. */
const char *host_source_name(
    const struct names *names, const struct host *host, const char *address);

/*
 * A copy of @source, of the daemon on @host, as it is shown: its state is source_shown_state(), and
 * where the host does not tell how the source is to prove itself, site.yaml does.
 */
struct source_status source_shown(
    const struct names *names, const struct host *host, const struct source_status *source);

/* A leap second that hosts announce. */
struct leap_view {
	enum leap leap;     /* what most of them announce; LEAP_NONE: none comes */
	size_t knows;       /* hosts that announce it */
	size_t ignorant;    /* hosts that follow a source and do not */
	size_t smeared;     /* hosts that rightly do not: they get it smeared */
	const char **names; /* of the ignorant */
	const char *text;   /* when it comes, who knows it, who does not */
};

/* Fill @view; its texts come from @arena. */
void summarise_leap(const struct fleet *fleet, struct arena *arena, struct leap_view *view);

/* Fill @headline; its texts come from @arena. */
void summarise(const struct fleet *fleet, struct arena *arena, struct headline *headline);

/* One view for each upstream of the topology, in its order, from @arena. */
struct upstream_view *summarise_upstreams(
    const struct fleet *fleet, const struct names *names, struct arena *arena);

/* Every edge that is declared or seen, from @arena. */
void summarise_edges(const struct fleet *fleet, const struct names *names, struct arena *arena,
    struct edge_list *edges);

#endif
