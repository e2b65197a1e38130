/*
 * Says of one host, in order, what keeps it from good time, by what its agent found there; and what
 * to do about it.  No I/O.
 */
#ifndef ORCHESTRATOR_DOCTOR_DOCTOR_H
#define ORCHESTRATOR_DOCTOR_DOCTOR_H

#include "common/arena.h"
#include "verdict/exam.h"

/* The worst last. */
enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARN, /* it has good time, and may lose it */
	DOCTOR_BAD,  /* this keeps it from good time, or will set its clock */
};

/* "ok", "warn", "bad" */
const char *doctor_state_name(enum doctor_state state);

struct doctor_finding {
	const char *check; /* "resolver": doctor.c lists them */
	enum doctor_state state;
	const char *fact;   /* what is so */
	const char *remedy; /* what to do; NULL: nothing */
};

#define DOCTOR_FINDINGS_MAX 64

struct doctor_input {
	const char *host;        /* as a command names it */
	const struct exam *exam; /* NULL: the host was not reached, or told nothing */
	const char *trouble;     /* why not */
	bool unmeasured;         /* its agent is older, and told its report alone */
	int64_t budget_offset_ns, budget_error_bound_ns;
	int64_t now_ns; /* real time here */
};

struct doctor {
	struct doctor_finding list[DOCTOR_FINDINGS_MAX]; /* in the order of the checks */
	size_t count;
	enum doctor_state worst;
	struct arena arena; /* owns their texts */
};

/* Fill @doctor, which is zeroed; doctor_free() ends it. */
void doctor_look(const struct doctor_input *input, struct doctor *doctor);

void doctor_free(struct doctor *doctor);

#endif
