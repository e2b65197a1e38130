#include "agent/uplink/uplink.h"

#include "agent/uplink/http.h"

#include <stdio.h>
#include <string.h>

static void attempt(struct uplink *uplink);

static void
finish(struct uplink *uplink, enum uplink_outcome outcome, const char *error)
{
	uplink->busy = false;
	buf_reset(&uplink->body);
	uplink->done(uplink, outcome, error);
}

static void
drop_connection(struct uplink *uplink)
{
	connection_close(uplink->connection);
	uplink->connection = NULL;
}

/* No answer: connect anew if the connection was used before, else try the next collector. */
static void
on_failure(struct uplink *uplink, const char *error)
{
	const struct collector_address *collector = &uplink->config->collectors[uplink->collector];
	char text[sizeof(((struct error *)NULL)->text)];
	bool stale = uplink->reused;

	snprintf(text, sizeof(text), "%s port %s: %s", collector->host, collector->port, error);
	drop_connection(uplink);
	if (!stale) {
		uplink->attempts++;
		uplink->collector = (uplink->collector + 1) % uplink->config->collector_count;
	}
	if (uplink->attempts < uplink->config->collector_count) {
		attempt(uplink);
	} else {
		finish(uplink, UPLINK_FAILED, text);
	}
}

/* What a collector's answer means, and what to do about it. */
static const struct answer {
	int status;
	enum uplink_outcome outcome;
	const char *words;
} answers[] = {
	{ 200, UPLINK_DELIVERED, NULL },
	{ 204, UPLINK_DELIVERED, NULL },
	{ 400, UPLINK_REJECTED, "the collector takes that for no report of this host (400)" },
	{ 413, UPLINK_REJECTED, "the collector takes no report of that size (413)" },
	{ 401, UPLINK_DENIED,
	    "the collector does not take this host's token; if it was revoked, or that is the "
	    "collector of another site or identity: `timetier apply` brings the right one" },
	{ 403, UPLINK_DENIED,
	    "the collector does not know this host; if site.yaml has it by another name: `timetier "
	    "apply` brings that; if its collector has an older site.yaml, it needs the new one" },
	{ 404, UPLINK_FAILED, "what answers there takes no reports (404): is it the collector?" },
	{ 429, UPLINK_FAILED, "the collector takes no more reports of this host for now (429)" },
	{ 503, UPLINK_FAILED, "the collector is busy (503)" },
};

/* The row of that status, or NULL. */
static const struct answer *
answer_of(int status)
{
	for (size_t i = 0; i < COUNT(answers); i++) {
		if (answers[i].status == status) {
			return &answers[i];
		}
	}
	return NULL;
}

static void
on_done(void *owner, int status, const char *error)
{
	const struct answer *answer = answer_of(status);
	struct uplink *uplink = owner;
	char other[64];

	if (status == 0) {
		on_failure(uplink, error);
		return;
	}
	if (!connection_is_open(uplink->connection)) {
		drop_connection(uplink);
	}
	if (answer) {
		finish(uplink, answer->outcome, answer->words);
		return;
	}
	snprintf(other, sizeof(other), "the collector answers %d", status);
	finish(uplink, UPLINK_FAILED, other);
}

static void
attempt(struct uplink *uplink)
{
	const struct collector_address *collector = &uplink->config->collectors[uplink->collector];
	struct buf request = { .limit_bytes = 0 };

	if (uplink->connection && !connection_is_open(uplink->connection)) {
		drop_connection(uplink);
	}
	uplink->reused = uplink->connection != NULL;
	if (!uplink->connection) {
		uplink->connection =
		    connection_open(uplink->loop, uplink->context, collector, uplink);
	}
	http_post(uplink->config, collector, buf_str(&uplink->body), uplink->body.len, &request);
	connection_post(uplink->connection, request.data, request.len, on_done);
	buf_free(&request);
}

int
uplink_init(
    struct uplink *uplink, uv_loop_t *loop, const struct agent_config *config, struct error *err)
{
	*uplink = (struct uplink){ .config = config, .loop = loop };
	uplink->context = tls_context_new(config->pin, err);
	return uplink->context ? 0 : -1;
}

void
uplink_send(struct uplink *uplink, const char *body, uplink_done done)
{
	uplink->busy = true;
	uplink->done = done;
	uplink->attempts = 0;
	buf_reset(&uplink->body);
	buf_text(&uplink->body, body);
	attempt(uplink);
}

void
uplink_close(struct uplink *uplink)
{
	drop_connection(uplink);
	buf_free(&uplink->body);
	tls_context_free(uplink->context);
	uplink->context = NULL;
}
