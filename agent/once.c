#include "agent/once.h"

#include "agent/host.h"
#include "agent/recall.h"
#include "agent/sample.h"
#include "common/duration.h"

#include <stdio.h>
#include <stdlib.h>

static void
on_sample(struct sample *sample)
{
	uv_stop(sample->loop);
}

static void
look(const char *host, const char *wanted, struct sample *sample)
{
	static uv_loop_t loop;

	uv_loop_init(&loop);
	host_introduce("", host, &sample->report);
	sample->report.seq = 1;
	sample->report.interval_ns = NS_PER_S;
	sample_start(sample, &loop, wanted, on_sample);
	if (sample->running) {
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	sample->report.rtc_offset_ns = host_rtc_offset_ns("", sample->report.real_ns);
	uv_loop_close(&loop);
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
	char offset[DURATION_TEXT_BYTES], error[DURATION_TEXT_BYTES];

	printf("  %-24s %-11s %-7s stratum %-2d reach %03o", source->address,
	    source_state_name(source->state), source_auth_name(source->auth), source->stratum,
	    source->reach);
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
	putchar('\n');
	for (size_t i = 0; i < verdict->reason_count; i++) {
		printf("  %s\n", verdict->reasons[i]);
	}
}

static void
print_status(const struct report *report)
{
	const struct daemon_status *status = &report->status;
	char text[DURATION_TEXT_BYTES];

	printf(
	    "daemon:      %s %s\n", report->daemon[0] ? report->daemon : "none", status->version);
	if (!report->answered) {
		printf("error:       %s\n", report->error);
		return;
	}
	printf("source:      %s\n", status->selected[0] ? status->selected : "none");
	printf("stratum:     %d\n", status->stratum);
	printf("leap:        %s\n", leap_name(status->leap));
	printf("offset:      %s (source minus local)\n", duration_text(status->offset_ns, text));
	printf("error bound: %s\n", duration_text(daemon_error_bound_ns(status), text));
	if (status->update_age_ns >= 0) {
		printf("updated:     %s ago\n", duration_text(status->update_age_ns, text));
	}
	for (size_t i = 0; i < status->source_count; i++) {
		print_source(&status->sources[i]);
	}
}

int
once_status(const char *host, const char *wanted, const char *state, bool json)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	int status;

	if (!sample) {
		abort();
	}
	look(host, wanted, sample);
	recall(state, sample);
	if (json) {
		print_json(&sample->report);
	} else {
		print_status(&sample->report);
		print_verdict(&sample->report);
		recall_print(&sample->report);
	}
	status = sample->report.answered && sample->report.status.leap != LEAP_UNSYNC ? 0 : 1;
	sample_free(sample);
	free(sample);
	return status;
}

int
once_verdict(const char *host, const char *wanted, bool json)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	int status;

	if (!sample) {
		abort();
	}
	look(host, wanted, sample);
	if (json) {
		print_json(&sample->report);
	} else {
		print_verdict(&sample->report);
	}
	status = sample->report.verdict.kind <= VERDICT_SLEW ? 0 : 1;
	sample_free(sample);
	free(sample);
	return status;
}
