/* What the checks of a host work with. */
#ifndef ORCHESTRATOR_DOCTOR_CHECKS_H
#define ORCHESTRATOR_DOCTOR_CHECKS_H

#include "orchestrator/doctor/doctor.h"

struct examining {
	const struct doctor_input *input;
	const struct exam *exam;
	const struct report *report; /* of @exam */
	const char *check;           /* id of the check that is at work */
	struct doctor *doctor;
};

/*
 * Add a finding of the check that is at work.
 *
 * @remedy: a text of @doctor's arena, or one that stays; NULL: there is nothing to do
 */
void doctor_say(struct examining *examining, enum doctor_state state, const char *remedy,
    const char *fmt, ...) PRINTF(4, 5);

/* The daemon as people call it: "chrony"; "the daemon" where none is known. */
const char *doctor_daemon(const struct examining *examining);

/* What the daemon itself says of the source at @address; NULL: it has none. */
const struct source_status *doctor_seen(const struct examining *examining, const char *address);

/* The way of time to the daemon: names, network, access, keys, votes (sources.c). */
void doctor_resolver(struct examining *examining);
void doctor_network(struct examining *examining);
void doctor_access(struct examining *examining);
void doctor_keys(struct examining *examining);
void doctor_votes(struct examining *examining);

#endif
