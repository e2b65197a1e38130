/* A command on a link: opens its channel, moves its input and output, and closes the channel. */
#include "orchestrator/ssh/libssh2/link.h"

#include <stdlib.h>
#include <string.h>

#define ALL_DIRECTIONS (LIBSSH2_SESSION_BLOCK_INBOUND | LIBSSH2_SESSION_BLOCK_OUTBOUND)

int
command_open(struct link *link)
{
	if (!link->channel) {
		link->channel = libssh2_channel_open_session(link->session);
	}
	if (!link->channel) {
		return link_outcome(link, libssh2_session_last_errno(link->session));
	}
	link->state = LINK_STATE_EXEC;
	return 1;
}

int
command_start(struct link *link)
{
	int code = link_outcome(link, libssh2_channel_exec(link->channel, link->command));

	if (code > 0) {
		link->state = LINK_STATE_PUMP;
	}
	return code;
}

/*
 * Pass on all output of one stream.  Returns 1: the stream is empty, 0: libssh2 must send first,
 * -1: the link has failed or is closed.
 */
static int
drain(struct link *link, int stream)
{
	char bytes[16384];

	for (;;) {
		ssize_t got = libssh2_channel_read_ex(link->channel, stream, bytes, sizeof(bytes));

		if (got == LIBSSH2_ERROR_EAGAIN) {
			bool sending = libssh2_session_block_directions(link->session) &
			    LIBSSH2_SESSION_BLOCK_OUTBOUND;

			return sending ? link_outcome(link, LIBSSH2_ERROR_EAGAIN) : 1;
		}
		if (got < 0) {
			return link_outcome(link, (int)got);
		}
		if (got == 0) {
			return 1;
		}
		if (stream) {
			/* keep the end: it tells most */
			if (link->complaint.len + (size_t)got > COMPLAINT_BYTES) {
				buf_drop(&link->complaint, link->complaint.len / 2);
			}
			buf_add(&link->complaint, bytes,
			    (size_t)got < COMPLAINT_BYTES / 2 ? (size_t)got : COMPLAINT_BYTES / 2);
		}
		if (stream == 0) {
			link->events.output(link->events.ctx, bytes, (size_t)got);
		} else if (link->events.murmured) {
			link->events.murmured(link->events.ctx, bytes, (size_t)got);
		}
		if (link->closing || link->state != LINK_STATE_PUMP) {
			return -1;
		}
	}
}

/*
 * Write what is pending for stdin.  Returns 1: all is written, or the window is full, or the
 * command has ended; 0 or -1: as link_outcome().
 */
static int
feed(struct link *link)
{
	while (link->pending_count > 0) {
		struct piece *piece = &link->pending[0];
		ssize_t put = piece->len > 0
		    ? libssh2_channel_write(link->channel, piece->bytes, piece->len)
		    : 0;

		link->write_cut = false;
		if (put == LIBSSH2_ERROR_EAGAIN &&
		    libssh2_session_block_directions(link->session) &
			LIBSSH2_SESSION_BLOCK_OUTBOUND) {
			link->write_cut = true;
			return link_outcome(link, LIBSSH2_ERROR_EAGAIN);
		}
		if (put == LIBSSH2_ERROR_EAGAIN || (put == 0 && piece->len > 0)) {
			return 1; /* the window is full: a message of the server opens it */
		}
		if (put == LIBSSH2_ERROR_CHANNEL_CLOSED || put == LIBSSH2_ERROR_CHANNEL_EOF_SENT) {
			link->pending_count = 0; /* the command has ended without reading all */
			return 1;
		}
		if (put < 0) {
			return link_outcome(link, (int)put);
		}
		piece->bytes += put;
		piece->len -= (size_t)put;
		if (piece->len == 0) {
			memmove(piece, piece + 1, --link->pending_count * sizeof(*piece));
		}
	}
	return 1;
}

/*
 * Whether there is something to do even if the socket is empty: each call of libssh2 takes all that
 * the socket has, also what another call waits for.
 */
static bool
has_more(struct link *link)
{
	return libssh2_poll_channel_read(link->channel, 0) > 0 ||
	    libssh2_poll_channel_read(link->channel, SSH_EXTENDED_DATA_STDERR) > 0 ||
	    (link->pending_count > 0 && libssh2_channel_window_write(link->channel) > 0);
}

int
command_pump(struct link *link)
{
	int code;

	if (link->write_cut && (code = feed(link)) <= 0) {
		return code;
	}
	do {
		if ((code = drain(link, 0)) <= 0 ||
		    (code = drain(link, SSH_EXTENDED_DATA_STDERR)) <= 0 ||
		    (code = feed(link)) <= 0) {
			return code;
		}
	} while (has_more(link));
	if (libssh2_channel_eof(link->channel)) {
		link->state = LINK_STATE_CLOSE;
		return 1;
	}
	link_watch(link, LIBSSH2_SESSION_BLOCK_INBOUND);
	return 0;
}

int
command_close(struct link *link)
{
	int code = link_outcome(link, libssh2_channel_close(link->channel));

	if (code > 0) {
		link->state = LINK_STATE_CLOSED;
	}
	return code;
}

int
command_end(struct link *link)
{
	char *signal_name = NULL;
	int code = link_outcome(link, libssh2_channel_wait_closed(link->channel)), status;

	if (code <= 0) {
		return code;
	}
	status = libssh2_channel_get_exit_status(link->channel);
	libssh2_channel_get_exit_signal(link->channel, &signal_name, NULL, NULL, NULL, NULL, NULL);
	if (signal_name) {
		status = 255;
		libssh2_free(link->session, signal_name);
	}
	code = link_outcome(link, libssh2_channel_free(link->channel));
	if (code <= 0) {
		return code;
	}
	link->channel = NULL;
	link->state = LINK_STATE_IDLE;
	uv_timer_stop(&link->timer);
	link_watch(link, 0);
	link->events.ended(link->events.ctx, status, buf_str(&link->complaint));
	return 1;
}

/* --- functions of struct transport --- */

void
link_run(struct link *link, const char *command, int64_t timeout_ns)
{
	if (link->state != LINK_STATE_IDLE) {
		return; /* the link has failed: failed() told that */
	}
	free(link->command);
	link->command = strdup(command);
	link->pending_count = 0;
	link->write_cut = false;
	link->heard_bytes = 0;
	buf_reset(&link->complaint);
	link->state = LINK_STATE_OPEN;
	link_set_deadline(link, timeout_ns);
	link_watch(link, ALL_DIRECTIONS); /* on_ready() goes on when the socket is writable */
}

void
link_write(struct link *link, const char *bytes, size_t len)
{
	if (link->state == LINK_STATE_FAILED || link->pending_count == PENDING_MAX || len == 0) {
		return;
	}
	link->pending[link->pending_count++] = (struct piece){ bytes, len };
	link_watch(link, ALL_DIRECTIONS);
}

void
link_extend(struct link *link, int64_t timeout_ns)
{
	if (link->state != LINK_STATE_FAILED && link->state != LINK_STATE_IDLE) {
		link_set_deadline(link, timeout_ns);
	}
}
