#include "orchestrator/runs/errand/install.h"

#include "common/clock.h"
#include "common/json_fields.h"
#include "common/shown.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define LOOK_S 90
#define INSTALL_S 1200 /* a slow mirror */
#define WORDS 5

/* --- what apt-get says --- */

/* Whether @name is the package of another daemon than @driver's. */
static bool
is_rival(const struct daemon_driver *driver, const char *name)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const char *package = daemon_drivers[i]->package;

		if (package && strcmp(package, name) == 0 && strcmp(driver->package, name) != 0) {
			return true;
		}
	}
	return false;
}

static const char *
by_hand(struct arena *arena, const struct daemon_driver *driver)
{
	return arena_printf(arena,
	    "by hand: `systemctl mask %s && apt-get install %s; systemctl unmask %s` there, then "
	    "apply at once: until then no daemon keeps its clock",
	    driver->unit, driver->package, driver->unit);
}

/* Take a line "Inst NAME [OLD] (VERSION ...)". */
static void
take_new(struct install *install, struct arena *arena, char *words)
{
	const char *name = strsep(&words, " ");
	char *version = words ? strchr(words, '(') : NULL;

	if (!version) {
		return;
	}
	version++;
	version[strcspn(version, " )")] = '\0';
	if (strcmp(name, install->driver->package) == 0) {
		install->version = version;
		return;
	}
	if (is_rival(install->driver, name) && !install->refused) {
		install->refused = arena_printf(arena,
		    "it would bring %s, which is another daemon: declare `daemon: %s`, or install "
		    "%s by hand",
		    name, name, install->driver->package);
	}
	install->others = arena_printf(arena, "%s%s%s%s%s", install->others,
	    *install->others ? ", " : "", name, words[0] == '[' ? " anew as " : " ", version);
}

void
install_judge(const char *simulation, struct arena *arena, struct install *install)
{
	char *rest = arena_strdup(arena, simulation), *line;
	const char *gone = "";

	install->version = install->refused = NULL;
	install->others = "";
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, "Remv ", 5) == 0) {
			line[5 + strcspn(line + 5, " ")] = '\0';
			gone = arena_printf(arena, "%s%s%s", gone, *gone ? ", " : "", line + 5);
		} else if (strncmp(line, "Inst ", 5) == 0) {
			take_new(install, arena, line + 5);
		}
	}
	install->others = shown_words(arena, install->others, strlen(install->others));
	gone = shown_words(arena, gone, strlen(gone));
	if (*gone) {
		install->refused = arena_printf(arena,
		    "it would remove %s, and no way back could bring that again; %s", gone,
		    by_hand(arena, install->driver));
	} else if (!install->version && !install->refused) {
		install->refused = "apt-get does not say which version would come";
	}
}

/* --- the errands --- */

struct errands {
	struct job job;
	struct installs *installs;     /* of a look, filled */
	const struct installs *wanted; /* of an installation */
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

	words[0] = install ? "install" : "look";
	words[1] = install
	    ? arena_printf(&errands->arena, "%s=%s", driver->package, install->version)
	    : driver->package;
	words[2] = driver->unit;
	words[3] = driver->binary;
	words[4] = NULL;
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
	install = errands->wanted ? find(errands->wanted, host->name) : NULL;
	return !errands->wanted || (install && !install->refused);
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
		installs->possible += !install->refused;
		installs->count++;
	}
}

int
installs_look(struct installs *installs, const struct job_request *common)
{
	struct errands errands = { .installs = installs };
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

void
installs_print(const struct installs *installs, FILE *out)
{
	for (size_t i = 0; i < installs->count; i++) {
		const struct install *install = &installs->list[i];
		const char *package = install->driver->package;

		if (install->refused) {
			fprintf(out, "install: %s: %s is not installed here: %s\n", install->host,
			    package, install->refused);
		} else {
			fprintf(out,
			    "install: %s: `apt-get install --no-install-recommends %s=%s`%s%s%s; "
			    "nothing is removed, and %s is not started by it\n",
			    install->host, package, install->version,
			    *install->others ? " (with " : "", install->others,
			    *install->others ? ")" : "", install->driver->unit);
		}
	}
}

json_t *
installs_json(const struct installs *installs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < installs->count; i++) {
		const struct install *install = &installs->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:o, s:o, s:o}", "host", install->host, "package",
			install->driver->package, "version",
			install->version ? fields_text(install->version) : json_null(), "others",
			fields_text(install->others), "refused",
			install->refused ? fields_text(install->refused) : json_null()));
	}
	return list;
}

/* --- the installation --- */

/* Tell how it came out on one host, and fill what the journal keeps of it. */
static bool
tell(struct errands *errands, const struct rollout_host *host, struct journal_host *entry)
{
	const struct install *install = find(errands->wanted, host->host->name);
	const char *error = words_behind(host, "error ");
	bool done = words_behind(host, "done") || words_behind(host, "there");
	const char *why = error ? shown_words(&errands->arena, error, strlen(error))
	    : host->err.text[0] ? host->err.text
				: "it did not say";

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

void
installs_done(struct installs *installs)
{
	arena_free(&installs->arena);
	*installs = (struct installs){ .list = NULL };
}
