#include "agent/host/program.h"

#include <signal.h>
#include <string.h>

#define ARGS_MAX 16

static void
on_closed(uv_handle_t *handle)
{
	struct program *program = handle->data;

	program->open--;
	if (program->open == 0) {
		program->running = false;
		program->done(program);
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
finish(struct program *program, const char *failure)
{
	if (failure && !program->failure) {
		program->failure = failure;
	}
	close_handle((uv_handle_t *)&program->deadline);
	close_handle((uv_handle_t *)&program->pipe);
	close_handle((uv_handle_t *)&program->process);
}

static void
on_exit(uv_process_t *process, int64_t exit_status, int signal UNUSED)
{
	struct program *program = process->data;

	program->exited = true;
	program->exit_status = exit_status;
	if (program->drained) {
		finish(program, NULL);
	}
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char chunk[4096]; /* one loop, and on_read() copies it at once */

	*buf = uv_buf_init(chunk, sizeof(chunk));
}

static void
on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct program *program = stream->data;

	if (got > 0 && program->chunk) {
		program->chunk(program, buf->base, (size_t)got);
	} else if (got > 0) {
		buf_add(&program->output, buf->base, (size_t)got);
		if (program->output.overflowed) {
			uv_process_kill(&program->process, SIGKILL);
			finish(program, "it printed too much");
		}
	} else if (got < 0) {
		program->drained = true;
		uv_read_stop(stream);
		if (program->exited) {
			finish(program, NULL);
		}
	}
}

static void
on_deadline(uv_timer_t *timer)
{
	struct program *program = timer->data;

	uv_process_kill(&program->process, SIGKILL);
	finish(program, "it took too long");
}

void
program_run(struct program *program, uv_loop_t *loop, const char *const *argv, uint64_t limit_ms,
    program_done done)
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
		args[i] = (char *)(uintptr_t)argv[i]; /* as execve() wants them; nobody writes */
	}
	program->output.limit_bytes = PROGRAM_OUTPUT_BYTES;
	buf_reset(&program->output);
	program->failure = NULL;
	program->exit_status = -1;
	program->exited = program->drained = false;
	program->running = true;
	program->done = done;
	program->open = 3;
	memset(&program->process, 0, sizeof(program->process));
	uv_timer_init(loop, &program->deadline);
	uv_pipe_init(loop, &program->pipe, 0);
	stdio[1].data.stream = (uv_stream_t *)&program->pipe;
	program->deadline.data = program->pipe.data = program;
	/* the handle must be closed even when this fails */
	if (uv_spawn(loop, &program->process, &options) < 0) {
		program->process.data = program;
		finish(program, "it cannot be started");
		return;
	}
	program->process.data = program;
	uv_timer_start(&program->deadline, on_deadline, limit_ms, 0);
	uv_read_start((uv_stream_t *)&program->pipe, on_alloc, on_read);
}

void
program_free_output(struct program *program)
{
	buf_free(&program->output);
}
