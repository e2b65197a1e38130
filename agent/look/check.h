/* Asks the daemon itself whether it accepts the configuration of its next start. */
#ifndef AGENT_LOOK_CHECK_H
#define AGENT_LOOK_CHECK_H

#include "agent/host/program.h"
#include "agent/start/start.h"

struct own_check;
typedef void (*own_check_done)(struct own_check *check);

/* Zero-initialise it; own_check_free() ends it. */
struct own_check {
	bool known;   /* the daemon has said whether it accepts the configuration */
	bool refused; /* it does not */
	char place[RESTART_PLACE_BYTES]; /* "/etc/chrony/chrony.conf:12" */
	char words[RESTART_TEXT_BYTES];
	struct buf asked; /* the path and the text that this is of */
	struct program program;
	const struct daemon_driver *driver; /* whose check runs */
	own_check_done done;
	void *owner; /* for done's use */
};

/*
 * Ask, once for each text, and call @done later.  Returns false, and calls nothing, if there is
 * nothing to ask: the daemon has no check, or has answered for this text before.
 */
bool own_check_run(struct own_check *check, uv_loop_t *loop, const struct daemon_driver *driver,
    const struct start *start, own_check_done done);

/* Read what the program said: it ended with 0, or names the line that the daemon does not accept.
 */
void own_check_read(struct own_check *check, int64_t exit_status, const char *output);

/* Tell @policy what the daemon has said, if it has. */
void own_check_pass(const struct own_check *check, struct restart_policy *policy);

void own_check_free(struct own_check *check);

#endif
