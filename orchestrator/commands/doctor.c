/* timetier doctor: what keeps one host from good time, and what to do about it. */
#include "orchestrator/doctor/doctor.h"
#include "common/clock.h"
#include "common/streams.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/runs/errand/anybody.h"
#include "orchestrator/runs/errand/errand.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXAMINE_S 100
#define DEFAULT_SITE "site.yaml"

/* What one host is asked, and what it told. */
struct visit {
	const struct rollout_options *options;
	struct topology topology;
	struct arena arena;
	char name[ERRAND_NAME_BYTES];
	const char *from; /* as errand.h takes it */
	struct exam exam;
	bool told, old; /* old: an agent that knows no `examine` told its report */
};

static int
ask(struct visit *visit, const char *const *words, struct buf *said, struct error *err)
{
	struct errand errand = { .words = words, .limit_s = EXAMINE_S };
	struct errand_request request = { .command = "doctor",
		.topology = &visit->topology,
		.options = visit->options,
		.from = { visit->from },
		.count = 1,
		.errand = &errand };

	return errand_run(&request, said, err);
}

/* Have the host examined; by an agent of an older release, its report alone. */
static void
examine(struct visit *visit, struct error *err)
{
	static const char *const words[] = { "examine", NULL };
	static const char *const older[] = { "status", "--fresh", "--json", NULL };
	struct buf said = { .data = NULL };
	int status = ask(visit, words, &said, err);

	if (status == 0) {
		status = exam_decode(buf_str(&said), said.len, &visit->exam, err);
	} else if (status == -1 && strstr(err->text, "no command")) {
		visit->old = true;
		buf_reset(&said);
		status = ask(visit, older, &said, err);
		status = status == 0
		    ? report_decode(buf_str(&said), said.len, &visit->exam.report, err)
		    : status;
	}
	buf_free(&said);
	visit->told = status == 0;
}

static enum stream_code
colour_of(enum doctor_state state)
{
	static const enum stream_code colours[] = {
		[DOCTOR_OK] = STREAM_GREEN,
		[DOCTOR_WARN] = STREAM_YELLOW,
		[DOCTOR_BAD] = STREAM_RED,
	};

	return colours[state];
}

static void
print_text(const struct visit *visit, const struct doctor *doctor)
{
	bool colour = use_colour(STDOUT_FILENO);

	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->list[i];

		if (visit->options->common.quiet && finding->state == DOCTOR_OK) {
			continue;
		}
		printf("%s%-4s%s  %-8s  %s\n", colour ? stream_code(colour_of(finding->state)) : "",
		    doctor_state_name(finding->state), colour ? stream_code(STREAM_PLAIN) : "",
		    finding->check, finding->fact);
		if (finding->remedy) {
			printf("                remedy: %s\n", finding->remedy);
		}
	}
}

/* How it came out, in one line, on stderr as of every command. */
static void
summarise(const struct visit *visit, const struct doctor *doctor)
{
	size_t bad = 0, warn = 0;

	for (size_t i = 0; i < doctor->count; i++) {
		bad += doctor->list[i].state == DOCTOR_BAD;
		warn += doctor->list[i].state == DOCTOR_WARN;
	}
	if (bad + warn > 0) {
		fprintf(stderr, "%s: %zu bad, %zu to be warned of: each has its remedy\n",
		    visit->name, bad, warn);
	} else if (!visit->options->common.quiet) {
		fprintf(stderr, "%s: nothing keeps it from good time\n", visit->name);
	}
}

static void
print_json(const struct visit *visit, const struct doctor *doctor)
{
	json_t *findings = json_array(), *report;
	char *text = visit->told ? exam_encode(&visit->exam) : NULL;

	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->list[i];

		json_array_append_new(findings,
		    json_pack("{s:s, s:s, s:s, s:o}", "check", finding->check, "state",
			doctor_state_name(finding->state), "fact", finding->fact, "remedy",
			finding->remedy ? json_string(finding->remedy) : json_null()));
	}
	report = text ? json_loads(text, 0, NULL) : json_null();
	free(text);
	command_print_json(json_pack("{s:s, s:s, s:o, s:o}", "host", visit->name, "state",
	    doctor_state_name(doctor->worst), "findings", findings, "exam", report));
}

static int
judge(const struct visit *visit, const struct error *err)
{
	static const int statuses[] = {
		[DOCTOR_OK] = EXIT_OK,
		[DOCTOR_WARN] = EXIT_FINDINGS,
		[DOCTOR_BAD] = EXIT_SICK,
	};
	const struct host *host = topology_host(&visit->topology, visit->name);
	const struct budget *budget = host ? host_budget(host) : &visit->topology.budget;
	struct doctor_input input = { .host = visit->name,
		.exam = visit->told ? &visit->exam : NULL,
		.trouble = err->text,
		.unmeasured = visit->old,
		.budget_offset_ns = budget->offset_ns,
		.budget_error_bound_ns = budget->error_bound_ns,
		.now_ns = clock_real_ns() };
	struct doctor doctor = { .count = 0 };
	int status;

	doctor_look(&input, &doctor);
	if (visit->options->common.json) {
		print_json(visit, &doctor);
	} else {
		print_text(visit, &doctor);
	}
	summarise(visit, &doctor);
	status = statuses[doctor.worst];
	doctor_free(&doctor);
	return status;
}

static int
run(const void *argument, int argc UNUSED, char **argv)
{
	struct visit *visit = calloc(1, sizeof(*visit));
	struct common_options common;
	struct error err = { "" };
	int status = EXIT_USAGE;

	if (!visit) {
		abort();
	}
	visit->options = argument;
	common = visit->options->common;
	if (!common.site && access(DEFAULT_SITE, R_OK) == 0) {
		common.site = DEFAULT_SITE;
	}
	if (anybody_site(&common, &visit->topology, &err) == 0) {
		visit->from = anybody_login(&visit->arena, &visit->topology, argv[0]);
		status = errand_machine(&visit->topology, visit->from, visit->name, &err) < 0
		    ? EXIT_USAGE
		    : EXIT_OK;
	}
	if (status != EXIT_OK) {
		fprintf(stderr,
		    "timetier doctor: %s (`timetier doctor --help` tells how hosts are "
		    "named)\n",
		    err.text);
	} else {
		examine(visit, &err); /* where it fails, that is what is judged */
		status = judge(visit, &err);
	}
	topology_free(&visit->topology);
	arena_free(&visit->arena);
	free(visit);
	return status;
}

const struct command command_doctor = {
	.name = "doctor",
	.args = "HOST",
	.summary = "say what keeps one host from good time, and what to do",
	.help =
	    "HOST is a host of the site, or any other: user@host[:port], or a name alone for root "
	    "there. The agent looks there and asks each source of the daemon from the host itself; "
	    "where it is not installed, its program is brought for the moment, and nothing is "
	    "left behind. Nothing is changed. Each line is a check, in the order in which time "
	    "comes to a clock: ok, warn (it has good time, and may lose it) or bad.\n\n"
	    "exit status: 0 all is ok, 1 the worst is a warn, 3 the worst is bad, 2 it could not "
	    "run\n\n"
	    "example:\n"
	    "  timetier doctor admin@web1",
	.options = rollout_option_rows,
	.takes = TAKER_DOCTOR,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
