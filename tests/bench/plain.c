/*
 * plain: the job of the push bench (words: job.h) as one would write it by hand with libssh2 and
 * poll(), with all that makes it fast and nothing that a rollout needs besides: what the
 * transport is held against.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libssh2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/job.h"

enum state {
	FREE,
	HANDSHAKE,
	LOGIN,
	OPEN,
	EXEC,
	WRITE,
	READ,
	CLOSE,
	CLOSED,
};

struct slot {
	enum state state;
	int fd;
	const char *address;
	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	size_t sent;
};

static struct job job;
static struct buf private_key, public_key;
static LIBSSH2_KNOWNHOSTS *known;
static size_t next, failed;

static ssize_t
hear(libssh2_socket_t fd, void *bytes, size_t len, int flags, void **abstract UNUSED)
{
	ssize_t got = recv(fd, bytes, len, flags | MSG_NOSIGNAL);
	int on = 1, code = errno;

	if (got < 0) {
		return -code;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	return got;
}

static void
begin(struct slot *slot)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((uint16_t)job.port) };
	int on = 1;

	*slot = (struct slot){ .state = HANDSHAKE, .address = job.addresses[next++] };
	inet_pton(AF_INET, slot->address, &name.sin_addr);
	slot->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(slot->fd, (struct sockaddr *)&name, sizeof(name)) && errno != EINPROGRESS) {
		perror(slot->address);
		exit(EXIT_FAILURE);
	}
	slot->session = libssh2_session_init();
	libssh2_session_callback_set(slot->session, LIBSSH2_CALLBACK_RECV, (void *)hear);
	libssh2_session_set_blocking(slot->session, 0);
}

static int
check_host(const struct slot *slot)
{
	size_t len;
	int type;
	const char *blob = libssh2_session_hostkey(slot->session, &len, &type);

	return blob &&
		libssh2_knownhost_checkp(known, slot->address, (int)job.port, blob, len,
		    LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW,
		    NULL) == LIBSSH2_KNOWNHOST_CHECK_MATCH
	    ? 0
	    : -1;
}

static int
log_in(const struct slot *slot)
{
	const char *user = getenv("USER");

	user = user ? user : "root";
	return libssh2_userauth_publickey_frommemory(slot->session, user, strlen(user),
	    public_key.data, public_key.len, private_key.data, private_key.len, NULL);
}

static int
open_channel(struct slot *slot)
{
	slot->channel = libssh2_channel_open_session(slot->session);
	return slot->channel ? 0 : libssh2_session_last_errno(slot->session);
}

static int
start(const struct slot *slot)
{
	char command[512];

	job_command(&job, slot->address, command, sizeof(command));
	return libssh2_channel_exec(slot->channel, command);
}

static int
write_file(struct slot *slot)
{
	while (slot->sent < job.file.len) {
		ssize_t put = libssh2_channel_write(
		    slot->channel, job.file.data + slot->sent, job.file.len - slot->sent);

		if (put < 0) {
			return (int)put;
		}
		slot->sent += (size_t)put;
	}
	return 0;
}

static int
read_all(const struct slot *slot)
{
	char bytes[4096];
	ssize_t got;

	while ((got = libssh2_channel_read(slot->channel, bytes, sizeof(bytes))) > 0) {
	}
	return (int)got;
}

static void
end(struct slot *slot, bool good)
{
	failed += !good;
	if (slot->channel) {
		libssh2_channel_free(slot->channel);
	}
	libssh2_session_disconnect(slot->session, "done");
	libssh2_session_free(slot->session);
	close(slot->fd);
	slot->state = FREE;
}

/* What the state's call of libssh2 says. */
static int
step(struct slot *slot)
{
	switch (slot->state) {
	case HANDSHAKE:
		return libssh2_session_handshake(slot->session, slot->fd);
	case LOGIN:
		return log_in(slot);
	case OPEN:
		return open_channel(slot);
	case EXEC:
		return start(slot);
	case WRITE:
		return write_file(slot);
	case READ:
		return read_all(slot);
	case CLOSE:
		return libssh2_channel_close(slot->channel);
	case CLOSED:
		return libssh2_channel_wait_closed(slot->channel);
	case FREE:
		break;
	}
	return -1;
}

static void
advance(struct slot *slot)
{
	while (slot->state != FREE) {
		int code = step(slot);

		if (code == LIBSSH2_ERROR_EAGAIN) {
			return;
		}
		if (code < 0 || (slot->state == HANDSHAKE && check_host(slot))) {
			char *text = NULL;

			libssh2_session_last_error(slot->session, &text, NULL, 0);
			fprintf(stderr, "plain: %s: state %d: %s (%d)\n", slot->address,
			    slot->state, text, code);
			end(slot, false);
		} else if (slot->state == CLOSED) {
			end(slot, libssh2_channel_get_exit_status(slot->channel) == 0);
		} else if (slot->state == LOGIN && job.login_only) {
			end(slot, true);
		} else {
			slot->state++;
		}
	}
}

static short
wanted(const struct slot *slot)
{
	int directions = libssh2_session_block_directions(slot->session);
	int events = (directions & LIBSSH2_SESSION_BLOCK_INBOUND ? POLLIN : 0) |
	    (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND ? POLLOUT : 0);

	return (short)(events ? events : POLLOUT);
}

static void
serve(struct slot *slots, struct pollfd *polls)
{
	size_t live;

	do {
		live = 0;
		for (size_t i = 0; i < job.parallel; i++) {
			if (slots[i].state == FREE && next < job.count) {
				begin(&slots[i]);
			}
			polls[i].fd = slots[i].state == FREE ? -1 : slots[i].fd;
			polls[i].events = slots[i].state == FREE ? 0 : wanted(&slots[i]);
			live += slots[i].state != FREE;
		}
		if (live > 0 && poll(polls, job.parallel, 60000) <= 0) {
			fprintf(stderr, "plain: nothing comes any more\n");
			exit(EXIT_FAILURE);
		}
		for (size_t i = 0; live > 0 && i < job.parallel; i++) {
			if (polls[i].fd >= 0 && polls[i].revents) {
				advance(&slots[i]);
			}
		}
	} while (live > 0);
}

static void
serve_all(void)
{
	struct slot *slots = calloc(job.parallel, sizeof(*slots));
	struct pollfd *polls = calloc(job.parallel, sizeof(*polls));

	if (!slots || !polls) {
		abort();
	}
	serve(slots, polls);
	free(slots);
	free(polls);
}

int
main(int argc, char **argv)
{
	struct error err = { "libssh2 cannot begin" };
	char path[512];
	LIBSSH2_SESSION *session;

	job_read(&job, argc, argv);
	snprintf(path, sizeof(path), "%s.pub", job.identity);
	if (libssh2_init(0) || file_read(job.identity, &private_key, &err) ||
	    file_read(path, &public_key, &err)) {
		fprintf(stderr, "plain: %s\n", err.text);
		return 2;
	}
	public_key.len = strcspn(public_key.data, "\n");
	session = libssh2_session_init();
	known = libssh2_knownhost_init(session);
	libssh2_knownhost_readfile(known, job.known_hosts, LIBSSH2_KNOWNHOST_FILE_OPENSSH);
	serve_all();
	libssh2_knownhost_free(known);
	libssh2_session_free(session);
	libssh2_exit();
	buf_free(&private_key);
	buf_free(&public_key);
	buf_free(&job.file);
	return failed > 0;
}
