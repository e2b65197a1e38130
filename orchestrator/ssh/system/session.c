/* A command through a master: `ssh -S`, with our pipes as its stdin, stdout and stderr. */
#include "common/shorten.h"
#include "orchestrator/ssh/system/argv.h"
#include "orchestrator/ssh/system/link.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define COMPLAINT_BYTES 4096

static void
handle_closed(uv_handle_t *handle)
{
	struct session *session = handle->data;

	if (--session->open_handles == 0) {
		buf_free(&session->complaint);
		free(session);
	}
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, handle_closed);
	}
}

static void
close_pipes(struct session *session)
{
	close_handle((uv_handle_t *)&session->in);
	close_handle((uv_handle_t *)&session->out);
	close_handle((uv_handle_t *)&session->err);
}

void
session_abandon(struct session *session)
{
	if (!session) {
		return;
	}
	session->link = NULL;
	close_pipes(session);
	if (session->exited) {
		close_handle((uv_handle_t *)&session->process);
	} else {
		uv_process_kill(&session->process, SIGKILL); /* on_exited() closes the handle */
	}
}

/* Whether ssh failed, not the command: both may exit with status 255. */
static bool
is_ssh_failure(const struct session *session)
{
	const char *said = buf_str(&session->complaint);

	return session->exit_status == 255 &&
	    (session->link->lost || strstr(said, "mux_client_") || strstr(said, "Control socket"));
}

static void end(struct session *session);

static void
on_settled(uv_timer_t *timer)
{
	const struct link *link = timer->data;

	link->session->settled = true;
	end(link->session);
}

static void
end(struct session *session)
{
	struct link *link = session->link;
	struct error err;
	char said[420];

	if (session->exit_status == 255 && !link->lost && !session->settled) {
		uv_timer_start(&link->timer, on_settled, SYSTEM_SETTLE_MS, 0);
		return;
	}
	if (is_ssh_failure(session)) {
		if (link->lost) {
			system_words_lost(&link->words, &err);
		} else {
			shorten(said, sizeof(said), buf_str(&session->complaint));
			error_set(&err, "ssh could not start the command: %s", said);
		}
		system_fail(link, LINK_RUN, &err);
		return;
	}
	link->session = NULL;
	link->state = SYSTEM_IDLE;
	uv_timer_stop(&link->timer);
	link->events.ended(
	    link->events.ctx, (int)session->exit_status, buf_str(&session->complaint));
	session_abandon(session);
}

void
session_check(struct session *session)
{
	if (session->link && session->exited && session->out_over && session->err_over) {
		end(session);
	}
}

static void
on_exited(uv_process_t *process, int64_t status, int signal_number)
{
	struct session *session = process->data;

	session->exited = true;
	session->exit_status = signal_number ? 255 : status;
	if (!session->link) {
		close_handle((uv_handle_t *)process);
		return;
	}
	session_check(session);
}

static void
on_output(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct session *session = stream->data;

	if (!session->link || got == 0) {
		return;
	}
	if (got > 0) {
		session->link->events.output(session->link->events.ctx, buf->base, (size_t)got);
		return;
	}
	uv_read_stop(stream);
	session->out_over = true;
	session_check(session);
}

static void
on_complaint(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct session *session = stream->data;
	const struct link_events *events;

	if (!session->link || got == 0) {
		return;
	}
	if (got < 0) {
		uv_read_stop(stream);
		session->err_over = true;
		session_check(session);
		return;
	}
	events = &session->link->events;
	/* keep the end: it tells most */
	if (session->complaint.len + (size_t)got > COMPLAINT_BYTES) {
		buf_drop(&session->complaint, session->complaint.len / 2);
	}
	buf_add(&session->complaint, buf->base,
	    (size_t)got < COMPLAINT_BYTES / 2 ? (size_t)got : COMPLAINT_BYTES / 2);
	if (events->murmured) {
		events->murmured(events->ctx, buf->base, (size_t)got);
	}
}

static struct session *
session_new(struct link *link)
{
	struct session *session = calloc(1, sizeof(*session));
	uv_pipe_t *pipes[3] = { &session->in, &session->out, &session->err };

	if (!session) {
		abort();
	}
	session->link = link;
	session->complaint.limit_bytes = COMPLAINT_BYTES;
	for (int i = 0; i < 3; i++) {
		uv_pipe_init(link->system->loop, pipes[i], 0);
		pipes[i]->data = session;
	}
	session->process.data = session;
	session->open_handles = 4;
	return session;
}

/* Called by a timer, because failed() must be called from the loop, not from run(). */
static void
on_no_start(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error err;

	if (link->lost) {
		system_words_lost(&link->words, &err);
	} else {
		error_set(&err, "`ssh` does not start");
	}
	system_fail(link, LINK_RUN, &err);
}

void
system_run(struct link *link, const char *command, int64_t timeout_ns)
{
	struct argv argv = { .count = 0 };
	struct session *session;
	uv_stdio_container_t stdio[3];
	int status;

	if (link->state != SYSTEM_IDLE) {
		return; /* the link has failed: failed() told that */
	}
	link->state = SYSTEM_RUN;
	if (link->lost) {
		uv_timer_start(&link->timer, on_no_start, 0, 0);
		return;
	}
	session = link->session = session_new(link);
	stdio[0] = (uv_stdio_container_t){ .flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		.data.stream = (uv_stream_t *)&session->in };
	stdio[1] = (uv_stdio_container_t){ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		.data.stream = (uv_stream_t *)&session->out };
	stdio[2] = (uv_stdio_container_t){ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		.data.stream = (uv_stream_t *)&session->err };
	argv_session(&argv, link->target.host, link->socket, command);
	status = system_spawn(link->system->loop, &session->process, argv.list, stdio, on_exited);
	argv_done(&argv);
	if (status < 0) {
		session->exited = true;
		link->session = NULL;
		session_abandon(session);
		uv_timer_start(&link->timer, on_no_start, 0, 0);
		return;
	}
	uv_read_start((uv_stream_t *)&session->out, system_alloc, on_output);
	uv_read_start((uv_stream_t *)&session->err, system_alloc, on_complaint);
	system_set_deadline(link, timeout_ns);
}

static void
on_written(uv_write_t *request, int status UNUSED)
{
	free(request); /* a command that ends without reading all reports that itself */
}

void
system_write(struct link *link, const char *bytes, size_t len)
{
	/* uv_buf_t serves reads, too: a write leaves the bytes alone */
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
	uv_write_t *request;

	if (!link->session || len == 0) {
		return;
	}
	request = malloc(sizeof(*request));
	if (!request) {
		abort();
	}
	if (uv_write(request, (uv_stream_t *)&link->session->in, &buf, 1, on_written)) {
		free(request);
	}
}

void
system_extend(struct link *link, int64_t timeout_ns)
{
	if (link->state == SYSTEM_RUN && link->session) {
		system_set_deadline(link, timeout_ns);
	}
}
