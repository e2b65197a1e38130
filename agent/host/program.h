/* Runs one program on the loop and collects what it prints, with limits of time and of size. */
#ifndef AGENT_HOST_PROGRAM_H
#define AGENT_HOST_PROGRAM_H

#include "common/buf.h"

#include <uv.h>

#define PROGRAM_OUTPUT_BYTES 65536

struct program;
typedef void (*program_done)(struct program *program);

/* Zero-initialise it. */
struct program {
	struct buf output;   /* its standard output */
	const char *failure; /* after its end: why the output is not complete; NULL: it is */
	int64_t exit_status; /* of the program, when it ended by itself */
	program_done done;
	/* gets the output instead of `output`, as it comes and without a limit of size; NULL: none
	 */
	void (*chunk)(struct program *program, const char *bytes, size_t len);
	void *owner; /* for the use of both */
	bool running;
	unsigned open; /* handles that are not closed yet */
	bool exited, drained;
	uv_process_t process;
	uv_pipe_t pipe;
	uv_timer_t deadline;
};

/*
 * Run @argv (argv[0] is an absolute path) and call @done when the program ended, took too long or
 * printed too much; never before this returns.
 *
 * @program:  must not be running; stays where it is until @done was called
 * @limit_ms: the program is killed after this time
 */
void program_run(struct program *program, uv_loop_t *loop, const char *const *argv,
    uint64_t limit_ms, program_done done);

/* Free the output; not while the program runs. */
void program_free_output(struct program *program);

#endif
