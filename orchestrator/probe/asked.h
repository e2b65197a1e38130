/* Remembers in a file which servers were asked, and when: two runs in a row share one ration. */
#ifndef ORCHESTRATOR_PROBE_ASKED_H
#define ORCHESTRATOR_PROBE_ASKED_H

#include "measure/ration.h"

#include <limits.h>

/* Zero-initialise it; asked_close() ends it. */
struct asked {
	struct ration ration; /* by CLOCK_BOOTTIME of this host */
	bool open;            /* it is in a file; else it ends with this process */
	int lock;
	char path[PATH_MAX];
};

/*
 * Take the ration of questions from the host @from ("here": this one), and keep all others out who
 * would use it.
 *
 * @folder: the state folder, which is made if need be
 * @wait:   whether to wait for somebody else who uses it
 *
 * Returns 0; 1 when somebody else uses it, and not @wait; or -1 with @err set: there is no such
 * file, or it cannot be written.  Then the ration is empty, and can be used all the same.
 */
int asked_open(struct asked *asked, const char *folder, const char *from, bool wait,
    struct error *err) MUST_CHECK;

/* Write it; whoever dies later has booked what it asked. */
int asked_save(struct asked *asked, struct error *err) MUST_CHECK;

/* Let others use it. */
void asked_close(struct asked *asked);

#endif
