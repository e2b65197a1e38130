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
	    *answer;       /* written to stdin when stderr says answer_to; NULL: write nothing */
	bool no_identity;  /* no key to log in with is named */
	bool by_config;    /* no file of known hosts is named: ssh_config says which count */
	unsigned close_ms; /* the link is closed after so long in any case; 0: at its end */

	struct buf output;
	char complaint[4200];
	char note[300]; /* "" : none was told */
	int exit_status;
	bool done, opened, failed;
	unsigned events_late; /* how many came after the link was closed */
	enum link_step step;
	struct error err;
};

/*
 * Go there and come back.  What is not set gets a default: the sshd's own address, key and
 * known_hosts, the present user, the command `cat`, and 60 s.
 */
void visit_host(struct visit *visit, const struct fake_sshd *sshd, struct link_target *target,
    struct ssh_options *options);

/* Assert that the visit failed at @step, with @words in its error. */
void assert_visit_failed(const struct visit *visit, enum link_step step, const char *words);

/* Assert that the visit went well, and that the command printed @text and nothing else. */
void assert_visit_ran(const struct visit *visit, const char *text);

/* How visits make and end their transport. */
struct visit_way {
	int (*make)(uv_loop_t *loop, const struct ssh_options *options,
	    struct transport **transport, struct error *err);
	void (*end)(struct transport *transport);
};

/* Let visits use @way from now on; at first it is ssh_transport_new(). */
void visit_by(const struct visit_way *way);

/* Start an sshd for a group of tests, in *state; HOME is its folder.  Without sshd, skip all. */
int visit_set_up(void **state);
int visit_tear_down(void **state);

#endif
