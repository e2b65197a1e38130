#include "agent/command.h"

#include <signal.h>
#include <string.h>

#define ARGS_MAX 16

static void
on_closed(uv_handle_t *handle)
{
	struct command *command = handle->data;

	command->open--;
	if (command->open == 0) {
		command->running = false;
		command->done(command);
	}
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, on_closed);
	}
}

static void
finish(struct command *command, const char *failure)
{
	if (failure && !command->failure) {
		command->failure = failure;
	}
	close_handle((uv_handle_t *)&command->deadline);
	close_handle((uv_handle_t *)&command->pipe);
	close_handle((uv_handle_t *)&command->process);
}

static void
on_exit(uv_process_t *process, int64_t exit_status, int signal UNUSED)
{
	struct command *command = process->data;

	command->exited = true;
	command->exit_status = exit_status;
	if (command->drained) {
		finish(command, NULL);
	}
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char chunk[4096]; /* one loop, and what is read is copied at once */

	*buf = uv_buf_init(chunk, sizeof(chunk));
}

static void
on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct command *command = stream->data;

	if (got > 0) {
		buf_add(&command->output, buf->base, (size_t)got);
		if (command->output.overflowed) {
			uv_process_kill(&command->process, SIGKILL);
			finish(command, "it printed too much");
		}
	} else if (got < 0) {
		command->drained = true;
		uv_read_stop(stream);
		if (command->exited) {
			finish(command, NULL);
		}
	}
}

static void
on_deadline(uv_timer_t *timer)
{
	struct command *command = timer->data;

	uv_process_kill(&command->process, SIGKILL);
	finish(command, "it took too long");
}

void
command_run(struct command *command, uv_loop_t *loop, const char *const *argv, uint64_t limit_ms,
    command_done done)
{
	char *args[ARGS_MAX + 1] = { NULL };
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LC_ALL=C";
	char *env[] = { path, language, NULL };
	uv_stdio_container_t stdio[] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE },
		{ .flags = UV_IGNORE },
	};
	uv_process_options_t options = { .exit_cb = on_exit,
		.file = argv[0],
		.args = args,
		.env = env,
		.stdio = stdio,
		.stdio_count = COUNT(stdio) };

	for (size_t i = 0; i < ARGS_MAX && argv[i]; i++) {
		args[i] = (char *)(uintptr_t)argv[i];
	}
	command->output.limit_bytes = COMMAND_OUTPUT_BYTES;
	buf_reset(&command->output);
	command->failure = NULL;
	command->exit_status = -1;
	command->exited = command->drained = false;
	command->running = true;
	command->done = done;
	command->open = 3;
	memset(&command->process, 0, sizeof(command->process));
	uv_timer_init(loop, &command->deadline);
	uv_pipe_init(loop, &command->pipe, 0);
	stdio[1].data.stream = (uv_stream_t *)&command->pipe;
	command->deadline.data = command->pipe.data = command;
	/* a handle even when this fails: it must be closed all the same */
	if (uv_spawn(loop, &command->process, &options) < 0) {
		command->process.data = command;
		finish(command, "it cannot be started");
		return;
	}
	command->process.data = command;
	uv_timer_start(&command->deadline, on_deadline, limit_ms, 0);
	uv_read_start((uv_stream_t *)&command->pipe, on_alloc, on_read);
}

void
command_free_output(struct command *command)
{
	buf_free(&command->output);
}
