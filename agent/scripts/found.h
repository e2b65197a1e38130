/* The commands of scripts and jobs that set the clock, gathered while these are read.  No I/O. */
#ifndef AGENT_SCRIPTS_FOUND_H
#define AGENT_SCRIPTS_FOUND_H

#include "agent/scripts/follow.h"

#define FOUND_MAX 16

struct found {
	const char *says;  /* "ntpdate" */
	bool sure;         /* false: it may set the clock */
	const char *place; /* "/etc/cron.d/clock:1" */
	struct script script;
};

/* Zero-initialise it but for the arena, which its texts belong to. */
struct found_list {
	struct arena *arena;
	struct found list[FOUND_MAX];
	size_t count;
};

/* A script_visit(): add the command to the list @owner if it sets the clock or may do so. */
void found_take(void *owner, const struct script *script, const struct command *command);

#endif
