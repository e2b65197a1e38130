#include "orchestrator/clients/notice.h"

#include "common/clock.h"
#include "orchestrator/render/mustache.h"

#include <string.h>

/* Whether all that the servers count of it is too much for the time in which it came. */
static bool
was_too_often(const struct clients_view_row *row)
{
	int64_t span_ns = row->last_ns - row->first_ns;

	return row->class == CLIENT_ABUSIVE ||
	    (row->first_ns > 0 && row->packets > CLIENT_SUSTAINED && span_ns >= 0 &&
		span_ns / (int64_t)row->packets < CLIENT_ABUSIVE_NS);
}

enum notice_case
notice_case_of(const struct clients_view_row *row)
{
	if (row->class == CLIENT_PARTNER) {
		return NOTICE_PARTNER;
	}
	if (row->recent == 0) {
		return was_too_often(row) ? NOTICE_STOPPED : NOTICE_HARMLESS;
	}
	return row->class == CLIENT_ABUSIVE ? NOTICE_GOES_ON : NOTICE_HARMLESS;
}

/* What a template is filled from. */
struct fill {
	const struct notice *notice;
	struct arena arena;
	const void **servers; /* of struct clients_at */
	const struct deny *deny;
	const struct network *denied; /* by which `deny` has the address; NULL: it has not */
};

static const char *
instant(struct fill *fill, int64_t real_ns)
{
	char text[CLIENTS_TIME_BYTES];

	return real_ns ? arena_strdup(&fill->arena, clients_time_text(real_ns, text)) : NULL;
}

static const char *
number(struct fill *fill, uint64_t value)
{
	char digits[32], text[48];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value), out = 0;

	for (int i = 0; i < len; i++) {
		text[out++] = digits[i];
		if (i + 1 < len && (len - i - 1) % 3 == 0) {
			text[out++] = ',';
		}
	}
	text[out] = '\0';
	return arena_strdup(&fill->arena, text);
}

static const char *
rate(struct fill *fill, double packets_s)
{
	char text[CLIENTS_RATE_BYTES];

	return arena_strdup(&fill->arena, clients_rate_text(packets_s, text));
}

static const char *
text_address(struct fill *fill, const struct clients_at *at UNUSED)
{
	return fill->notice->row->address;
}

static const char *
text_site(struct fill *fill, const struct clients_at *at UNUSED)
{
	return fill->notice->topology->site;
}

static const char *
text_to(struct fill *fill, const struct clients_at *at UNUSED)
{
	return fill->notice->to;
}

static const char *
text_now(struct fill *fill, const struct clients_at *at UNUSED)
{
	return instant(fill, fill->notice->now_ns);
}

static const char *
text_since(struct fill *fill, const struct clients_at *at UNUSED)
{
	return instant(fill, fill->notice->row->first_ns);
}

static const char *
text_last(struct fill *fill, const struct clients_at *at UNUSED)
{
	return instant(fill, fill->notice->row->last_ns);
}

static const char *
text_stopped(struct fill *fill, const struct clients_at *at UNUSED)
{
	return notice_case_of(fill->notice->row) == NOTICE_STOPPED ? "stopped" : NULL;
}

static const char *
text_total(struct fill *fill, const struct clients_at *at UNUSED)
{
	return number(fill, fill->notice->row->packets);
}

static const char *
text_rate(struct fill *fill, const struct clients_at *at UNUSED)
{
	return fill->notice->row->rate > 0 ? rate(fill, fill->notice->row->rate) : NULL;
}

static const char *
text_dropped(struct fill *fill, const struct clients_at *at UNUSED)
{
	return fill->notice->row->dropped > 0 ? number(fill, fill->notice->row->dropped) : NULL;
}

static const char *
text_denied(struct fill *fill, const struct clients_at *at UNUSED)
{
	char text[IP_TEXT_BYTES];

	return fill->denied ? arena_strdup(&fill->arena, network_text(fill->denied, text)) : NULL;
}

static const char *
text_until(struct fill *fill, const struct clients_at *at UNUSED)
{
	char day[CLOCK_DAY_BYTES];

	return fill->deny && fill->deny->until_ns > 0
	    ? arena_strdup(&fill->arena, clock_day(fill->deny->until_ns - NS_PER_S, day))
	    : NULL;
}

static const char *
text_server(struct fill *fill UNUSED, const struct clients_at *at)
{
	return at->server->server->name;
}

static const char *
text_server_address(struct fill *fill UNUSED, const struct clients_at *at)
{
	return at->server->server->addresses.list[0].text;
}

static const char *
text_server_total(struct fill *fill, const struct clients_at *at)
{
	return number(fill, at->row->packets);
}

static const char *
text_server_rate(struct fill *fill, const struct clients_at *at)
{
	return at->rate > 0 ? rate(fill, at->rate) : NULL;
}

/* The names of doc/templates.7; those of a server stand in {{#servers}}. */
static const struct notice_name {
	const char *name;
	bool of_server;
	const char *(*text)(struct fill *fill, const struct clients_at *at); /* NULL: the list */
} notice_names[] = {
	{ "address", false, text_address },
	{ "site", false, text_site },
	{ "to", false, text_to },
	{ "now", false, text_now },
	{ "since", false, text_since },
	{ "last", false, text_last },
	{ "stopped", false, text_stopped },
	{ "total", false, text_total },
	{ "rate", false, text_rate },
	{ "dropped", false, text_dropped },
	{ "denied", false, text_denied },
	{ "until", false, text_until },
	{ "servers", false, NULL },
	{ "server", true, text_server },
	{ "server_address", true, text_server_address },
	{ "server_total", true, text_server_total },
	{ "server_rate", true, text_server_rate },
};

static int
resolve(void *arg UNUSED, const char *name, size_t len, struct error *err)
{
	for (size_t i = 0; i < COUNT(notice_names); i++) {
		if (strlen(notice_names[i].name) == len &&
		    memcmp(notice_names[i].name, name, len) == 0) {
			return (int)i;
		}
	}
	return error_set(err, "a notice has no name `%.*s`", len < 40 ? (int)len : 40, name);
}

static const char *
no_partial(void *arg UNUSED, const char *name UNUSED, size_t *len UNUSED)
{
	return NULL;
}

static int
value(void *arg, int id, const struct mustache_frame *frame, struct mustache_value *out,
    struct error *err)
{
	const struct notice_name *row = &notice_names[id];
	struct fill *fill = arg;

	if (!row->text) {
		out->kind = MUSTACHE_LIST;
		out->items = fill->servers;
		out->count = fill->notice->row->at_count;
		return 0;
	}
	if (row->of_server && !frame) {
		return error_set(err, "`%s` has no meaning outside of {{#servers}}", row->name);
	}
	out->text = row->text(fill, frame ? frame->item : NULL);
	out->kind = out->text ? MUSTACHE_TEXT : MUSTACHE_FALSE;
	return 0;
}

int
notice_write(const struct notice *notice, const char *name, const char *template, size_t len,
    struct buf *out, struct error *err)
{
	const struct mustache_names names = { resolve, no_partial, NULL };
	const struct clients_view_row *row = notice->row;
	struct fill fill = { .notice = notice };
	const struct mustache_data data = { value, &fill };
	struct mustache_template *parsed;
	int status = -1;

	fill.servers = arena_alloc(&fill.arena, row->at_count * sizeof(*fill.servers) + 1);
	for (size_t i = 0; i < row->at_count; i++) {
		fill.servers[i] = &row->at[i];
	}
	fill.denied = topology_denied(notice->topology, &row->ip, &fill.deny);
	parsed = mustache_parse(&fill.arena, name, template, len, &names, err);
	if (parsed) {
		status = mustache_render(parsed, MUSTACHE_LINE, &data, out, err);
	}
	arena_free(&fill.arena);
	return status;
}
