/* What link.c, command.c, memory.c and socket.c share of a link: theirs alone. */
#ifndef ORCHESTRATOR_SSH_LIBSSH2_LINK_H
#define ORCHESTRATOR_SSH_LIBSSH2_LINK_H

#include "common/buf.h"
#include "orchestrator/ssh/libssh2/ssh.h"
#include "orchestrator/ssh/login_keys.h"

#include <libssh2.h>

#define COMPLAINT_BYTES 4096
#define PENDING_MAX 64
#define AHEAD_BYTES 16384

struct ssh {
	struct transport transport; /* first: a transport is an ssh */
	uv_loop_t *loop;
	struct ssh_options options;
	struct known_hosts *known;
	const char *known_path; /* where new keys go; owned */
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
	struct link_events events;
	enum link_state state;
	bool closing; /* close() was called: no event any more */
	bool dead;    /* the socket is not to be used any more */
	int open_handles;

	struct dial *dial;
	int fd;
	int watched; /* events that poll waits for */
	uv_poll_t poll;
	uv_timer_t timer;
	struct link_block *blocks; /* the session's memory */
	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	struct buf heard; /* the server's first bytes, until the handshake is over */
	/* off the socket, and not taken by libssh2 yet, which reads a banner byte by byte */
	char ahead[AHEAD_BYTES];
	size_t ahead_at, ahead_end;

	const struct ssh_key *keys[KEY_TRIES_MAX];
	size_t key_count, key_at;
	struct buf notes; /* what is wrong with keys that were not tried */
	char lack[200];   /* what libssh2 could not do; "" : it was not for that */

	char *command;
	struct piece pending[PENDING_MAX];
	size_t pending_count;
	bool write_cut; /* libssh2 wants the same write again before all else */
	struct buf complaint;
};

/* The end of the link: told by failed(), once. */
void link_fail(struct link *link, enum link_step step, const struct error *err);

/* Give a new session the functions that it reads and writes by. */
void link_attach(struct link *link);

/* What a session allocates by; its abstract is its link. */
void *link_alloc(size_t len, void **abstract);
void *link_realloc(void *bytes, size_t len, void **abstract);
void link_free(void *bytes, void **abstract);

/* Free what the session has not; it is not to be used any more. */
void link_forget_memory(struct link *link);

/* Wait for the socket, in libssh2's directions. */
void link_watch(struct link *link, int directions);

/* What a call of libssh2 came to: 1 when it is done, 0 to wait, -1 when the link has failed. */
int link_outcome(struct link *link, int code);

/* Go on where the link stands, as far as that is possible now. */
void link_advance(struct link *link);

void link_set_deadline(struct link *link, int64_t timeout_ns);

/* The steps of a command; each returns as link_outcome() does. */
int command_open(struct link *link);
int command_start(struct link *link);
int command_pump(struct link *link);
int command_close(struct link *link);
int command_end(struct link *link);

/* Of struct transport. */
void link_run(struct link *link, const char *command, int64_t timeout_ns);
void link_write(struct link *link, const char *bytes, size_t len);
void link_extend(struct link *link, int64_t timeout_ns);

#endif
