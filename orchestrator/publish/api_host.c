#include "orchestrator/publish/api_host.h"

#include "common/clock.h"
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/topology.h"
#include "verdict/certificate.h"

#include <string.h>

json_t *
api_addresses(const struct address_list *addresses)
{
	json_t *list = json_array();

	for (size_t i = 0; i < addresses->count; i++) {
		json_array_append_new(list, json_string(addresses->list[i].text));
	}
	return list;
}

json_t *
api_budget(const struct budget *budget)
{
	return json_pack("{s:I, s:I}", "offset_ns", (json_int_t)budget->offset_ns, "error_bound_ns",
	    (json_int_t)budget->error_bound_ns);
}

static json_t *
encode_texts(const char *texts, size_t size, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, fields_text(texts + i * size));
	}
	return list;
}

static json_t *
encode_source(
    const struct names *names, const struct host *host, const struct source_status *source)
{
	const struct source_status shown = source_shown(names, host, source);
	json_t *json = fields_encode(source_status_fields, &shown);
	char auth[SOURCE_AUTH_BYTES];

	json_object_set_new(json, "state", json_string(source_state_name(shown.state)));
	json_object_set_new(json, "auth_words", json_string(source_auth_words(&shown, auth)));
	json_object_set_new(
	    json, "name", fields_text(host_source_name(names, host, source->address)));
	return json;
}

static json_t *
encode_sources(
    const struct names *names, const struct host *host, const struct daemon_status *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->source_count; i++) {
		json_array_append_new(list, encode_source(names, host, &status->sources[i]));
	}
	return list;
}

static json_t *
encode_verdict(const struct verdict *verdict)
{
	json_t *json = fields_encode(verdict_fields, verdict);

	json_object_set_new(json, "reasons",
	    encode_texts(verdict->reasons[0], VERDICT_REASON_BYTES, verdict->reason_count));
	return json;
}

/* The source that the daemon follows, or null. */
static json_t *
encode_selected(
    const struct names *names, const struct host *host, const struct daemon_status *status)
{
	if (!status->selected[0]) {
		return json_null();
	}
	return json_pack("{s:o, s:o}", "name",
	    fields_text(host_source_name(names, host, status->selected)), "address",
	    fields_text(status->selected));
}

/* Instants are by the collector's clock: the host's own clock may have been set since. */
static json_t *
encode_proof(const struct fleet_host *row, int64_t now_ns)
{
	const struct proof *proof = &row->report.proof;
	json_t *json = fields_encode(proof_fields, proof);
	int64_t age_ns = now_ns - row->read_ns + row->report.boot_ns - proof->started_boot_ns;
	int64_t started_ns = clock_real_ns() - age_ns;
	char text[CLOCK_TEXT_BYTES];

	json_object_del(json, "started_at");
	json_object_del(json, "proved_at");
	if (proof->state != PROOF_NONE && age_ns >= 0) {
		json_object_set_new(json, "started", json_string(clock_text(started_ns, text)));
		json_object_set_new(json, "window_ends",
		    json_string(clock_text(started_ns + proof->window_ns, text)));
	}
	return json;
}

static void
add_status(json_t *json, const struct names *names, const struct host *host,
    const struct daemon_status *status)
{
	json_object_set_new(json, "offset_ns", json_integer(status->offset_ns));
	json_object_set_new(json, "error_bound_ns", json_integer(daemon_error_bound_ns(status)));
	json_object_set_new(json, "stratum", json_integer(status->stratum));
	json_object_set_new(json, "source", encode_selected(names, host, status));
}

/* What the collector's own questions tell of a host that is not managed. */
static void
add_measured(json_t *json, const struct fleet_host *row, int64_t now_ns)
{
	const struct measured *measured = &row->measured;
	json_t *told = json_pack("{s:i, s:i, s:o}", "rounds", (int)measured->rounds, "reach",
	    (int)measured->reach, "why", fields_text(measured->why));

	if (measured->rounds > 0) {
		json_object_set_new(
		    told, "asked_age_ns", json_integer(now_ns - measured->asked_ns));
	}
	if (measured->sampled) {
		json_object_set_new(
		    told, "heard_age_ns", json_integer(now_ns - measured->heard_ns));
		json_object_set_new(told, "delay_ns", json_integer(measured->delay_ns));
		json_object_set_new(told, "root_delay_ns", json_integer(measured->root_delay_ns));
		json_object_set_new(
		    told, "root_dispersion_ns", json_integer(measured->root_dispersion_ns));
		json_object_set_new(told, "leap", json_string(leap_name(measured->leap)));
		json_object_set_new(json, "offset_ns", json_integer(measured->offset_ns));
		json_object_set_new(
		    json, "error_bound_ns", json_integer(measured_bound_ns(measured)));
		json_object_set_new(json, "stratum", json_integer(measured->stratum));
	}
	json_object_set_new(json, "measured", told);
}

/* Of a server with NTS: whole days until its end by the host's clock, and words unless it holds. */
static json_t *
encode_certificate(const struct fleet_host *row, int64_t now_ns)
{
	const struct report *report = &row->report;
	int64_t host_now_ns = report->real_ns + now_ns - row->read_ns;
	char words[CERTIFICATE_WORDS_BYTES];
	json_t *json =
	    json_pack("{s:i}", "days", certificate_days(report->certificate_ends_ns, host_now_ns));

	if (certificate_judge_end(report->certificate_ends_ns, host_now_ns, words) !=
	    CERTIFICATE_HOLDS) {
		json_object_set_new(json, "words", json_string(words));
	}
	return json;
}

/* The figures of the host are not the daemon's own: since when they are so, and why. */
static json_t *
encode_by_agent(const struct fleet_host *row, int64_t now_ns)
{
	json_int_t age_ns = now_ns - row->read_ns + row->report.measured_age_ns;

	return json_pack("{s:I, s:o}", "age_ns", age_ns, "why", fields_text(row->report.error));
}

json_t *
api_host_row(const struct fleet_host *row, const struct names *names, bool sources, int64_t now_ns)
{
	const struct report *report = &row->report;
	const struct host *host = row->host;
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:b, s:o}", "name",
	    host->name, "role", host->role == HOST_SERVER ? "server" : "client",
	    host->tier ? "tier" : "group", host->tier ? host->tier->name : host->group->name,
	    "health", health_name(row->health), "state",
	    health_state_name(health_state_of(row->health)), "reason", fields_text(row->reason),
	    "health_age_ns", (json_int_t)(now_ns - row->health_since_ns), "fresh",
	    fleet_is_fresh(row), "budget", api_budget(host_budget(host)));

	json_object_set_new(
	    json, "daemon", fields_text(report->daemon[0] ? report->daemon : host->daemon));
	if (host_unmanaged(host)) {
		add_measured(json, row, now_ns);
		return json;
	}
	if (!row->heard) {
		return json;
	}
	json_object_set_new(json, "report_age_ns", json_integer(now_ns - row->read_ns));
	json_object_set_new(json, "verdict", encode_verdict(&report->verdict));
	json_object_set_new(json, "steps", fields_encode(step_record_fields, &report->steps));
	/* left out where there is nothing to say, which is mostly so */
	if (report->name_count > 0) {
		json_object_set_new(json, "names", stale_encode(report->names, report->name_count));
	}
	if (report->resolver[0]) {
		json_object_set_new(json, "resolver", fields_text(report->resolver));
	}
	if (report->certificate_ends_ns != 0) {
		json_object_set_new(json, "certificate", encode_certificate(row, now_ns));
	}
	json_object_set_new(json, "proof", encode_proof(row, now_ns));
	if (report->end.ended) {
		json_object_set_new(json, "end", fields_encode(daemon_end_fields, &report->end));
	}
	if (report->measured) {
		json_object_set_new(json, "by_agent", encode_by_agent(row, now_ns));
	}
	if (report_has_status(report)) {
		add_status(json, names, host, &report->status);
		if (sources) {
			json_object_set_new(
			    json, "sources", encode_sources(names, host, &report->status));
		}
	}
	return json;
}

json_t *
api_host_full(const struct fleet_host *row, const struct names *names, int64_t now_ns)
{
	const struct report *report = &row->report;
	json_t *json = api_host_row(row, names, true, now_ns);

	json_object_set_new(json, "addresses", api_addresses(&row->host->addresses));
	if (!row->heard || host_unmanaged(row->host)) {
		return json;
	}
	json_object_set_new(json, "agent_version", fields_text(report->agent_version));
	json_object_set_new(json, "interval_ns", json_integer(report->interval_ns));
	json_object_set_new(json, "error", fields_text(report->error));
	json_object_set_new(json, "rivals",
	    encode_texts(report->rivals[0].words, sizeof(report->rivals[0]), report->rival_count));
	json_object_set_new(json, "slewed_ns", json_integer(report->slewed_ns));
	if (report->rtc_offset_ns != INT64_MAX) {
		json_object_set_new(json, "rtc_offset_ns", json_integer(report->rtc_offset_ns));
	}
	if (report_has_status(report)) {
		json_object_set_new(
		    json, "status", fields_encode(daemon_status_fields, &report->status));
	}
	return json;
}
