/* What is asked of a rollout: which hosts, what they should have, and whom it reports to. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_REQUEST_H
#define ORCHESTRATOR_ROLLOUT_HOST_REQUEST_H

#include "orchestrator/rollout/host/rollout_host.h"
#include "orchestrator/rollout/host/sudo.h"
#include "orchestrator/ssh/transport.h"

#include <uv.h>

/* Fill @set with the files that @host should have.  Returns 0, or -1 with @err set. */
typedef int (*rollout_files)(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err);

/*
 * Fill @set with the files that make the agent a service of @host, whose facts and driver, if it
 * has one, are known.  Returns 0, or -1 with @err set.
 */
typedef int (*rollout_agent_files)(void *ctx, const struct rollout_host *host, struct arena *arena,
    struct file_set *set, struct error *err);

/* What a rollout is to do. */
enum rollout_kind {
	ROLLOUT_FILES,   /* give hosts the files they should have */
	ROLLOUT_RESTART, /* restart their daemons, with the files that they have */
	ROLLOUT_REFRESH, /* let their daemons look up again names that have other addresses now */
	ROLLOUT_UNLOCK,  /* break the locks of others: rollout_plan() does it */
	ROLLOUT_ERRAND,  /* run a command of the agent there, which changes nothing: likewise */
};

/* A command of the agent that is run on hosts. */
struct errand {
	const char *script; /* of remote/, which reads the line of errand.sh; NULL: that one */
	const char *const *words; /* "ask", NULL: plain words */
	const char *input;        /* what it gets on stdin; any bytes */
	size_t input_len;
	unsigned limit_s; /* it is ended after so long; of errand.sh at most ERRAND_S_MAX */
	/* Sets words and input for @host, which stay until the rollout is over; NULL: all get the
	 * same. */
	void (*fill)(void *ctx, const struct host *host, struct errand *errand);
	void *ctx;
};
#define ERRAND_S_MAX 120

struct rollout_request {
	enum rollout_kind kind;
	uv_loop_t *loop;
	struct transport *transport;
	const struct topology *topology;
	const struct host *const *hosts;
	size_t host_count;
	unsigned parallel; /* hosts at once */
	struct sudo *sudo; /* gives the password of hosts that want one; NULL: there is none */

	rollout_files files;             /* of the daemon; NULL: the agent alone */
	rollout_agent_files agent_files; /* NULL: the agent is left alone */
	/* The daemon that @host had before and shall have again, by name; NULL: what it is declared
	 * to have.  May be NULL. */
	const char *(*former)(void *ctx, const struct host *host);
	void *files_ctx;   /* of the functions above */
	bool remove_agent; /* take the agent away; the two above are NULL */
	bool releases;     /* the hosts are let go: their files are those that they keep, or with
			      remove_agent, all else of timetier's goes */
	const struct agent_programs *programs; /* of the agent; not copied; NULL: none */
	bool disable_rivals;                   /* disable what else sets the clock */
	bool asks_access;                      /* judge what hosts answer over NTP, too */
	unsigned ntp_port;                     /* 0: 123 */
	bool trust_sources; /* believe the new sources when the rest of the site says otherwise */

	const struct errand *errand; /* for ROLLOUT_ERRAND; not copied */

	bool force_unlock; /* break also the lock of a running change: end it, and put it back */

	/* Whether a host is restarted whatever its verdict is; NULL: none is. */
	bool (*forced)(void *ctx, const struct host *host);

	bool takes_back; /* what hosts had before another run: words of failures say so */

	const char *holder; /* who makes the change; others are told who find a host locked */
	const char *run;    /* the run's mark in the journal, which hosts remember; NULL: none */
	const char *top;    /* "" on hosts; tests have a folder that stands for "/" */
	void *ctx;          /* of the functions below, and of `forced` */
	/* Called before a host is touched: 0, or -1 with @err set: leave it alone.  May be NULL. */
	int (*begun)(void *ctx, const struct rollout_host *host, struct error *err);
	/* Called when a host is at another step, or has ended; may be NULL. */
	void (*progress)(void *ctx, const struct rollout_host *host);
};

#endif
