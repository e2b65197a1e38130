#include "measure/member.h"

#include "common/clock.h"
#include "common/json_fields.h"
#include "common/ntp/exchange.h"
#include "common/ntp/mode6.h"
#include "common/shown.h"
#include "measure/volley.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define NTP_PORT 123
#define SEQUENCE 0x7474 /* of our mode 6 questions */

/*
 * A server that limits rates lets a question for the time pass every 2 s: so versions 4 and 3 take
 * turns, each with three tries, because silence proves something, and the status, which is not
 * counted, lies between.
 */
#define SPACING_NS (2500 * NS_PER_MS)
#define WAIT_NS (1500 * NS_PER_MS)

enum step { VERSION4, STATUS, VERSION3, STEP_KINDS };
#define TRIES 3
#define STEPS (STEP_KINDS * TRIES)

/* A port that is open answers by a program that a busy host takes its time to start. */
#define TCP_CONNECT_NS (4 * NS_PER_S)
#define TCP_ANSWER_NS (15 * NS_PER_S)
#define TCP_BYTES 2048 /* what more a port says does not count */

/* --- NTP --- */

struct packets {
	uint64_t nonce;
	uint8_t version4[NTP_HEADER_BYTES], version3[NTP_HEADER_BYTES];
	uint8_t status[MODE6_HEADER_BYTES];
};

static void
write_packets(struct packets *packets)
{
	while (getrandom(&packets->nonce, sizeof(packets->nonce), 0) < 0) {
	}
	ntp_question(packets->nonce, packets->version4);
	ntp_question(packets->nonce, packets->version3);
	packets->version3[0] = (uint8_t)((packets->version3[0] & ~0x38) | 3 << 3);
	mode6_request(packets->status, MODE6_READ_VARIABLES, SEQUENCE, 0);
}

static void
write_questions(const struct member_request *request, size_t index, const struct packets *packets,
    struct volley_question *list, size_t begin)
{
	const struct member_wanted *wanted = &request->wanted[index];
	int64_t spacing_ns = request->spacing_ns ? request->spacing_ns : SPACING_NS;
	const struct {
		const uint8_t *bytes;
		size_t len;
		int64_t turn_half; /* in halves of the spacing */
	} steps[] = { [VERSION4] = { packets->version4, NTP_HEADER_BYTES, 0 },
		[STATUS] = { packets->status, MODE6_HEADER_BYTES, 1 },
		[VERSION3] = { packets->version3, NTP_HEADER_BYTES, 2 } };

	for (int i = 0; i < STEPS; i++) {
		int kind = i % STEP_KINDS, turn = i / STEP_KINDS;

		list[begin + (size_t)i] = (struct volley_question){ .to = wanted->to,
			.port = wanted->port ? wanted->port : NTP_PORT,
			.bytes = steps[kind].bytes,
			.len = steps[kind].len,
			.at_ns = (steps[kind].turn_half + turn * 4) * spacing_ns / 2,
			.wait_ns = request->wait_ns ? request->wait_ns : WAIT_NS,
			.unless = turn > 0 ? (int)begin + i - STEP_KINDS : -1 };
	}
}

static void
take(struct member_seen *seen, int step, const struct packets *packets,
    const struct volley_answer *came)
{
	enum door_answer *to[] = { &seen->version4, &seen->status, &seen->version3 };
	enum door_answer answer;
	unsigned error;

	seen->from = came->from.family != IP_NONE ? came->from : seen->from;
	if (came->errnum && !seen->why[0]) {
		snprintf(seen->why, sizeof(seen->why), "%s", strerror(came->errnum));
	}
	if (came->end == VOLLEY_NOT_SENT) {
		return;
	}
	step %= STEP_KINDS;
	if (came->packets == 0) {
		answer = came->end == VOLLEY_CLOSED ? DOOR_CLOSED : DOOR_SILENT;
	} else {
		answer = step == STATUS
		    ? door_read_mode6(came->first, came->first_len, MODE6_READ_VARIABLES, &error)
		    : door_read_time(came->first, came->first_len, packets->nonce);
	}
	*to[step] = answer;
}

static void
ask_ntp(const struct member_request *request, struct member_seen *seen)
{
	size_t size = request->count * STEPS + 1, count = 0;
	struct packets *packets = calloc(request->count + 1, sizeof(*packets));
	struct volley_question *questions = calloc(size, sizeof(*questions));
	struct volley_answer *answers = calloc(size, sizeof(*answers));
	struct volley volley = {
		.questions = questions, .may_ask = request->may_ask, .ctx = request->ctx
	};

	if (!packets || !questions || !answers) {
		abort();
	}
	for (size_t i = 0; i < request->count; i++) {
		if (request->wanted[i].kind == MEMBER_NTP) {
			write_packets(&packets[i]);
			write_questions(request, i, &packets[i], questions, count);
			count += STEPS;
		}
	}
	volley.count = count;
	volley_run(&volley, answers);
	count = 0;
	for (size_t i = 0; i < request->count; i++) {
		for (int k = 0; request->wanted[i].kind == MEMBER_NTP && k < STEPS; k++) {
			take(&seen[i], k, &packets[i], &answers[count++]);
		}
	}
	free(packets);
	free(questions);
	free(answers);
}

/* --- TCP --- */

/* One line of a header, as "Location: URL"; NULL: this one has another name. */
static const char *
header_value(const char *line, size_t len, const char *name, size_t *value_len)
{
	size_t at = strlen(name);

	if (len <= at || strncasecmp(line, name, at) != 0 || line[at] != ':') {
		return NULL;
	}
	for (at++; at < len && (line[at] == ' ' || line[at] == '\t'); at++) {
	}
	while (len > at && (line[len - 1] == '\r' || line[len - 1] == ' ')) {
		len--;
	}
	*value_len = len - at;
	return line + at;
}

/* "HTTP/1.1 301 Moved" and its Location become "301 URL". */
static bool
read_redirect(const char *bytes, size_t len, struct buf *text)
{
	const char *end = bytes + len, *line = bytes, *next;

	if (len < 12 || memcmp(bytes, "HTTP/1.", 7) != 0 || bytes[8] != ' ' || bytes[9] != '3') {
		return false;
	}
	for (; line < end; line = next + 1) {
		size_t value_len;
		const char *value;

		next = memchr(line, '\n', (size_t)(end - line));
		if (!next || next == line || (next == line + 1 && *line == '\r')) {
			return false;
		}
		value = header_value(line, (size_t)(next - line), "Location", &value_len);
		if (value) {
			shown_add(text, bytes + 9, 3, SHOWN_WORDS);
			buf_text(text, " ");
			shown_add(text, value, value_len, SHOWN_WORDS);
			return true;
		}
	}
	return false;
}

void
member_read(enum member_kind kind, const char *bytes, size_t len, struct member_seen *seen)
{
	struct buf text = { .limit_bytes = (size_t)4 * TCP_BYTES };
	bool good = kind == MEMBER_REDIRECT && read_redirect(bytes, len, &text);

	if (!good) {
		while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r')) {
			len--;
		}
		shown_add(&text, bytes, len, SHOWN_WORDS);
		good = kind == MEMBER_WORD && len > 0;
	}
	seen->tcp = good && text.len < MEMBER_TEXT_BYTES ? DOOR_ANSWERED : DOOR_GARBAGE;
	shown_copy(seen->text, sizeof(seen->text), buf_str(&text));
	buf_free(&text);
}

/* A TCP port that is asked; fd -1: it is done. */
struct caller {
	size_t index;
	int fd;
	bool connected;
	int64_t end_ns; /* by when it must connect, then by when it must have said all */
	char bytes[TCP_BYTES];
	size_t len;
};

static int
begin_call(const struct member_request *request, struct caller *caller)
{
	const struct member_wanted *wanted = &request->wanted[caller->index];
	bool is_v4 = wanted->to.family == IP_V4;
	struct sockaddr_storage address;

	if (!request->may_ask(request->ctx, &wanted->to)) {
		return EPERM;
	}
	caller->fd =
	    socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (caller->fd < 0) {
		return errno;
	}
	ip_to_sockaddr(&wanted->to, wanted->port, &address);
	return connect(caller->fd, (const struct sockaddr *)&address,
		   is_v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) == 0 ||
		errno == EINPROGRESS
	    ? 0
	    : errno;
}

static void
end_call(const struct member_request *request, struct caller *caller, int errnum,
    struct member_seen *list)
{
	struct member_seen *seen = &list[caller->index];

	if (caller->fd >= 0) {
		close(caller->fd);
		caller->fd = -1;
	}
	if (caller->len > 0) {
		member_read(request->wanted[caller->index].kind, caller->bytes, caller->len, seen);
	} else if (errnum == ECONNREFUSED) {
		seen->tcp = DOOR_CLOSED;
	} else if (errnum == 0 || errnum == ETIMEDOUT || errnum == ECONNRESET) {
		seen->tcp = caller->connected ? DOOR_GARBAGE : DOOR_SILENT;
	} else {
		snprintf(seen->why, sizeof(seen->why), "%s", strerror(errnum));
	}
}

/* The connection stands: keep our address, and ask where something is to be asked. */
static int
greet(const struct member_request *request, struct caller *caller, struct member_seen *seen)
{
	const struct member_wanted *wanted = &request->wanted[caller->index];
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	char text[160], host[IP_TEXT_BYTES];
	int errnum = 0, written;

	len = sizeof(errnum);
	if (getsockopt(caller->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) < 0 || errnum) {
		return errnum ? errnum : EIO;
	}
	len = sizeof(own);
	if (getsockname(caller->fd, (struct sockaddr *)&own, &len) == 0) {
		(void)!ip_of_sockaddr((const struct sockaddr *)&own, &seen->from);
	}
	caller->connected = true;
	caller->end_ns = clock_boot_ns() + TCP_ANSWER_NS;
	if (wanted->kind != MEMBER_REDIRECT) {
		return 0;
	}
	ip_text(&wanted->to, host);
	written = snprintf(text, sizeof(text), "GET / HTTP/1.0\r\nHost: %s%s%s\r\n\r\n",
	    wanted->to.family == IP_V6 ? "[" : "", host, wanted->to.family == IP_V6 ? "]" : "");
	return send(caller->fd, text, (size_t)written, MSG_NOSIGNAL) == written ? 0 : EIO;
}

/* Returns whether the call goes on. */
static bool
go_on(const struct member_request *request, struct caller *caller, short events,
    struct member_seen *list)
{
	ssize_t got;

	if (!caller->connected) {
		int errnum = greet(request, caller, &list[caller->index]);

		if (errnum) {
			end_call(request, caller, errnum, list);
		}
		return errnum == 0;
	}
	if (!(events & (POLLIN | POLLHUP | POLLERR))) {
		return true;
	}
	got = recv(caller->fd, caller->bytes + caller->len, TCP_BYTES - caller->len, 0);
	if (got < 0 && errno == EAGAIN) {
		return true;
	}
	caller->len += got > 0 ? (size_t)got : 0;
	if (got <= 0 || caller->len == TCP_BYTES) {
		end_call(request, caller, got < 0 ? errno : 0, list);
		return false;
	}
	return true;
}

/* The same, when nothing may have come; a call whose time is over ends, whatever it still says. */
static bool
look_at_call(const struct member_request *request, struct caller *caller, short events,
    struct member_seen *list)
{
	if (clock_boot_ns() >= caller->end_ns) {
		end_call(request, caller, ETIMEDOUT, list);
		return false;
	}
	return events == 0 || go_on(request, caller, events, list);
}

static void
ask_tcp(const struct member_request *request, struct member_seen *seen)
{
	struct caller *callers = calloc(request->count + 1, sizeof(*callers));
	struct pollfd polled[MEMBER_MAX];
	size_t count = 0, open = 0;

	if (!callers) {
		abort();
	}
	for (size_t i = 0; i < request->count; i++) {
		int errnum;

		if (request->wanted[i].kind == MEMBER_NTP) {
			continue;
		}
		callers[count] = (struct caller){
			.index = i, .fd = -1, .end_ns = clock_boot_ns() + TCP_CONNECT_NS
		};
		errnum = begin_call(request, &callers[count]);
		if (errnum) {
			end_call(request, &callers[count], errnum, seen);
		}
		open += errnum == 0;
		count++;
	}
	while (open > 0) {
		for (size_t i = 0; i < count; i++) {
			polled[i] = (struct pollfd){ .fd = callers[i].fd,
				.events = callers[i].connected ? POLLIN : POLLOUT };
		}
		poll(polled, count, 50);
		for (size_t i = 0; i < count; i++) {
			open -= callers[i].fd >= 0 &&
			    !look_at_call(request, &callers[i], polled[i].revents, seen);
		}
	}
	free(callers);
}

void
member_try(const struct member_request *request, struct member_seen *seen)
{
	memset(seen, 0, request->count * sizeof(*seen));
	ask_ntp(request, seen);
	ask_tcp(request, seen);
}

/* --- as JSON --- */

static const char *
kind_name(int kind)
{
	static const char *const names[] = {
		[MEMBER_NTP] = "ntp", [MEMBER_WORD] = "word", [MEMBER_REDIRECT] = "redirect"
	};

	return names[kind];
}

#define AT(member) FIELD_AT(member_wanted, member)

static const struct field wanted_fields[] = {
	{ "kind", FIELD_NAME, true, AT(kind), .max = MEMBER_REDIRECT, .name_of = kind_name },
	{ "port", FIELD_UINT, false, AT(port), .max = 65535 },
	{ .name = NULL },
};

#undef AT
#define AT(member) FIELD_AT(member_seen, member)
#define ANSWER .max = DOOR_GARBAGE, .name_of = door_answer_name

static const struct field seen_fields[] = {
	{ "why", FIELD_TEXT, false, AT(why) },
	{ "version4", FIELD_NAME, false, AT(version4), ANSWER },
	{ "version3", FIELD_NAME, false, AT(version3), ANSWER },
	{ "status", FIELD_NAME, false, AT(status), ANSWER },
	{ "tcp", FIELD_NAME, false, AT(tcp), ANSWER },
	{ "text", FIELD_TEXT, false, AT(text) },
	{ .name = NULL },
};

json_t *
member_wanted_json(const struct member_wanted *wanted, size_t count)
{
	json_t *list = json_array();
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; i < count; i++) {
		json_t *json = fields_encode(wanted_fields, &wanted[i]);

		json_object_set_new(json, "to", json_string(ip_text(&wanted[i].to, text)));
		json_array_append_new(list, json);
	}
	return list;
}

int
member_wanted_of_json(
    const json_t *json, struct member_wanted *wanted, size_t *count, struct error *err)
{
	*count = 0;
	if (!json_is_array(json) || json_array_size(json) > MEMBER_MAX) {
		return error_set(
		    err, "what is to be looked at is no list of at most %d", MEMBER_MAX);
	}
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *row = json_array_get(json, i);
		const char *text = json_string_value(json_object_get(row, "to"));

		wanted[i] = (struct member_wanted){ .port = 0 };
		if (!text || !ip_parse(text, &wanted[i].to)) {
			return error_set(err, "\"%.60s\" is not an address", text ? text : "");
		}
		if (fields_decode(wanted_fields, row, "proofs", &wanted[i], err) < 0) {
			return -1;
		}
	}
	*count = json_array_size(json);
	return 0;
}

json_t *
member_json(const struct member_seen *seen, size_t count)
{
	json_t *list = json_array();
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; i < count; i++) {
		json_t *json = fields_encode(seen_fields, &seen[i]);

		if (seen[i].from.family != IP_NONE) {
			json_object_set_new(
			    json, "from", json_string(ip_text(&seen[i].from, text)));
		}
		json_array_append_new(list, json);
	}
	return list;
}

int
member_of_json(const json_t *json, struct member_seen *seen, size_t count, struct error *err)
{
	if (!json_is_array(json) || json_array_size(json) != count) {
		return error_set(err, "what was seen is no list of %zu", count);
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(json, i);
		const char *from = json_string_value(json_object_get(row, "from"));

		seen[i] = (struct member_seen){ .tcp = DOOR_NOT_TRIED };
		if (fields_decode(seen_fields, row, "seen", &seen[i], err) < 0) {
			return -1;
		}
		if (!from || !ip_parse(from, &seen[i].from)) {
			seen[i].from = (struct ip){ .family = IP_NONE };
		}
	}
	return 0;
}
