/* A link of libssh2.  Only the files of this folder include this header. */
#ifndef ORCHESTRATOR_SSH_LIBSSH2_LINK_H
#define ORCHESTRATOR_SSH_LIBSSH2_LINK_H

#include "common/buf.h"
#include "orchestrator/ssh/libssh2/ssh.h"
#include "orchestrator/ssh/login_keys.h"
#include "orchestrator/ssh/refusal.h"
#include "orchestrator/ssh/trust.h"

#include <libssh2.h>

#define COMPLAINT_BYTES 4096
#define PENDING_MAX 64
#define AHEAD_BYTES 16384

/*
 * What a server may send, whatever it sends: before the login (lines before its banner, lists of
 * algorithms, banners), and for one command, with all that SSH puts around it.
 */
#define LOGIN_BYTES_MAX (256u << 10)
#define COMMAND_BYTES_MAX (256u << 20)
/* Read at once, before other links have their turn: one that sends without end stops nobody. */
#define TURN_BYTES (128u << 10)
/* Memory of a session: libssh2 keeps what it was not asked for.  Its window is 2 MiB. */
#define SESSION_BYTES_MAX (8u << 20)

struct ssh {
	struct transport transport; /* first, so that a pointer to it is one to the struct */
	uv_loop_t *loop;
	struct ssh_options options;
	struct known_hosts *known;
	struct ssh_policy usual;         /* of targets without a policy */
	struct buf supported[KEX_LISTS]; /* comma lists of what libssh2 can do and we believe */
	struct login_keys *ring;
};

enum link_state {
	LINK_STATE_DIAL,
	LINK_STATE_HANDSHAKE,
	LINK_STATE_LOGIN,
	LINK_STATE_IDLE,
	LINK_STATE_OPEN,
	LINK_STATE_EXEC,
	LINK_STATE_PUMP,
	LINK_STATE_CLOSE,
	LINK_STATE_CLOSED,
	LINK_STATE_FAILED,
};

struct piece {
	const char *bytes;
	size_t len;
};

struct link {
	struct ssh *ssh;
	struct link_target target;
	struct trust_host trust;
	struct buf order;            /* host key algorithms, as ssh asks for them */
	struct buf lists[KEX_LISTS]; /* what the policy allows of ssh->supported */
	struct link_events events;
	enum link_state state;
	bool closing; /* close() was called: events are not told any more */
	bool dead;    /* the socket must not be used any more */
	bool ended;   /* the host has ended the connection, which libssh2 may call otherwise */
	int open_handles;

	struct dial *dial;
	int fd;
	int watched; /* events that poll waits for */
	uv_poll_t poll;
	uv_timer_t timer;
	struct link_block *blocks; /* memory that libssh2 has allocated for the session */
	size_t block_bytes;        /* how much that is */
	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	struct buf heard; /* the server's first bytes, until the handshake is over */
	/* read from the socket, but not yet taken by libssh2, which reads a banner byte by byte */
	char ahead[AHEAD_BYTES];
	size_t ahead_at, ahead_end;
	size_t turn_bytes;   /* read from the socket since the loop called us */
	size_t heard_bytes;  /* read from it for the login, or for the present command */
	bool talks_too_much; /* that was more than it may be */

	const struct ssh_key *keys[KEY_TRIES_MAX];
	size_t key_count, key_at;
	struct refusal refusal; /* what the host says while we log in */
	struct buf notes;       /* what is wrong with the keys that were not tried */
	bool turned_away;       /* the host ended the connection before it said its version */
	char lack[200]; /* why the link failed, if libssh2 lacks something; "" : other reasons */

	char *command;
	struct piece pending[PENDING_MAX];
	size_t pending_count;
	bool write_cut; /* the next call of libssh2 must repeat the last write */
	struct buf complaint;
};

/* End the link; calls failed(), once. */
void link_fail(struct link *link, enum link_step step, const struct error *err);

/* Give a new session the functions with which libssh2 reads and writes the socket. */
void link_attach(struct link *link);

/* With these functions libssh2 allocates; *@abstract is the link of the session. */
void *link_alloc(size_t len, void **abstract);
void *link_realloc(void *bytes, size_t len, void **abstract);
void link_free(void *bytes, void **abstract);

/*
 * Let the link's refusal take the messages that the session has kept.  libssh2 1.10 keeps the
 * banners of a login, and gives them to nobody.
 */
void link_take_kept(struct link *link);

/* Free all memory that the session has not freed; the session must not be used any more. */
void link_forget_memory(struct link *link);

/* Wait until the socket can be read or written, as @directions of libssh2 say. */
void link_watch(struct link *link, int directions);

/* Whether @code of libssh2 says that the host has ended the connection, or that it broke. */
bool link_is_lost(int code);

/* Handle the result @code of libssh2.  Returns 1: done, 0: wait, -1: the link has failed. */
int link_outcome(struct link *link, int code);

/* Do the next steps of the link, as many as are possible without waiting. */
void link_advance(struct link *link);

void link_set_deadline(struct link *link, int64_t timeout_ns);

/* End the link, if the host has not said its version; returns whether that was so: login.c. */
bool link_fail_greeting(struct link *link);

/* The step of the login: login.c.  Returns as link_outcome(). */
int link_log_in(struct link *link);
/* Set ssh->supported, which agree_done() frees. */
void agree_supported(struct ssh *ssh);

/* Free KEX_LISTS lists. */
void agree_done(struct buf *lists);

/*
 * Read the files that the link's policy names, and set link->lists, before anybody is reached.
 *
 * Returns 0, or -1 with @err set, and link->lack where ssh may do better.
 */
int agree_prepare(struct link *link, struct error *err) MUST_CHECK;

/* Let the new session offer link->lists. */
void agree_prefer(struct link *link);

/* End the link, if the two sides have no algorithm in common; returns whether that was so. */
bool agree_failed(struct link *link);

/* Check the server's key.  Returns 0, or -1: the link has failed. */
int agree_on_host(struct link *link);

/* The steps of a command, in order; each returns as link_outcome(). */
int command_open(struct link *link);
int command_start(struct link *link);
int command_pump(struct link *link);
int command_close(struct link *link);
int command_end(struct link *link);

/* Functions of struct transport. */
void link_run(struct link *link, const char *command, int64_t timeout_ns);
void link_write(struct link *link, const char *bytes, size_t len);
void link_extend(struct link *link, int64_t timeout_ns);

#endif
