#include "orchestrator/publish/api.h"

#include "common/clock.h"
#include "common/json_write.h"
#include "common/version.h"
#include "orchestrator/publish/api_host.h"
#include "orchestrator/publish/summary.h"

#include <stdlib.h>
#include <string.h>

/* The text of @json, which is freed. */
static char *
text_of(json_t *json)
{
	char *text;

	fields_make_fit(json);
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));

	json_decref(json);
	if (!text) {
		abort(); /* no memory: nothing else fails, as every text is UTF-8 */
	}
	return text;
}

static json_t *
encode_instant(int64_t real_ns)
{
	char text[CLOCK_TEXT_BYTES];

	return json_string(clock_text(real_ns, text));
}

static json_t *
encode_counts(const size_t *counts)
{
	json_t *json = json_object();

	for (int i = 0; i < HEALTH_COUNT; i++) {
		json_object_set_new(
		    json, health_name((enum health)i), json_integer((json_int_t)counts[i]));
	}
	return json;
}

static json_t *
host_name_or_null(const struct fleet_host *row)
{
	return row ? json_string(row->host->name) : json_null();
}

static json_t *
encode_headline(const struct headline *headline)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o}", "state",
	    site_state_name(headline->state), "text", headline->text, "detail", headline->detail,
	    "host", host_name_or_null(headline->worst), "hosts", (json_int_t)headline->host_count,
	    "counts", encode_counts(headline->counts));
}

static json_t *
encode_restart(const struct headline *headline)
{
	json_t *counts = json_object();

	for (int i = 0; i <= VERDICT_UNKNOWN; i++) {
		json_object_set_new(counts, verdict_name((enum verdict_kind)i),
		    json_integer((json_int_t)headline->verdicts[i]));
	}
	return json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "text", headline->restart_text, "hosts",
	    (json_int_t)headline->managed_count, "safe",
	    (json_int_t)headline->verdicts[VERDICT_SAFE], "lost", (json_int_t)headline->lost_count,
	    "host", host_name_or_null(headline->unsafe ? headline->unsafe : headline->lost),
	    "counts", counts);
}

static json_t *
encode_leap(const struct fleet *fleet, struct arena *arena)
{
	json_t *names = json_array();
	struct leap_view view;

	summarise_leap(fleet, arena, &view);
	for (size_t i = 0; i < view.ignorant; i++) {
		json_array_append_new(names, json_string(view.names[i]));
	}
	return json_pack("{s:s, s:s, s:I, s:I, s:o}", "kind", leap_name(view.leap), "text",
	    view.text, "knows", (json_int_t)view.knows, "smeared", (json_int_t)view.smeared,
	    "without", names);
}

/* Names of hosts that report and are not in the site. */
static json_t *
encode_unknown(struct receiver *receiver)
{
	struct unknown_hosts hosts;
	json_t *names = json_array();

	receiver_unknown(receiver, &hosts);
	for (size_t i = 0; i < hosts.count; i++) {
		json_array_append_new(names, fields_text(hosts.list[i].name));
	}
	return names;
}

static json_t *
encode_collector(const struct collector *collector)
{
	char listen[ENDPOINT_TEXT_BYTES];
	json_t *reports = json_object();

	for (int i = 0; i < RECEIVE_STATUS_COUNT; i++) {
		json_object_set_new(reports, receive_status_name((enum receive_status)i),
		    json_integer(
			(json_int_t)receiver_count(collector->receiver, (enum receive_status)i)));
	}
	return json_pack("{s:s, s:o, s:o, s:s}", "listen",
	    endpoint_text(&collector->listen, listen), "reports", reports, "unknown_hosts",
	    encode_unknown(collector->receiver), "history",
	    collector->history_fails ? "failing" : "kept");
}

static json_t *
encode_upstream(const struct upstream_view *view)
{
	const struct upstream *upstream = view->upstream;
	json_t *by = json_object();

	for (int i = 0; i <= SOURCE_SELECTED; i++) {
		if (view->by[i] > 0) {
			json_object_set_new(by, source_state_name((enum source_state)i),
			    json_integer((json_int_t)view->by[i]));
		}
	}
	return json_pack("{s:s, s:s?, s:o, s:s, s:I, s:I, s:I, s:o, s:o}", "name", upstream->name,
	    "operator", upstream->operator_name, "addresses", api_addresses(&upstream->addresses),
	    "state", source_state_name(view->state), "declared", (json_int_t)view->declared,
	    "heard", (json_int_t)view->heard, "seen", (json_int_t)view->seen, "by", by, "offset_ns",
	    view->offset_count > 0 ? json_integer(view->offsets[view->offset_count / 2])
				   : json_null());
}

static json_t *
encode_upstreams(const struct collector *collector, struct arena *arena)
{
	const struct upstream_view *views =
	    summarise_upstreams(&collector->fleet, &collector->names, arena);
	json_t *list = json_array();

	for (size_t i = 0; i < collector->topology->upstream_count; i++) {
		json_array_append_new(list, encode_upstream(&views[i]));
	}
	return list;
}

static json_t *
encode_tier(const struct fleet *fleet, const struct tier *tier)
{
	json_t *servers = json_array();
	json_int_t good = 0;

	for (size_t i = 0; i < tier->server_count; i++) {
		const struct fleet_host *row = fleet_find(fleet, tier->servers[i]->name);

		json_array_append_new(servers, json_string(tier->servers[i]->name));
		good += row->health == HEALTH_GOOD;
	}
	return json_pack("{s:s, s:o, s:I, s:I, s:o}", "name", tier->name, "servers", servers,
	    "quorum", (json_int_t)tier_quorum(tier), "good", good, "budget",
	    api_budget(&tier->budget));
}

static json_t *
encode_group(const struct fleet *fleet, const struct client_group *group)
{
	size_t counts[HEALTH_COUNT] = { 0 };
	json_t *from = json_array();

	for (size_t i = 0; i < group->host_count; i++) {
		counts[fleet_find(fleet, group->hosts[i]->name)->health]++;
	}
	for (size_t i = 0; i < group->sources.count; i++) {
		const struct source *source = &group->sources.list[i];

		json_array_append_new(from,
		    json_string(source->upstream ? source->upstream->name : source->server->name));
	}
	return json_pack("{s:s, s:o, s:I, s:o, s:o}", "name", group->name, "from", from, "hosts",
	    (json_int_t)group->host_count, "counts", encode_counts(counts), "budget",
	    api_budget(&group->budget));
}

static json_t *
encode_edges(const struct collector *collector, struct arena *arena)
{
	struct edge_list edges;
	json_t *list = json_array();

	summarise_edges(&collector->fleet, &collector->names, arena, &edges);
	for (size_t i = 0; i < edges.count; i++) {
		const struct edge *edge = &edges.list[i];

		json_array_append_new(list,
		    json_pack("{s:o, s:s, s:b, s:I, s:I, s:I, s:s, s:s, s:o}", "from",
			fields_text(edge->from), "to", edge->to, "to_group", edge->to_group,
			"declared", (json_int_t)edge->declared, "seen", (json_int_t)edge->seen,
			"selected", (json_int_t)edge->selected, "state",
			source_state_name(edge->state), "auth", source_auth_name(edge->auth),
			"offset_ns", edge->measured ? json_integer(edge->offset_ns) : json_null()));
	}
	return list;
}

/* The site, without its hosts. */
static json_t *
encode_site(const struct collector *collector, struct arena *arena, int64_t now_ns)
{
	const struct topology *topology = collector->topology;
	int64_t real_ns = clock_real_ns();
	struct headline headline;
	json_t *json = json_object(), *tiers = json_array(), *groups = json_array();
	char revision[ROWS_REVISION_BYTES];

	summarise(&collector->fleet, arena, &headline);
	for (size_t i = 0; i < topology->tier_count; i++) {
		json_array_append_new(tiers, encode_tier(&collector->fleet, &topology->tiers[i]));
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		json_array_append_new(
		    groups, encode_group(&collector->fleet, &topology->groups[i]));
	}
	json_object_set_new(json, "time", encode_instant(real_ns));
	json_object_set_new(json, "site", json_string(topology->site));
	json_object_set_new(json, "version", json_string(TIMETIER_VERSION));
	json_object_set_new(
	    json, "revision", json_string(rows_revision(&collector->fleet, revision)));
	json_object_set_new(
	    json, "started", encode_instant(real_ns - (now_ns - collector->started_ns)));
	json_object_set_new(json, "collector", encode_collector(collector));
	json_object_set_new(json, "headline", encode_headline(&headline));
	json_object_set_new(json, "restart", encode_restart(&headline));
	json_object_set_new(json, "leap", encode_leap(&collector->fleet, arena));
	json_object_set_new(json, "tiers", tiers);
	json_object_set_new(json, "groups", groups);
	return json;
}

char *
api_fleet(const struct collector *collector, const struct rows_query *query, int64_t now_ns,
    struct error *err)
{
	bool difference = rows_are_difference(&collector->fleet, query);
	struct arena arena = { 0 };
	struct buf out = { 0 }, hosts = { 0 };
	json_t *json;

	if (rows_write(&collector->fleet, &collector->names, query, now_ns, &hosts, err) < 0) {
		return NULL;
	}
	json = encode_site(collector, &arena, now_ns);
	if (difference) {
		json_object_set_new(json, "since", json_string(query->since));
	} else if (!query->after) {
		json_object_set_new(json, "upstreams", encode_upstreams(collector, &arena));
		json_object_set_new(json, "edges", encode_edges(collector, &arena));
	}
	arena_free(&arena);
	json_add_tree(&out, NULL, json);
	json_done(&out);
	out.data[out.len - 1] = ','; /* the object goes on with what was written */
	buf_add(&out, hosts.data, hosts.len);
	json_end(&out, '}');
	json_done(&out);
	buf_free(&hosts);
	return out.data;
}

char *
api_host(const struct collector *collector, const struct fleet_host *row, int64_t now_ns)
{
	struct buf out = { 0 };

	api_host_full(&out, row, &collector->names, now_ns);
	return out.data;
}

static json_t *
encode_step(const struct step_row *row)
{
	json_t *json = fields_encode(ledger_fields, &row->entry);

	json_object_set_new(json, "host", fields_text(row->host));
	json_object_set_new(json, "time", encode_instant(row->time_ns));
	return json;
}

static json_t *
encode_steps(const struct step_row *rows, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, encode_step(&rows[i]));
	}
	return list;
}

char *
api_steps(const struct collector *collector, const struct step_query *query, struct error *err)
{
	struct step_row *rows;
	size_t count;
	json_t *json;

	if (store_steps(collector->store, query, &rows, &count, err) < 0) {
		return NULL;
	}
	json = json_pack("{s:o}", "steps", encode_steps(rows, count));
	free(rows);
	return text_of(json);
}

/* Each column is an array: half the bytes of an object for each point, and what a chart wants. */
static void
add_point(json_t *json, const struct history_point *point)
{
	const struct {
		const char *name;
		json_t *value;
	} columns[] = {
		{ "time_ms", json_integer(point->time_ns / NS_PER_MS) },
		{ "samples", json_integer((json_int_t)point->samples) },
		{ "offset_min_ns", json_integer(point->offset_min_ns) },
		{ "offset_mean_ns", json_integer(point->offset_mean_ns) },
		{ "offset_max_ns", json_integer(point->offset_max_ns) },
		{ "error_bound_min_ns", json_integer(point->error_bound_min_ns) },
		{ "error_bound_mean_ns", json_integer(point->error_bound_mean_ns) },
		{ "error_bound_max_ns", json_integer(point->error_bound_max_ns) },
		{ "frequency_min_ppm", json_real(point->frequency_min_ppm) },
		{ "frequency_mean_ppm", json_real(point->frequency_mean_ppm) },
		{ "frequency_max_ppm", json_real(point->frequency_max_ppm) },
		{ "health", json_string(health_name(point->health)) },
	};

	for (size_t i = 0; i < COUNT(columns); i++) {
		json_t *column = json_object_get(json, columns[i].name);

		if (!column) {
			column = json_array();
			json_object_set_new(json, columns[i].name, column);
		}
		json_array_append_new(column, columns[i].value);
	}
}

char *
api_history(const struct collector *collector, const struct fleet_host *row,
    const struct history_query *query, int64_t real_ns, struct error *err)
{
	struct step_query query_steps = {
		.host = query->host, .from_ns = query->from_ns, .limit = API_STEPS_MAX
	};
	struct history history;
	struct step_row *steps;
	size_t step_count;
	json_t *json;

	if (store_history(collector->store, query, real_ns, &history, err) < 0) {
		return NULL;
	}
	if (store_steps(collector->store, &query_steps, &steps, &step_count, err) < 0) {
		free(history.points);
		return NULL;
	}
	json = json_pack("{s:s, s:b, s:o, s:o, s:I, s:I, s:o, s:o}", "host", row->host->name,
	    "measured", host_unmanaged(row->host) || row->report.measured, "from",
	    encode_instant(query->from_ns), "to", encode_instant(query->to_ns), "step_ns",
	    (json_int_t)history.step_ns, "resolution_ns", (json_int_t)history.resolution_ns,
	    "budget", api_budget(host_budget(row->host)), "steps", encode_steps(steps, step_count));
	for (size_t i = 0; i < history.count; i++) {
		add_point(json, &history.points[i]);
	}
	free(history.points);
	free(steps);
	return text_of(json);
}
