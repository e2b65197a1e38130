/*
 * Which alerts there are, and which of them are to be told by which way.  Conditions of one code in
 * one tier or client group are one alert, which names its hosts: what has one cause is told once.
 * No I/O: the caller hands in conditions and the time, sends, and says what was sent.
 */
#ifndef ORCHESTRATOR_ALERTS_ALERTS_H
#define ORCHESTRATOR_ALERTS_ALERTS_H

#include "common/error.h"
#include "orchestrator/health/conditions.h"
#include "orchestrator/topology/alert_way.h"

#define ALERT_NAME_BYTES 64
#define ALERT_WHERE_BYTES 256
#define ALERT_SUBJECTS 5 /* so many are named */
/* So long after a start an alert of before, whose condition is not found, is not called over. */
#define ALERT_BEGIN_NS (900 * NS_PER_S)

/* What was told of an alert by one way. */
struct alert_told {
	char way[ALERT_NAME_BYTES]; /* "": nothing */
	enum health_state state;
	size_t count;
	int64_t at_ns; /* real time */
};

struct alert {
	enum condition_code code;
	char where[ALERT_WHERE_BYTES]; /* the tier, client group, upstream, or site */
	enum health_state state;       /* the worst of its conditions */
	size_t count;                  /* of its conditions */
	char subjects[ALERT_SUBJECTS][ALERT_WHERE_BYTES];
	char reason[CONDITION_REASON_BYTES]; /* of the worst */
	int64_t since_ns;                    /* real time of the first */
	bool standing;                       /* one of its conditions stands */
	bool seen;                           /* one stood since we began */
	struct alert_told told[ALERT_WAYS_MAX];
};

/* Zero-initialise it, but for begun_ns. */
struct alerts {
	struct alert *list;
	size_t count, capacity;
	int64_t begun_ns; /* by the boot clock */
	bool changed;     /* since it was saved */
};

/* One alert to be told. */
struct alert_due {
	struct alert alert; /* a copy: what is told is what is noted later */
	bool over;
};

void alerts_done(struct alerts *alerts);

/* Group what stands now. */
void alerts_update(
    struct alerts *alerts, const struct conditions *conditions, int64_t real_ns, int64_t boot_ns);

/*
 * What is to be told by @way now: what is new, has become worse, is over, or is to be repeated.
 *
 * @due: allocated, the caller frees it; NULL when there is nothing
 * Returns how many.
 */
size_t alerts_due(const struct alerts *alerts, const struct alert_way *way, int64_t real_ns,
    int64_t boot_ns, struct alert_due **due);

/* Note that @due was told by the way called @way. */
void alerts_note(
    struct alerts *alerts, const char *way, const struct alert_due *due, int64_t real_ns);

/* As a text of JSON that the caller frees, and back.  A text that is none changes nothing. */
char *alerts_encode(const struct alerts *alerts);
int alerts_decode(
    struct alerts *alerts, const char *text, size_t len, struct error *err) MUST_CHECK;

#endif
