/*
 * A link is a state machine.  Only files of this folder call libssh2.
 * Every call of libssh2 may return "not yet" (EAGAIN): then we wait for the socket, in the
 * directions of libssh2_session_block_directions(), and repeat the call.  (1.10: a call that was
 * cut short while sending must be the next call.)
 */
#include "orchestrator/ssh/libssh2/link.h"

#include "common/shorten.h"
#include "orchestrator/ssh/dial.h"
#include "orchestrator/ssh/home.h"
#include "orchestrator/ssh/key.h"
#include "orchestrator/ssh/libssh2/ssh.h"
#include "orchestrator/ssh/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_NS (20 * NS_PER_S)
#define HEARD_BYTES_MAX 40960 /* banner and KEXINIT: RFC 4253 allows 35000 */

/* --- ends --- */

static void
handle_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	if (--link->open_handles > 0) {
		return;
	}
	buf_free(&link->heard);
	buf_free(&link->notes);
	buf_free(&link->complaint);
	refusal_done(&link->refusal);
	buf_free(&link->order);
	agree_done(link->lists);
	free(link->command);
	free(link);
}

/* Free the session and close the socket, without waiting. */
static void
drop_session(struct link *link)
{
	if (link->session && !link->dead && link->state == LINK_STATE_IDLE) {
		libssh2_session_disconnect(link->session, "done"); /* if the socket has room */
	}
	link->dead = true;
	if (link->session) {
		for (int i = 0; i < 10; i++) {
			if (libssh2_session_free(link->session) != LIBSSH2_ERROR_EAGAIN) {
				break;
			}
		}
		link_forget_memory(link);
		link->session = NULL;
		link->channel = NULL;
	}
	if (link->fd >= 0) {
		uv_poll_stop(&link->poll);
		uv_close((uv_handle_t *)&link->poll, handle_closed);
		close(link->fd);
		link->fd = -1;
	}
}

static void
link_close(struct link *link)
{
	if (!link || link->closing) {
		return;
	}
	link->closing = true;
	dial_cancel(link->dial);
	link->dial = NULL;
	uv_timer_stop(&link->timer);
	drop_session(link);
	uv_close((uv_handle_t *)&link->timer, handle_closed);
}

void
link_fail(struct link *link, enum link_step step, const struct error *err)
{
	if (link->closing || link->state == LINK_STATE_FAILED) {
		return;
	}
	link->state = LINK_STATE_FAILED;
	uv_timer_stop(&link->timer);
	drop_session(link);
	link->events.failed(link->events.ctx, step, err);
}

static enum link_step
step_of(enum link_state state)
{
	if (state == LINK_STATE_HANDSHAKE) {
		return LINK_HANDSHAKE;
	}
	return state == LINK_STATE_LOGIN ? LINK_LOGIN : LINK_RUN;
}

/* End the link with the error of libssh2's last call. */
static void
fail_session(struct link *link, int code)
{
	struct error err;
	char *text = NULL, said[400];

	libssh2_session_last_error(link->session, &text, NULL, 0);
	shorten(said, sizeof(said), buf_str(&link->refusal.said));
	if (link->talks_too_much) {
		error_set(&err, "the server talks without end: more than %u bytes came",
		    link->state <= LINK_STATE_LOGIN ? LOGIN_BYTES_MAX : COMMAND_BYTES_MAX);
	} else if (link_is_lost(code)) {
		error_set(&err, "the connection was lost%s%s", *said ? ": " : "", said);
	} else {
		error_set(&err, "%s (libssh2 %d)", text && *text ? text : "it failed", code);
	}
	link_fail(link, step_of(link->state), &err);
}

/* --- waiting --- */

static void
on_ready(uv_poll_t *poll, int status UNUSED, int events UNUSED)
{
	struct link *link = poll->data;

	link->turn_bytes = 0;
	link_advance(link);
}

void
link_watch(struct link *link, int directions)
{
	int events = (directions & LIBSSH2_SESSION_BLOCK_INBOUND ? UV_READABLE : 0) |
	    (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND ? UV_WRITABLE : 0);

	if (link->fd < 0 || link->watched == events) {
		return;
	}
	link->watched = events;
	if (events) {
		uv_poll_start(&link->poll, events, on_ready);
	} else {
		uv_poll_stop(&link->poll);
	}
}

static void
on_deadline(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error err;

	if (link->state == LINK_STATE_HANDSHAKE || link->state == LINK_STATE_LOGIN) {
		error_set(&err, "no answer in %lld s",
		    (long long)(link->ssh->options.timeout_ns / NS_PER_S));
	} else {
		error_set(&err, "the command was not over in time");
	}
	link_fail(link, step_of(link->state), &err);
}

void
link_set_deadline(struct link *link, int64_t timeout_ns)
{
	uv_timer_start(&link->timer, on_deadline, (uint64_t)(timeout_ns / NS_PER_MS), 0);
}

/* --- the steps: each returns 1 when it is done, 0 to wait, -1 when the link has failed --- */

int
link_outcome(struct link *link, int code)
{
	if (code == LIBSSH2_ERROR_EAGAIN) {
		link_watch(link, libssh2_session_block_directions(link->session));
		return 0;
	}
	if (code < 0) {
		fail_session(link, code);
		return -1;
	}
	return 1;
}

static int
shake_hands(struct link *link)
{
	int code = libssh2_session_handshake(link->session, link->fd);

	/* a server that finds nothing in common may hang up before libssh2 finds that, too */
	if (code < 0 && code != LIBSSH2_ERROR_EAGAIN &&
	    (link_fail_greeting(link) || agree_failed(link))) {
		return -1;
	}
	code = link_outcome(link, code);
	if (code <= 0) {
		return code;
	}
	link->state = LINK_STATE_LOGIN;
	if (agree_on_host(link)) {
		return -1;
	}
	buf_free(&link->heard);
	link->key_count = login_keys_list(
	    link->ssh->ring, link->target.identity, link->trust.policy, link->keys, &link->notes);
	link_set_deadline(link, link->ssh->options.timeout_ns);
	return 1;
}

void
link_advance(struct link *link)
{
	int more = 1;

	while (more > 0 && !link->closing) {
		switch (link->state) {
		case LINK_STATE_HANDSHAKE:
			more = shake_hands(link);
			break;
		case LINK_STATE_LOGIN:
			more = link_log_in(link);
			break;
		case LINK_STATE_OPEN:
			more = command_open(link);
			break;
		case LINK_STATE_EXEC:
			more = command_start(link);
			break;
		case LINK_STATE_PUMP:
			more = command_pump(link);
			break;
		case LINK_STATE_CLOSE:
			more = command_close(link);
			break;
		case LINK_STATE_CLOSED:
			more = command_end(link);
			break;
		case LINK_STATE_DIAL:
		case LINK_STATE_IDLE:
		case LINK_STATE_FAILED:
			return;
		}
	}
}

bool
ssh_link_settled(const struct link *link)
{
	return link->refusal.accepted[0] && !link->refusal.partial;
}

bool
ssh_link_turned_away(const struct link *link)
{
	return link->turned_away;
}

bool
ssh_link_lacks(const struct link *link, char *what, size_t size)
{
	snprintf(what, size, "%s", link->lack);
	return link->lack[0];
}

/* --- the transport --- */

static void
on_dialled(void *ctx, int fd, enum link_step step, const struct error *err)
{
	struct link *link = ctx;

	link->dial = NULL;
	if (fd < 0) {
		link_fail(link, step, err);
		return;
	}
	link->fd = fd;
	link->session = libssh2_session_init_ex(link_alloc, link_free, link_realloc, link);
	if (!link->session) {
		abort();
	}
	link_attach(link);
	libssh2_session_set_blocking(link->session, 0);
	agree_prefer(link);
	uv_poll_init(link->ssh->loop, &link->poll, fd);
	link->poll.data = link;
	link->open_handles++;
	link->state = LINK_STATE_HANDSHAKE;
	link_set_deadline(link, link->ssh->options.timeout_ns);
	link_advance(link);
}

static void
on_begin(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct error err;

	if (agree_prepare(link, &err)) {
		link_fail(link, LINK_CONFIG, &err);
		return;
	}
	link->dial = dial_start(link->ssh->loop, link->target.host, link->target.port,
	    link->ssh->options.timeout_ns, on_dialled, link);
}

static struct link *
link_open(
    struct transport *transport, const struct link_target *target, const struct link_events *events)
{
	struct ssh *ssh = (struct ssh *)(void *)transport;
	struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		abort();
	}
	link->ssh = ssh;
	link->target = *target;
	link->target.user = target->user ? target->user : "root";
	link->target.port = target->port ? target->port : 22;
	link->events = *events;
	link->fd = -1;
	refusal_init(&link->refusal, link->target.user);
	link->heard.limit_bytes = HEARD_BYTES_MAX;
	link->notes.limit_bytes = link->complaint.limit_bytes = COMPLAINT_BYTES;
	uv_timer_init(ssh->loop, &link->timer);
	link->timer.data = link;
	link->open_handles = 1;
	trust_init(&link->trust, target->host, target->port,
	    target->policy ? target->policy : &ssh->usual);
	uv_timer_start(&link->timer, on_begin, 0, 0);
	return link;
}

int
ssh_transport_new(uv_loop_t *loop, const struct ssh_options *options, struct transport **transport,
    struct error *err)
{
	struct ssh *ssh = calloc(1, sizeof(*ssh));

	if (!ssh) {
		abort();
	}
	if (libssh2_init(0)) {
		free(ssh);
		return error_set(err, "libssh2 does not start");
	}
	ssh->transport =
	    (struct transport){ link_open, link_run, link_write, link_extend, link_close };
	ssh->loop = loop;
	ssh->options = *options;
	if (ssh->options.timeout_ns == 0) {
		ssh->options.timeout_ns = TIMEOUT_NS;
	}
	ssh->known = known_hosts_new();
	ssh->ring = login_keys_new();
	agree_supported(ssh);
	ssh_policy_usual(&ssh->usual, ssh_home());
	if (options->known_hosts) {
		ssh_policy_known_hosts(&ssh->usual, options->known_hosts);
	}
	if (trust_load(
		ssh->known, &ssh->usual, options->known_hosts && !options->accept_new, err)) {
		ssh_transport_free(&ssh->transport);
		return -1;
	}
	*transport = &ssh->transport;
	return 0;
}

void
ssh_transport_free(struct transport *transport)
{
	struct ssh *ssh = (struct ssh *)(void *)transport;

	if (!ssh) {
		return;
	}
	known_hosts_free(ssh->known);
	login_keys_free(ssh->ring);
	agree_done(ssh->supported);
	ssh_policy_done(&ssh->usual);
	free(ssh);
	libssh2_exit();
}
