#include "orchestrator/runs/errand/install.h"

#include "common/clock.h"
#include "common/json_fields.h"
#include "common/shown.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define LOOK_S 90
#define INSTALL_S 1200 /* a slow mirror */
#define WORDS 7

/* --- the errands --- */

struct errands {
	struct job job;
	struct installs *installs;     /* of a look, filled */
	const struct installs *wanted; /* of an installation, and of what settles it */
	bool settles;
	bool mends; /* a look that ends, first, what was cut short */
	struct arena arena;
};

/* What is to be installed on @host; NULL: nothing. */
static const struct install *
find(const struct installs *installs, const char *host)
{
	for (size_t i = 0; i < installs->count; i++) {
		if (strcmp(installs->list[i].host, host) == 0) {
			return &installs->list[i];
		}
	}
	return NULL;
}

static void
fill(void *ctx, const struct host *host, struct errand *errand)
{
	struct errands *errands = ctx;
	const struct daemon_driver *driver = daemon_find(host->daemon);
	const struct install *install = errands->wanted ? find(errands->wanted, host->name) : NULL;
	const char **words = arena_alloc(&errands->arena, WORDS * sizeof(*words));

	words[0] = errands->settles ? "settle"
	    : install               ? "install"
	    : errands->mends        ? "mend"
				    : "look";
	words[1] = install && !errands->settles
	    ? arena_printf(&errands->arena, "%s=%s", driver->package, install->version)
	    : driver->package;
	words[2] = driver->unit;
	words[3] = driver->binary;
	words[4] = NULL;
	if (install && install->former && !errands->settles) {
		words[4] = arena_printf(
		    &errands->arena, "%s=%s", install->former->package, install->former_version);
		words[5] = install->former->unit;
		words[6] = NULL;
	}
	errand->words = words;
}

static bool
is_meant(const struct errands *errands, const struct host *host)
{
	const struct daemon_driver *driver = daemon_find(host->daemon);
	const struct install *install;

	if (host->manage != MANAGE_TRUE || !driver || !driver->package ||
	    !daemon_has_unit(driver)) {
		return false;
	}
	if (!errands->wanted) {
		return true;
	}
	install = find(errands->wanted, host->name);
	return install && !install->refused &&
	    (errands->settles ? install->former != NULL : install->version != NULL);
}

/* Run the script on the hosts that are meant.  Returns how many, or -1. */
static int
run(struct errands *errands, struct job_request *request)
{
	struct site_choice choice = { request->words, request->word_count, request->options->limit,
		request->options->exclude };
	struct job *job = &errands->job;
	const struct host **hosts;
	size_t count;
	struct error err;

	if (job_open(job, request) < 0) {
		return -1;
	}
	if (site_hosts(&job->topology, &choice, &hosts, &count, &err) < 0) {
		fprintf(stderr, "timetier %s: %s\n", request->command, err.text);
		return -1;
	}
	request->names = arena_alloc(&errands->arena, (count + 1) * sizeof(*request->names));
	for (size_t i = 0; i < count; i++) {
		if (is_meant(errands, hosts[i])) {
			request->names[request->name_count++] =
			    arena_strdup(&errands->arena, hosts[i]->name);
		}
	}
	if (request->name_count == 0) {
		return 0;
	}
	if (job_begin(job, request) < 0) {
		return -1;
	}
	rollout_plan(job->rollout);
	progress_end(&job->progress);
	return request->name_count;
}

/* The words behind the first one that a host said, if that is @verb; NULL: it is another. */
static const char *
words_behind(const struct rollout_host *host, const char *verb)
{
	size_t len = strlen(verb);

	return host->said && strncmp(host->said, verb, len) == 0 ? host->said + len : NULL;
}

/* --- what it would do --- */

static void
take_answers(struct errands *errands)
{
	struct installs *installs = errands->installs;
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(errands->job.rollout, &count);

	installs->list = arena_alloc(&installs->arena, (count + 1) * sizeof(*installs->list));
	for (size_t i = 0; i < count; i++) {
		struct install *install = &installs->list[installs->count];
		const char *plan = words_behind(&hosts[i], "plan\n");
		const char *error = words_behind(&hosts[i], "error ");

		if (!plan && !error) {
			continue; /* it is there; or the plan tells what is wrong */
		}
		*install =
		    (struct install){ .host = arena_strdup(&installs->arena, hosts[i].host->name),
			    .driver = daemon_find(hosts[i].host->daemon),
			    .others = "" };
		if (plan) {
			install_judge(plan, &installs->arena, install);
		} else {
			install->refused = shown_words(&installs->arena, error, strlen(error));
		}
		installs->possible += install->version && !install->refused;
		installs->count++;
	}
}

int
installs_look(struct installs *installs, const struct job_request *common)
{
	struct errands errands = { .installs = installs, .mends = !common->looks };
	struct errand errand = {
		.script = "install.sh", .limit_s = LOOK_S, .fill = fill, .ctx = &errands
	};
	struct job_request request = { .command = common->command,
		.kind = ROLLOUT_ERRAND,
		.looks = true,
		.errand = &errand,
		.options = common->options,
		.words = common->words,
		.word_count = common->word_count };
	int count = run(&errands, &request);

	if (count > 0) {
		take_answers(&errands);
	}
	job_done(&errands.job);
	arena_free(&errands.arena);
	return count < 0 ? -1 : 0;
}

/* What becomes of the package that the new one excludes. */
static const char *
gone_words(const struct install *install, struct arena *arena)
{
	const char *to = install->driver->package, *from;

	if (!install->former) {
		return "nothing is removed";
	}
	from = install->former->package;
	return arena_printf(arena,
	    "removes %s %s once %s has its place (until then both are there, and %s runs on; put "
	    "back, %s goes again; later, `daemon: %s` and apply --install are the way back)",
	    from, install->former_version, to, from, to, install->former->name);
}

void
installs_print(const struct installs *installs, FILE *out)
{
	struct arena arena = { .blocks = NULL };

	for (size_t i = 0; i < installs->count; i++) {
		const struct install *install = &installs->list[i];
		const char *package = install->driver->package;

		if (install->refused) {
			fprintf(out, "install: %s: %s is not installed here: %s\n", install->host,
			    package, install->refused);
		} else if (!install->version) {
			fprintf(out,
			    "install: %s: %s %s is there beside %s since an apply that was cut "
			    "short: apply --install goes on with it\n",
			    install->host, install->former->package, install->former_version,
			    package);
		} else {
			fprintf(out,
			    "install: %s: `apt-get install --no-install-recommends %s=%s`%s%s%s; "
			    "%s, and %s is not started by it\n",
			    install->host, package, install->version,
			    *install->others ? " (with " : "", install->others,
			    *install->others ? ")" : "", gone_words(install, &arena),
			    install->driver->unit);
		}
	}
	arena_free(&arena);
}

json_t *
installs_json(const struct installs *installs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < installs->count; i++) {
		const struct install *install = &installs->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "host", install->host, "package",
			install->driver->package, "version",
			install->version ? fields_text(install->version) : json_null(), "others",
			fields_text(install->others), "removes",
			install->former ? json_string(install->former->package) : json_null(),
			"refused", install->refused ? fields_text(install->refused) : json_null()));
	}
	return list;
}

/* --- the installation --- */

/* Why a host did not do it; NULL: it did. */
static const char *
failure(struct errands *errands, const struct rollout_host *host)
{
	const char *error = words_behind(host, "error ");

	if (words_behind(host, "done") || words_behind(host, "there")) {
		return NULL;
	}
	return error            ? shown_words(&errands->arena, error, strlen(error))
	    : host->err.text[0] ? host->err.text
				: "it did not say";
}

/* Tell how it came out on one host, and fill what the journal keeps of it. */
static bool
tell(struct errands *errands, const struct rollout_host *host, struct journal_host *entry)
{
	const struct install *install = find(errands->wanted, host->host->name);
	const char *why = failure(errands, host);
	bool done = !why;

	*entry = (struct journal_host){ .host = host->host->name,
		.daemon = install->driver->name,
		.outcome = outcome_row(done ? HOST_DONE : HOST_FAILED)->id,
		.failed_at = done ? "" : "install",
		.error = done ? "" : why,
		.note = arena_printf(
		    &errands->arena, "%s=%s", install->driver->package, install->version) };
	if (!done) {
		fprintf(stderr, "timetier %s: host %s: install: %s\n", errands->job.request.command,
		    host->host->name, why);
	}
	return done;
}

static int
take_ends(struct errands *errands)
{
	struct run_record *record = &errands->job.record;
	size_t count, failed = 0;
	const struct rollout_host *hosts = rollout_hosts(errands->job.rollout, &count);
	struct error err;

	record->first = hosts;
	record->hosts = arena_alloc(&record->arena, (count + 1) * sizeof(*record->hosts));
	for (size_t i = 0; i < count; i++) {
		failed += !tell(errands, &hosts[i], &record->hosts[i]);
	}
	if (journal_add_hosts(record->journal, record->run.id, record->hosts, count, &err) < 0) {
		fprintf(stderr, "timetier %s: %s\n", errands->job.request.command, err.text);
	}
	run_record_end(record, failed > 0 ? EXIT_FINDINGS : EXIT_OK);
	return failed > 0 ? -1 : 0;
}

int
installs_run(const struct installs *installs, const struct job_request *common)
{
	struct errands errands = { .wanted = installs };
	struct errand errand = {
		.script = "install.sh", .limit_s = INSTALL_S, .fill = fill, .ctx = &errands
	};
	struct job_request request = { .command = common->command,
		.kind = ROLLOUT_ERRAND,
		.kind_of_run = "install",
		.errand = &errand,
		.options = common->options,
		.words = common->words,
		.word_count = common->word_count };
	int count = run(&errands, &request);
	int status = count > 0 ? take_ends(&errands) : count;

	job_done(&errands.job);
	arena_free(&errands.arena);
	return status;
}

/* --- afterwards --- */

static int
tell_settled(struct errands *errands)
{
	const struct job_request *request = &errands->job.request;
	size_t count, failed = 0;
	const struct rollout_host *hosts = rollout_hosts(errands->job.rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const char *done = words_behind(&hosts[i], "done ");
		const char *why = failure(errands, &hosts[i]);

		if (done && !request->options->common.quiet) {
			fprintf(stderr, "install: %s: %s\n", hosts[i].host->name,
			    shown_words(&errands->arena, done, strlen(done)));
		} else if (why) {
			fprintf(stderr, "timetier %s: host %s: install: %s\n", request->command,
			    hosts[i].host->name, why);
			failed++;
		}
	}
	return failed > 0 ? -1 : 0;
}

int
installs_settle(const struct installs *installs, const struct job_request *common)
{
	struct errands errands = { .wanted = installs, .settles = true };
	struct errand errand = {
		.script = "install.sh", .limit_s = INSTALL_S, .fill = fill, .ctx = &errands
	};
	struct job_request request = { .command = common->command,
		.kind = ROLLOUT_ERRAND,
		.looks = true, /* the run of what it settles has been told */
		.errand = &errand,
		.options = common->options,
		.words = common->words,
		.word_count = common->word_count };
	int count, status;
	bool any = false;

	for (size_t i = 0; i < installs->count; i++) {
		any |= installs->list[i].former && !installs->list[i].refused;
	}
	if (!any) {
		return 0;
	}
	count = run(&errands, &request);
	status = count > 0 ? tell_settled(&errands) : count;
	job_done(&errands.job);
	arena_free(&errands.arena);
	return status;
}

void
installs_done(struct installs *installs)
{
	arena_free(&installs->arena);
	*installs = (struct installs){ .list = NULL };
}
