/* timetier probe: what each upstream is worth, as seen from here or from a host of the site. */
#include "orchestrator/show/probe.h"
#include "common/clock.h"
#include "common/nearest.h"
#include "common/streams.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/probe/here.h"
#include "orchestrator/probe/kept.h"
#include "orchestrator/probe/nts.h"
#include "orchestrator/probe/replace.h"
#include "orchestrator/runs/errand/errand.h"
#include "orchestrator/show/probe_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 3
#define WAIT_MAX_NS (70 * NS_PER_S) /* who wants a longer pause is not asked */
#define WATCH_NS (RATION_GAP_NS + 2 * NS_PER_S)
#define TOLD 10           /* lines of progress at most, but for a terminal */
#define ERRAND_LIMIT_S 60 /* a lookup, and four questions of 4 s */

struct probing {
	const struct rollout_options *options;
	struct topology topology;
	const struct upstream **upstreams; /* that the operator named */
	size_t upstream_count;
	struct probe_view *views;
	size_t count;
	struct probe_how how;
	struct asked asked;
	char machine[ERRAND_NAME_BYTES]; /* that asks, by one name; "here": this one */
	uv_loop_t loop;
	struct arena arena;
	bool again;  /* --watch has looked before */
	bool drawn;  /* a line of progress is on the terminal */
	size_t told; /* elsewhere: of how many addresses the latest line told */
};

static int
complain(const struct error *err)
{
	fprintf(stderr, "timetier probe: %s\n", err->text);
	return -1;
}

static const struct upstream *
find_upstream(const struct topology *topology, const char *name, struct error *err)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < topology->upstream_count; i++) {
		if (strcmp(topology->upstreams[i].name, name) == 0) {
			return &topology->upstreams[i];
		}
		nearest_offer(&nearest, topology->upstreams[i].name);
	}
	if (nearest.best) {
		error_set(err, "no upstream is called \"%.80s\": is \"%.80s\" meant?", name,
		    nearest.best);
	} else {
		error_set(err, "no upstream is called \"%.80s\"; the names are in %.200s", name,
		    topology->file);
	}
	return NULL;
}

/* Choose what the words name, each once, in the order of the site. */
static int
choose(struct probing *probing, int argc, char **argv, struct error *err)
{
	const struct topology *topology = &probing->topology;

	probing->upstreams =
	    arena_alloc(&probing->arena, (size_t)(argc + 1) * sizeof(*probing->upstreams));
	for (int i = 0; i < argc; i++) {
		const struct upstream *upstream = find_upstream(topology, argv[i], err);
		bool known = false;

		if (!upstream) {
			return -1;
		}
		for (size_t k = 0; k < probing->upstream_count; k++) {
			known |= probing->upstreams[k] == upstream;
		}
		if (!known) {
			probing->upstreams[probing->upstream_count++] = upstream;
		}
	}
	probing->count = probe_views(topology, probing->upstreams, probing->upstream_count,
	    &probing->arena, &probing->views);
	return probing->count > 0
	    ? 0
	    : error_set(err, "%.200s has no upstreams: there is nobody to ask", topology->file);
}

static int
choose_samples(struct probing *probing)
{
	unsigned wanted = probing->options->samples ? probing->options->samples : SAMPLES;

	if (wanted > RATION_BURST) {
		fprintf(stderr,
		    "timetier probe: %u samples are more than public servers like at once: %d\n",
		    wanted, RATION_BURST);
		wanted = RATION_BURST;
	}
	return (int)wanted;
}

/* Take the ration of questions, which is kept between runs; wait for another run that uses it. */
static void
open_asked(struct probing *probing)
{
	char folder[PATH_MAX];
	struct error err;
	int got;

	got = state_folder(
	    probing->options->state, site_file(&probing->options->common), folder, &err);
	if (got == 0) {
		got = asked_open(&probing->asked, folder, probing->machine, false, &err);
	}
	if (got == 1) {
		fprintf(stderr, "timetier probe: waiting for another one that asks from %s\n",
		    probing->machine);
		got = asked_open(&probing->asked, folder, probing->machine, true, &err);
	}
	if (got < 0) {
		fprintf(stderr,
		    "timetier probe: warning: %s; so another run will not know whom this one "
		    "asked: let a minute pass\n",
		    err.text);
	}
}

static void
pause_for(int64_t ns)
{
	struct timespec left = { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };

	while (nanosleep(&left, &left) < 0) {
	}
}

/* Who was asked a moment ago has a rest first. */
static void
rest(struct probing *probing)
{
	const struct probe_view *who = NULL;
	int64_t now_ns = clock_boot_ns(), longest_ns = 0;

	for (size_t i = 0; i < probing->count; i++) {
		const struct probe_view *view = &probing->views[i];
		int64_t wait_ns = ration_wait_ns(&probing->asked.ration, view->address->text,
		    probe_hour(view), probing->how.samples, now_ns);

		if (wait_ns > longest_ns && wait_ns <= WAIT_MAX_NS) {
			longest_ns = wait_ns;
			who = view;
		}
	}
	if (!who) {
		return;
	}
	if (!probing->options->common.quiet) {
		fprintf(stderr,
		    "timetier probe: %s was asked a moment ago: waiting %lld s, as public servers "
		    "want it\n",
		    who->upstream->name, (long long)(longest_ns / NS_PER_S + 1));
	}
	pause_for(longest_ns);
}

/* --- asked from a host --- */

static void
copy_ration(const struct ration *ration, struct ration *copy)
{
	struct buf text = { .limit_bytes = RATION_TEXT_BYTES_MAX };
	int64_t now_ns = clock_boot_ns();
	struct error err;

	ration_write(ration, now_ns, &text);
	if (ration_read(copy, buf_str(&text), text.len, now_ns, &err) < 0) {
		abort(); /* what we wrote */
	}
	buf_free(&text);
}

/* Book all names before they are sent; names without a ration are left out by the host. */
static int
book_names(struct probing *probing, struct round *round, struct error *err)
{
	struct measure_request *request = &round->questions.request;
	struct ration *ration = &probing->asked.ration;
	int64_t now_ns = clock_boot_ns();

	copy_ration(ration, &round->questions.ration);
	for (size_t i = 0; i < request->count; i++) {
		const char *name = round->questions.names[i];

		ration_grant(
		    ration, name, name, round->questions.hours[i], request->samples, now_ns);
	}
	return asked_save(&probing->asked, err);
}

/* Nobody was asked: what was booked for it is free again. */
static void
take_back(struct probing *probing, struct round *round)
{
	struct error err;

	ration_free(&probing->asked.ration);
	probing->asked.ration = round->questions.ration;
	round->questions.ration = (struct ration){ .list = NULL };
	if (asked_save(&probing->asked, &err) < 0) {
		complain(&err);
	}
}

/* What the host asked by names, it asked at addresses. */
static int
book_addresses(struct probing *probing, const struct measure *measure, struct error *err)
{
	for (size_t i = 0; i < measure->target_count; i++) {
		const struct measure_target *target = &measure->targets[i];

		if (target->sent > 0 && strcmp(target->name, target->address) != 0) {
			ration_book(&probing->asked.ration, target->address, target->sent,
			    clock_boot_ns() - (int64_t)target->sent * RATION_SPACING_NS);
		}
	}
	return asked_save(&probing->asked, err);
}

static int
take_answers(
    struct probing *probing, struct round *round, const struct buf *said, struct error *err)
{
	struct measure *measure = calloc(1, sizeof(*measure));
	int status = -1;

	if (!measure) {
		abort();
	}
	if (answers_read(buf_str(said), said->len, &round->questions, measure, err) < 0) {
		error_wrap(err, "host %s: its answer is not understood", probing->options->from);
	} else {
		round_take(round, measure);
		round_kisses(round, &probing->asked.ration, clock_boot_ns());
		status = book_addresses(probing, measure, err);
	}
	free(measure);
	return status;
}

/* The agent there asks; only addresses of the site's upstreams are sent to it. */
static int
ask_round(struct probing *probing, struct round *round, struct error *err)
{
	static const char *const words[] = { "ask", NULL };
	struct buf said = { .limit_bytes = ANSWERS_BYTES_MAX };
	struct errand errand = { .words = words, .limit_s = ERRAND_LIMIT_S };
	const struct errand_request request = { .command = "probe",
		.topology = &probing->topology,
		.options = probing->options,
		.from = { probing->options->from },
		.count = 1,
		.errand = &errand };
	char *text = NULL;
	int status = -1;

	if (book_names(probing, round, err) == 0) {
		text = questions_write(&round->questions, clock_boot_ns());
		errand.input = text;
		errand.input_len = strlen(text);
		status = errand_run(&request, &said, err);
	}
	if (status == ERRAND_UNREACHED) {
		take_back(probing, round);
	}
	if (status == 0) {
		status = take_answers(probing, round, &said, err);
	}
	free(text);
	buf_free(&said);
	questions_free(&round->questions);
	return status;
}

/* A terminal sees at once that something is done; elsewhere only many are worth a line at times. */
static void
tell(void *ctx, size_t done, size_t all)
{
	struct probing *probing = ctx;

	if (probing->drawn) {
		fprintf(stderr, "%s%s", stream_code(STREAM_UP), stream_code(STREAM_CLEAR));
	}
	probing->drawn = isatty(STDERR_FILENO) && done < all;
	if (probing->drawn) {
		fprintf(stderr, "%zu of %zu address%s asked\n", done, all, all == 1 ? "" : "es");
	} else if (!isatty(STDERR_FILENO) && all > MEASURE_TARGETS_MAX &&
	    (done == all || done - probing->told >= all / TOLD)) {
		fprintf(stderr, "timetier probe: %zu of %zu addresses asked\n", done, all);
		probing->told = done;
	}
}

/* What was found stays for `check --what-if` and `review`, when all upstreams were asked. */
static void
keep(const struct probing *probing, const struct probe_shown *shown)
{
	json_t *json;
	char folder[PATH_MAX], *text;
	struct error err;

	if (probing->upstream_count > 0) {
		return;
	}
	json = probe_json(shown);
	text = json_dumps(json, JSON_INDENT(2));
	if (state_folder(
		probing->options->state, site_file(&probing->options->common), folder, &err) < 0 ||
	    kept_write(folder, text, &err) < 0) {
		fprintf(
		    stderr, "timetier probe: warning: what was found is not kept: %s\n", err.text);
	}
	free(text);
	json_decref(json);
}

static int
ask_from(struct probing *probing, struct error *err)
{
	struct round *round = calloc(1, sizeof(*round));
	int status = 0;

	if (!round) {
		abort();
	}
	for (size_t next = 0; status == 0 && next < probing->count;) {
		memset(round, 0, sizeof(*round));
		next = round_make(round, &probing->how, probing->views, probing->count, next);
		status = ask_round(probing, round, err);
		if (status == 0 && !probing->options->common.quiet &&
		    probing->count > MEASURE_TARGETS_MAX) {
			tell(probing, next, probing->count);
		}
	}
	free(round);
	return status;
}

/* --- the rest --- */

/* Ask once, judge, show.  Returns an exit status; -1 with @err set: it could not be asked. */
static int
look(struct probing *probing, struct error *err)
{
	const struct rollout_options *options = probing->options;
	const struct probe_watcher watcher = { tell, probing };
	struct probe_sum sum;
	struct probe_finding *findings;
	struct probe_shown shown = { .topology = &probing->topology,
		.from = options->from,
		.nts = probing->how.nts,
		.views = probing->views,
		.count = probing->count,
		.sum = &sum,
		.again = probing->again };

	rest(probing);
	probing->told = 0;
	if (!options->from) {
		probe_here(&probing->loop, &probing->how, probing->views, probing->count,
		    &probing->asked, options->common.quiet ? NULL : &watcher);
	} else if (ask_from(probing, err) < 0) {
		return -1;
	}
	shown.real_ns = clock_real_ns();
	probe_judge(probing->views, probing->count, shown.real_ns, &sum);
	probe_replace(probing->views, probing->count);
	shown.finding_count = probe_find(&probing->topology, probing->views, probing->count,
	    shown.real_ns, &probing->arena, &findings);
	shown.findings = findings;
	if (options->common.json) {
		command_print_json(probe_json(&shown));
	} else {
		probe_show(&shown, options->common.quiet, use_colour(STDOUT_FILENO));
	}
	fflush(stdout);
	keep(probing, &shown);
	return probe_is_bad(&shown) ? EXIT_FINDINGS : EXIT_OK;
}

static int
look_all_the_time(struct probing *probing, struct error *err)
{
	int status = look(probing, err);

	while (probing->options->watch && status >= 0) {
		asked_close(&probing->asked);
		pause_for(WATCH_NS);
		open_asked(probing);
		probing->again = true;
		probing->how.samples = 1; /* the earlier ones count, too */
		probing->how.nts = false;
		if (!probing->options->common.json) {
			putchar('\n');
		}
		status = look(probing, err);
	}
	return status;
}

static int
choose_machine(struct probing *probing, struct error *err)
{
	snprintf(probing->machine, sizeof(probing->machine), "here");
	return probing->options->from
	    ? errand_machine(&probing->topology, probing->options->from, probing->machine, err)
	    : 0;
}

static int
run(const void *argument, int argc, char **argv)
{
	struct probing *probing = calloc(1, sizeof(*probing));
	struct error err;
	int status = -1;

	if (!probing) {
		abort();
	}
	probing->options = argument;
	measure_widen();
	uv_loop_init(&probing->loop);
	if (!site_load(&probing->options->common, &probing->topology)) {
		error_set(&err, "the site has errors");
	} else if (choose_machine(probing, &err) == 0 && choose(probing, argc, argv, &err) == 0) {
		probing->how = (struct probe_how){ .samples = (unsigned)choose_samples(probing),
			.port = 123,
			.timeout_ns = PROBE_TIMEOUT_NS,
			.nts_port = NTS_PORT,
			.nts = !probing->options->from };
		open_asked(probing);
		status = look_all_the_time(probing, &err);
	}
	if (status < 0) {
		complain(&err);
	}
	asked_close(&probing->asked);
	topology_free(&probing->topology);
	arena_free(&probing->arena);
	free(probing);
	return status < 0 ? EXIT_USAGE : status;
}

const struct command command_probe = {
	.name = "probe",
	.args = "[UPSTREAM...]",
	.summary = "ask each upstream for the time, and tell what it is worth",
	.help =
	    "Each address is asked three times, 2 s apart, and never more often than a public "
	    "server wants: at most 4 times in a burst, with a minute before the next one, and 60 "
	    "times in an hour, counted over all runs of this site in .timetier/asked.\n\n"
	    "With --from HOST, or user@host[:port] of a machine outside the site, the agent asks "
	    "there; where it is not installed, its program is brought for the moment. NTS is tried "
	    "from here only.\n\n"
	    "exit status: 0 all upstreams are good, 1 one is not, 2 they could not be asked",
	.options = rollout_option_rows,
	.takes = TAKER_PROBE,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
