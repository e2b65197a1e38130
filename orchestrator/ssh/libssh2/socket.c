/* The functions with which libssh2 reads and writes a socket. */
#include "orchestrator/ssh/libssh2/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* Read as much as the socket has, once.  Returns the bytes; 0: the end; or -errno. */
static ssize_t
read_ahead(struct link *link, int flags)
{
	size_t most = link->state <= LINK_STATE_LOGIN ? LOGIN_BYTES_MAX : COMMAND_BYTES_MAX;
	ssize_t got;
	int on = 1;

	if (link->heard_bytes > most) {
		link->talks_too_much = true;
		return -ECONNRESET;
	}
	/* libssh2 reads on as long as there is something: within one call, for ever */
	if (link->turn_bytes > TURN_BYTES) {
		return -EAGAIN;
	}
	got = recv(link->fd, link->ahead, sizeof(link->ahead), flags | MSG_NOSIGNAL);
	if (got < 0) {
		link->ended |= errno != EAGAIN && errno != EINTR;
		return -errno;
	}
	link->ended |= got == 0;
	/* sshd uses Nagle until the first command: a delayed ACK would cost 40 ms */
	setsockopt(link->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	if (link->state == LINK_STATE_HANDSHAKE) {
		buf_add(&link->heard, link->ahead, (size_t)got);
	}
	link->turn_bytes += (size_t)got;
	link->heard_bytes += (size_t)got;
	link->ahead_at = 0;
	link->ahead_end = (size_t)got;
	return got;
}

static ssize_t
hear(libssh2_socket_t fd UNUSED, void *bytes, size_t len, int flags, void **abstract)
{
	struct link *link = *abstract;
	size_t left;

	if (link->dead) {
		return -ECONNRESET;
	}
	if (link->ahead_at == link->ahead_end) {
		ssize_t got = read_ahead(link, flags);

		if (got <= 0) {
			return got;
		}
	}
	left = link->ahead_end - link->ahead_at;
	len = len < left ? len : left;
	memcpy(bytes, link->ahead + link->ahead_at, len);
	link->ahead_at += len;
	return (ssize_t)len;
}

static ssize_t
say(libssh2_socket_t fd, const void *bytes, size_t len, int flags, void **abstract)
{
	const struct link *link = *abstract;
	ssize_t sent;

	if (link->dead) {
		return -ECONNRESET;
	}
	sent = send(fd, bytes, len, flags | MSG_NOSIGNAL);
	return sent < 0 ? -errno : sent;
}

/* The host's last words, which libssh2 tells nobody else; it prescribes the parameters. */
static void
/* NOLINTNEXTLINE(readability-function-size) */
hear_the_end(LIBSSH2_SESSION *session UNUSED, int reason UNUSED, const char *message, int len,
    const char *language UNUSED, int language_len UNUSED, void **abstract)
{
	struct link *link = *abstract;

	link->ended = true;
	if (message && len > 0) {
		refusal_hear(&link->refusal, message, (size_t)len);
	}
}

void
link_attach(struct link *link)
{
	/* libssh2 takes pointers to functions as void * */
	libssh2_session_callback_set(link->session, LIBSSH2_CALLBACK_RECV, (void *)hear);
	libssh2_session_callback_set(link->session, LIBSSH2_CALLBACK_SEND, (void *)say);
	libssh2_session_callback_set(
	    link->session, LIBSSH2_CALLBACK_DISCONNECT, (void *)hear_the_end);
}
