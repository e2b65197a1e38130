/* timetier rollback: back to what a run replaced, by the same way. */
#include "common/json_fields.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/replaced.h"
#include "orchestrator/runs/restarts.h"
#include "orchestrator/show/outcome.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rollback {
	struct job job;
	struct replaced replaced;
};

/* The run that the first word names by its number; the words behind it name hosts.  0: none. */
static int64_t
read_run(struct job_request *request)
{
	const char *word = request->word_count > 0 ? request->words[0] : "";

	request->names = request->words;
	request->name_count = request->word_count;
	if (*word < '1' || strspn(word, "0123456789") != strlen(word) || strlen(word) >= 18) {
		return 0;
	}
	request->names++;
	request->name_count--;
	return strtoll(word, NULL, 10);
}

/* The pin of the collector's key in @folder, written to @pin; NULL: none that can be read. */
static const char *
read_pin(const char *folder, char *pin)
{
	enum identity_found found;
	struct identity identity;
	struct error err;

	if (identity_find(folder, &found, &err) || found != IDENTITY_WHOLE ||
	    identity_open(folder, &identity, &err)) {
		return NULL;
	}
	memcpy(pin, identity.pin, PIN_TEXT_BYTES);
	identity_done(&identity);
	return pin;
}

/* The site and the journal; then the journal says what is to be done, and on which hosts. */
static int
start(struct rollback *rollback, struct job_request *request)
{
	struct replaced *replaced = &rollback->replaced;
	struct topology *topology = &rollback->job.topology;
	struct journal *journal;
	int64_t id = read_run(request);
	struct site_choice choice = { request->names, request->name_count, request->options->limit,
		request->options->exclude };
	bool named =
	    request->name_count > 0 || request->options->limit[0] || request->options->exclude[0];
	char pin[PIN_TEXT_BYTES];
	struct error err;

	if (job_open(&rollback->job, request)) {
		return -1;
	}
	journal = rollback->job.record.journal;
	request->any_access = rollback->job.of_then; /* the site asks nothing of it any more */
	if ((named &&
		site_hosts(topology, &choice, &replaced->only, &replaced->only_count, &err)) ||
	    /* of one that left, the latest run that changed it is meant */
	    (id == 0 && rollback->job.of_then &&
		journal_kept(journal, replaced->only[0]->name, &id, &err)) ||
	    replaced_find(replaced, journal, id, topology,
		read_pin(rollback->job.record.folder, pin), &err)) {
		fprintf(stderr, "timetier rollback: %s\n", err.text);
		return -1;
	}
	replaced_files(replaced, &request->files);
	request->remove_agent = replaced->remove_agent;
	request->of_run = replaced->run.id;
	if (request->name_count == 0) {
		request->names = replaced->names;
		request->name_count = replaced->name_count;
	}
	return job_begin(&rollback->job, request);
}

/* Who changed it, and what makes a rollback possible. */
static void
say_changed(const struct rollback *rollback, const char *name, const char *path)
{
	long long run = (long long)rollback->replaced.run.id;
	struct error err;
	int64_t later;

	fprintf(stderr, "timetier rollback: host %s: %s has been changed since run %lld", name,
	    path, run);
	if (journal_later(rollback->job.record.journal, name, path, run, &later, &err)) {
		fprintf(stderr, "\n");
	} else if (later > 0) {
		fprintf(stderr, ", by run %lld: `timetier rollback %lld` takes that back\n",
		    (long long)later, (long long)later);
	} else {
		fprintf(stderr,
		    ", by hand: `timetier drift %s` shows how, --force %s overwrites it\n", name,
		    name);
	}
}

/* Nothing is begun when one host is not what the run left, unless its name was given for that. */
static bool
refuses(const struct rollback *rollback)
{
	size_t count, refused = 0;
	const struct rollout_host *hosts = rollout_hosts(rollback->job.rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = hosts[i].host->name;
		const char *path = hosts[i].facts.complete && !job_is_forced(&rollback->job, name)
		    ? replaced_find_changed(&rollback->replaced, &hosts[i])
		    : NULL;

		if (path) {
			say_changed(rollback, name, path);
			refused++;
		}
	}
	if (refused > 0) {
		fprintf(stderr,
		    "timetier rollback: nothing was rolled back, all hosts keep what they have: "
		    "take back later runs first, leave a host out by --exclude HOST, or overwrite "
		    "by --force HOST what was changed since\n");
	}
	return refused > 0;
}

/*
 * What else sets a clock is not started by us: it could step it.  The operator is told instead, who
 * knows whether it is wanted.
 */
static void
tell_what_stays_off(struct rollback *rollback, json_t *json)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollback->job.rollout, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const char *off = replaced_stays_off(&rollback->replaced, &hosts[i]);

		if (!off) {
			continue;
		}
		json_array_append_new(list,
		    json_pack("{s:s, s:o}", "host", hosts[i].host->name, "what", fields_text(off)));
		if (!json) {
			fprintf(stderr,
			    "timetier rollback: host %s: stays switched off, as run %lld left it, "
			    "because it sets the clock, too: %s; if it is wanted again: "
			    "`systemctl enable --now UNIT` there (a hook: `chmod a+x PATH`)\n",
			    hosts[i].host->name, (long long)rollback->replaced.run.id, off);
		}
	}
	if (json) {
		json_object_set(json, "stays_off", list);
	}
	json_decref(list);
}

static int
carry_out(struct rollback *rollback)
{
	struct job *job = &rollback->job;
	json_t *json = NULL;
	int status;

	if (!restarts_forced_are_named(job)) {
		return EXIT_FINDINGS;
	}
	job_plan(job);
	if (refuses(rollback)) {
		progress_end(&job->progress);
		return EXIT_REFUSED;
	}
	if (!confirm_plan(job)) {
		return EXIT_FINDINGS;
	}
	progress_again(&job->progress, rollout_count(job->rollout, HOST_CHANGES));
	status = job_apply(job);
	if (job->request.options->common.json) {
		json = rollout_outcome_json(job->rollout, job->topology.site);
		tell_what_stays_off(rollback, json);
	}
	job_show(job, json);
	if (!job->request.options->common.json) {
		tell_what_stays_off(rollback, NULL);
	}
	if (rollback->replaced.trusted_others) {
		fprintf(stderr,
		    "the agents keep what they have: before run %lld they trusted a collector with "
		    "another key than that of %s\n",
		    (long long)rollback->replaced.run.id, job->record.folder);
	}
	if (rollback->replaced.agents_stay && !job->request.options->common.quiet) {
		fprintf(stderr,
		    "the agents that run %lld brought stay: `timetier agent remove` "
		    "takes them away\n",
		    (long long)rollback->replaced.run.id);
	}
	if (status == EXIT_OK && !job->request.options->common.quiet && !job->of_then &&
	    strcmp(rollback->replaced.run.kind, "rollback") != 0) {
		fprintf(stderr,
		    "%s still says what run %lld put there: the next apply would do it again\n",
		    job->topology.file, (long long)rollback->replaced.run.id);
	}
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	struct job_request request = { .command = "rollback",
		.takes_back = true,
		.of_left = true,
		.options = argument,
		.words = argv,
		.word_count = argc };
	struct rollback rollback = { .replaced.names = NULL };
	int status = EXIT_FINDINGS;

	if (start(&rollback, &request) == 0) {
		status = carry_out(&rollback);
	}
	job_done(&rollback.job);
	replaced_done(&rollback.replaced);
	return status;
}

const struct command command_rollback = {
	.name = "rollback",
	.args = "[RUN] [HOST|LEFT...]",
	.summary = "put back what a run replaced, with the care of an apply",
	.help = "RUN is the number of one of `timetier runs`; without it, the latest that changed "
		"a file. HOST may have left the site: then it is reached as the site said when it "
		"was changed last, and without RUN that run is taken back. The "
		"hosts that it "
		"changed get the files that they had before, in the order of an apply, each "
		"confirmed or put "
		"back. What that run switched off because it set the clock, too, stays off: it "
		"could step the clock. "
		"A rollback is a run itself, and can be rolled back.\n\n"
		"exit status: 0 done, 3 a host was put back, 4 refused: a host was changed since, "
		"or a restart "
		"is not safe, 1 an error\n\n"
		"example:\n"
		"  timetier rollback 12 time1      what run 12 replaced, on time1 alone",
	.options = rollout_option_rows,
	.takes = TAKER_ROLLBACK,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
