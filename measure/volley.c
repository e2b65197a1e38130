#include "measure/volley.h"

#include "common/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAM_BYTES 65536

/* A question whose answers are waited for. */
struct open_question {
	size_t index;
	int fd;
	int64_t end_ns;
};

struct work {
	const struct volley *volley;
	struct volley_answer *answers;
	int64_t start_ns; /* CLOCK_BOOTTIME */
	size_t *order;    /* indexes of questions by the time that they are due */
	size_t next;      /* in order */
	struct open_question open[VOLLEY_OPEN_MAX];
	struct pollfd polled[VOLLEY_OPEN_MAX];
	size_t open_count;
	uint8_t datagram[DATAGRAM_BYTES];
};

static socklen_t
address_of(const struct ip *ip, unsigned port, struct sockaddr_storage *address)
{
	ip_to_sockaddr(ip, port, address);
	return ip->family == IP_V4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static int
make_socket(const struct ip *like)
{
	int family = like->family == IP_V4 ? AF_INET : AF_INET6;

	return socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Our address towards @to, by the kernel's routes; nothing is sent.  Returns 0 or an errno. */
static int
find_way(const struct ip *to, unsigned port, struct ip *from)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(to, port, &address);
	int fd = make_socket(to), errnum = 0;

	if (fd < 0) {
		return errno;
	}
	if (connect(fd, (const struct sockaddr *)&address, len) < 0) {
		errnum = errno;
	} else {
		len = sizeof(address);
		if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
		    !ip_of_sockaddr((const struct sockaddr *)&address, from)) {
			errnum = EADDRNOTAVAIL;
		}
	}
	close(fd);
	return errnum;
}

/* Let the socket bear an address that is not ours; only root may. */
static int
bear_foreign(int fd, const struct ip *as)
{
	int on = 1;

	return as->family == IP_V4
	    ? setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on))
	    : setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof(on));
}

/*
 * The socket of a question.  It is not connected, so that it hears other addresses, too: a host
 * with several may answer from the wrong one.
 *
 * Returns a descriptor, or -1 with errno set.
 */
static int
open_socket(const struct volley_question *question, const struct ip *from)
{
	bool foreign = question->as.family != IP_NONE;
	const struct ip *own = foreign ? &question->as : from;
	struct sockaddr_storage address;
	socklen_t len = address_of(own, question->from_port, &address);
	int fd = make_socket(own), on = 1, errnum;

	if (fd < 0) {
		return -1;
	}
	/* several questions from port 123, one after the other, and the errors that ICMP brings */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (own->family == IP_V4) {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	}
	if ((foreign && bear_foreign(fd, own) < 0) ||
	    bind(fd, (const struct sockaddr *)&address, len) < 0) {
		errnum = errno;
		close(fd);
		errno = errnum;
		return -1;
	}
	return fd;
}

static bool
was_answered(const struct work *work, int index)
{
	const struct volley_answer *answer = &work->answers[index >= 0 ? index : 0];

	return index >= 0 &&
	    (answer->needless || answer->end == VOLLEY_ANSWERED || answer->end == VOLLEY_FLOODED);
}

/* The only way to a socket: asks whether it may, opens it, and sends. */
static void
ask(struct work *work, size_t index)
{
	const struct volley *volley = work->volley;
	const struct volley_question *question = &volley->questions[index];
	struct volley_answer *answer = &work->answers[index];
	struct sockaddr_storage address;
	socklen_t len;
	int fd;

	answer->needless = was_answered(work, question->unless);
	if (answer->needless) {
		return;
	}
	if (!volley->may_ask(volley->ctx, &question->to) ||
	    (question->as.family != IP_NONE && !volley->may_ask(volley->ctx, &question->as))) {
		answer->errnum = EPERM;
		return;
	}
	answer->errnum = find_way(&question->to, question->port, &answer->from);
	if (answer->errnum) {
		return;
	}
	fd = open_socket(question, &answer->from);
	len = address_of(&question->to, question->port, &address);
	if (fd < 0 ||
	    sendto(fd, question->bytes, question->len, 0, (const struct sockaddr *)&address, len) <
		0) {
		answer->errnum = errno;
		if (fd >= 0) {
			close(fd);
		}
		return;
	}
	answer->end = VOLLEY_SILENT;
	work->polled[work->open_count] = (struct pollfd){ fd, POLLIN, 0 };
	work->open[work->open_count++] =
	    (struct open_question){ index, fd, clock_boot_ns() + question->wait_ns };
}

static void
finish(struct work *work, size_t at)
{
	close(work->open[at].fd);
	work->open_count--;
	work->open[at] = work->open[work->open_count];
	work->polled[at] = work->polled[work->open_count];
}

static void
take(struct work *work, const struct open_question *open, size_t len,
    const struct sockaddr_storage *sender)
{
	const struct volley_question *question = &work->volley->questions[open->index];
	struct volley_answer *answer = &work->answers[open->index];
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)sender;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sender;
	unsigned port = ntohs(sender->ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
	struct ip ip;

	if (!ip_of_sockaddr((const struct sockaddr *)sender, &ip) ||
	    !ip_equal(&ip, &question->to) || port != question->port) {
		answer->strange++;
		answer->stranger = ip;
		return;
	}
	if (answer->packets++ == 0) {
		answer->first_len = len < VOLLEY_FIRST_BYTES ? len : VOLLEY_FIRST_BYTES;
		memcpy(answer->first, work->datagram, answer->first_len);
	}
	answer->bytes += len;
	answer->end = VOLLEY_ANSWERED;
}

/* Read what has come; false: the question has its end. */
static bool
hear(struct work *work, const struct open_question *open)
{
	struct volley_answer *answer = &work->answers[open->index];

	for (;;) {
		struct sockaddr_storage sender;
		socklen_t sender_len = sizeof(sender);
		ssize_t len = recvfrom(open->fd, work->datagram, sizeof(work->datagram), 0,
		    (struct sockaddr *)&sender, &sender_len);

		if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
			return true;
		}
		if (len < 0) { /* what ICMP says */
			if (answer->packets == 0) {
				answer->end = VOLLEY_CLOSED;
			}
			return false;
		}
		take(work, open, (size_t)len, &sender);
		if (answer->packets + answer->strange >= VOLLEY_PACKETS_MAX) {
			answer->end = VOLLEY_FLOODED;
			return false;
		}
	}
}

static void
hear_all(struct work *work, int64_t now_ns)
{
	for (size_t i = 0; i < work->open_count;) {
		bool goes_on = !work->polled[i].revents || hear(work, &work->open[i]);

		if (goes_on && now_ns < work->open[i].end_ns) {
			i++;
		} else {
			finish(work, i);
		}
	}
}

/* When the next question is due. */
static int64_t
due_ns(const struct work *work)
{
	return work->start_ns + work->volley->questions[work->order[work->next]].at_ns;
}

/* In how many ms something is to be done, at most. */
static int
pause_ms(const struct work *work, int64_t now_ns)
{
	int64_t until_ns = INT64_MAX;

	if (work->next < work->volley->count && work->open_count < VOLLEY_OPEN_MAX) {
		until_ns = due_ns(work);
	}
	for (size_t i = 0; i < work->open_count; i++) {
		until_ns = work->open[i].end_ns < until_ns ? work->open[i].end_ns : until_ns;
	}
	if (until_ns == INT64_MAX || until_ns <= now_ns) {
		return 0; /* it is over, or late */
	}
	return (int)((until_ns - now_ns) / NS_PER_MS + 1);
}

static int
by_time(const void *a, const void *b, void *ctx)
{
	const struct volley_question *questions = ((const struct work *)ctx)->volley->questions;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (questions[x].at_ns != questions[y].at_ns) {
		return questions[x].at_ns < questions[y].at_ns ? -1 : 1;
	}
	return (x > y) - (x < y);
}

void
volley_run(const struct volley *volley, struct volley_answer *answers)
{
	struct work *work = calloc(1, sizeof(*work));

	if (!work || volley->count == 0) {
		free(work);
		return;
	}
	work->volley = volley;
	work->answers = answers;
	work->order = calloc(volley->count, sizeof(*work->order));
	if (!work->order) {
		abort();
	}
	memset(answers, 0, volley->count * sizeof(*answers));
	for (size_t i = 0; i < volley->count; i++) {
		work->order[i] = i;
	}
	qsort_r(work->order, volley->count, sizeof(*work->order), by_time, work);
	work->start_ns = clock_boot_ns();
	while (work->next < volley->count || work->open_count > 0) {
		int64_t now_ns = clock_boot_ns();

		while (work->next < volley->count && work->open_count < VOLLEY_OPEN_MAX &&
		    due_ns(work) <= now_ns) {
			ask(work, work->order[work->next++]);
		}
		poll(work->polled, work->open_count, pause_ms(work, now_ns));
		hear_all(work, clock_boot_ns());
	}
	free(work->order);
	free(work);
}

int
volley_listen(const struct volley_ear *ear, struct error *err)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(&ear->at, ear->port, &address);
	int64_t end_ns = clock_boot_ns() + ear->wait_ns, now_ns;
	int fd = make_socket(&ear->at), heard = 0;
	char text[IP_TEXT_BYTES];

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, len) < 0) {
		error_errno(err, errno, "cannot listen at %s", ip_text(&ear->at, text));
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	while (!heard && (now_ns = clock_boot_ns()) < end_ns) {
		struct pollfd polled = { fd, POLLIN, 0 };
		uint8_t bytes[VOLLEY_FIRST_BYTES];
		struct ip from;
		ssize_t got;

		poll(&polled, 1, (int)((end_ns - now_ns) / NS_PER_MS + 1));
		len = sizeof(address);
		got = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&address, &len);
		heard = got > 0 && ip_of_sockaddr((const struct sockaddr *)&address, &from) &&
		    ear->takes(ear->ctx, &from, bytes, (size_t)got);
	}
	close(fd);
	return heard;
}
