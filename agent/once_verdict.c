#include "agent/once_verdict.h"

#include "agent/host/host.h"
#include "common/duration.h"
#include "common/ntp/select.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_S INT64_C(86400)
#define YEAR_S (365 * DAY_S + DAY_S / 4)
#define SPAN_BYTES 48

/* "-12.0 years", "3.2 days"; below 2 days as duration_text() writes it. */
static const char *
span_text(int64_t ns, char out[SPAN_BYTES])
{
	int64_t seconds = ns / NS_PER_S;
	int64_t size = seconds < 0 ? -seconds : seconds;

	if (size >= 2 * YEAR_S) {
		snprintf(out, SPAN_BYTES, "%.1f years", (double)seconds / (double)YEAR_S);
	} else if (size >= 2 * DAY_S) {
		snprintf(out, SPAN_BYTES, "%.1f days", (double)seconds / (double)DAY_S);
	} else {
		char text[DURATION_TEXT_BYTES];

		snprintf(out, SPAN_BYTES, "%s", duration_text(ns, text));
	}
	return out;
}

static void
print_headline(const char *title, const struct verdict *verdict, bool ends)
{
	char amount[SPAN_BYTES], duration[SPAN_BYTES];
	const char *lost = verdict_lost(verdict);
	bool told = verdict->amount_ns != 0;

	span_text(verdict->amount_ns, amount);
	switch (verdict->kind) {
	case VERDICT_SAFE:
		printf(
		    "A restart of %s now is safe: the clock stays where it is%s.\n", title, lost);
		break;
	case VERDICT_SLEW:
		printf("A restart of %s now is safe: the clock would be slewed%s%s", title,
		    told ? " by " : "", told ? amount : "");
		if (verdict->duration_ns > 0) {
			printf(", for about %s", span_text(verdict->duration_ns, duration));
		}
		printf("%s.\n", lost);
		break;
	case VERDICT_EXIT:
		printf("After a restart now %s would not %s; it leaves the clock alone.\n", title,
		    ends ? "run" : "synchronise");
		break;
	case VERDICT_STEP:
		printf("A restart of %s now would STEP the clock%s%s.\n", title, told ? " by " : "",
		    told ? amount : "");
		break;
	case VERDICT_UNKNOWN:
		printf("What a restart of %s now would do cannot be told: treat it as a step.\n",
		    title);
		break;
	}
}

static const struct select_rules *
rules_of(const struct restart_policy *policy)
{
	switch (policy->rules) {
	case RESTART_RULES_CHRONY:
		return &select_chrony;
	case RESTART_RULES_NTPD:
		return &select_ntpd;
	case RESTART_RULES_ONE:
	case RESTART_RULES_MEDIAN:
	case RESTART_RULES_NTPD_RS:
		break;
	}
	return &select_rfc5905;
}

static void
select_sources(
    const struct restart_case *input, struct select_source *sources, struct select_result *result)
{
	struct select_rules rules = *rules_of(&input->policy);

	rules.min_survivors = 1;
	for (size_t i = 0; i < input->source_count; i++) {
		const struct restart_source *from = &input->sources[i];

		sources[i] = (struct select_source){ .fit = from->fit,
			.prefer = from->flags & RESTART_PREFER,
			.truthy = from->flags & RESTART_TRUE,
			.stratum = from->stratum,
			.offset_ns = from->offset_ns,
			.distance_ns = from->distance_ns,
			.jitter_ns = from->jitter_ns };
	}
	ntp_select(&rules, sources, input->source_count, result);
}

static const char *
state_text(const struct select_source *source, const struct select_result *result)
{
	switch (source->state) {
	case SELECT_UNFIT:
		return "too far away";
	case SELECT_FALSETICKER:
		return result->majority ? "FALSETICKER" : "no majority";
	case SELECT_OUTLIER:
	case SELECT_SURVIVOR:
	case SELECT_PEER:
		break;
	}
	return "agrees";
}

static void
print_unfit(const struct measure_target *target)
{
	if (target->kiss[0]) {
		printf("  %-24s refuses to answer this host (%s)", target->address, target->kiss);
	} else {
		printf("  %-24s %s", target->address[0] ? target->address : target->name,
		    target->why[0] ? target->why : "does not answer");
	}
}

/* Print one line for each source that was measured, then one for each that gave no sample. */
static void
print_sources(const struct sample *sample)
{
	const struct measure *measure = &sample->measure;
	struct select_source sources[RESTART_SOURCES_MAX];
	struct select_result result;

	if (!sample->input.fresh) {
		return;
	}
	select_sources(&sample->input, sources, &result);
	printf("\nits sources, as measured just now (source minus local):\n");
	for (size_t i = 0; i < sample->input.source_count; i++) {
		const struct restart_source *from = &sample->input.sources[i];
		char offset[SPAN_BYTES], error[DURATION_TEXT_BYTES];

		if (from->fit) {
			printf("  %-24s %-12s stratum %-2u  %s +- %s\n", from->address,
			    state_text(&sources[i], &result), from->stratum,
			    span_text(from->offset_ns, offset),
			    duration_text(from->distance_ns, error));
		}
	}
	for (size_t i = 0; i < measure->target_count; i++) {
		const struct measure_target *target = &measure->targets[i];
		bool named = target->address[0] && strcmp(target->name, target->address) != 0;

		if (target->sample_count == 0 && target->same_as < 0) {
			print_unfit(target);
			printf(named ? " (%s)\n" : "\n", target->name);
		}
	}
}

static void
advise_to_remove(const struct sample *sample, enum restart_blamed what)
{
	const struct restart_blame *blame = &sample->policy.blames[what];

	if (blame->text[0]) {
		printf("  take \"%s\" out of %s\n", blame->text,
		    blame->place[0] ? blame->place : sample->start.options_line);
	}
}

static void
advise_on_step(const struct sample *sample)
{
	const struct restart_policy *policy = &sample->policy;

	if (sample->start.preset) {
		printf("  take this line away: %s\n", sample->start.preset);
	}
	advise_to_remove(sample, BLAME_PRESET);
	advise_to_remove(sample, BLAME_PASS);
	if (policy->rules == RESTART_RULES_NTPD) {
		printf("  let %s say \"tinker step 0.5 panic 0.5\" and \"tos minsane 3\"\n",
		    sample->start.config_path);
	} else {
		advise_to_remove(sample, BLAME_STEP);
	}
	if (policy->rules == RESTART_RULES_CHRONY) {
		printf("  let %s say \"maxchange 0.5 0 -1\" and \"minsources 3\"\n",
		    sample->start.config_path);
	}
	if (policy->rules > RESTART_RULES_CHRONY) {
		printf("  %s cannot be kept from it: use another daemon where a step does harm\n",
		    sample->driver->title);
	}
}

/* Whether the daemon would not run after the restart, whatever its sources say. */
static bool
never_runs(const struct sample *sample)
{
	return sample->input.policy.refused || sample->input.held_back;
}

static void
print_advice(const struct sample *sample)
{
	const struct verdict *verdict = &sample->report.verdict;

	if (verdict->kind == VERDICT_SAFE || verdict->kind == VERDICT_SLEW || !sample->driver) {
		return;
	}
	printf("\nwhat to do:\n");
	if (verdict->kind == VERDICT_STEP) {
		advise_on_step(sample);
	} else if (verdict->kind == VERDICT_UNKNOWN) {
		printf("  mend what is said above, or restart it when a step does no harm\n");
	} else if (never_runs(sample)) {
		printf("  correct that line\n");
	} else {
		printf(
		    "  see that enough of its sources agree with each other and with this clock\n");
	}
	printf("  until then leave it running\n");
}

void
once_verdict_print(const struct sample *sample)
{
	const struct verdict *verdict = &sample->report.verdict;
	const char *machine = host_machine("");

	if (!sample->driver) {
		printf("%s\n", sample->report.error);
		return;
	}
	print_headline(sample->driver->title, verdict, never_runs(sample));
	if (verdict->reason_count > 0) {
		printf("\nwhy:\n");
	}
	for (size_t i = 0; i < verdict->reason_count; i++) {
		printf("  %s\n", verdict->reasons[i]);
	}
	print_sources(sample);
	if (machine) {
		printf("\nthis is a virtual machine (%s)\n", machine);
	}
	print_advice(sample);
}
