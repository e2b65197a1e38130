#include "orchestrator/publish/metrics.h"

#include "common/version.h"
#include "orchestrator/publish/summary.h"

#include <stdio.h>
#include <string.h>

/* Add a label's value, escaped: no text of a host can end it.  Source: Prometheus text format. */
static void
add_label(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n\"\\");

		buf_add(out, text, len);
		text += len;
		if (*text) {
			buf_add(out, "\\", 1);
			buf_add(out, *text == '\n' ? "n" : text, 1);
			text++;
		}
	}
}

static void
add_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A metric with one value for each host; value() returns false when it is not known now. */
struct host_metric {
	const char *name, *type, *help;
	bool (*value)(const struct fleet_host *row, int64_t now_ns, double *value);
};

static double
seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

static bool
healthy(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = row->health == HEALTH_GOOD || row->health == HEALTH_SETTLING ||
	    row->health == HEALTH_SIBLINGS || row->health == HEALTH_CLOCK;
	return row->health != HEALTH_UNMEASURABLE;
}

static bool
report_age(const struct fleet_host *row, int64_t now_ns, double *value)
{
	*value = seconds(now_ns - row->read_ns);
	return row->heard;
}

static bool
daemon_up(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = report_has_status(&row->report);
	return fleet_is_fresh(row);
}

static bool
offset(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(
	    host_unmanaged(row->host) ? row->measured.offset_ns : row->report.status.offset_ns);
	return is_heard(row) || is_measured(row);
}

static bool
error_bound(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(host_unmanaged(row->host) ? measured_bound_ns(&row->measured)
						   : daemon_error_bound_ns(&row->report.status));
	return is_heard(row) || is_measured(row);
}

static bool
budget_offset(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(host_budget(row->host)->offset_ns);
	return true;
}

static bool
budget_error_bound(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(host_budget(row->host)->error_bound_ns);
	return true;
}

static bool
root_delay(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(host_unmanaged(row->host) ? row->measured.root_delay_ns
						   : row->report.status.root_delay_ns);
	return is_heard(row) || is_measured(row);
}

static bool
root_dispersion(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(host_unmanaged(row->host) ? row->measured.root_dispersion_ns
						   : row->report.status.root_dispersion_ns);
	return is_heard(row) || is_measured(row);
}

static bool
frequency(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = row->report.status.frequency_ppm / 1e6;
	return is_heard(row) && row->report.answered;
}

static bool
stratum(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value =
	    host_unmanaged(row->host) ? (int)row->measured.stratum : row->report.status.stratum;
	return is_heard(row) || is_measured(row);
}

static bool
restart_safe(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = row->report.verdict.kind == VERDICT_SAFE;
	return is_heard(row);
}

static bool
steps(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = (double)row->report.steps.count;
	return row->heard;
}

static bool
stepped(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(row->report.steps.total_ns);
	return row->heard;
}

static bool
measured_delay(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(row->measured.delay_ns);
	return is_measured(row);
}

static bool
measured_reach(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = __builtin_popcount(row->measured.reach);
	return host_unmanaged(row->host) && row->measured.rounds > 0;
}

/* Of the latest start of the host's daemon; not known while no start is known. */
static bool
start_proved(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = row->report.proof.state == PROOF_PROVED;
	return fleet_is_fresh(row) && row->report.proof.state != PROOF_NONE;
}

static bool
start_stepped(const struct fleet_host *row, int64_t now_ns UNUSED, double *value)
{
	*value = seconds(row->report.proof.stepped_ns);
	return fleet_is_fresh(row) && row->report.proof.state != PROOF_NONE;
}

/* By the host's own clock, as everything that it reports. */
static bool
certificate(const struct fleet_host *row, int64_t now_ns, double *value)
{
	const struct report *report = &row->report;

	*value = seconds(report->certificate_ends_ns - report->real_ns - (now_ns - row->read_ns));
	return row->heard && report->certificate_ends_ns != 0;
}

static const struct host_metric host_metrics[] = {
	{ "timetier_host_healthy", "gauge",
	    "1 when the host's time is within its budget, or settles.", healthy },
	{ "timetier_host_report_age_seconds", "gauge", "Age of the host's latest report.",
	    report_age },
	{ "timetier_host_daemon_up", "gauge",
	    "1 when its time daemon answers, or runs where only its servers may be asked.",
	    daemon_up },
	{ "timetier_host_offset_seconds", "gauge",
	    "Source minus local; positive when its clock is behind.", offset },
	{ "timetier_host_error_bound_seconds", "gauge",
	    "The clock is at most so far from true time.", error_bound },
	{ "timetier_host_budget_offset_seconds", "gauge", "The offset that it may have.",
	    budget_offset },
	{ "timetier_host_budget_error_bound_seconds", "gauge", "The error bound that it may have.",
	    budget_error_bound },
	{ "timetier_host_root_delay_seconds", "gauge", "Round trip to its primary source.",
	    root_delay },
	{ "timetier_host_root_dispersion_seconds", "gauge",
	    "Root dispersion to the primary source.", root_dispersion },
	{ "timetier_host_frequency_correction_ratio", "gauge",
	    "Correction of the clock's rate; positive when the clock is slow.", frequency },
	{ "timetier_host_stratum", "gauge", "Its stratum; 16 is unsynchronised.", stratum },
	{ "timetier_host_restart_safe", "gauge",
	    "1 when a restart of its daemon would leave the clock where it is.", restart_safe },
	{ "timetier_host_steps_total", "counter", "Jumps of its clock since its agent started.",
	    steps },
	{ "timetier_host_stepped_seconds", "gauge", "Sum of those jumps; positive is forward.",
	    stepped },
	{ "timetier_host_measured_delay_seconds", "gauge",
	    "Round trip of the collector's own question to a host that is not managed.",
	    measured_delay },
	{ "timetier_host_measured_reach", "gauge",
	    "How many of the last eight rounds of such questions it answered.", measured_reach },
	{ "timetier_host_certificate_seconds", "gauge",
	    "Until the end of the certificate by which it serves with NTS; negative: it has ended.",
	    certificate },
	{ "timetier_host_start_proved", "gauge",
	    "1 when the latest start of its daemon is proved to have made no step.", start_proved },
	{ "timetier_host_start_stepped_seconds", "gauge",
	    "Sum of the steps within the window of that proof.", start_stepped },
};

/* One answer: the hosts that have series of their own, and the labels of each. */
struct scrape {
	const struct fleet_host **rows;
	const char **labels; /* of each row: host="...",role="...",tier="..." */
	size_t count;
	int64_t now_ns;
};

static bool
is_wanted(const struct fleet_host *row, enum metrics_hosts hosts)
{
	return hosts == METRICS_ALL ||
	    (hosts == METRICS_BAD && health_state_of(row->health) != STATE_GOOD);
}

/* The labels of a host are the same in all of its series: they are made once. */
static const char *
labels_of(const struct host *host, struct arena *arena)
{
	struct buf labels = { 0 };
	char *copy;

	buf_text(&labels, "host=\"");
	add_label(&labels, host->name);
	buf_text(
	    &labels, host->tier ? "\",role=\"server\",tier=\"" : "\",role=\"client\",group=\"");
	add_label(&labels, host->tier ? host->tier->name : host->group->name);
	buf_text(&labels, "\"");
	copy = arena_strdup(arena, buf_str(&labels));
	buf_free(&labels);
	return copy;
}

static struct scrape
scrape_of(const struct fleet *fleet, enum metrics_hosts hosts, int64_t now_ns, struct arena *arena)
{
	struct scrape scrape = {
		.rows = arena_alloc(arena, (fleet->count + 1) * sizeof(*scrape.rows)),
		.labels = arena_alloc(arena, (fleet->count + 1) * sizeof(*scrape.labels)),
		.now_ns = now_ns,
	};

	for (size_t i = 0; i < fleet->count; i++) {
		if (is_wanted(&fleet->hosts[i], hosts)) {
			scrape.rows[scrape.count] = &fleet->hosts[i];
			scrape.labels[scrape.count++] = labels_of(fleet->hosts[i].host, arena);
		}
	}
	return scrape;
}

/* Add a value and the end of its line; most are 0 or 1. */
static void
add_value(struct buf *out, double value)
{
	char text[40];
	int len;

	if (value == 0 || value == 1) {
		buf_add(out, value == 0 ? " 0\n" : " 1\n", 3);
		return;
	}
	len = snprintf(text, sizeof(text), " %.9g\n", value);
	buf_add(out, text, (size_t)len);
}

static void
write_host_metric(const struct scrape *scrape, const struct host_metric *metric, struct buf *out)
{
	add_head(out, metric->name, metric->type, metric->help);
	for (size_t i = 0; i < scrape->count; i++) {
		double value;

		if (metric->value(scrape->rows[i], scrape->now_ns, &value)) {
			buf_text(out, metric->name);
			buf_add(out, "{", 1);
			buf_text(out, scrape->labels[i]);
			buf_add(out, "}", 1);
			add_value(out, value);
		}
	}
}

static void
write_sources(const struct scrape *scrape, struct buf *out)
{
	static const char name[] = "timetier_host_sources";

	add_head(out, name, "gauge", "Sources of its daemon, by their state.");
	for (size_t i = 0; i < scrape->count; i++) {
		const struct fleet_host *row = scrape->rows[i];
		unsigned by[SOURCE_SELECTED + 1] = { 0 };

		if (!is_heard(row)) {
			continue;
		}
		for (size_t j = 0; j < row->report.status.source_count; j++) {
			by[source_shown_state(&row->report.status.sources[j])]++;
		}
		for (int state = 0; state <= SOURCE_SELECTED; state++) {
			buf_text(out, name);
			buf_text(out, "{host=\"");
			add_label(out, row->host->name);
			buf_text(out, "\",state=\"");
			buf_text(out, source_state_name((enum source_state)state));
			buf_add(out, "\"}", 2);
			add_value(out, by[state]);
		}
	}
}

static void
write_upstreams(const struct collector *collector, struct arena *arena, struct buf *out)
{
	static const char name[] = "timetier_upstream_users";
	const struct upstream_view *views =
	    summarise_upstreams(&collector->fleet, &collector->names, arena);

	add_head(out, name, "gauge", "Hosts that use the upstream, by the state they see.");
	for (size_t i = 0; i < collector->topology->upstream_count; i++) {
		for (int state = 0; state <= SOURCE_SELECTED; state++) {
			buf_printf(out, "%s{upstream=\"", name);
			add_label(out, views[i].upstream->name);
			buf_printf(out, "\",state=\"%s\"} %zu\n",
			    source_state_name((enum source_state)state), views[i].by[state]);
		}
	}
	add_head(out, "timetier_upstream_offset_seconds", "gauge",
	    "Median of what its users measure; source minus local.");
	for (size_t i = 0; i < collector->topology->upstream_count; i++) {
		if (views[i].offset_count > 0) {
			buf_text(out, "timetier_upstream_offset_seconds{upstream=\"");
			add_label(out, views[i].upstream->name);
			buf_printf(out, "\"} %.9g\n",
			    seconds(views[i].offsets[views[i].offset_count / 2]));
		}
	}
}

static void
write_site(const struct collector *collector, struct arena *arena, struct buf *out)
{
	struct headline headline;

	summarise(&collector->fleet, arena, &headline);
	add_head(out, "timetier_build_info", "gauge", "The version of the collector.");
	buf_text(out, "timetier_build_info{version=\"" TIMETIER_VERSION "\"} 1\n");
	add_head(out, "timetier_hosts", "gauge", "Declared hosts, by health.");
	for (int i = 0; i < HEALTH_COUNT; i++) {
		buf_printf(out, "timetier_hosts{health=\"%s\"} %zu\n", health_name((enum health)i),
		    headline.counts[i]);
	}
	add_head(out, "timetier_site_good", "gauge", "1 when every host is within its budget.");
	buf_printf(out, "timetier_site_good %d\n", headline.state == SITE_GOOD);
}

/* What is wrong now, by the names that /api/v1/health and the alerts have, too. */
static void
write_conditions(const struct conditions *conditions, struct arena *arena, struct buf *out)
{
	static const char name[] = "timetier_condition";
	const struct condition **list = conditions_sorted(conditions, arena);

	add_head(out, name, "gauge", "1 for each thing that is wrong now.");
	for (size_t i = 0; i < conditions->count; i++) {
		buf_printf(out, "%s{code=\"%s\",scope=\"%s\",subject=\"", name,
		    condition_name(list[i]->code),
		    condition_scope_name(condition_scope(list[i]->code)));
		add_label(out, list[i]->name);
		buf_printf(out, "\",state=\"%s\"} 1\n", health_state_name(list[i]->state));
	}
	add_head(out, "timetier_hosts_state", "gauge", "Declared hosts, by state.");
	for (int i = 0; i < STATE_COUNT; i++) {
		buf_printf(out, "timetier_hosts_state{state=\"%s\"} %zu\n",
		    health_state_name((enum health_state)i), conditions->hosts[i]);
	}
}

static void
write_causes(const struct collector *collector, struct buf *out)
{
	struct step_count counts[CAUSE_LEAP + 1];
	struct error err;
	size_t count;

	if (store_count_steps(collector->store, counts, COUNT(counts), &count, &err) < 0) {
		return; /* a damaged history shows in timetier_history_errors_total */
	}
	add_head(out, "timetier_ledger_steps", "gauge", "Steps in the ledger, by their cause.");
	for (int i = 0; i <= CAUSE_LEAP; i++) {
		const char *cause = step_cause_name((enum step_cause)i);
		uint64_t steps_of = 0;

		for (size_t j = 0; j < count; j++) {
			steps_of += strcmp(counts[j].cause, cause) == 0 ? counts[j].count : 0;
		}
		buf_printf(out, "timetier_ledger_steps{cause=\"%s\"} %llu\n", cause,
		    (unsigned long long)steps_of);
	}
}

static void
write_collector(const struct collector *collector, struct buf *out)
{
	static const char *const takes[] = {
		[FLEET_LATEST] = "latest",
		[FLEET_LATE] = "late",
		[FLEET_AGAIN] = "again",
		[FLEET_UNKNOWN] = "unknown-host",
	};

	add_head(out, "timetier_reports_total", "counter",
	    "Requests to the report port, by how they were answered.");
	for (int i = 0; i < RECEIVE_STATUS_COUNT; i++) {
		enum receive_status status = (enum receive_status)i;

		buf_printf(out, "timetier_reports_total{status=\"%s\"} %llu\n",
		    receive_status_name(status),
		    (unsigned long long)receiver_count(collector->receiver, status));
	}
	add_head(out, "timetier_reports_taken_total", "counter",
	    "Accepted reports, by their place in the order of readings.");
	for (size_t i = 0; i < COUNT(takes); i++) {
		buf_printf(out, "timetier_reports_taken_total{order=\"%s\"} %llu\n", takes[i],
		    (unsigned long long)collector->taken[i]);
	}
	add_head(out, "timetier_history_errors_total", "counter", "Failed writes of the history.");
	buf_printf(out, "timetier_history_errors_total %llu\n",
	    (unsigned long long)collector->history_errors);
}

bool
metrics_parse_hosts(const char *text, enum metrics_hosts *hosts)
{
	static const char *const names[] = {
		[METRICS_ALL] = "all",
		[METRICS_BAD] = "bad",
		[METRICS_NONE] = "none",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*hosts = (enum metrics_hosts)i;
			return true;
		}
	}
	return false;
}

void
metrics_write(
    const struct collector *collector, enum metrics_hosts hosts, int64_t now_ns, struct buf *out)
{
	struct arena arena = { 0 };
	struct scrape scrape;

	write_site(collector, &arena, out);
	if (hosts != METRICS_NONE) {
		scrape = scrape_of(&collector->fleet, hosts, now_ns, &arena);
		for (size_t i = 0; i < COUNT(host_metrics); i++) {
			write_host_metric(&scrape, &host_metrics[i], out);
		}
		write_sources(&scrape, out);
	}
	write_upstreams(collector, &arena, out);
	write_conditions(&collector->watch.conditions, &arena, out);
	write_causes(collector, out);
	write_collector(collector, out);
	arena_free(&arena);
}
