/* A link of `ssh`.  Only files of this folder, and auto/ask.c for system_spawn(), include this. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_LINK_H
#define ORCHESTRATOR_SSH_SYSTEM_LINK_H

#include "orchestrator/ssh/known_hosts.h"
#include "orchestrator/ssh/system/folder.h"
#include "orchestrator/ssh/system/system.h"
#include "orchestrator/ssh/system/words.h"

struct system {
	struct transport transport; /* first, so that a pointer to it is one to the struct */
	uv_loop_t *loop;
	struct ssh_options options;
	struct ssh_policy usual;              /* of targets without a policy */
	struct known_hosts *known;            /* NULL: new keys are not accepted */
	char folder[SYSTEM_FOLDER_BYTES];     /* of the masters' sockets; "": not made yet */
	unsigned serial;                      /* number of the last socket */
	unsigned logins_max;                  /* so many may log in at the same time */
	unsigned logging_in;                  /* masters that have not logged in yet */
	struct link *waiting, **last_waiting; /* links that wait for their turn to log in */
};

enum system_state {
	SYSTEM_WAIT,   /* the link waits for its turn */
	SYSTEM_LOGIN,  /* the master is our child */
	SYSTEM_ATTACH, /* the master is in the background, and we connect to its socket */
	SYSTEM_IDLE,
	SYSTEM_RUN,
	SYSTEM_FAILED,
};

/* A command.  The link may drop it earlier; it is freed when its process has ended. */
struct session {
	struct link *link; /* NULL: the link has dropped it */
	uv_process_t process;
	uv_pipe_t in, out, err;
	int open_handles;
	bool exited, out_over, err_over;
	bool settled; /* status 255 is the command's: a master that died would be known by now */
	int64_t exit_status;
	struct buf complaint;
};

struct link {
	struct system *system;
	struct link_target target;
	struct link_events events;
	struct link *next_waiting;
	enum system_state state;
	bool closing; /* close() was called: events are not told any more */
	int open_handles;
	char socket[112];

	uv_timer_t timer; /* the deadline */
	uint64_t
	    login_end_ms; /* by the loop's clock: when the login must be over, at whatever step */
	uv_process_t master;   /* until it has gone to the background, or failed */
	bool master_begun;     /* master is a handle, whether it started or not */
	bool master_runs;      /* master is our child and runs */
	bool master_exited;    /* it ended without a login */
	int64_t master_status; /* of its start: 0, or an error of libuv */
	uv_pipe_t murmur;      /* the master's stderr */
	bool murmur_over;
	bool waited;      /* for the last words of the master that has ended */
	uv_pipe_t holder; /* our connection to the master's socket; without it the master ends */
	uv_connect_t connecting;
	bool held, lost; /* holder is connected; the connection is lost */
	struct system_words words;

	struct session *session; /* NULL: none runs */
};

#define SYSTEM_LAST_WORDS_MS 300 /* how long to wait for output after we know of an end */
#define SYSTEM_SETTLE_MS 1000    /* how long to wait for the master's end after its client's */

void system_fail(struct link *link, enum link_step step, const struct error *err);

/* Note that the connection is lost; failed() tells it when the command's output has been read. */
void system_lost(struct link *link);

void system_set_deadline(struct link *link, int64_t timeout_ns);

/* Start `ssh` with @argv; its fds 0 to 2 are @stdio.  Returns 0, or an error of libuv. */
int system_spawn(uv_loop_t *loop, uv_process_t *process, char **argv, uv_stdio_container_t *stdio,
    uv_exit_cb exited);

void system_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);

/* Detach @session (NULL: nothing) from its link and kill its process. */
void session_abandon(struct session *session);

/* End the session, if its process and both outputs have ended; else do nothing. */
void session_check(struct session *session);

/* Functions of struct transport. */
void system_run(struct link *link, const char *command, int64_t timeout_ns);
void system_write(struct link *link, const char *bytes, size_t len);
void system_extend(struct link *link, int64_t timeout_ns);

#endif
