/* What link.c and session.c share of a link: theirs alone. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_LINK_H
#define ORCHESTRATOR_SSH_SYSTEM_LINK_H

#include "orchestrator/ssh/known_hosts.h"
#include "orchestrator/ssh/system/folder.h"
#include "orchestrator/ssh/system/system.h"
#include "orchestrator/ssh/system/words.h"

struct system {
	struct transport transport; /* first: a transport is a system */
	uv_loop_t *loop;
	struct ssh_options options;
	struct known_hosts *known;        /* when new keys are accepted; NULL else */
	char folder[SYSTEM_FOLDER_BYTES]; /* of the masters' sockets; "" until it is needed */
	unsigned serial;
	unsigned logging_in;                  /* masters that are not through yet */
	struct link *waiting, **last_waiting; /* links that wait for their turn */
};

enum system_state {
	SYSTEM_WAIT,   /* for its turn */
	SYSTEM_LOGIN,  /* the master is our child */
	SYSTEM_ATTACH, /* it is in the background, and we connect to its socket */
	SYSTEM_IDLE,
	SYSTEM_RUN,
	SYSTEM_FAILED,
};

/* A command; it outlives its part in the link until its process is gone. */
struct session {
	struct link *link; /* NULL: nobody cares any more */
	uv_process_t process;
	uv_pipe_t in, out, err;
	int open_handles;
	bool exited, out_over, err_over;
	bool settled; /* its status is not of a master that died, as we would know by now */
	int64_t exit_status;
	struct buf complaint;
};

struct link {
	struct system *system;
	struct link_target target;
	struct link_events events;
	struct link *next_waiting;
	enum system_state state;
	bool closing; /* close() was called: no event any more */
	int open_handles;
	char socket[112];

	uv_timer_t timer;    /* the deadline */
	uv_process_t master; /* until it has gone to the background, or failed */
	bool master_begun;   /* it is a handle, started or not */
	bool master_runs;    /* as our child */
	bool master_exited;
	int64_t master_status;
	uv_pipe_t murmur; /* its stderr, to its very end */
	bool murmur_over;
	uv_pipe_t holder; /* our connection to its socket: it ends when this does */
	uv_connect_t connecting;
	bool held, lost;
	struct system_words words;

	struct session *session; /* NULL: none runs */
};

#define SYSTEM_LAST_WORDS_MS 300 /* for what was said before an end that we know of already */
#define SYSTEM_SETTLE_MS 1000    /* for news of the master's end after that of its client */

void system_fail(struct link *link, enum link_step step, const struct error *err);

/* The connection is gone: it is told, as soon as the command's output is through. */
void system_lost(struct link *link);

void system_set_deadline(struct link *link, int64_t timeout_ns);

/* Start `ssh` by @argv; fds 0 to 2 are @stdio. */
int system_spawn(uv_loop_t *loop, uv_process_t *process, char **argv, uv_stdio_container_t *stdio,
    uv_exit_cb exited);

void system_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);

/* Nobody waits for it any more: end it. */
void session_abandon(struct session *session);

/* The end of the session, when it has one by now; else it is waited for. */
void session_check(struct session *session);

/* Of struct transport. */
void system_run(struct link *link, const char *command, int64_t timeout_ns);
void system_write(struct link *link, const char *bytes, size_t len);
void system_extend(struct link *link, int64_t timeout_ns);

#endif
