/* What each exit status means, and what to do next: for `timetier explain`. */
#ifndef ORCHESTRATOR_CLI_EXITS_H
#define ORCHESTRATOR_CLI_EXITS_H

#include "orchestrator/cli/command.h"

struct exit_row {
	int status;          /* enum exit_status */
	const char *meaning; /* of most commands */
	const char *others;  /* where it means something else; NULL: nowhere */
	const char *next;    /* what to do */
};

size_t exit_row_count(void);
const struct exit_row *exit_row_at(size_t index);

#endif
