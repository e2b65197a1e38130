/* One visit to a host over ssh: what a test wants done there, and what came of it. */
#ifndef TESTS_FAKE_VISIT_H
#define TESTS_FAKE_VISIT_H

#include "common/buf.h"
#include "orchestrator/ssh/libssh2/ssh.h"
#include "tests/fake_sshd.h"

struct visit {
	struct link *link;
	const struct transport *transport;
	const char *command;
	int64_t timeout_ns;
	const char *input;
	size_t input_len;
	unsigned runs; /* how often the command is to be run on this link */
	const char *answer_to,
	    *answer;       /* what is written once that was heard on stderr; NULL: nothing */
	unsigned close_ms; /* the link is closed after so long, whatever it is at; 0: at its end */

	struct buf output;
	char complaint[4200];
	char note[300]; /* "" : none was told */
	int exit_status;
	bool done, opened, failed;
	unsigned events_late; /* that came after it was closed */
	enum link_step step;
	struct error err;
};

/*
 * Go there and come back.  What is not set is the sshd's own (its address, the key it lets in,
 * the file that knows it), `cat`, and 10 s.
 */
void visit_host(struct visit *visit, const struct fake_sshd *sshd, struct link_target *target,
    struct ssh_options *options);

/* With the words that the error must have in it. */
void assert_visit_failed(const struct visit *visit, enum link_step step, const char *words);

/* With all that the command must have printed. */
void assert_visit_ran(const struct visit *visit, const char *text);

/* What makes the transport of visits from now on; ssh_transport_new() to begin with. */
struct visit_way {
	int (*make)(uv_loop_t *loop, const struct ssh_options *options,
	    struct transport **transport, struct error *err);
	void (*end)(struct transport *transport);
};

void visit_by(const struct visit_way *way);

/* An sshd for a group of tests, in *state; HOME is its folder.  Skips all when there is none. */
int visit_set_up(void **state);
int visit_tear_down(void **state);

#endif
