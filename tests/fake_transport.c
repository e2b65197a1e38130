#include "tests/fake_transport.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"

#define DEADLINE_MS 100  /* a link that hangs fails after so long */
#define PATIENCE_MS 4000 /* no script waits so long for a word: fake_host.c shortens its waits */

struct link {
	struct fake_transport *fake;
	struct link_events events;
	uv_timer_t timer;
	uv_pipe_t in, out, complaint;
	uv_process_t process;
	struct buf complained;
	bool opened, running, failed, closing;
	bool hung;   /* the command is not told that the link broke, not by close() either */
	int handles; /* not closed yet */
	int ends;    /* stdout, stderr and the exit: when all have come, the command is over */
	int status;
};

static void
freed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	if (--link->handles == 0 && link->closing) {
		buf_free(&link->complained);
		free(link);
	}
}

static void
close_pipes(struct link *link)
{
	uv_handle_t *handles[] = { (uv_handle_t *)&link->in, (uv_handle_t *)&link->out,
		(uv_handle_t *)&link->complaint };

	for (size_t i = 0; link->running && i < COUNT(handles); i++) {
		if (!uv_is_closing(handles[i])) {
			uv_close(handles[i], freed);
		}
	}
}

/* Report from a timer, not from within a call, that the link broke. */
static void
on_broken(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error err;

	error_set(&err, "the link %s", link->hung ? "was silent for too long" : "was broken");
	link->events.failed(link->events.ctx, link->opened ? LINK_RUN : LINK_CONNECT, &err);
}

/* Count one more event; returns whether the link breaks at it, or has broken before. */
static bool
breaks(struct link *link)
{
	struct fake_transport *fake = link->fake;

	if (link->failed) {
		return true;
	}
	if (fake->fault == FAKE_SOUND || ++fake->happened != fake->fault_at) {
		return false;
	}
	link->failed = true;
	if (fake->broke) {
		fake->broke(fake->ctx);
	}
	link->hung = fake->fault == FAKE_HANG;
	fake->hung = link->hung && link->running ? link : NULL;
	if (fake->fault == FAKE_KILL && link->running) {
		kill(-fake->last_child, SIGKILL);
	}
	if (fake->fault == FAKE_CUT || fake->fault == FAKE_KILL) {
		close_pipes(link);
	} else if (link->running) {
		uv_read_stop((uv_stream_t *)&link->out);
		uv_read_stop((uv_stream_t *)&link->complaint);
	}
	uv_timer_start(&link->timer, on_broken, link->hung ? DEADLINE_MS : 0, 0);
	return true;
}

static void
on_opened(uv_timer_t *timer)
{
	struct link *link = timer->data;

	if (!breaks(link)) {
		link->opened = true;
		link->events.opened(link->events.ctx);
	}
}

static struct link *
open_link(struct transport *transport, const struct link_target *target UNUSED,
    const struct link_events *events)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		abort();
	}
	link->fake = (struct fake_transport *)(void *)transport;
	link->events = *events;
	uv_timer_init(link->fake->loop, &link->timer);
	link->timer.data = link;
	link->handles = 1;
	uv_timer_start(&link->timer, on_opened, 0, 0);
	return link;
}

static void
one_end(struct link *link)
{
	if (--link->ends == 0 && !link->failed && !link->closing) {
		close_pipes(link);
		link->running = false;
		link->events.ended(link->events.ctx, link->status, buf_str(&link->complained));
	}
}

static void
on_exit_status(uv_process_t *process, int64_t status, int number)
{
	struct link *link = process->data;

	link->status = number ? 128 + number : (int)status;
	link->fake->children--;
	if (link->hung) {
		link->fake->hung = NULL;
		close_pipes(link);
	}
	uv_close((uv_handle_t *)process, freed);
	one_end(link);
}

static void
lend(uv_handle_t *handle UNUSED, size_t size UNUSED, uv_buf_t *buf)
{
	static char bytes[65536];

	*buf = uv_buf_init(bytes, sizeof(bytes));
}

/* Each line of output is an event, in whatever pieces the output comes. */
static void
tell_lines(struct link *link, const char *bytes, size_t len)
{
	while (len > 0 && !link->closing && !breaks(link)) {
		const char *end = memchr(bytes, '\n', len);
		size_t line = end ? (size_t)(end - bytes) + 1 : len;

		link->events.output(link->events.ctx, bytes, line);
		bytes += line;
		len -= line;
	}
}

static void
on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct link *link = stream->data;

	if (got < 0) {
		uv_read_stop(stream);
		one_end(link);
	} else if (stream == (uv_stream_t *)&link->complaint) {
		buf_add(&link->complained, buf->base, (size_t)got);
	} else {
		tell_lines(link, buf->base, (size_t)got);
	}
}

static void
init_pipe(struct link *link, uv_pipe_t *pipe)
{
	uv_pipe_init(link->fake->loop, pipe, 0);
	pipe->data = link;
	link->handles++;
}

static void
run(struct link *link, const char *command, int64_t timeout_ns UNUSED)
{
	char text[512];
	char *args[] = { (char[]){ "sh" }, (char[]){ "-c" }, text, NULL };
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		    .data.stream = (uv_stream_t *)&link->in },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&link->out },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&link->complaint },
	};
	uv_process_options_t options = { .file = "/bin/sh",
		.args = args,
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = 3,
		.exit_cb = on_exit_status };

	if (breaks(link)) {
		return;
	}
	snprintf(text, sizeof(text), "%s", command);
	init_pipe(link, &link->in);
	init_pipe(link, &link->out);
	init_pipe(link, &link->complaint);
	link->running = true;
	link->ends = 3;
	buf_reset(&link->complained);
	link->process.data = link;
	link->handles++;
	if (uv_spawn(link->fake->loop, &link->process, &options)) {
		abort();
	}
	link->fake->last_child = link->process.pid;
	link->fake->children++;
	uv_read_start((uv_stream_t *)&link->out, lend, on_read);
	uv_read_start((uv_stream_t *)&link->complaint, lend, on_read);
}

static void
on_written(uv_write_t *request, int status UNUSED)
{
	free(request);
}

static void
write_input(struct link *link, const char *bytes, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
	uv_write_t *request;

	if (len == 0 || breaks(link) || uv_is_closing((uv_handle_t *)&link->in)) {
		return;
	}
	request = calloc(1, sizeof(*request));
	if (!request || uv_write(request, (uv_stream_t *)&link->in, &buf, 1, on_written)) {
		free(request);
	}
}

static void
extend(struct link *link UNUSED, int64_t timeout_ns UNUSED)
{
}

static void
close_link(struct link *link)
{
	link->closing = true;
	if (!link->hung) {
		close_pipes(link);
	}
	uv_close((uv_handle_t *)&link->timer, freed);
}

void
fake_transport_init(struct fake_transport *fake)
{
	signal(SIGPIPE, SIG_IGN); /* as the program does */
	*fake = (struct fake_transport){
		.transport = { open_link, run, write_input, extend, close_link },
		.loop = malloc(sizeof(*fake->loop)),
	};
	if (!fake->loop || uv_loop_init(fake->loop)) {
		abort();
	}
}

void
fake_transport_done(struct fake_transport *fake)
{
	uv_run(fake->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(fake->loop)) {
		uv_print_all_handles(fake->loop, stderr);
		abort();
	}
	free(fake->loop);
}

static void
on_patience(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

bool
fake_transport_wait(struct fake_transport *fake)
{
	uv_timer_t timer;
	bool late = false;

	uv_timer_init(fake->loop, &timer);
	timer.data = &late;
	uv_timer_start(&timer, on_patience, PATIENCE_MS, 0);
	while (fake->children > 0 && !(late && fake->hung)) {
		uv_run(fake->loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(fake->loop, UV_RUN_NOWAIT);
	return fake->children == 0;
}

void
fake_transport_tell(struct fake_transport *fake)
{
	if (fake->hung) {
		close_pipes(fake->hung);
		fake->hung = NULL;
	}
}
