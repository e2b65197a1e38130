#include "agent/once.h"

#include "agent/ask/names.h"
#include "agent/host/host.h"
#include "agent/look/sample.h"
#include "agent/once_verdict.h"
#include "agent/uplink/standing.h"
#include "agent/witness/recall.h"
#include "common/clock.h"
#include "common/duration.h"
#include "verdict/certificate.h"
#include "verdict/health.h"
#include "verdict/leap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MS 8000

static void
on_sample(struct sample *sample)
{
	uv_stop(sample->loop);
}

static void
on_names(struct name_lookup *names)
{
	uv_stop(names->owner);
}

/* Look up the names of the configuration; a name without an answer in time is left out. */
static void
look_up_names(uv_loop_t *loop, struct sample *sample)
{
	static struct name_lookup names;

	if (sample->policy.known && name_lookup_is_needed(&sample->policy)) {
		names.owner = loop;
		name_lookup_run(&names, loop, &sample->policy, NAMES_MS, on_names);
		uv_run(loop, UV_RUN_DEFAULT);
		uv_run(loop, UV_RUN_NOWAIT); /* closes the timer of the lookup */
		name_lookup_report(&names, "", sample->pid, &sample->report);
	}
}

void
once_look(const char *host, const char *wanted, bool names, struct sample *sample)
{
	static uv_loop_t loop;

	uv_loop_init(&loop);
	host_introduce("", host, &sample->report);
	sample->report.seq = 1;
	sample->report.interval_ns = NS_PER_S;
	sample->report.rtc_offset_ns = host_rtc_offset_ns("", clock_real_ns());
	sample_start(sample, &loop, wanted, on_sample);
	if (sample->running) {
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	if (names) {
		look_up_names(&loop, sample);
	}
	uv_loop_close(&loop);
}

/* How the reports of the service fare.  It reads agent.conf at its start alone. */
static void
recall_reporting(const struct once *once, struct reporting *reporting)
{
	static const enum reporting_state states[] = {
		[STANDING_UNKNOWN] = REPORTING_UNKNOWN,
		[STANDING_TAKEN] = REPORTING_TAKEN,
		[STANDING_REFUSED] = REPORTING_REFUSED,
		[STANDING_FAILS] = REPORTING_FAILS,
	};
	char host[STANDING_HOST_BYTES], words[STANDING_WORDS_BYTES];

	reporting->state = states[standing_read(once->state, host, words)];
	memcpy(reporting->words, words, sizeof(reporting->words));
	if (reporting->state != REPORTING_UNKNOWN && once->host && strcmp(host, once->host) != 0) {
		reporting->state = REPORTING_REFUSED;
		snprintf(reporting->words, sizeof(reporting->words),
		    "the agent's service still reports as %.80s, and agent.conf says %.80s: "
		    "systemctl restart timetier-agent",
		    host, once->host);
	}
}

static void
print_reporting(const struct reporting *reporting)
{
	if (reporting->state != REPORTING_UNKNOWN) {
		printf("reports:     %s%s%s\n", reporting_state_name(reporting->state),
		    reporting->words[0] ? ": " : "", reporting->words);
	}
}

static void
print_json(const struct report *report)
{
	char *text = report_encode(report);

	puts(text);
	free(text);
}

static void
print_source(const struct source_status *source)
{
	char offset[DURATION_TEXT_BYTES], error[DURATION_TEXT_BYTES], auth[SOURCE_AUTH_BYTES];

	printf("  %-24s %-11s %-17s stratum %-2d reach %03o", source->address,
	    source_state_name(source_shown_state(source)), source_auth_words(source, auth),
	    source->stratum, source->reach);
	if (source->age_ns >= 0) {
		printf("  %s +- %s", duration_text(source->offset_ns, offset),
		    duration_text(source->error_ns, error));
	}
	putchar('\n');
}

static void
print_verdict(const struct report *report)
{
	const struct verdict *verdict = &report->verdict;
	char amount[DURATION_TEXT_BYTES];

	printf("restart:     %s", verdict_name(verdict->kind));
	if (verdict->amount_ns != 0) {
		printf(", %s", duration_text(verdict->amount_ns, amount));
	}
	puts(verdict_lost(verdict));
	for (size_t i = 0; i < verdict->reason_count; i++) {
		printf("  %s\n", verdict->reasons[i]);
	}
}

static void
print_names(const struct report *report)
{
	for (size_t i = 0; i < report->name_count; i++) {
		const struct stale_name *stale = &report->names[i];

		printf("stale name:  %s leads to %s, and the daemon still asks %s\n", stale->name,
		    stale->now[0] ? stale->now : "nothing any more", stale->was);
	}
	if (report->resolver[0]) {
		printf(
		    "resolver:    the daemon's user cannot look names up: %s\n", report->resolver);
	}
}

static void
print_certificate(const struct report *report)
{
	char words[CERTIFICATE_WORDS_BYTES];

	if (report->certificate_ends_ns == 0) {
		return;
	}
	if (certificate_judge_end(report->certificate_ends_ns, report->real_ns, words) ==
	    CERTIFICATE_HOLDS) {
		snprintf(words, sizeof(words), "holds for %d days",
		    certificate_days(report->certificate_ends_ns, report->real_ns));
	}
	printf("certificate: %s\n", words);
}

static void
print_figure(const char *name, int64_t ns)
{
	char text[DURATION_TEXT_BYTES];

	if (ns != 0) {
		printf("%-12s %s\n", name, duration_text(ns, text));
	}
}

/* How far the daemon and the kernel trust the clock; what they do not tell has no line. */
static void
print_figures(const struct report *report)
{
	const struct daemon_status *status = &report->status;
	char words[KERNEL_WORDS_BYTES], text[DURATION_TEXT_BYTES];

	if (status->frequency_ppm != 0) {
		printf("correction:  %+.3f ppm of its rate", status->frequency_ppm);
		if (status->skew_ppm != 0) {
			printf(" +- %.3f", status->skew_ppm);
		} else if (status->wander_ppm != 0) {
			printf(", wanders %.3f", status->wander_ppm);
		}
		putchar('\n');
	}
	print_figure("last offset:", status->last_offset_ns);
	print_figure("RMS offset:", status->rms_offset_ns);
	print_figure("jitter:", status->clock_jitter_ns);
	if (report->kernel.told) {
		printf("kernel:      %s, error at most %s\n", kernel_words(&report->kernel, words),
		    duration_text(report->kernel.max_error_ns, text));
	}
	if (report->temperature_c != 0) {
		printf("temperature: %.1f degrees Celsius\n", report->temperature_c);
	}
}

static void
print_status(const struct report *report)
{
	const struct daemon_status *status = &report->status;
	char text[DURATION_TEXT_BYTES], coming[LEAP_WORDS_BYTES], rate[HEALTH_RATE_BYTES];

	printf(
	    "daemon:      %s %s\n", report->daemon[0] ? report->daemon : "none", status->version);
	if (!report->answered) {
		printf("error:       %s\n", report->error);
		return;
	}
	printf("source:      %s\n", status->selected[0] ? status->selected : "none");
	printf("stratum:     %d\n", status->stratum);
	printf("leap:        %s\n",
	    leap_is_announced(status->leap) ? leap_coming(status->leap, report->real_ns, coming)
					    : leap_name(status->leap));
	printf("offset:      %s (source minus local)\n", duration_text(status->offset_ns, text));
	printf("error bound: %s\n", duration_text(daemon_error_bound_ns(status), text));
	if (status->update_age_ns >= 0) {
		printf("updated:     %s ago\n", duration_text(status->update_age_ns, text));
	}
	if (health_rate(status->frequency_ppm, rate)) {
		printf("rate:        %s\n", rate);
	}
	print_figures(report);
	for (size_t i = 0; i < status->source_count; i++) {
		print_source(&status->sources[i]);
	}
	print_names(report);
	print_certificate(report);
}

int
once_status(const struct once *once)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	int status;

	if (!sample) {
		abort();
	}
	sample->fresh = once->fresh;
	once_look(once->host, once->wanted, once->fresh || !once->json, sample);
	recall(once->state, sample);
	recall_reporting(once, &sample->report.reporting);
	if (once->json) {
		print_json(&sample->report);
	} else {
		print_status(&sample->report);
		print_verdict(&sample->report);
		recall_print(&sample->report);
		print_reporting(&sample->report.reporting);
	}
	status = sample->report.answered && sample->report.status.leap != LEAP_UNSYNC ? 0 : 1;
	sample_free(sample);
	free(sample);
	return status;
}

int
once_verdict(const struct once *once)
{
	static const enum once_exit statuses[] = {
		[VERDICT_SAFE] = ONCE_SAFE,
		[VERDICT_SLEW] = ONCE_SAFE,
		[VERDICT_EXIT] = ONCE_EXIT,
		[VERDICT_STEP] = ONCE_STEP,
		[VERDICT_UNKNOWN] = ONCE_UNKNOWN,
	};
	struct sample *sample = calloc(1, sizeof(*sample));
	int status;

	if (!sample) {
		abort();
	}
	sample->fresh = true;
	once_look(once->host, once->wanted, false, sample);
	if (once->json) {
		print_json(&sample->report);
	} else {
		once_verdict_print(sample);
	}
	status = statuses[sample->report.verdict.kind];
	sample_free(sample);
	free(sample);
	return status;
}
