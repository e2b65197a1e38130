/*
 * A link is a master: `ssh -N` with ControlMaster and ControlPersist.  It logs in and then goes to
 * the background, so we know that the login is done.  From then on we hold an idle connection to
 * its socket.  When the connection ends, the master is gone; when we end, for whatever reason, the
 * master ends some seconds later.  A command is `ssh -S` through that socket.
 */
#include "orchestrator/ssh/system/link.h"

#include "orchestrator/ssh/home.h"
#include "orchestrator/ssh/system/argv.h"
#include "orchestrator/ssh/system/folder.h"
#include "orchestrator/ssh/system/system.h"
#include "orchestrator/ssh/trust.h"
#include "orchestrator/ssh/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_NS (20 * NS_PER_S)
/*
 * What `ssh` tells of a login begins the time of a step anew; jump hosts have steps of their own.
 * A server can make it tell without end: a login has the time of so many steps.
 */
#define LOGIN_STEPS_MAX 8
#define CONNECT_MORE_NS NS_PER_S /* so that ssh itself gives up an address and tries the next */
/*
 * Logins at the same time, at first.  sshd begins to drop connections when 10 have not logged in
 * yet (MaxStartups), and many hosts may be behind the sshd of one jump host.
 */
#define LOGINS_MAX 8

/* --- ends --- */

static void
handle_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	if (--link->open_handles > 0) {
		return;
	}
	system_words_done(&link->words);
	free(link);
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, handle_closed);
	}
}

/* Tell the master to end, in its own protocol (OpenSSH's PROTOCOL.mux). */
static void
end_master(struct link *link)
{
	struct buf words = { .limit_bytes = 64 };
	uv_buf_t buf;

	wire_put_u32(&words, 8);
	wire_put_u32(&words, 0x00000001); /* MUX_MSG_HELLO */
	wire_put_u32(&words, 4);          /* version */
	wire_put_u32(&words, 8);
	wire_put_u32(&words, 0x10000005); /* MUX_C_TERMINATE */
	wire_put_u32(&words, 0);          /* request */
	buf = uv_buf_init(words.data, (unsigned)words.len);
	/* if this is not sent, the master still ends when we disconnect */
	uv_try_write((uv_stream_t *)&link->holder, &buf, 1);
	buf_free(&words);
}

static void start_waiting(struct system *system);

static void
leave_queue(struct link *link)
{
	struct system *system = link->system;

	for (struct link **at = &system->waiting; *at; at = &(*at)->next_waiting) {
		if (*at == link) {
			*at = link->next_waiting;
			if (system->last_waiting == &link->next_waiting) {
				system->last_waiting = at;
			}
			return;
		}
	}
}

/* End all processes of the link, without waiting for them. */
static void
drop(struct link *link)
{
	leave_queue(link);
	session_abandon(link->session);
	link->session = NULL;
	if (link->master_runs) {
		uv_kill(-link->master.pid, SIGTERM); /* with its children, such as a ProxyCommand */
	}
	if (link->held && !link->lost) {
		end_master(link);
	}
	if (link->state > SYSTEM_WAIT && link->socket[0] && !link->held) {
		unlink(link->socket);
	}
}

static void
login_over(struct link *link)
{
	link->system->logging_in--;
	start_waiting(link->system);
}

static void
link_close(struct link *link)
{
	if (!link || link->closing) {
		return;
	}
	link->closing = true;
	if (link->state != SYSTEM_FAILED) {
		drop(link);
	}
	if (link->state == SYSTEM_LOGIN || link->state == SYSTEM_ATTACH) {
		link->state = SYSTEM_FAILED;
		login_over(link);
	}
	uv_timer_stop(&link->timer);
	close_handle((uv_handle_t *)&link->timer);
	close_handle((uv_handle_t *)&link->murmur);
	close_handle((uv_handle_t *)&link->holder);
	if (link->master_begun && !link->master_runs) {
		close_handle((uv_handle_t *)&link->master); /* else on_master_exit() closes it */
	}
}

void
system_fail(struct link *link, enum link_step step, const struct error *err)
{
	bool was_in = link->state == SYSTEM_LOGIN || link->state == SYSTEM_ATTACH;

	if (link->closing || link->state == SYSTEM_FAILED) {
		return;
	}
	drop(link);
	link->state = SYSTEM_FAILED;
	uv_timer_stop(&link->timer);
	if (was_in) {
		login_over(link);
	}
	link->events.failed(link->events.ctx, step, err);
}

static void
on_deadline(uv_timer_t *timer)
{
	struct link *link = timer->data;
	long long timeout_s = (long long)(link->system->options.timeout_ns / NS_PER_S);
	struct error err;

	if (link->state == SYSTEM_RUN) {
		error_set(&err, "the command was not over in time");
		system_fail(link, LINK_RUN, &err);
	} else if (link->words.step == LINK_RESOLVE) {
		error_set(
		    &err, "%s: the name was not resolved in %lld s", link->target.host, timeout_s);
		system_fail(link, LINK_RESOLVE, &err);
	} else {
		error_set(&err, "no answer in %lld s", timeout_s);
		system_fail(link, link->words.step, &err);
	}
}

void
system_set_deadline(struct link *link, int64_t timeout_ns)
{
	uv_timer_start(&link->timer, on_deadline, (uint64_t)(timeout_ns / NS_PER_MS), 0);
}

static void
set_step_deadline(struct link *link)
{
	uint64_t now_ms = uv_now(link->system->loop);
	int64_t left_ns = link->login_end_ms > now_ms
	    ? (int64_t)(link->login_end_ms - now_ms) * NS_PER_MS
	    : NS_PER_MS;
	int64_t step_ns = link->system->options.timeout_ns +
	    (link->words.step == LINK_CONNECT ? CONNECT_MORE_NS : 0);

	system_set_deadline(link, step_ns < left_ns ? step_ns : left_ns);
}

static void
on_lost(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error err;

	system_words_lost(&link->words, &err);
	system_fail(link, LINK_RUN, &err);
}

void
system_lost(struct link *link)
{
	link->lost = true;
	if (link->state == SYSTEM_RUN && link->session) {
		uv_timer_start(&link->timer, on_lost, SYSTEM_LAST_WORDS_MS, 0);
		session_check(link->session);
	} else if (link->state == SYSTEM_RUN) {
		uv_timer_start(&link->timer, on_lost, SYSTEM_LAST_WORDS_MS, 0);
	} else if (link->state == SYSTEM_ATTACH) {
		uv_timer_start(&link->timer, on_lost, 0, 0);
	}
}

/* --- the login --- */

static void
on_holder(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf UNUSED)
{
	struct link *link = stream->data;

	if (got < 0) { /* else: the master's hello */
		uv_read_stop(stream);
		system_lost(link);
	}
}

static void
on_attached(uv_connect_t *request, int status)
{
	struct link *link = request->data;

	if (link->closing || link->state != SYSTEM_ATTACH) {
		return;
	}
	if (status < 0) {
		system_lost(link);
		return;
	}
	link->held = true;
	uv_read_start((uv_stream_t *)&link->holder, system_alloc, on_holder);
	uv_timer_stop(&link->timer);
	link->state = SYSTEM_IDLE;
	login_over(link);
	if (!link->closing) {
		link->events.opened(link->events.ctx);
	}
}

static void
fail_login(struct link *link)
{
	struct error err;
	enum link_step step = system_words_error(&link->words, &link->target, &err);

	if (link->words.turned_away && link->system->logins_max > 1) {
		link->system->logins_max /= 2;
	}
	if (strstr(err.text, "timed out during banner exchange")) {
		error_set(&err, "no answer in %lld s",
		    (long long)(link->system->options.timeout_ns / NS_PER_S));
	}
	system_fail(link, step, &err);
}

/* When the loop was late, its timers come before what waits in the pipe: let it be read first. */
static void
on_last_words(uv_timer_t *timer)
{
	struct link *link = timer->data;

	if (!link->waited) {
		link->waited = true;
		uv_timer_start(timer, on_last_words, 1, 0);
		return;
	}
	fail_login(link);
}

static void
on_master_exit(uv_process_t *process, int64_t status, int signal_number)
{
	struct link *link = process->data;

	link->master_runs = false;
	if (link->closing) {
		close_handle((uv_handle_t *)process);
		return;
	}
	if (link->state != SYSTEM_LOGIN) {
		return;
	}
	if (status == 0 && signal_number == 0) {
		link->state = SYSTEM_ATTACH;
		link->connecting.data = link;
		uv_pipe_connect(&link->connecting, &link->holder, link->socket, on_attached);
		return;
	}
	link->master_exited = true;
	if (link->murmur_over) {
		fail_login(link);
	} else {
		uv_timer_start(&link->timer, on_last_words, SYSTEM_LAST_WORDS_MS, 0);
	}
}

static void
on_murmur(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct link *link = stream->data;

	if (got < 0) {
		uv_read_stop(stream);
		link->murmur_over = true;
		if (link->master_exited && link->state == SYSTEM_LOGIN) {
			fail_login(link);
		}
		return;
	}
	if (system_words_feed(&link->words, buf->base, (size_t)got) &&
	    link->state == SYSTEM_LOGIN && !link->master_exited) {
		set_step_deadline(link);
	}
}

static void
on_no_start(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error err;

	if (link->master_status == UV_ENOENT) {
		error_set(&err, "there is no `ssh` here (package openssh-client)");
	} else if (link->master_status == 0) {
		error_set(&err, "no folder for ssh's sockets could be made in /tmp");
	} else {
		error_set(&err, "ssh: %s", uv_strerror((int)link->master_status));
	}
	system_fail(link, LINK_CONNECT, &err);
}

/*
 * Whether to accept the key of a new host: only if no key of it is known, and its key can be
 * remembered.  ssh's accept-new would go on without that.
 */
static bool
may_trust_new(const struct system *system, const struct link_target *target)
{
	const struct ssh_policy *policy = target->policy ? target->policy : &system->usual;
	struct trust_host trust;
	struct error err;

	if (!system->known || trust_load(system->known, policy, false, &err)) {
		return false;
	}
	trust_init(&trust, target->host, target->port, policy);
	return trust_may_add(system->known, &trust);
}

static void
log_in(struct link *link)
{
	struct system *system = link->system;
	struct argv argv = { .count = 0 };
	uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE }, { .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&link->murmur } };

	system->logging_in++;
	link->state = SYSTEM_LOGIN;
	link->login_end_ms = uv_now(system->loop) +
	    (uint64_t)(LOGIN_STEPS_MAX * system->options.timeout_ns / NS_PER_MS);
	if (!system->folder[0] && system_folder_make(system->folder)) {
		uv_timer_start(&link->timer, on_no_start, 0, 0);
		return;
	}
	snprintf(link->socket, sizeof(link->socket), "%s/%u", system->folder, ++system->serial);
	argv_master(&argv, &system->options, &link->target, link->socket,
	    may_trust_new(system, &link->target));
	link->master.data = link;
	link->master_begun = true;
	link->open_handles++;
	link->master_status =
	    system_spawn(system->loop, &link->master, argv.list, stdio, on_master_exit);
	argv_done(&argv);
	if (link->master_status < 0) {
		uv_timer_start(&link->timer, on_no_start, 0, 0);
		return;
	}
	link->master_runs = true;
	uv_read_start((uv_stream_t *)&link->murmur, system_alloc, on_murmur);
	set_step_deadline(link);
}

static void
start_waiting(struct system *system)
{
	while (system->waiting && system->logging_in < system->logins_max) {
		struct link *link = system->waiting;

		leave_queue(link);
		log_in(link);
	}
}

/* --- the transport --- */

bool
system_link_turned_away(const struct link *link)
{
	return link->words.turned_away;
}

static struct link *
link_open(
    struct transport *transport, const struct link_target *target, const struct link_events *events)
{
	struct system *system = (struct system *)(void *)transport;
	struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		abort();
	}
	link->system = system;
	link->target = *target;
	link->events = *events;
	system_words_init(&link->words);
	uv_timer_init(system->loop, &link->timer);
	uv_pipe_init(system->loop, &link->murmur, 0);
	uv_pipe_init(system->loop, &link->holder, 0);
	link->timer.data = link->murmur.data = link->holder.data = link;
	link->open_handles = 3;
	*system->last_waiting = link;
	system->last_waiting = &link->next_waiting;
	start_waiting(system);
	return link;
}

int
system_transport_new(uv_loop_t *loop, const struct ssh_options *options,
    struct transport **transport, struct error *err)
{
	struct system *system = calloc(1, sizeof(*system));

	if (!system) {
		abort();
	}
	system->transport =
	    (struct transport){ link_open, system_run, system_write, system_extend, link_close };
	system->loop = loop;
	system->options = *options;
	system->last_waiting = &system->waiting;
	system->logins_max = LOGINS_MAX;
	if (system->options.timeout_ns == 0) {
		system->options.timeout_ns = TIMEOUT_NS;
	}
	ssh_policy_usual(&system->usual, ssh_home());
	if (options->known_hosts) {
		ssh_policy_known_hosts(&system->usual, options->known_hosts);
	}
	if (options->accept_new) {
		system->known = known_hosts_new();
		if (trust_load(system->known, &system->usual, false, err)) {
			system_transport_free(&system->transport);
			return -1;
		}
	}
	*transport = &system->transport;
	return 0;
}

void
system_transport_free(struct transport *transport)
{
	struct system *system = (struct system *)(void *)transport;

	if (!system) {
		return;
	}
	system_folder_remove(system->folder);
	known_hosts_free(system->known);
	ssh_policy_done(&system->usual);
	free(system);
}
