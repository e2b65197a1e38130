/* How a rollout ended on a host, and what follows from that: one table for all that report it. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_OUTCOME_H
#define ORCHESTRATOR_ROLLOUT_HOST_OUTCOME_H

#include "common/base.h"

enum host_outcome {
	HOST_OPEN,      /* nothing was decided yet */
	HOST_UNCHANGED, /* nothing to do */
	HOST_CHANGES,   /* planned, not carried out */
	HOST_DONE,      /* carried out and confirmed */
	HOST_FAILED,    /* the host is as it was */
	HOST_REFUSED,   /* not safe: the host is as it was */
	HOST_PUT_BACK,  /* changed, and then put back as it was */
	HOST_UNWELL,    /* restarted, and not well since; nothing to put back */
	HOST_LOST,      /* the link broke under a change: the host puts it back */
	HOST_STUCK,     /* putting back failed: somebody must look */
	HOST_AWAY,      /* not reached, and left out on the operator's word */
};

/* The result of a whole rollout: that of its worst host.  The worst stands last. */
enum rollout_result {
	RESULT_DONE,
	RESULT_STOPPED, /* some hosts were not begun, and nothing else is wrong */
	RESULT_FAILED,
	RESULT_REFUSED,
	RESULT_NOT_WELL,
	RESULT_ROLLED_BACK,
	RESULT_STUCK, /* putting a host back failed */
};

enum outcome_tone {
	TONE_PLAIN,
	TONE_GOOD, /* the host is as it should be */
	TONE_CARE, /* it is not as it should be, but no harm was done */
	TONE_BAD,
};

struct outcome {
	const char *id;   /* in the journal: it never changes */
	const char *name; /* shown, and used in JSON */
	enum outcome_tone tone;
	enum rollout_result result; /* RESULT_DONE: nothing went wrong there */
	const char *of_one,
	    *of_many; /* what is said of such hosts, behind their names; NULL: nothing */
	/* where the run was to take back another one; NULL: the same */
	const char *back_name, *back_of_one, *back_of_many;
};

/* The row of @outcome. */
const struct outcome *outcome_row(enum host_outcome outcome);

/* The name of @outcome: "done", "put back". */
const char *host_outcome_name(enum host_outcome outcome);

/* The row with this @id; NULL: there is none. */
const struct outcome *outcome_find(const char *id);

/* Whether @outcome means that something went wrong on the host. */
bool host_outcome_failed(enum host_outcome outcome);

#endif
