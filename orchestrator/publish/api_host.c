#include "orchestrator/publish/api_host.h"

#include "common/clock.h"
#include "common/json_write.h"
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

static void
add_texts(struct buf *out, const char *name, const char *texts, size_t size, size_t count)
{
	json_begin(out, name, '[');
	for (size_t i = 0; i < count; i++) {
		json_add_text(out, NULL, texts + i * size);
	}
	json_end(out, ']');
}

static void
add_source(struct buf *out, const struct names *names, const struct host *host,
    const struct source_status *source)
{
	static const char *const except[] = { "state", NULL }; /* as it is shown, not as sent */
	const struct source_status shown = source_shown(names, host, source);
	char auth[SOURCE_AUTH_BYTES];

	json_begin(out, NULL, '{');
	json_add_fields(out, source_status_fields, &shown, except);
	json_add_text(out, "state", source_state_name(shown.state));
	json_add_text(out, "auth_words", source_auth_words(&shown, auth));
	json_add_text(out, "name", host_source_name(names, host, source->address));
	json_end(out, '}');
}

static void
add_sources(struct buf *out, const struct names *names, const struct host *host,
    const struct daemon_status *status)
{
	json_begin(out, "sources", '[');
	for (size_t i = 0; i < status->source_count; i++) {
		add_source(out, names, host, &status->sources[i]);
	}
	json_end(out, ']');
}

static void
add_verdict(struct buf *out, const struct verdict *verdict)
{
	json_begin(out, "verdict", '{');
	json_add_fields(out, verdict_fields, verdict, NULL);
	add_texts(out, "reasons", verdict->reasons[0], VERDICT_REASON_BYTES, verdict->reason_count);
	json_end(out, '}');
}

/* The source that the daemon follows, or null. */
static void
add_selected(struct buf *out, const struct names *names, const struct host *host,
    const struct daemon_status *status)
{
	if (!status->selected[0]) {
		json_add_null(out, "source");
		return;
	}
	json_begin(out, "source", '{');
	json_add_text(out, "name", host_source_name(names, host, status->selected));
	json_add_text(out, "address", status->selected);
	json_end(out, '}');
}

/* Instants are by the collector's clock: the host's own clock may have been set since. */
static void
add_proof(struct buf *out, const struct fleet_host *row, int64_t now_ns)
{
	static const char *const except[] = { "started_at", "proved_at", NULL };
	const struct proof *proof = &row->report.proof;
	int64_t age_ns = now_ns - row->read_ns + row->report.boot_ns - proof->started_boot_ns;
	int64_t started_ns = clock_real_ns() - age_ns;
	char text[CLOCK_TEXT_BYTES];

	json_begin(out, "proof", '{');
	json_add_fields(out, proof_fields, proof, except);
	if (proof->state != PROOF_NONE && age_ns >= 0) {
		json_add_text(out, "started", clock_text(started_ns, text));
		json_add_text(out, "window_ends", clock_text(started_ns + proof->window_ns, text));
	}
	json_end(out, '}');
}

static void
add_status(struct buf *out, const struct names *names, const struct host *host,
    const struct daemon_status *status)
{
	json_add_number(out, "offset_ns", status->offset_ns);
	json_add_number(out, "error_bound_ns", daemon_error_bound_ns(status));
	json_add_number(out, "stratum", status->stratum);
	add_selected(out, names, host, status);
}

/* What the collector's own questions tell of a host that is not managed. */
static void
add_measured(struct buf *out, const struct fleet_host *row, int64_t now_ns)
{
	const struct measured *measured = &row->measured;

	if (measured->sampled) {
		json_add_number(out, "offset_ns", measured->offset_ns);
		json_add_number(out, "error_bound_ns", measured_bound_ns(measured));
		json_add_number(out, "stratum", measured->stratum);
	}
	json_begin(out, "measured", '{');
	json_add_number(out, "rounds", measured->rounds);
	json_add_number(out, "reach", measured->reach);
	json_add_text(out, "why", measured->why);
	if (measured->rounds > 0) {
		json_add_number(out, "asked_age_ns", now_ns - measured->asked_ns);
	}
	if (measured->sampled) {
		json_add_number(out, "heard_age_ns", now_ns - measured->heard_ns);
		json_add_number(out, "delay_ns", measured->delay_ns);
		json_add_number(out, "root_delay_ns", measured->root_delay_ns);
		json_add_number(out, "root_dispersion_ns", measured->root_dispersion_ns);
		json_add_text(out, "leap", leap_name(measured->leap));
	}
	json_end(out, '}');
}

/* Of a server with NTS: whole days until its end by the host's clock, and words unless it holds. */
static void
add_certificate(struct buf *out, const struct fleet_host *row, int64_t now_ns)
{
	const struct report *report = &row->report;
	int64_t host_now_ns = report->real_ns + now_ns - row->read_ns;
	char words[CERTIFICATE_WORDS_BYTES];

	json_begin(out, "certificate", '{');
	json_add_number(out, "days", certificate_days(report->certificate_ends_ns, host_now_ns));
	if (certificate_judge_end(report->certificate_ends_ns, host_now_ns, words) !=
	    CERTIFICATE_HOLDS) {
		json_add_text(out, "words", words);
	}
	json_end(out, '}');
}

/* The figures of the host are not the daemon's own: since when they are so, and why. */
static void
add_by_agent(struct buf *out, const struct fleet_host *row, int64_t now_ns)
{
	json_begin(out, "by_agent", '{');
	json_add_number(out, "age_ns", now_ns - row->read_ns + row->report.measured_age_ns);
	json_add_text(out, "why", row->report.error);
	json_end(out, '}');
}

/* What is left out where there is nothing to say, which is mostly so. */
static void
add_seldom(struct buf *out, const struct fleet_host *row, int64_t now_ns)
{
	const struct report *report = &row->report;

	if (report->name_count > 0) {
		json_add_tree(out, "names", stale_encode(report->names, report->name_count));
	}
	if (report->resolver[0]) {
		json_add_text(out, "resolver", report->resolver);
	}
	if (report->certificate_ends_ns != 0) {
		add_certificate(out, row, now_ns);
	}
	if (report->end.ended) {
		json_add_tree(out, "end", fields_encode(daemon_end_fields, &report->end));
	}
	if (report->measured) {
		add_by_agent(out, row, now_ns);
	}
}

static void
add_declared(struct buf *out, const struct fleet_host *row, int64_t now_ns)
{
	const struct host *host = row->host;
	const struct budget *budget = host_budget(host);

	json_add_text(out, "name", host->name);
	json_add_text(out, "role", host->role == HOST_SERVER ? "server" : "client");
	json_add_text(
	    out, host->tier ? "tier" : "group", host->tier ? host->tier->name : host->group->name);
	json_add_text(out, "health", health_name(row->health));
	json_add_number(out, "rank", health_rank(row->health));
	json_add_text(out, "state", health_state_name(health_state_of(row->health)));
	json_add_text(out, "reason", row->reason);
	json_add_number(out, "health_age_ns", now_ns - row->health_since_ns);
	json_add_bool(out, "fresh", fleet_is_fresh(row));
	json_begin(out, "budget", '{');
	json_add_number(out, "offset_ns", budget->offset_ns);
	json_add_number(out, "error_bound_ns", budget->error_bound_ns);
	json_end(out, '}');
	json_add_text(out, "daemon", row->report.daemon[0] ? row->report.daemon : host->daemon);
}

static void
add_row(struct buf *out, const struct fleet_host *row, const struct names *names, bool sources,
    int64_t now_ns)
{
	const struct report *report = &row->report;

	add_declared(out, row, now_ns);
	if (host_unmanaged(row->host)) {
		add_measured(out, row, now_ns);
		return;
	}
	if (!row->heard) {
		return;
	}
	json_add_number(out, "report_age_ns", now_ns - row->read_ns);
	add_verdict(out, &report->verdict);
	json_begin(out, "steps", '{');
	json_add_fields(out, step_record_fields, &report->steps, NULL);
	json_end(out, '}');
	add_proof(out, row, now_ns);
	add_seldom(out, row, now_ns);
	if (report_has_status(report)) {
		add_status(out, names, row->host, &report->status);
		if (sources) {
			add_sources(out, names, row->host, &report->status);
		}
	}
}

void
api_host_row(struct buf *out, const struct fleet_host *row, const struct names *names, bool sources,
    int64_t now_ns)
{
	json_begin(out, NULL, '{');
	add_row(out, row, names, sources, now_ns);
	json_end(out, '}');
}

/* What only the view of one host has. */
static void
add_more(struct buf *out, const struct fleet_host *row)
{
	const struct report *report = &row->report;

	json_add_tree(out, "addresses", api_addresses(&row->host->addresses));
	if (!row->heard || host_unmanaged(row->host)) {
		return;
	}
	json_add_text(out, "agent_version", report->agent_version);
	json_add_number(out, "interval_ns", report->interval_ns);
	json_add_text(out, "error", report->error);
	add_texts(
	    out, "rivals", report->rivals[0].words, sizeof(report->rivals[0]), report->rival_count);
	json_add_number(out, "slewed_ns", report->slewed_ns);
	if (report->rtc_offset_ns != INT64_MAX) {
		json_add_number(out, "rtc_offset_ns", report->rtc_offset_ns);
	}
	if (report->kernel.told) {
		json_add_tree(out, "kernel", kernel_encode(&report->kernel));
	}
	if (report->temperature_c != 0) {
		json_add_real(out, "temperature_c", report->temperature_c);
	}
	if (report_has_status(report)) {
		json_begin(out, "status", '{');
		json_add_fields(out, daemon_status_fields, &report->status, NULL);
		json_end(out, '}');
	}
}

void
api_host_full(
    struct buf *out, const struct fleet_host *row, const struct names *names, int64_t now_ns)
{
	json_begin(out, NULL, '{');
	add_row(out, row, names, true, now_ns);
	add_more(out, row);
	json_end(out, '}');
	json_done(out);
}
