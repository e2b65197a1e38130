#include "orchestrator/ssh/auto/ask.h"

#include "common/buf.h"
#include "orchestrator/ssh/system/argv.h"
#include "orchestrator/ssh/system/link.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (256u << 10)
#define WITHIN_MS 10000 /* `Match exec` in ssh_config may run for ever */

struct auto_ask {
	const struct link_target *target;
	bool own_known_hosts;
	auto_asked asked; /* NULL: given up, or answered */
	void *ctx;
	uv_process_t process;
	uv_pipe_t out;
	uv_timer_t timer;
	int open_handles;
	bool exited, out_over, good;
	struct buf answer;
};

static void
handle_closed(uv_handle_t *handle)
{
	struct auto_ask *ask = handle->data;

	if (--ask->open_handles == 0) {
		buf_free(&ask->answer);
		free(ask);
	}
}

static void
let_go(struct auto_ask *ask)
{
	ask->asked = NULL;
	if (!uv_is_closing((uv_handle_t *)&ask->out)) {
		uv_close((uv_handle_t *)&ask->out, handle_closed);
		uv_close((uv_handle_t *)&ask->timer, handle_closed);
	}
	if (!ask->exited) {
		uv_process_kill(&ask->process, SIGKILL); /* on_exited() closes the handle */
	} else if (!uv_is_closing((uv_handle_t *)&ask->process)) {
		uv_close((uv_handle_t *)&ask->process, handle_closed);
	}
}

void
auto_ask_cancel(struct auto_ask *ask)
{
	if (ask) {
		let_go(ask);
	}
}

static void
tell(struct auto_ask *ask)
{
	const struct passwd *me = getpwuid(getuid());
	struct ssh_config config = { .port = 0 };
	auto_asked asked = ask->asked;

	if (!asked) {
		return;
	}
	if (ask->good) {
		ssh_config_read(&config, buf_str(&ask->answer), ask->target, me ? me->pw_name : "",
		    ask->own_known_hosts);
	}
	let_go(ask);
	asked(ask->ctx, &config);
}

static void
on_exited(uv_process_t *process, int64_t status, int signal_number)
{
	struct auto_ask *ask = process->data;

	ask->exited = true;
	ask->good = status == 0 && signal_number == 0;
	if (!ask->asked) {
		let_go(ask);
	} else if (ask->out_over) {
		tell(ask);
	}
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
		if (ask->exited) {
			tell(ask);
		}
	}
}

static void
on_time(uv_timer_t *timer)
{
	struct auto_ask *ask = timer->data;

	ask->good = false;
	tell(ask);
}

struct auto_ask *
auto_ask_start(uv_loop_t *loop, const struct link_target *target, bool own_known_hosts,
    auto_asked asked, void *ctx)
{
	struct auto_ask *ask = calloc(1, sizeof(*ask));
	struct argv argv = { .count = 0 };
	uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE }, { .flags = UV_IGNORE } };

	if (!ask) {
		abort();
	}
	ask->target = target;
	ask->own_known_hosts = own_known_hosts;
	ask->asked = asked;
	ask->ctx = ctx;
	ask->answer.limit_bytes = ANSWER_BYTES_MAX;
	uv_pipe_init(loop, &ask->out, 0);
	uv_timer_init(loop, &ask->timer);
	ask->out.data = ask->timer.data = ask->process.data = ask;
	ask->open_handles = 3;
	stdio[1].data.stream = (uv_stream_t *)&ask->out;
	argv_ask(&argv, target);
	ask->exited = system_spawn(loop, &ask->process, argv.list, stdio, on_exited) < 0;
	argv_done(&argv);
	if (!ask->exited) {
		uv_read_start((uv_stream_t *)&ask->out, system_alloc, on_output);
	}
	uv_timer_start(&ask->timer, on_time, ask->exited ? 0 : WITHIN_MS, 0);
	return ask;
}
