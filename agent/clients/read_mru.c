/* Reads the list of clients of ntpd or NTPsec: question after question, until it is over. */
#include "agent/clients/read.h"
#include "common/clock.h"
#include "common/ntp/mru.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 500 /* a daemon on this host answers within some ms */
#define CHASE_NS (10 * NS_PER_S)
#define TRIES 5
#define QUESTIONS_MAX 40000 /* a million clients, and as many that moved meanwhile */
#define NTP_MODE_SERVER 4
#define NTP_MODE_ACTIVE 1
#define NTP_MODE_PASSIVE 2

struct mru_work {
	struct client_table *table;
	struct mru mru;
	struct mode6_answer answer;
	int64_t begun_ns; /* real time */
	int fd;
	uint16_t sequence;
	bool ntpsec;
};

static void
take_entry(void *ctx, const struct mru_entry *entry)
{
	struct mru_work *work = ctx;

	client_table_add(work->table,
	    &(struct client_seen){ .ip = entry->ip,
		.packets = entry->packets,
		.dropped = entry->dropped,
		.first_ns = entry->first_ns,
		.last_ns = entry->last_ns,
		.limited = entry->limited,
		.answers = entry->mode == NTP_MODE_SERVER || entry->mode == NTP_MODE_ACTIVE ||
		    entry->mode == NTP_MODE_PASSIVE,
		.version = entry->version });
	work->ntpsec |= entry->ntpsec;
}

/* Receive until the answer is whole; MODE6_IGNORED: it did not become so in time. */
static enum mode6_progress
receive(struct mru_work *work)
{
	int64_t end_ns = clock_boot_ns() + ANSWER_MS * NS_PER_MS;

	for (;;) {
		struct pollfd wait = { .fd = work->fd, .events = POLLIN };
		int64_t left_ns = end_ns - clock_boot_ns();
		uint8_t bytes[2048];
		enum mode6_progress progress;
		ssize_t got;

		if (left_ns <= 0 || poll(&wait, 1, (int)(left_ns / NS_PER_MS) + 1) <= 0) {
			return MODE6_IGNORED;
		}
		got = recv(work->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got < 0 && errno != EAGAIN && errno != EINTR) {
			return MODE6_IGNORED; /* nobody listens there */
		}
		progress = got < 0 ? MODE6_IGNORED : mode6_feed(&work->answer, bytes, (size_t)got);
		if (progress == MODE6_DONE || progress == MODE6_REFUSED) {
			return progress;
		}
	}
}

static enum mode6_progress
ask(struct mru_work *work)
{
	enum mode6_progress progress = MODE6_IGNORED;

	for (int i = 0; i < TRIES && progress == MODE6_IGNORED; i++) {
		uint8_t bytes[MRU_REQUEST_BYTES];
		enum mode6_opcode opcode;
		size_t len = mru_request(&work->mru, ++work->sequence, &opcode, bytes);

		mode6_expect(&work->answer, opcode, work->sequence, 0);
		if (send(work->fd, bytes, len, 0) == (ssize_t)len) {
			progress = receive(work);
		}
		/* a question whose nonce is too old gets no answer at all */
		if (progress == MODE6_IGNORED && i > 0) {
			work->mru.nonce[0] = '\0';
		}
	}
	return progress;
}

/*
 * Ask until the list is over.  Who asks meanwhile moves to its end and comes there, which those who
 * ask most do all the time; on a server where that never ends, they have come after CHASE_NS.
 */
static int
read_list(struct mru_work *work, struct error *err)
{
	for (int i = 0; i < QUESTIONS_MAX; i++) {
		switch (ask(work)) {
		case MODE6_DONE:
			mru_read(&work->mru, (const char *)work->answer.data, work->answer.len,
			    take_entry, work);
			break;
		case MODE6_REFUSED:
			if (!mru_refused(&work->mru)) {
				error_set(err, "it refuses to tell its list: %s",
				    mode6_error_text(work->answer.error));
				return work->mru.count > 0 ? 1 : -1;
			}
			break;
		case MODE6_IGNORED:
		case MODE6_MORE:
			error_set(err,
			    work->mru.count > 0 ? "it stopped answering in the middle of its list"
						: "no answer to control messages on the loopback");
			return work->mru.count > 0 ? 1 : -1;
		}
		if (work->mru.over || work->mru.newest_ns > work->begun_ns + CHASE_NS) {
			return 0;
		}
	}
	error_set(err, "its list changes faster than it can be read");
	return 1;
}

static int
open_socket(bool v6, uint16_t port)
{
	static const struct ip addresses[] = { { .family = IP_V4, .bytes = { 127, 0, 0, 1 } },
		{ .family = IP_V6, .bytes = { [15] = 1 } } };
	int bytes = 1 << 20; /* an answer of 32 fragments must not overflow it */
	struct sockaddr_storage to;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ip_to_sockaddr(&addresses[v6], port, &to);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&to,
		v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) < 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0) {
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	}
	return fd;
}

int
read_mru(struct client_table *table, uint16_t port, bool *ntpsec, struct error *err)
{
	int status = -1;

	error_set(err, "no answer to control messages on the loopback");
	for (int v6 = 0; v6 < 2 && status < 0; v6++) {
		struct mru_work work = {
			.table = table, .begun_ns = clock_real_ns(), .fd = open_socket(v6, port)
		};

		if (work.fd >= 0) {
			status = read_list(&work, err);
			*ntpsec = work.ntpsec;
			close(work.fd);
		}
	}
	return status;
}
