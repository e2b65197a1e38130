/*
 * A transport carries commands to hosts.  There are four: ssh.h uses libssh2, system.h the system's
 * `ssh`, auto.h either of them, and tests/fake_transport.c fails where a test wants it.  All run on
 * one loop: nothing here blocks.
 */
#ifndef ORCHESTRATOR_SSH_TRANSPORT_H
#define ORCHESTRATOR_SSH_TRANSPORT_H

#include "common/error.h"

struct ssh_policy;

/* Which transport auto.h takes for a link. */
enum link_way {
	LINK_WAY_AUTO,
	LINK_WAY_LIBSSH2,
	LINK_WAY_SSH, /* the system's `ssh` */
};

/* How to reach a host.  Borrowed until the link is closed. */
struct link_target {
	const char *host;     /* a name or an address */
	unsigned port;        /* 0: 22 */
	const char *user;     /* NULL: "root" */
	const char *identity; /* private key file; NULL: the agent, then ~/.ssh/id_* */
	enum link_way way;
	const struct ssh_policy *policy; /* what ssh_config says; NULL: it says nothing */
};

/* Where a link can break. */
#define LINK_STEPS(X)                                                                              \
	X(LINK_CONFIG, "ssh_config")                                                               \
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
 * The events of a link.  They come from the loop, never while a function of struct transport runs.
 * After failed() only close() may be called.
 */
struct link_events {
	void *ctx;
	void (*opened)(void *ctx); /* the login is done: run() may be called */
	void (*output)(void *ctx, const char *bytes, size_t len); /* the command's stdout */
	/* The command has ended; run() may be called again.  @complaint: the end of its stderr. */
	void (*ended)(void *ctx, int exit_status, const char *complaint);
	void (*failed)(void *ctx, enum link_step step, const struct error *err);

	/* These may be NULL. */
	/* A piece of the command's stderr. */
	void (*murmured)(void *ctx, const char *bytes, size_t len);
	/* How the host is reached, when that is worth knowing; before opened() or failed(). */
	void (*note)(void *ctx, const char *text);
};

struct link;

struct transport {
	/* Always returns a link; failed() tells what goes wrong.  @events is copied. */
	struct link *(*open)(struct transport *transport, const struct link_target *target,
	    const struct link_events *events);

	/*
	 * Run @command (copied) in the login shell.  If it has not ended after @timeout_ns, the
	 * link fails.
	 */
	void (*run)(struct link *link, const char *command, int64_t timeout_ns);

	/* Write to the command's stdin; @bytes are borrowed until the command has ended. */
	void (*write)(struct link *link, const char *bytes, size_t len);

	/* Give the running command @timeout_ns from now. */
	void (*extend)(struct link *link, int64_t timeout_ns);

	/* May be called at any time; no event comes after it. */
	void (*close)(struct link *link);
};

/* How a transport logs in by SSH. */
struct ssh_options {
	const char *known_hosts; /* NULL: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts */
	bool accept_new;         /* remember the key of a host that is not known yet */
	int64_t timeout_ns;      /* of each step up to the login; 0: 20 s */
	int64_t pause_ns;        /* before a host that was too busy is tried again; 0: 1 s */
};

#endif
