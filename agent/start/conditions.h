/*
 * Whether systemd begins a start of the unit at all: its Condition...= and Assert...= settings.
 * This file only looks at files.
 */
#ifndef AGENT_START_CONDITIONS_H
#define AGENT_START_CONDITIONS_H

#include "agent/host/unit.h"

struct conditions {
	const char *fails; /* the line by which systemd would not start the unit; NULL: none */
	const char *doubt; /* a line that nobody here can judge, in words; NULL: none */
};

/*
 * Judge the settings as systemd does: all must hold, and of those with a `|` one.
 *
 * @active: the unit runs, so that what cannot be judged did hold at its latest start
 */
void start_conditions_judge(const char *root, const struct unit *unit, bool active,
    struct arena *arena, struct conditions *conditions);

#endif
