/*
 * What carries commands to a host.  ssh.h makes one of libssh2, system.h one of the system's `ssh`,
 * auto.h one that takes either, tests/fake_transport.c one that fails where a test wants it.  All
 * of it runs on one loop: nothing here blocks.
 */
#ifndef ORCHESTRATOR_SSH_TRANSPORT_H
#define ORCHESTRATOR_SSH_TRANSPORT_H

#include "common/error.h"

/* What is to carry a link, where there is a choice (auto.h). */
enum link_way {
	LINK_WAY_AUTO,
	LINK_WAY_LIBSSH2,
	LINK_WAY_SSH, /* the system's program */
};

/* How a host is reached.  Borrowed until the link is closed. */
struct link_target {
	const char *host;     /* a name or an address */
	unsigned port;        /* 0: 22 */
	const char *user;     /* NULL: "root" */
	const char *identity; /* private key file; NULL: the agent, then ~/.ssh/id_* */
	enum link_way way;
};

/* Where a link can break. */
#define LINK_STEPS(X)                                                                              \
	X(LINK_RESOLVE, "resolve")                                                                 \
	X(LINK_CONNECT, "connect")                                                                 \
	X(LINK_HANDSHAKE, "handshake")                                                             \
	X(LINK_HOST_KEY, "host key")                                                               \
	X(LINK_LOGIN, "login")                                                                     \
	X(LINK_RUN, "run")

enum link_step {
#define X(name, text) name,
	LINK_STEPS(X)
#undef X
};

const char *link_step_name(enum link_step step);

/*
 * What happens on a link, told from the loop and never from within a call of struct transport.
 * After failed() the link is good for close() alone.
 */
struct link_events {
	void *ctx;
	void (*opened)(void *ctx); /* logged in: run() may be called */
	void (*output)(void *ctx, const char *bytes, size_t len); /* the command's stdout */
	/* The command is over; run() may be called again.  @complaint: the end of its stderr. */
	void (*ended)(void *ctx, int exit_status, const char *complaint);
	void (*failed)(void *ctx, enum link_step step, const struct error *err);

	/* These may be NULL. */
	/* The command's stderr, as it comes. */
	void (*murmured)(void *ctx, const char *bytes, size_t len);
	/* Good to know of how the host is reached, before opened() or failed(). */
	void (*note)(void *ctx, const char *text);
};

struct link;

struct transport {
	/* Never fails itself: what goes wrong is told by failed().  @events is copied. */
	struct link *(*open)(struct transport *transport, const struct link_target *target,
	    const struct link_events *events);

	/*
	 * Run @command (copied) by the login shell.  When it is not over in @timeout_ns, the
	 * link fails.
	 */
	void (*run)(struct link *link, const char *command, int64_t timeout_ns);

	/* More for its stdin; @bytes stay the caller's and live until it is over. */
	void (*write)(struct link *link, const char *bytes, size_t len);

	/* Let the present command take until @timeout_ns from now. */
	void (*extend)(struct link *link, int64_t timeout_ns);

	/* At any time; no event comes after. */
	void (*close)(struct link *link);
};

/* How a transport that speaks SSH logs in. */
struct ssh_options {
	const char *known_hosts; /* NULL: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts */
	bool accept_new;         /* remember the key of a host that is not known yet */
	int64_t timeout_ns;      /* of each step up to the login; 0: 20 s */
};

#endif
