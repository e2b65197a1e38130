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

static enum uplink_outcome
outcome_of(int status)
{
	switch (status) {
	case 200:
	case 204:
		return UPLINK_DELIVERED;
	case 400:
	case 413:
		return UPLINK_REJECTED;
	case 401:
	case 403:
		return UPLINK_DENIED;
	default:
		return UPLINK_FAILED;
	}
}

static void
on_done(void *owner, int status, const char *error)
{
	struct uplink *uplink = owner;
	char answer[64];

	if (status == 0) {
		on_failure(uplink, error);
		return;
	}
	if (!connection_is_open(uplink->connection)) {
		drop_connection(uplink);
	}
	snprintf(answer, sizeof(answer), "the collector answers %d", status);
	finish(uplink, outcome_of(status), outcome_of(status) == UPLINK_DELIVERED ? NULL : answer);
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
