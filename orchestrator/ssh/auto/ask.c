#include "orchestrator/ssh/auto/ask.h"

#include "common/buf.h"
#include "orchestrator/ssh/auto/scan.h"
#include "orchestrator/ssh/system/argv.h"
#include "orchestrator/ssh/system/link.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (256u << 10)
#define COMPLAINT_BYTES_MAX 400
#define ASKS_MAX 16
#define WITHIN_S 60 /* `Match exec` in ssh_config may take its time, or run for ever */

struct auto_ask {
	struct auto_asks *asks;
	struct link_target target;
	auto_asked asked; /* NULL: given up, or answered */
	void *ctx;
	struct auto_ask *next;
	uv_process_t process;
	uv_pipe_t out, err;
	uv_timer_t timer;
	int open_handles;
	int start_error; /* of libuv */
	bool begun, waits, runs, out_over, err_over, late;
	int64_t status;
	int signal_number;
	struct buf answer, complaint;
};

void
auto_asks_init(struct auto_asks *asks, uv_loop_t *loop, const char *known_hosts)
{
	*asks = (struct auto_asks){ .loop = loop, .known_hosts = known_hosts };
	asks->last = &asks->first;
}

static void
handle_closed(uv_handle_t *handle)
{
	struct auto_ask *ask = handle->data;

	if (--ask->open_handles == 0) {
		buf_free(&ask->answer);
		buf_free(&ask->complaint);
		free(ask);
	}
}

static void
close_handle(void *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, handle_closed);
	}
}

static void begin_waiting(struct auto_asks *asks);

static void
leave_queue(struct auto_ask *ask)
{
	struct auto_asks *asks = ask->asks;

	for (struct auto_ask **at = &asks->first; *at; at = &(*at)->next) {
		if (*at == ask) {
			*at = ask->next;
			asks->last = *at ? asks->last : at;
			break;
		}
	}
	ask->waits = false;
}

/* End what runs for @ask, without waiting; nothing is told any more. */
static void
let_go(struct auto_ask *ask)
{
	struct auto_asks *asks = ask->asks;

	ask->asked = NULL;
	if (ask->waits) {
		leave_queue(ask);
	} else {
		asks->running--;
	}
	if (ask->runs) {
		uv_kill(-ask->process.pid, SIGKILL); /* with what `Match exec` has started */
	} else if (ask->begun) {
		close_handle(&ask->process); /* else on_exited() closes it */
	}
	close_handle(&ask->out);
	close_handle(&ask->err);
	close_handle(&ask->timer);
	begin_waiting(asks);
}

void
auto_ask_cancel(struct auto_ask *ask)
{
	if (ask) {
		let_go(ask);
	}
}

/* Set @err: why there is no answer. */
static void
explain(const struct auto_ask *ask, struct error *err)
{
	const char *said = buf_str(&ask->complaint);

	if (ask->start_error == UV_ENOENT) {
		error_set(err, "there is no `ssh` here to read it (package openssh-client)");
	} else if (ask->start_error < 0) {
		error_set(err, "ssh: %s", uv_strerror(ask->start_error));
	} else if (ask->late) {
		error_set(err, "`ssh -G` was not over in %d s: a command of `Match exec` hangs",
		    WITHIN_S);
	} else if (ask->answer.overflowed) {
		error_set(err, "`ssh -G` prints more than %u bytes", ANSWER_BYTES_MAX);
	} else if (*said) {
		error_set(err, "%s", said);
	} else {
		error_set(err, "`ssh -G` failed (exit status %d, signal %d)", (int)ask->status,
		    ask->signal_number);
	}
}

static void
tell(struct auto_ask *ask)
{
	bool good = ask->start_error == 0 && !ask->late && !ask->answer.overflowed &&
	    ask->status == 0 && ask->signal_number == 0;
	auto_asked asked = ask->asked;
	void *ctx = ask->ctx;
	struct ssh_config config;
	struct error err;

	if (ask->start_error == UV_ENOENT && !scan_finds_any()) {
		ssh_config_none(&config, ask->asks->known_hosts);
		good = true;
	} else if (good) {
		ssh_config_read(&config, buf_str(&ask->answer), ask->asks->known_hosts);
	} else {
		explain(ask, &err);
	}
	let_go(ask);
	asked(ctx, good ? &config : NULL, &err);
}

static void
tell_when_over(struct auto_ask *ask)
{
	bool failed = ask->status != 0 || ask->signal_number != 0;

	/* only a failure needs all of stderr, which a command of `Match exec` may hold open */
	if (ask->asked && !ask->runs && ask->out_over && (ask->err_over || !failed)) {
		tell(ask);
	}
}

static void
on_exited(uv_process_t *process, int64_t status, int signal_number)
{
	struct auto_ask *ask = process->data;

	ask->runs = false;
	ask->status = status;
	ask->signal_number = signal_number;
	if (!ask->asked) {
		close_handle(process);
		return;
	}
	tell_when_over(ask);
}

static void
on_output(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct auto_ask *ask = stream->data;

	if (got > 0) {
		buf_add(&ask->answer, buf->base, (size_t)got);
	} else if (got < 0) {
		uv_read_stop(stream);
		ask->out_over = true;
		tell_when_over(ask);
	}
}

static void
on_complaint(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct auto_ask *ask = stream->data;

	for (ssize_t i = 0; i < got; i++) {
		char c = buf->base[i];

		if (c == '\n') {
			buf_text(&ask->complaint, ask->complaint.len ? "; " : "");
		} else if (c != '\r') {
			buf_add(&ask->complaint, c >= ' ' && c < 127 ? &c : "?", 1);
		}
	}
	if (got < 0) {
		size_t len = ask->complaint.len;

		if (len > 2 && strcmp(ask->complaint.data + len - 2, "; ") == 0) {
			ask->complaint.data[ask->complaint.len -= 2] = '\0';
		}
		uv_read_stop(stream);
		ask->err_over = true;
		tell_when_over(ask);
	}
}

static void
on_time(uv_timer_t *timer)
{
	struct auto_ask *ask = timer->data;

	ask->late = ask->runs || (ask->start_error == 0 && !ask->out_over);
	tell(ask);
}

static void
begin(struct auto_ask *ask)
{
	uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&ask->out },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&ask->err } };
	struct argv argv = { .count = 0 };

	leave_queue(ask);
	ask->asks->running++;
	argv_ask(&argv, &ask->target);
	ask->begun = true;
	ask->open_handles++;
	ask->start_error =
	    system_spawn(ask->asks->loop, &ask->process, argv.list, stdio, on_exited);
	argv_done(&argv);
	ask->runs = ask->start_error == 0;
	if (ask->runs) {
		uv_read_start((uv_stream_t *)&ask->out, system_alloc, on_output);
		uv_read_start((uv_stream_t *)&ask->err, system_alloc, on_complaint);
	}
	uv_timer_start(&ask->timer, on_time, ask->runs ? WITHIN_S * UINT64_C(1000) : 0, 0);
}

static void
begin_waiting(struct auto_asks *asks)
{
	while (asks->first && asks->running < ASKS_MAX) {
		begin(asks->first);
	}
}

struct auto_ask *
auto_ask_start(
    struct auto_asks *asks, const struct link_target *target, auto_asked asked, void *ctx)
{
	struct auto_ask *ask = calloc(1, sizeof(*ask));

	if (!ask) {
		abort();
	}
	ask->asks = asks;
	ask->target = *target;
	ask->asked = asked;
	ask->ctx = ctx;
	ask->answer.limit_bytes = ANSWER_BYTES_MAX;
	ask->complaint.limit_bytes = COMPLAINT_BYTES_MAX;
	uv_pipe_init(asks->loop, &ask->out, 0);
	uv_pipe_init(asks->loop, &ask->err, 0);
	uv_timer_init(asks->loop, &ask->timer);
	ask->out.data = ask->err.data = ask->timer.data = ask->process.data = ask;
	ask->open_handles = 3;
	ask->waits = true;
	*asks->last = ask;
	asks->last = &ask->next;
	begin_waiting(asks);
	return ask;
}
