#include "orchestrator/collect/receive.h"

#include "common/clock.h"
#include "common/log.h"
#include "orchestrator/collect/http.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/topology/topology.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/api/v1/report"

struct queued {
	struct queued *next;
	int64_t arrived_ns;
	struct report report;
};

/*
 * How many reports one host may send: after an outage its agent sends all that its spool has at
 * once (some 4000), later a report a second at most.  Twice that is allowed; who has stolen a token
 * fills neither disk nor log.
 */
#define REPORTS_AT_ONCE 5000
#define REPORTS_A_SECOND 2
#define SAY_NS (60 * NS_PER_S) /* one warning of a host in so long */

/* A host that may report. */
struct reporter {
	char *name;
	unsigned token_number; /* of the token that is in force; see identity_token() */
	double allowance;      /* reports that it may send now */
	int64_t counted_ns;    /* when that was counted, by the boot clock */
	int64_t said_ns;       /* when the latest warning of it was logged; 0: never */
};

struct receiver {
	struct http_server *server;
	const struct identity *identity;
	uv_async_t wake;
	receive_fn *fn;
	void *context;
	_Atomic uint64_t counts[RECEIVE_STATUS_COUNT];

	uv_mutex_t queue_lock; /* of first, last and queued */
	struct queued *first, **last;
	size_t queued;

	uv_mutex_t hosts_lock;  /* of hosts, host_count and unknown */
	struct reporter *hosts; /* sorted by name */
	size_t host_count;
	struct unknown_hosts unknown;
};

static const struct {
	const char *name;
	unsigned code;
	const char *text;
} answers[] = {
	[RECEIVE_ACCEPTED] = { "accepted", 204, "" },
	[RECEIVE_NOT_REPORT] = { "not-a-report", 400, "not a report\n" },
	[RECEIVE_BAD_TOKEN] = { "bad-token", 401, "the token is not that of this host\n" },
	[RECEIVE_NOT_HOST] = { "unknown-host", 403, "no such host in the site\n" },
	[RECEIVE_NOT_FOUND] = { "not-found", 404, "reports go to " PATH "\n" },
	[RECEIVE_NOT_POST] = { "not-post", 405, "reports are POSTed\n" },
	[RECEIVE_TOO_OFTEN] = { "too-often", 429, "too many reports of this host\n" },
	[RECEIVE_TOO_LARGE] = { "too-large", 413, "too large for a report\n" },
	[RECEIVE_BUSY] = { "busy", 503, "busy: send it again later\n" },
};

const char *
receive_status_name(enum receive_status status)
{
	return answers[status].name;
}

uint64_t
receiver_count(const struct receiver *receiver, enum receive_status status)
{
	return atomic_load(&receiver->counts[status]);
}

static int
compare_names(const void *a, const void *b)
{
	const struct reporter *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The reporter @name, or NULL; the caller has the lock. */
static struct reporter *
find_host(struct receiver *receiver, const char *name)
{
	struct reporter key = { .name = (char *)(uintptr_t)name };

	return receiver->host_count == 0
	    ? NULL
	    : bsearch(&key, receiver->hosts, receiver->host_count, sizeof(key), compare_names);
}

static void
free_hosts(struct reporter *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(hosts[i].name);
	}
	free(hosts);
}

/* A new reporter, or with what is known of it. */
static struct reporter
new_host(struct receiver *receiver, const char *name)
{
	const struct reporter *known = find_host(receiver, name);
	struct reporter made = known
	    ? *known
	    : (struct reporter){ .allowance = REPORTS_AT_ONCE, .counted_ns = clock_boot_ns() };

	made.name = strdup(name);
	if (!made.name) {
		abort();
	}
	return made;
}

void
receiver_set_hosts(struct receiver *receiver, const struct topology *topology)
{
	struct reporter *hosts = calloc(topology->host_count + 1, sizeof(*hosts));

	if (!hosts) {
		abort();
	}
	uv_mutex_lock(&receiver->hosts_lock);
	for (size_t i = 0; i < topology->host_count; i++) {
		hosts[i] = new_host(receiver, topology->hosts[i].name);
		hosts[i].token_number = identity_token_number(receiver->identity, hosts[i].name);
		unknown_hosts_drop(&receiver->unknown, hosts[i].name);
	}
	qsort(hosts, topology->host_count, sizeof(*hosts), compare_names);
	free_hosts(receiver->hosts, receiver->host_count);
	receiver->hosts = hosts;
	receiver->host_count = topology->host_count;
	uv_mutex_unlock(&receiver->hosts_lock);
}

/* Whether a warning of @host may be logged now: what a host sends cannot fill the log. */
static bool
may_say(struct reporter *host, int64_t now_ns)
{
	if (host->said_ns && now_ns - host->said_ns < SAY_NS) {
		return false;
	}
	host->said_ns = now_ns;
	return true;
}

/* Log a warning of host @name, unless one of it was logged just now. */
static void
warn(struct receiver *receiver, const char *name, const char *text, const char *detail)
{
	struct reporter *host;
	bool say;

	uv_mutex_lock(&receiver->hosts_lock);
	host = find_host(receiver, name);
	say = host && may_say(host, clock_boot_ns());
	uv_mutex_unlock(&receiver->hosts_lock);
	if (say) {
		log_warning("report: host=%s: %s%s", name, text, detail);
	}
}

void
receiver_unknown(struct receiver *receiver, struct unknown_hosts *hosts)
{
	uv_mutex_lock(&receiver->hosts_lock);
	unknown_hosts_forget(&receiver->unknown, clock_boot_ns());
	*hosts = receiver->unknown;
	uv_mutex_unlock(&receiver->hosts_lock);
}

/* Note a host that is not in the site and has shown that it was in it. */
static void
note_unknown(struct receiver *receiver, const char *name)
{
	bool say;

	uv_mutex_lock(&receiver->hosts_lock);
	say = unknown_hosts_hear(&receiver->unknown, name, clock_boot_ns());
	uv_mutex_unlock(&receiver->hosts_lock);
	if (say) {
		log_warning(
		    "report: host=%s: refused: its token is right, and site.yaml has no host "
		    "of that name; if it was renamed there, `timetier apply` tells its agent",
		    name);
	}
}

/* Take one from the allowance of @host; false when there is none. */
static bool
spend(struct reporter *host, int64_t now_ns)
{
	host->allowance += (double)(now_ns - host->counted_ns) / NS_PER_S * REPORTS_A_SECOND;
	if (host->allowance > REPORTS_AT_ONCE) {
		host->allowance = REPORTS_AT_ONCE;
	}
	host->counted_ns = now_ns;
	if (host->allowance < 1) {
		return false;
	}
	host->allowance--;
	return true;
}

/*
 * Judge a request of host @name that shows @token.  Hosts that are not in the site are known by
 * their first token, so that a host that left it is told so and not that its token is wrong.
 */
static enum receive_status
admit(struct receiver *receiver, const char *name, const char *token)
{
	enum receive_status status = RECEIVE_ACCEPTED;
	struct reporter *host;
	unsigned number = 0;

	uv_mutex_lock(&receiver->hosts_lock);
	host = find_host(receiver, name);
	if (host) {
		number = host->token_number;
	}
	if (!identity_token_is(receiver->identity, name, number, token)) {
		status = RECEIVE_BAD_TOKEN;
	} else if (!host) {
		status = RECEIVE_NOT_HOST;
	} else if (!spend(host, clock_boot_ns())) {
		status = RECEIVE_TOO_OFTEN;
	}
	uv_mutex_unlock(&receiver->hosts_lock);
	return status;
}

/* Returns false when the queue is full because the loop is too far behind. */
static bool
enqueue(struct receiver *receiver, const struct report *report)
{
	struct queued *entry;
	bool room;

	uv_mutex_lock(&receiver->queue_lock);
	room = receiver->queued < RECEIVE_QUEUE_MAX;
	if (room) {
		entry = malloc(sizeof(*entry));
		if (!entry) {
			abort();
		}
		*entry = (struct queued){ .arrived_ns = clock_boot_ns(), .report = *report };
		*receiver->last = entry;
		receiver->last = &entry->next;
		receiver->queued++;
	}
	uv_mutex_unlock(&receiver->queue_lock);
	if (room) {
		uv_async_send(&receiver->wake);
	}
	return room;
}

/* Hand over what the threads queued; runs on the loop. */
static void
dequeue(struct receiver *receiver)
{
	struct queued *entry, *next;

	uv_mutex_lock(&receiver->queue_lock);
	entry = receiver->first;
	receiver->first = NULL;
	receiver->last = &receiver->first;
	receiver->queued = 0;
	uv_mutex_unlock(&receiver->queue_lock);
	for (; entry; entry = next) {
		next = entry->next;
		if (receiver->fn) {
			receiver->fn(receiver->context, &entry->report, entry->arrived_ns);
		}
		free(entry);
	}
}

static void
woken(uv_async_t *wake)
{
	dequeue(wake->data);
}

/* Decide by the header alone: the token is checked before the body is kept or parsed. */
static bool
accept_body(void *context, struct http_request *request)
{
	static const char scheme[] = "Bearer ";
	struct receiver *receiver = context;
	const char *host = http_header(request, "Timetier-Host");
	const char *token = http_header(request, "Authorization");

	request->decision = RECEIVE_ACCEPTED;
	if (strcmp(request->path, PATH) != 0) {
		request->decision = RECEIVE_NOT_FOUND;
	} else if (strcmp(request->method, "POST") != 0) {
		request->decision = RECEIVE_NOT_POST;
	} else if (!host || !token || strncasecmp(token, scheme, strlen(scheme)) != 0) {
		request->decision = RECEIVE_BAD_TOKEN;
	} else {
		request->decision = (int)admit(receiver, host, token + strlen(scheme));
	}
	if (request->decision == RECEIVE_ACCEPTED) {
		http_prove(receiver->server, request, host);
	}
	if (request->decision == RECEIVE_NOT_HOST) {
		note_unknown(receiver, host);
	}
	if (request->decision == RECEIVE_TOO_OFTEN) {
		warn(
		    receiver, host, "it sends more reports than a host does; they are refused", "");
	}
	return request->decision == RECEIVE_ACCEPTED;
}

static enum receive_status
take_body(struct receiver *receiver, const struct http_request *request)
{
	const char *host = http_header(request, "Timetier-Host");
	struct report *report;
	enum receive_status status;
	struct error err;

	if (request->too_large) {
		return RECEIVE_TOO_LARGE;
	}
	report = malloc(sizeof(*report));
	if (!report) {
		abort();
	}
	if (report_decode(buf_str(&request->body), request->body.len, report, &err) < 0) {
		warn(receiver, host, "", err.text);
		status = RECEIVE_NOT_REPORT;
	} else if (strcmp(report->host, host) != 0) {
		warn(receiver, host, "it names another host: ", report->host);
		status = RECEIVE_NOT_REPORT;
	} else {
		status = enqueue(receiver, report) ? RECEIVE_ACCEPTED : RECEIVE_BUSY;
	}
	free(report);
	return status;
}

static void
answer(void *context, struct http_request *request, struct http_answer *answer)
{
	struct receiver *receiver = context;
	enum receive_status status = (enum receive_status)request->decision;

	if (status == RECEIVE_ACCEPTED) {
		status = take_body(receiver, request);
	}
	atomic_fetch_add(&receiver->counts[status], 1);
	answer->code = answers[status].code;
	answer->body = answers[status].text;
	answer->len = strlen(answers[status].text);
	answer->type = answer->len > 0 ? "text/plain; charset=utf-8" : NULL;
	if (status == RECEIVE_BAD_TOKEN) {
		http_add_field(answer, "WWW-Authenticate", "Bearer");
	}
	if (status == RECEIVE_NOT_POST) {
		http_add_field(answer, "Allow", "POST");
	}
	if (status == RECEIVE_BUSY) {
		http_add_field(answer, "Retry-After", "10");
	}
	if (status == RECEIVE_TOO_OFTEN) {
		http_add_field(answer, "Retry-After", "60");
	}
}

static void
release(uv_handle_t *handle)
{
	struct receiver *receiver = handle->data;

	free_hosts(receiver->hosts, receiver->host_count);
	uv_mutex_destroy(&receiver->hosts_lock);
	uv_mutex_destroy(&receiver->queue_lock);
	free(receiver);
}

int
receiver_start(uv_loop_t *loop, int fd, const struct identity *identity, struct receiver **receiver,
    struct error *err)
{
	struct receiver *made = calloc(1, sizeof(*made));
	struct http_handler handler = {
		.body_limit_bytes = REPORT_BYTES_MAX,
		.accept = accept_body,
		.answer = answer,
		.context = made,
	};

	if (!made || uv_mutex_init(&made->queue_lock) != 0 ||
	    uv_mutex_init(&made->hosts_lock) != 0 || uv_async_init(loop, &made->wake, woken) != 0) {
		abort();
	}
	made->identity = identity;
	made->last = &made->first;
	made->wake.data = made;
	if (http_start_tls(fd, identity->key_pem, identity->certificate_pem, &handler,
		&made->server, err) < 0) {
		uv_close((uv_handle_t *)&made->wake, release);
		return error_wrap(err, "reports");
	}
	*receiver = made;
	return 0;
}

void
receiver_serve(struct receiver *receiver, receive_fn *fn, void *context)
{
	receiver->fn = fn;
	receiver->context = context;
}

void
receiver_stop(struct receiver *receiver)
{
	if (!receiver) {
		return;
	}
	http_stop(receiver->server);
	dequeue(receiver);
	uv_close((uv_handle_t *)&receiver->wake, release);
}
