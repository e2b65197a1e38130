/*
 * What each upstream is worth: judged by what it answered, and by what the others say.  This file
 * does no I/O; times are handed in.
 */
#ifndef ORCHESTRATOR_PROBE_WORTH_H
#define ORCHESTRATOR_PROBE_WORTH_H

#include "common/ntp/select.h"
#include "measure/target.h"
#include "orchestrator/topology/topology.h"

struct service;

/*
 * From good to bad: the worst is told first.  The names are ids, too: they stand in JSON, and never
 * change.
 */
#define SOURCE_WORTHS(X)                                                                           \
	X(WORTH_GOOD, "good")                                                                      \
	X(WORTH_SMEARS, "smears")         /* right, and smears leap seconds */                     \
	X(WORTH_HELD, "not asked")        /* the ration does not allow it now */                   \
	X(WORTH_TWIN, "twin")             /* the same server as another upstream */                \
	X(WORTH_POOR, "poor")             /* it has the time, and not well */                      \
	X(WORTH_NTS_BROKEN, "nts broken") /* its time is good, its NTS is not */                   \
	X(WORTH_UNDECIDED, "undecided")   /* no majority says who is right */                      \
	X(WORTH_SILENT, "silent")                                                                  \
	X(WORTH_UNRESOLVED, "no address")   /* its name leads nowhere */                           \
	X(WORTH_ELSEWHERE, "elsewhere")     /* another address answers in its place */             \
	X(WORTH_GARBLED, "garbled")         /* what it sends is no answer, or too much of it */    \
	X(WORTH_KISSED, "refuses")          /* kiss-o'-death */                                    \
	X(WORTH_UNSYNCED, "unsynchronised") /* it answers that it has no time */                   \
	X(WORTH_FALSETICKER, "falseticker") /* the majority says that it is wrong */

enum source_worth {
#define X(name, text) name,
	SOURCE_WORTHS(X)
#undef X
	    SOURCE_WORTH_COUNT
};

const char *source_worth_name(enum source_worth worth);

/* What to do about it; NULL: nothing. */
const char *source_worth_remedy(enum source_worth worth);

/* How a handshake of NTS ended.  The names are ids, too: they stand in JSON, and never change. */
#define NTS_STATES(X)                                                                              \
	X(NTS_UNTRIED, "not tried")                                                                \
	X(NTS_GOOD, "yes")                                                                         \
	X(NTS_SILENT, "silent")   /* not reached, or no answer in time */                          \
	X(NTS_CUT, "cut off")     /* the connection ended before the answer */                     \
	X(NTS_FOREIGN, "no NTS")  /* something else listens there */                               \
	X(NTS_REFUSED, "refused") /* it answers that it will not, or not as it must */             \
	X(NTS_EXPIRED, "expired") /* from here on: its certificate is not to be trusted */         \
	X(NTS_EARLY, "not yet valid")                                                              \
	X(NTS_OTHER_NAME, "wrong name")                                                            \
	X(NTS_SELF_SIGNED, "self-signed")                                                          \
	X(NTS_UNTRUSTED, "untrusted")

enum nts_state {
#define X(name, text) name,
	NTS_STATES(X)
#undef X
};

const char *nts_state_name(enum nts_state state);

/* What the handshake of NTS showed. */
struct probe_nts {
	enum nts_state state;
	char words[240]; /* what is wrong, or soon will be; "": nothing */
	bool dated;      /* the certificate was seen: */
	int days;        /* until it ends, rounded down; negative: it has ended */
	unsigned cookies;
	char server[256]; /* where NTP is to be asked; "": the same name */
	unsigned port;    /* there; 0: 123 */
};

#define PROBE_WORDS_BYTES 320

/* Who selects among the sources. */
enum probe_rules { PROBE_RFC5905, PROBE_NTPD, PROBE_CHRONY, PROBE_RULES };

/* One address of an upstream. */
struct probe_view {
	const struct upstream *upstream;
	const struct address *address; /* of the upstream: what was asked */
	struct measure_target target;  /* what came */
	bool smears;                   /* as site.yaml or the catalogue says */
	struct probe_nts nts;
	const struct service *service; /* its row of the catalogue; NULL: it has none */

	/* filled by probe_judge() */
	bool answered;          /* there is a sample: */
	struct ntp_sample best; /* of those of the target */
	int64_t jitter_ns, distance_ns;
	bool votes; /* for an upstream, the first address that answered; not for a twin */
	enum select_state states[PROBE_RULES]; /* as each sees it; SELECT_UNFIT: it has no vote */
	enum source_worth worth;
	const struct probe_view *twin;
	char words[PROBE_WORDS_BYTES]; /* what is wrong with it; "": nothing */

	const struct service *instead; /* filled by probe_replace(); NULL: nothing is offered */
	const char *instead_name;      /* which of its names */
};

/* What all of them say together. */
struct probe_sum {
	struct select_result results[PROBE_RULES]; /* peer: index of a view */
	unsigned voters, agree; /* sources with a vote, and those of them that the majority has */
};

#define PROBE_POOR_STRATUM 6
#define PROBE_POOR_DISTANCE_NS (100 * NS_PER_MS)

/*
 * Judge @views, an array of @count in the order of site.yaml.
 *
 * @real_ns: now, for smears
 *
 * More than SELECT_SOURCES_MAX sources are too many for one vote: the first of them vote, and the
 * others are judged by what these agree on.
 */
void probe_judge(struct probe_view *views, size_t count, int64_t real_ns, struct probe_sum *sum);

/* What a finding is about, in probe and elsewhere: the worst of it decides how probe ends. */
bool source_worth_is_bad(enum source_worth worth);

/* "insert", "delete" or "none". */
const char *probe_leap(int leap);

/* Write the reference id as it is meant: "GPS", or an address; @out has 16 bytes; returns @out. */
const char *probe_refid(const struct ntp_sample *sample, char *out);

#endif
