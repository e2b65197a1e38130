#include "orchestrator/publish/routes.h"

#include "common/clock.h"
#include "common/json_fields.h"
#include "common/resource.h"
#include "orchestrator/publish/api.h"
#include "orchestrator/publish/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_JSON "application/json; charset=utf-8"
#define TYPE_TEXT "text/plain; charset=utf-8"
#define LAST_DEFAULT_NS (6 * 3600 * NS_PER_S)
#define LAST_MAX_NS STORE_HOUR_KEEP_NS
#define LAST_WORDS "last is a duration such as 90s, 30m, 6h or 7d, of at most 5 years"

/* One request, as the function of a path gets it. */
struct query {
	const struct collector *collector;
	const char *rest; /* of the path, after the row's path */
	argument_fn *argument;
	void *context;
	int64_t now_ns, real_ns;
};

struct route_row {
	const char *path; /* with '/' at its end: also everything below it */
	struct page (*show)(const struct query *query);
};

static struct page
owned_page(const char *type, char *body)
{
	return (struct page){ 200, type, body, strlen(body), body, false };
}

struct page
page_error(unsigned code, const char *text)
{
	json_t *json = json_pack("{s:o}", "error", fields_text(text));
	char *body = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (!body) {
		abort();
	}
	return (struct page){ code, TYPE_JSON, body, strlen(body), body, false };
}

void
page_done(struct page *page)
{
	free(page->owned);
}

static const char *
argument(const struct query *query, const char *name)
{
	return query->argument(query->context, name);
}

static const char *
type_of(const char *name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
	};
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending && i < COUNT(types); i++) {
		if (strcmp(ending, types[i].ending) == 0) {
			return types[i].type;
		}
	}
	return "application/octet-stream";
}

static struct page
show_asset(const struct query *query)
{
	const char *name = query->rest[0] ? query->rest : "index.html";
	const struct resource *asset = resource_find(web_resources, web_resource_count, name);

	if (!asset) {
		return page_error(404, "there is no such page");
	}
	return (struct page){
		.code = 200,
		.type = type_of(name),
		.body = asset->bytes,
		.len = asset->len,
	};
}

/* The health of the collector itself, for a supervisor; says nothing of the fleet. */
static struct page
show_health(const struct query *query)
{
	bool fails = query->collector->history_fails;
	char *text = strdup(fails ? "the history cannot be written\n" : "ok\n");
	struct page page;

	if (!text) {
		abort();
	}
	page = owned_page(TYPE_TEXT, text);
	page.code = fails ? 503 : 200;
	return page;
}

static struct page
show_metrics(const struct query *query)
{
	const char *text = argument(query, "hosts");
	enum metrics_hosts hosts = METRICS_ALL;
	struct buf out = { 0 };

	if (text && !metrics_parse_hosts(text, &hosts)) {
		return page_error(400, "hosts is all, bad or none");
	}
	metrics_write(query->collector, hosts, query->now_ns, &out);
	return (struct page){ 200, "text/plain; version=0.0.4; charset=utf-8", out.data, out.len,
		out.data, false };
}

/* "90s", "30m", "6h", "7d". */
static bool
parse_last(const char *text, int64_t *last_ns)
{
	static const char units[] = "smhd";
	static const int64_t sizes[] = { 1, 60, 3600, 86400 };
	const char *unit;
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || text[0] < '0' || text[0] > '9' || !unit || end[1] || value < 1 ||
	    value > (unsigned long)(LAST_MAX_NS / NS_PER_S / sizes[unit - units])) {
		return false;
	}
	*last_ns = (int64_t)value * sizes[unit - units] * NS_PER_S;
	return true;
}

static bool
parse_number(const char *text, unsigned long min, unsigned long max, unsigned *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || *end || value < min || value > max) {
		return false;
	}
	*number = (unsigned)value;
	return true;
}

/* Fill @rows from the arguments.  Returns NULL, or what is wrong with one. */
static const char *
parse_rows(const struct query *query, struct rows_query *rows)
{
	const char *brief = argument(query, "brief"), *limit = argument(query, "limit");
	const char *order = argument(query, "order");
	unsigned count;

	*rows = (struct rows_query){
		.limit = SIZE_MAX,
		.after = argument(query, "after"),
		.since = argument(query, "since"),
		.brief = brief && strcmp(brief, "1") == 0,
	};
	if (limit && !parse_number(limit, 0, 1000000, &count)) {
		return "limit is a number from 0 to 1000000";
	}
	if (limit) {
		rows->limit = count;
	}
	if (order && strcmp(order, "site") == 0) {
		rows->order = ROWS_SITE;
	} else if (order && strcmp(order, "worst") != 0) {
		return "order is worst or site";
	}
	return NULL;
}

/* Every event names the revision: who is told of one that it has not seen asks for the rest. */
const char *
page_event(const struct collector *collector, char out[PAGE_EVENT_BYTES])
{
	char revision[ROWS_REVISION_BYTES];

	rows_revision(&collector->fleet, revision);
	snprintf(out, PAGE_EVENT_BYTES, "retry: 3000\nid: %s\ndata: {\"revision\":\"%s\"}\n\n",
	    revision, revision);
	return out;
}

static struct page
show_events(const struct query *query UNUSED)
{
	return (struct page){
		.code = 200, .type = "text/event-stream; charset=utf-8", .body = "", .stream = true
	};
}

static struct page
show_fleet(const struct query *query)
{
	struct rows_query rows;
	const char *wrong = parse_rows(query, &rows);
	struct error err;
	char *body;

	if (wrong) {
		return page_error(400, wrong);
	}
	body = api_fleet(query->collector, &rows, query->now_ns, &err);
	return body ? owned_page(TYPE_JSON, body) : page_error(400, err.text);
}

static struct page
show_conditions(const struct query *query)
{
	const char *limit = argument(query, "limit");
	unsigned count = API_CONDITIONS;

	if (limit && !parse_number(limit, 0, API_CONDITIONS_MAX, &count)) {
		return page_error(400, "limit is a number from 0 to 100000");
	}
	return owned_page(TYPE_JSON,
	    api_health(&query->collector->watch.conditions, count, query->real_ns, query->now_ns));
}

static bool
is_cause(const char *text)
{
	for (int i = 0; i <= CAUSE_LEAP; i++) {
		if (strcmp(text, step_cause_name((enum step_cause)i)) == 0) {
			return true;
		}
	}
	return false;
}

static struct page
show_steps(const struct query *query)
{
	const char *last = argument(query, "last"), *limit = argument(query, "limit");
	struct step_query steps = { .host = argument(query, "host"),
		.cause = argument(query, "cause"),
		.limit = API_STEPS_MAX };
	int64_t last_ns;
	struct error err;
	char *body;

	if (steps.host && !fleet_find(&query->collector->fleet, steps.host)) {
		return page_error(404, "no such host in the site");
	}
	if (steps.cause && !is_cause(steps.cause)) {
		return page_error(400, "no such cause of steps is known");
	}
	if (limit && !parse_number(limit, 1, API_STEPS_MAX, &steps.limit)) {
		return page_error(400, "limit is a number from 1 to 500");
	}
	if (last && !parse_last(last, &last_ns)) {
		return page_error(400, LAST_WORDS);
	}
	steps.from_ns = last ? query->real_ns - last_ns : 0;
	body = api_steps(query->collector, &steps, &err);
	return body ? owned_page(TYPE_JSON, body) : page_error(500, err.text);
}

/* Instants before 1970 are refused: so the difference of two instants cannot overflow. */
static bool
parse_instant(const char *text, int64_t *real_ns)
{
	return clock_parse(text, real_ns) && *real_ns >= 0;
}

/* Fill @history from the arguments.  Returns NULL, or what is wrong with an argument. */
static const char *
parse_history(const struct query *query, struct history_query *history)
{
	const char *from = argument(query, "from"), *to = argument(query, "to");
	const char *last = argument(query, "last"), *points = argument(query, "points");
	int64_t last_ns = LAST_DEFAULT_NS;

	if (points && !parse_number(points, 1, HISTORY_POINTS_MAX, &history->points)) {
		return "points is a number from 1 to 5000";
	}
	if (last && !parse_last(last, &last_ns)) {
		return LAST_WORDS;
	}
	history->to_ns = query->real_ns;
	if (to && !parse_instant(to, &history->to_ns)) {
		return "to is an instant such as 2026-11-22T05:00:00Z";
	}
	history->from_ns = history->to_ns - last_ns;
	if (from && !parse_instant(from, &history->from_ns)) {
		return "from is an instant such as 2026-11-22T05:00:00Z";
	}
	if (history->from_ns >= history->to_ns) {
		return "from is not before to";
	}
	if (history->to_ns - history->from_ns > LAST_MAX_NS) {
		return "from and to are more than 5 years apart";
	}
	return NULL;
}

static struct page
show_history(const struct query *query, const struct fleet_host *row)
{
	struct history_query history = { .host = row->host->name, .points = API_POINTS };
	const char *wrong = parse_history(query, &history);
	struct error err;
	char *body;

	if (wrong) {
		return page_error(400, wrong);
	}
	body = api_history(query->collector, row, &history, query->real_ns, &err);
	return body ? owned_page(TYPE_JSON, body) : page_error(500, err.text);
}

/* Show NAME, or NAME/history. */
static struct page
show_host(const struct query *query)
{
	static const char history[] = "/history";
	const struct fleet_host *row;
	size_t len = strlen(query->rest);
	bool past =
	    len > strlen(history) && strcmp(query->rest + len - strlen(history), history) == 0;
	char *name = strndup(query->rest, past ? len - strlen(history) : len);

	if (!name) {
		abort();
	}
	row = fleet_find(&query->collector->fleet, name);
	free(name);
	if (!row) {
		return page_error(404, "no such host in the site");
	}
	if (past) {
		return show_history(query, row);
	}
	return owned_page(TYPE_JSON, api_host(query->collector, row, query->now_ns));
}

/* The first row that fits a path shows it. */
static const struct route_row route_rows[] = {
	{ "/healthz", show_health },
	{ "/metrics", show_metrics },
	{ "/api/v1/fleet", show_fleet },
	{ "/api/v1/health", show_conditions },
	{ "/api/v1/events", show_events },
	{ "/api/v1/steps", show_steps },
	{ "/api/v1/host/", show_host },
	{ "/", show_asset },
};

struct page
route(const struct collector *collector, const char *path, argument_fn *get_argument, void *context)
{
	struct query query = {
		.collector = collector,
		.argument = get_argument,
		.context = context,
		.now_ns = clock_boot_ns(),
		.real_ns = clock_real_ns(),
	};

	for (size_t i = 0; i < COUNT(route_rows); i++) {
		const char *row = route_rows[i].path;
		size_t len = strlen(row);

		if (row[len - 1] == '/' ? strncmp(path, row, len) == 0 : strcmp(path, row) == 0) {
			query.rest = path + len;
			/* cppcheck-suppress returnDanglingLifetime; a page owns what it shows */
			return route_rows[i].show(&query);
		}
	}
	return page_error(404, "there is no such page");
}
