/*
 * The fleet as a terminal shows it, read from the JSON of a collector (publish/api.h).  No I/O.
 * Every text in it was made fit to be shown, and is of bounded length; numbers that are not there
 * are said to be not there.
 */
#ifndef ORCHESTRATOR_WATCH_MODEL_H
#define ORCHESTRATOR_WATCH_MODEL_H

#include "common/arena.h"
#include "common/error.h"
#include "verdict/health.h"

#define WATCH_TEXT_BYTES 400 /* of one text: what is behind is left out */
#define WATCH_HOSTS_MAX 200000
#define WATCH_PARTS_MAX 4096

/* A duration that may not be known. */
struct watch_ns {
	bool known;
	int64_t ns;
};

struct watch_source {
	const char *name, *state, *auth;
	enum health_state light;
	struct watch_ns offset, delay, age;
	unsigned reach; /* the last eight polls as bits, the latest lowest */
};

struct watch_host {
	const char *name, *place, *daemon, *source, *health, *reason, *restart;
	enum health_state light;
	bool server, fresh;
	struct watch_ns offset, bound, age; /* offset: source minus local; age: of its report */
	struct watch_ns budget;             /* of the offset */
	const struct watch_source *sources;
	size_t source_count;
};

/* A tier or a group of clients. */
struct watch_part {
	const char *name, *from;
	bool tier;
	size_t hosts, quorum, counts[STATE_COUNT];
};

struct watch_upstream {
	const char *name, *state;
	enum health_state light;
};

/* What is wrong now. */
struct watch_condition {
	const char *subject, *code, *reason;
	enum health_state light;
};

struct watch_fleet {
	struct arena arena;
	const char *site, *time, *text, *detail, *restart, *leap;
	enum health_state light;
	size_t counts[STATE_COUNT], reporting;
	const struct watch_host *worst;  /* by its offset; NULL: none is known */
	const struct watch_host *widest; /* by its error bound; NULL: none is known */
	struct watch_host *hosts;        /* worst first */
	size_t host_count;
	struct watch_part *parts;
	size_t part_count;
	struct watch_upstream *upstreams;
	size_t upstream_count;
	struct watch_condition *conditions; /* worst first */
	size_t condition_count;
	size_t condition_total; /* a collector tells so many, and not always all of them */
};

/* One host, opened. */
struct watch_detail {
	struct arena arena;
	struct watch_host host;
	const char *version, *proof, *error;
	const char **reasons; /* of the verdict */
	size_t reason_count;
	struct watch_ns amount; /* by which a restart would move the clock */
	int stratum;            /* -1: not known */
};

/* The offset of a host over time. */
struct watch_curve {
	struct arena arena;
	const char *host;
	int64_t from_ms, to_ms; /* since 1970 */
	struct watch_ns budget;
	size_t count;
	int64_t *time_ms, *min_ns, *max_ns;
	const char *latest_step; /* "2026-11-30 23:51:04 -212 ms, start-up: ..."; "" */
};

/*
 * Read what GET /api/v1/fleet answered.  @fleet is zeroed; watch_fleet_free() ends it.
 *
 * Returns 0, or -1 with @err set and @fleet empty: this is no collector's answer.
 */
int watch_fleet_read(
    struct watch_fleet *fleet, const char *json, size_t len, struct error *err) MUST_CHECK;

/* Take state and conditions from what GET /api/v1/health answered; anything else changes nothing.
 */
void watch_fleet_take_health(struct watch_fleet *fleet, const char *json, size_t len);

/* As watch_fleet_read(), of GET /api/v1/host/NAME and of its history. */
int watch_detail_read(
    struct watch_detail *detail, const char *json, size_t len, struct error *err) MUST_CHECK;
int watch_curve_read(
    struct watch_curve *curve, const char *json, size_t len, struct error *err) MUST_CHECK;

void watch_fleet_free(struct watch_fleet *fleet);
void watch_detail_free(struct watch_detail *detail);
void watch_curve_free(struct watch_curve *curve);

#endif
