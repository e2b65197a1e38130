#include "orchestrator/alerts/send.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MS 20000

struct sending {
	uv_process_t process;
	uv_pipe_t input;
	uv_timer_t timer;
	uv_write_t write;
	struct buf text;
	sent_fn *sent;
	void *context;
	const char *program;
	unsigned open; /* handles */
	bool runs, late;
	int64_t status;
	int signal;
	int wrong; /* of libuv: it was not begun */
};

static void
finish(struct sending *sending)
{
	char words[160];
	bool done = sending->wrong == 0 && sending->status == 0 && sending->signal == 0;

	if (sending->wrong) {
		snprintf(words, sizeof(words), "%.60s cannot be run: %s", sending->program,
		    uv_strerror(sending->wrong));
	} else if (sending->late) {
		snprintf(words, sizeof(words), "%.60s took more than %d s", sending->program,
		    LIMIT_MS / 1000);
	} else {
		snprintf(words, sizeof(words), "%.60s ended with status %d", sending->program,
		    (int)sending->status);
	}
	sending->sent(sending->context, done, words);
	buf_free(&sending->text);
	free(sending);
}

static void
closed(uv_handle_t *handle)
{
	struct sending *sending = handle->data;

	if (--sending->open == 0) {
		finish(sending);
	}
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, closed);
	}
}

static void
close_all(struct sending *sending)
{
	close_handle((uv_handle_t *)&sending->process);
	close_handle((uv_handle_t *)&sending->input);
	close_handle((uv_handle_t *)&sending->timer);
}

static void
exited(uv_process_t *process, int64_t status, int signal)
{
	struct sending *sending = process->data;

	sending->runs = false;
	sending->status = status;
	sending->signal = signal;
	close_all(sending);
}

/* All is written, or it does not want it: its input ends. */
static void
written(uv_write_t *write, int status UNUSED)
{
	struct sending *sending = write->data;

	close_handle((uv_handle_t *)&sending->input);
}

static void
too_late(uv_timer_t *timer)
{
	struct sending *sending = timer->data;

	sending->late = true;
	send_end(sending);
}

struct sending *
send_by(uv_loop_t *loop, const char *const *argv, struct buf *text, sent_fn *sent, void *context)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	union {
		const char *const *given;
		char **args;
	} words = { .given = argv };
	uv_stdio_container_t stdio[3] = { { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE },
		{ .flags = UV_IGNORE }, { .flags = UV_INHERIT_FD, .data.fd = 2 } };
	uv_process_options_t options = { .exit_cb = exited,
		.file = argv[0],
		.args = words.args,
		.stdio = stdio,
		.stdio_count = 3 };
	uv_buf_t bytes;

	if (!sending) {
		abort();
	}
	sending->text = *text;
	sending->sent = sent;
	sending->context = context;
	sending->program = argv == NULL ? "" : argv[0];
	sending->open = 3;
	sending->process.data = sending->input.data = sending->timer.data = sending;
	sending->write.data = sending;
	uv_pipe_init(loop, &sending->input, 0);
	uv_timer_init(loop, &sending->timer);
	stdio[0].data.stream = (uv_stream_t *)&sending->input;
	sending->wrong = uv_spawn(loop, &sending->process, &options);
	if (sending->wrong) {
		close_all(sending);
		return sending;
	}
	sending->runs = true;
	uv_timer_start(&sending->timer, too_late, LIMIT_MS, 0);
	bytes = uv_buf_init(sending->text.data, (unsigned)sending->text.len);
	if (uv_write(&sending->write, (uv_stream_t *)&sending->input, &bytes, 1, written) != 0) {
		close_handle((uv_handle_t *)&sending->input);
	}
	return sending;
}

void
send_end(struct sending *sending)
{
	if (sending->runs) {
		uv_process_kill(&sending->process, SIGKILL);
	}
}
