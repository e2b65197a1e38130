#include "agent/look/judgement.h"

#include "common/address.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES 3
#define SPACING_NS (2 * NS_PER_S)
#define TIMEOUT_NS (2 * NS_PER_S)
#define LIMIT_NS (20 * NS_PER_S)
#define NTP_PORT 123
#define LONG_NS (300 * NS_PER_S) /* all sources were asked by then, most several times */

static bool
is_measured(const struct restart_line *line)
{
	return !(line->flags & (RESTART_NOSELECT | RESTART_REFCLOCK));
}

void
judgement_request(const struct restart_policy *policy, struct measure_request *request)
{
	*request = (struct measure_request){ .samples = SAMPLES,
		.spacing_ns = SPACING_NS,
		.timeout_ns = TIMEOUT_NS,
		.limit_ns = LIMIT_NS,
		.port = NTP_PORT };
	for (size_t i = 0; i < policy->line_count && request->count < MEASURE_TARGETS_MAX; i++) {
		const struct restart_line *line = &policy->lines[i];

		if (is_measured(line)) {
			request->names[request->count] = line->name;
			request->ports[request->count] = line->port;
			request->addresses[request->count++] = line->addresses;
		}
	}
}

const struct restart_line *
judgement_line(const struct restart_policy *policy, size_t index)
{
	for (size_t i = 0; i < policy->line_count; i++) {
		if (is_measured(&policy->lines[i]) && index-- == 0) {
			return &policy->lines[i];
		}
	}
	return NULL;
}

/* Keep what the daemon says of its hardware clocks: nobody else can ask them. */
static void
keep_refclocks(struct restart_case *input)
{
	size_t kept = 0;

	for (size_t i = 0; i < input->source_count; i++) {
		if (input->sources[i].flags & RESTART_REFCLOCK) {
			input->sources[kept++] = input->sources[i];
		}
	}
	input->source_count = kept;
}

static void
add_unknown(struct restart_case *input, const char *text)
{
	if (input->unknown_count < COUNT(input->unknown)) {
		input->unknown[input->unknown_count++] = text;
	}
}

/*
 * Whether the daemon asks the source with a key or by NTS, and has heard nothing: what the agent
 * hears without them proves nothing.
 */
static bool
lacks_its_key(const struct report *report, const struct restart_source *source)
{
	for (size_t i = 0; i < report->status.source_count; i++) {
		const struct source_status *seen = &report->status.sources[i];

		if (strcmp(seen->address, source->address) == 0) {
			return source->flags & RESTART_AUTH && seen->reach == 0;
		}
	}
	return false;
}

/*
 * Whether the source follows this host: the daemon takes no time from it, which would be its own.
 * So a sibling that this host helps is no source when this one is restarted.
 */
static bool
follows_host(const struct judgement *judgement, const struct measure_target *target)
{
	int64_t jitter_ns;
	const struct ntp_sample *best =
	    ntp_best_sample(target->samples, target->sample_count, &jitter_ns);
	struct ip ip, own;

	return best && best->stratum > 1 && best->refid != 0 && ip_parse(target->address, &ip) &&
	    judgement->own_address(&ip, &own) && ntp_refid_of(&own) == best->refid;
}

/* Keep the source from being heard, by @what of it. */
static void
keep_from(struct restart_case *input, const struct restart_line *line, const char *what,
    struct restart_source *source)
{
	struct restart_blame *blame = &input->policy.blames[BLAME_DEAF];

	source->flags |= RESTART_NOSELECT | RESTART_DEAF;
	if (!blame->text[0]) {
		snprintf(blame->place, sizeof(blame->place), "%s", line->place);
		snprintf(blame->text, sizeof(blame->text), "%s %.40s", what, line->name);
	}
}

static void
take_measured(
    const struct judgement *judgement, const struct report *report, struct restart_case *input)
{
	bool refclock = false;

	keep_refclocks(input);
	for (size_t i = 0; i < input->policy.line_count; i++) {
		refclock |= (input->policy.lines[i].flags &
				(RESTART_REFCLOCK | RESTART_NOSELECT)) == RESTART_REFCLOCK;
	}
	if (refclock && input->source_count == 0) {
		add_unknown(
		    input, "what its hardware clock says, while the daemon does not answer");
	}
	input->fresh = judgement->measured_ns == 0;
	input->measured_age_ns = input->fresh ? 0 : judgement->boot_ns - judgement->measured_ns;
	for (size_t i = 0; i < judgement->measured->target_count; i++) {
		const struct measure_target *target = &judgement->measured->targets[i];
		const struct restart_line *line = judgement_line(&input->policy, target->source);
		struct restart_source *source = &input->sources[input->source_count];

		if (!line || input->source_count == RESTART_SOURCES_MAX) {
			continue;
		}
		if (target->same_as >= 0) {
			/* the second line of an address counts only if it is an initstepslew */
			if (!(line->flags & RESTART_INIT)) {
				continue;
			}
			target = &judgement->measured->targets[target->same_as];
		}
		*source = (struct restart_source){ .flags = line->flags, .minpoll = line->minpoll };
		snprintf(source->address, sizeof(source->address), "%.63s",
		    target->address[0] ? target->address : target->name);
		if (target->sample_count > 0) {
			restart_source_measure(
			    target->samples, target->sample_count, judgement->boot_ns, source);
			source->lossy = target->answered < target->sent;
		}
		restart_case_fence(input, line, source);
		if (lacks_its_key(report, source)) {
			keep_from(input, line, "its key or NTS of", source);
		}
		if (follows_host(judgement, target)) {
			keep_from(input, line, "the loop through", source);
		}
		input->source_count++;
	}
}

/* Whether a daemon that has run for minutes has heard none of its servers: all have reach 0. */
static bool
is_unheard(const struct judgement *judgement, const struct report *report)
{
	enum restart_rules rules = judgement->policy->rules;
	size_t servers = 0;

	if (rules != RESTART_RULES_NTPD && rules != RESTART_RULES_CHRONY) {
		return false; /* the others do not tell */
	}
	for (size_t i = 0; i < judgement->policy->line_count; i++) {
		servers += is_measured(&judgement->policy->lines[i]);
	}
	for (size_t i = 0; i < report->status.source_count; i++) {
		if (report->status.sources[i].reach != 0) {
			return false;
		}
	}
	return report->answered && servers > 0 && judgement->runs_ns > LONG_NS;
}

/* Take what is known of the next start: its options, what sets the clock, what starts it again. */
static void
take_start(const struct start *start, struct restart_case *input)
{
	input->options_place = start->options_line;
	input->starter = start->starter;
	input->held_back = start->held_back;
	if (start->preset) {
		input->presets[input->preset_count++] = start->preset;
	}
	for (size_t i = 0; i < start->unknown_count; i++) {
		add_unknown(input, start->unknown[i]);
	}
	for (size_t i = 0; i < start->note_count && input->note_count < COUNT(input->notes); i++) {
		input->notes[input->note_count++] = start->notes[i];
	}
}

void
judgement_pass(const struct judgement *judgement, struct report *report, struct restart_case *input)
{
	const struct daemon_status *status = &report->status;
	const char *rivals[REPORT_RIVALS_MAX];
	int64_t awake_ns = judgement->boot_ns - judgement->resumed_ns;

	restart_declare(judgement->policy, &report->status);
	restart_case_of_status(judgement->policy, status, input);
	take_start(judgement->start, input);
	if (judgement->measured) {
		take_measured(judgement, report, input);
		input->unheard = is_unheard(judgement, report);
	}
	/* a fresh measurement began after the look that noticed the sleep */
	input->resumed =
	    !judgement->measured && judgement->resumed_ns > 0 && status->update_age_ns > awake_ns;
	for (size_t i = 0; i < report->rival_count; i++) {
		rivals[i] = report->rivals[i].words;
	}
	input->rivals = rivals;
	input->rival_count = report->rival_count;
	input->now_ns = judgement->real_ns;
	input->rtc_offset_ns = report->rtc_offset_ns;
	input->rtc_absent = judgement->rtc_absent;
	input->kernel_ppm = report->kernel_ppm;
	input->drift_written_ns = judgement->drift_written_ns;
	input->leap = status->leap;
	restart_judge(input, &report->verdict);
	input->rivals = NULL;
	input->rival_count = 0;
}
