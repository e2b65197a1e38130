/*
 * timeserver: runs NTP servers that say what a test wants, many in one process.
 *
 *	timeserver SCRIPT [SOCKET]
 *
 * SCRIPT has a line for each server, or for what a server says to one of its clients:
 *
 *	ADDRESS [client ADDRESS] [WORD [VALUE]]...
 *
 *	offset S        its time minus true time
 *	drift PPM       how fast the offset grows
 *	stratum N       1 when not said; 16: not synchronised
 *	leap N          0; 1 or 2 announce a leap second; 3: not synchronised
 *	midnight        the leap second that it announces comes at the end of the day in UTC; it
 *	                announces none from then on
 *	rootdelay S, dispersion S, refid A.B.C.D
 *	delay S         round trip, added in equal halves
 *	jitter S        up to S more on the way back, at random
 *	drop P          drops an answer with the probability P, 0 to 1
 *	silent          answers nobody
 *	kiss CODE       answers with a kiss-o'-death
 *	skip N          does not answer the first N questions
 *	after S         answers only from S after the line was read
 *	until S         answers only until S after the line was read
 *	mode6           tells its variables, as to ntpq; else it answers nothing but the time
 *	mode7 N         lists N clients, as ntp 4.2.6 to ntpdc
 *	garbage         answers with what is no answer
 *	flood N         answers N times more
 *	elsewhere A     answers from the address A
 *
 * True time is the machine's clock.  The latest line for a server and a client counts; a word that
 * it does not have gets its default.  SIGHUP reads SCRIPT again.  SOCKET (Unix, stream) takes such
 * lines, too, until the end of the stream, and answers "ok" or what is wrong.  It also takes
 * `forget [client ADDRESS]`, and `counts`, which tells for each line how many questions came and
 * were answered.
 */
#include "tests/fleet/timeserver.h"

#include "tests/fleet/vclock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NTP_BYTES 48
#define NTP_UNIX INT64_C(2208988800) /* seconds from 1900 to 1970 */
#define REFERENCE_S 16               /* a server says that its latest update is at most so old */
#define PENDING_MAX 4096
#define TELLERS_MAX 128
#define TOLD_BYTES_MAX 1000000

/* An answer on its way. */
struct pending {
	int64_t due; /* CLOCK_MONOTONIC */
	int fd;
	struct sockaddr_in6 to;
	struct rule rule; /* a copy, made when the question came */
	int64_t arrived;  /* true time */
	unsigned char question[NTP_BYTES];
};

/* A connection to the socket, and what came on it so far. */
struct teller {
	int fd;
	char *text;
	size_t len;
};

static struct teller tellers[TELLERS_MAX];
static size_t teller_count;
static struct pending pending[PENDING_MAX];
static size_t pending_count;
static volatile sig_atomic_t read_again;

static void
put32(unsigned char *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

int64_t
true_time(void)
{
	static int64_t shift;
	static bool known;

	if (!known) {
		shift = vclock_true_shift(getenv("LAB_TRUE"));
		known = true;
	}
	return now(CLOCK_MONOTONIC_RAW) + shift;
}

static void
put_time(unsigned char *at, int64_t ns)
{
	int64_t s = ns / NS - (ns % NS < 0), rest = ns - s * NS;

	put32(at, (uint32_t)(s + NTP_UNIX));
	put32(at + 4, (uint32_t)(((uint64_t)rest << 32) / (uint64_t)NS));
}

/* How far the server's clock is off true time, without a leap second. */
static int64_t
error_of(const struct rule *rule)
{
	double age = (double)(now(CLOCK_MONOTONIC) - rule->since) / (double)NS;

	return (int64_t)((rule->offset + rule->drift * 1e-6 * age) * 1e9);
}

/* What the leap second of @rule adds to its clock, which would show @at without it. */
static int64_t
leap_of(const struct rule *rule, int64_t at)
{
	int64_t began = rule->since_real + (int64_t)(rule->offset * 1e9);
	int64_t midnight = began - began % (86400 * NS) + 86400 * NS;

	if (!rule->midnight) {
		return 0;
	}
	if (rule->leap == 2) {
		return at >= midnight - NS ? NS : 0;
	}
	return rule->leap == 1 && at >= midnight ? -NS : 0;
}

static uint32_t
refid_of(const struct rule *rule)
{
	uint32_t refid;

	if (rule->kiss[0]) {
		memcpy(&refid, rule->kiss, sizeof(refid));
	} else if (rule->refid) {
		refid = rule->refid;
	} else if (rule->stratum <= 1) {
		memcpy(&refid, "GPS", sizeof(refid));
	} else { /* each server has another upstream */
		refid = htonl(0xcb007100 | rule->server.s6_addr[15]);
	}
	return refid;
}

static void
send_from(const struct pending *p, const unsigned char *answer, size_t len)
{
	static const struct in6_addr here;
	bool elsewhere = memcmp(&p->rule.elsewhere, &here, sizeof(here)) != 0;
	int fd = elsewhere ? doors_socket(&p->rule) : p->fd;

	for (int i = 0; i <= (int)p->rule.flood; i++) {
		sendto(fd, answer, len, 0, (const struct sockaddr *)&p->to, sizeof(p->to));
	}
	if (elsewhere) {
		close(fd);
	}
}

static void
send_answer(const struct pending *p)
{
	const struct rule *rule = &p->rule;
	int64_t error = error_of(rule), half = (int64_t)(rule->delay * 5e8);
	unsigned char answer[NTP_BYTES] = { 0 };
	unsigned leap = rule->kiss[0] ? 3 : (unsigned)rule->leap;
	uint32_t refid = refid_of(rule);
	int64_t arrived = p->arrived + half + error;
	int64_t sent = true_time() - half + error;

	if (leap_of(rule, sent) != 0) {
		leap = 0;
	}
	arrived += leap_of(rule, arrived);
	sent += leap_of(rule, sent);
	answer[0] = (unsigned char)(leap << 6 | (p->question[0] & 0x38) | 4);
	answer[1] = rule->kiss[0] ? 0 : (unsigned char)rule->stratum;
	answer[2] = p->question[2];
	answer[3] = (unsigned char)-20;
	put32(answer + 4, (uint32_t)(rule->rootdelay * 65536));
	put32(answer + 8, (uint32_t)(rule->dispersion * 65536));
	memcpy(answer + 12, &refid, sizeof(refid));
	memcpy(answer + 24, p->question + 40, 8);
	put_time(answer + 32, arrived);
	put_time(answer + 16, sent - sent % (REFERENCE_S * NS));
	put_time(answer + 40, sent);
	send_from(p, answer, sizeof(answer));
}

static bool
answers(struct rule *rule)
{
	double age = (double)(now(CLOCK_MONOTONIC) - rule->since) / (double)NS;

	rule->asked++;
	return !rule->silent && rule->asked > rule->skip && age >= rule->after &&
	    (rule->until == 0 || age < rule->until) && drand48() >= rule->drop;
}

/* When the kernel got the message: this process may have had to wait since. */
static int64_t
arrival(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec t;

			memcpy(&t, CMSG_DATA(c), sizeof(t));
			return t.tv_sec * NS + t.tv_nsec + true_time() - now(CLOCK_REALTIME);
		}
	}
	return true_time();
}

/* Take one question; returns false when there is none left. */
static bool
take_question(const struct server *server)
{
	struct pending p = { .fd = server->fd };
	char control[256];
	struct iovec bytes = { p.question, sizeof(p.question) };
	struct msghdr message = {
		.msg_name = &p.to,
		.msg_namelen = sizeof(p.to),
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(server->fd, &message, 0);
	struct rule *rule;

	if (len < 0) {
		return false;
	}
	rule = script_rule(&server->address, &p.to.sin6_addr);
	if (rule && doors_answer(p.fd, rule, &p.to, p.question, (size_t)len)) {
		return true;
	}
	if (len < NTP_BYTES || (p.question[0] & 7) != 3 || !rule || !answers(rule) ||
	    pending_count == PENDING_MAX) {
		return true;
	}
	rule->answered++;
	p.rule = *rule;
	p.arrived = arrival(&message);
	p.due = now(CLOCK_MONOTONIC) + (int64_t)((rule->delay + rule->jitter * drand48()) * 1e9);
	pending[pending_count++] = p;
	return true;
}

/* Send what is due; returns in how many ms the next answer is due, -1: none is waiting. */
static int
send_due(void)
{
	int64_t at = now(CLOCK_MONOTONIC), next = INT64_MAX;

	for (size_t i = 0; i < pending_count;) {
		if (pending[i].due <= at) {
			send_answer(&pending[i]);
			pending[i] = pending[--pending_count];
			continue;
		}
		next = pending[i].due < next ? pending[i].due : next;
		i++;
	}
	return next == INT64_MAX ? -1 : (int)((next - at) / 1000000 + 1);
}

static int
open_control(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(at.sun_path)) {
		fprintf(stderr, "%s: too long\n", path);
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 64) < 0) {
		perror(path);
		return -1;
	}
	return fd;
}

/* Accept a connection to the socket. */
static void
meet(int control)
{
	int fd = accept4(control, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		return;
	}
	if (teller_count == TELLERS_MAX) {
		close(fd);
		return;
	}
	tellers[teller_count++] = (struct teller){ .fd = fd };
}

/* Act on all that a connection told, answer, and close it. */
static void
answer_teller(struct teller *teller)
{
	FILE *in = teller->len > 0 ? fmemopen(teller->text, teller->len, "r") : NULL;
	FILE *out = fdopen(teller->fd, "w");

	if (out && (!in || script_read(in, out, "line"))) {
		fputs("ok\n", out);
	}
	if (in) {
		fclose(in);
	}
	if (out) {
		fclose(out);
	}
	free(teller->text);
}

/* Read what came; returns false when nothing more will come. */
static bool
listen_to(struct teller *teller)
{
	char bytes[4096];
	ssize_t len = read(teller->fd, bytes, sizeof(bytes));
	char *text;

	if (len < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	if (len == 0) {
		return false;
	}
	text = realloc(teller->text, teller->len + (size_t)len);
	if (!text || teller->len > TOLD_BYTES_MAX) {
		free(text ? text : teller->text);
		teller->text = NULL;
		teller->len = 0;
		return false;
	}
	memcpy(text + teller->len, bytes, (size_t)len);
	teller->text = text;
	teller->len += (size_t)len;
	return true;
}

static void
listen_to_all(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < teller_count; i++) {
		if (listen_to(&tellers[i])) {
			tellers[kept++] = tellers[i];
		} else {
			answer_teller(&tellers[i]);
		}
	}
	teller_count = kept;
}

static void
on_hangup(int signal)
{
	(void)signal;
	read_again = 1;
}

/* Fill @polled with all descriptors to wait for; returns how many. */
static size_t
gather(struct pollfd *polled, int control)
{
	size_t count = 0;

	for (size_t i = 0; i < server_count; i++) {
		polled[count++] = (struct pollfd){ servers[i].fd, POLLIN, 0 };
	}
	for (size_t i = 0; i < teller_count; i++) {
		polled[count++] = (struct pollfd){ tellers[i].fd, POLLIN, 0 };
	}
	polled[count++] = (struct pollfd){ control, POLLIN, 0 };
	return count;
}

static void
serve(const char *script, int control)
{
	struct pollfd polled[SERVERS_MAX + TELLERS_MAX + 1];

	for (;;) {
		size_t asked = server_count; /* listen_to_all() may add servers */
		size_t count = gather(polled, control);
		int ready = poll(polled, count, send_due());

		if (read_again) {
			read_again = 0;
			script_read_file(script);
		}
		if (ready <= 0) {
			continue;
		}
		for (size_t i = 0; i < asked; i++) {
			while (polled[i].revents && take_question(&servers[i])) {
			}
		}
		listen_to_all();
		if (polled[count - 1].revents) {
			meet(control);
		}
	}
}

int
main(int argc, char **argv)
{
	struct sigaction hangup = { .sa_handler = on_hangup };
	int control = -1;

	if (argc < 2 || argc > 3) {
		fputs("usage: timeserver SCRIPT [SOCKET]\n", stderr);
		return 2;
	}
	sigaction(SIGHUP, &hangup, NULL);
	signal(SIGPIPE, SIG_IGN);
	srand48((long)getpid());
	if (!script_read_file(argv[1])) {
		return 1;
	}
	if (argc > 2) {
		control = open_control(argv[2]);
		if (control < 0) {
			return 1;
		}
	}
	serve(argv[1], control);
}
