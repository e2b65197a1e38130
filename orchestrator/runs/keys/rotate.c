#include "orchestrator/runs/keys/rotate.h"

#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/keys/ask.h"
#include "orchestrator/runs/keys/keys_file.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/topology/rotation.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define COMMAND "keys rotate"
#define AGAIN_MS 3000
#define BUSY_NS (180 * NS_PER_S)   /* a change that is under way ends, or is put back, within */
#define EFFECT_NS (120 * NS_PER_S) /* until an ntpd that was restarted has heard everybody */

#define SAFE_NS (600 * NS_PER_S) /* eight polls of its sources, and some */
#define SAFE_AGAIN_MS 15000

struct rotation {
	const struct rollout_options *options; /* as given */
	struct rollout_options rollout;        /* for the phases: no host is left out of one */
	struct keys_file file;                 /* as it is while a phase is carried out */
	const struct host **hosts;             /* that share keys which are replaced */
	size_t host_count;
	json_t *phases;
};

static void tell(const struct rotation *rotation, const char *fmt, ...) PRINTF(2, 3);

static void
tell(const struct rotation *rotation, const char *fmt, ...)
{
	va_list ap;

	if (!rotation->options->common.json && !rotation->options->common.quiet) {
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		fflush(stdout);
	}
}

static int
random_bytes(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) == (ssize_t)len ? 0 : -1;
}

/* Read what keys.yaml says now, and whom it is about. */
static int
load(struct rotation *rotation)
{
	struct topology *site = &rotation->file.site;

	if (keys_file_load(&rotation->file, &rotation->options->common)) {
		return -1;
	}
	if (site->key_count == 0) {
		return keys_complain(
		    COMMAND, "%s has no keys: `timetier keys new` makes them", site->keys_file);
	}
	rotation_hosts(site, NULL, &site->arena, &rotation->hosts, &rotation->host_count);
	return 0;
}

/* A job on all hosts that share the keys: they are named one by one. */
static int
start_job(struct rotation *rotation, bool looks, struct job *job)
{
	struct arena *arena = &rotation->file.site.arena;
	char **words = arena_alloc(arena, (rotation->host_count + 1) * sizeof(*words));
	struct job_request request = { .command = COMMAND,
		.daemon = true,
		.looks = looks,
		.options = &rotation->rollout,
		.words = words,
		.word_count = (int)rotation->host_count };

	for (size_t i = 0; i < rotation->host_count; i++) {
		words[i] = arena_printf(arena, "host:%s", rotation->hosts[i]->name);
	}
	return job_start(job, &request);
}

/* A run that was killed leaves changes that their hosts put back by themselves: wait for that. */
static int
plan_when_quiet(struct rotation *rotation, bool looks, struct job *job)
{
	int64_t waited_ns = 0;

	for (;; waited_ns += AGAIN_MS * NS_PER_MS) {
		const struct rollout_host *hosts, *busy;
		size_t count;

		if (start_job(rotation, looks, job)) {
			return -1;
		}
		job_plan(job);
		progress_end(&job->progress);
		hosts = rollout_hosts(job->rollout, &count);
		busy = rotate_find_busy(hosts, count);
		if (!busy) {
			return 0;
		}
		if (waited_ns == 0 && !rotation->options->common.quiet) {
			fprintf(stderr, "waiting for %s: a change is under way there\n",
			    busy->host->name);
		}
		if (waited_ns > BUSY_NS) {
			return keys_complain(COMMAND,
			    "host %s: a change has been under way there for %lld s",
			    busy->host->name, (long long)(waited_ns / NS_PER_S));
		}
		if (!job_pause(job, AGAIN_MS)) {
			return -1;
		}
		job_done(job);
	}
}

static void
show(struct rotation *rotation, enum rotation_phase phase, const struct job *job)
{
	if (rotation->options->common.json) {
		json_t *json = rollout_json(job->rollout, job->topology.site);

		json_object_set_new(json, "phase", json_string(rotation_phase_name(phase)));
		json_array_append_new(rotation->phases, json);
	} else {
		rollout_show_outcome(
		    job->rollout, rotation->options->common.quiet, use_colour(STDOUT_FILENO));
		fflush(stdout);
	}
}

/* One round over the hosts; one that cannot be asked keeps it from beginning. */
static int
apply_once(struct rotation *rotation, enum rotation_phase phase, struct job *job)
{
	int status;

	if (plan_when_quiet(rotation, false, job)) {
		return EXIT_FINDINGS;
	}
	if (rollout_count(job->rollout, HOST_FAILED) > 0) {
		job_print_failures(job);
		return EXIT_FINDINGS;
	}
	if (rollout_count(job->rollout, HOST_CHANGES) == 0) {
		return EXIT_OK;
	}
	progress_again(&job->progress, rollout_count(job->rollout, HOST_CHANGES));
	status = job_apply(job);
	show(rotation, phase, job);
	job_print_failures(job);
	return job->interrupted && status == EXIT_OK ? EXIT_FINDINGS : status;
}

/*
 * Give all hosts what the phase wants.  An ntpd that was restarted for the phase before knows its
 * sources badly for some polls, and a restart of it is refused as long: that is waited for.
 */
static int
apply_phase(struct rotation *rotation, enum rotation_phase phase)
{
	uint64_t until_ns = uv_hrtime() + (uint64_t)SAFE_NS;
	int status = EXIT_FINDINGS;

	for (bool again = true; again;) {
		struct job job = { 0 };

		status = apply_once(rotation, phase, &job);
		again = status == EXIT_REFUSED && !job.interrupted && uv_hrtime() < until_ns;
		if (again) {
			if (!rotation->options->common.quiet) {
				fputs("waiting until that is safe\n", stderr);
			}
			again = job_pause(&job, SAFE_AGAIN_MS);
		}
		job_done(&job);
	}
	return status;
}

/* Ask all hosts until the phase is in effect on each. */
static int
wait_for_effect(struct rotation *rotation)
{
	uint64_t until_ns = uv_hrtime() + (uint64_t)EFFECT_NS;
	int status = EXIT_FINDINGS;

	for (bool again = true; again;) {
		char words[ROTATE_WORDS_BYTES];
		struct job job;

		again = false;
		if (start_job(rotation, true, &job) == 0) {
			job_plan(&job);
			progress_end(&job.progress);
			switch (rotate_ask(&job, words)) {
			case ROTATE_IN_EFFECT:
				status = EXIT_OK;
				break;
			case ROTATE_NOT_YET:
				again = uv_hrtime() < until_ns && job_pause(&job, AGAIN_MS);
				break;
			case ROTATE_FAILED:
				break;
			}
			if (!again && status != EXIT_OK) {
				keys_complain(COMMAND, "%s", words);
			}
		}
		job_done(&job);
	}
	return status;
}

/* Hosts that are not as they should be would get more than keys. */
static int
check_before(struct rotation *rotation)
{
	struct job job = { 0 };
	int status = EXIT_FINDINGS;

	if (plan_when_quiet(rotation, true, &job) == 0) {
		if (rollout_count(job.rollout, HOST_FAILED) > 0) {
			job_print_failures(&job);
		} else if (rollout_count(job.rollout, HOST_CHANGES) > 0) {
			keys_complain(COMMAND,
			    "%zu host%s not as the site says: `timetier apply` first",
			    rollout_count(job.rollout, HOST_CHANGES),
			    rollout_count(job.rollout, HOST_CHANGES) == 1 ? " is" : "s are");
		} else {
			status = EXIT_OK;
		}
	}
	job_done(&job);
	if (status == EXIT_OK) {
		status = wait_for_effect(rotation);
	}
	if (status != EXIT_OK) {
		keys_complain(COMMAND, "nothing was begun");
	}
	return status;
}

/* Ask the operator at a terminal: once, for all that follows. */
static bool
may_begin(const struct rotation *rotation, enum rotation_phase phase)
{
	char what[160];

	snprintf(what, sizeof(what), "%s the keys that %zu host%s share%s, phase by phase",
	    rotation->options->back      ? "take back the new keys for"
		: phase == ROTATION_NONE ? "replace"
					 : "go on replacing",
	    rotation->host_count, rotation->host_count == 1 ? "" : "s",
	    rotation->host_count == 1 ? "s" : "");
	return confirm(rotation->options, "keys rotate", what);
}

/* New keys beside the old ones. */
static int
begin(struct rotation *rotation, const struct rotation_choice *choice)
{
	struct topology *site = &rotation->file.site;
	struct buf text = { 0 };
	struct error err;
	size_t made = 0;
	int status = EXIT_FINDINGS;

	rotation_hosts(site, choice, &site->arena, &rotation->hosts, &rotation->host_count);
	if (rotation->host_count == 0) {
		keys_complain(COMMAND,
		    "none of these hosts shares a key: `timetier keys new` makes those that are "
		    "missing");
	} else if (check_before(rotation) == EXIT_OK && may_begin(rotation, ROTATION_NONE)) {
		if (rotation_begin(site, choice, &text, &made, &err)) {
			keys_complain(COMMAND, "%s", err.text);
		} else if (keys_file_write(&rotation->file, &text) == 0) {
			tell(rotation, "%s: %zu new key%s for %zu hosts\n", site->keys_file, made,
			    made == 1 ? "" : "s", rotation->host_count);
			status = EXIT_OK;
		}
	}
	keys_wipe(&text);
	return status;
}

/* One phase: carried out, in effect, and the next one written. */
static int
take_phase(struct rotation *rotation, enum rotation_phase phase, bool back)
{
	static const char *const meanings[] = {
		[ROTATION_NONE] = "",
		[ROTATION_WITHDRAW] = "the new keys are taken away again",
		[ROTATION_LEARN] = "both keys are known, the old ones are used",
		[ROTATION_USE] = "both keys are known, the new ones are used",
		[ROTATION_FORGET] = "the old keys are taken away",
	};
	struct buf text = { 0 };
	int status;

	tell(rotation, "%s: %s\n", rotation_phase_name(phase), meanings[phase]);
	/* without a host there is nobody to tell: all who shared these keys have left the site */
	status = rotation->host_count > 0 ? apply_phase(rotation, phase) : EXIT_OK;
	if (status == EXIT_OK && rotation->host_count > 0) {
		status = wait_for_effect(rotation);
	}
	if (status != EXIT_OK) {
		return status;
	}
	tell(rotation, "%s: in effect on %zu hosts\n", rotation_phase_name(phase),
	    rotation->host_count);
	rotation_step(&rotation->file.site, back, &text);
	status = keys_file_write(&rotation->file, &text) ? EXIT_FINDINGS : EXIT_OK;
	keys_wipe(&text);
	return status;
}

/* Go on from what keys.yaml says until it says that nothing is replaced. */
static int
go_on(struct rotation *rotation, bool back)
{
	for (;;) {
		enum rotation_phase phase;
		int status;

		if (load(rotation)) {
			return EXIT_FINDINGS;
		}
		phase = rotation_phase(&rotation->file.site, back);
		if (phase == ROTATION_NONE) {
			tell(rotation, "%s: %s\n", rotation->file.site.keys_file,
			    back ? "the old keys are used, and no host knows another"
				 : "the new keys are used, and no host knows another");
			return EXIT_OK;
		}
		status = take_phase(rotation, phase, back);
		if (status != EXIT_OK) {
			keys_complain(COMMAND,
			    "stopped in phase %s, which goes on working: `timetier keys "
			    "rotate` goes on, `timetier keys rotate --back` goes back",
			    rotation_phase_name(phase));
			return status;
		}
	}
}

static int
choose(struct rotation *rotation, int argc, char **argv, struct rotation_choice *choice)
{
	struct site_choice words = {
		.words = argv, .word_count = argc, .limits = rotation->options->limit
	};
	const struct host **hosts;
	struct error err;

	*choice = (struct rotation_choice){ .random = random_bytes };
	if (argc == 0 && !rotation->options->limit[0]) {
		return 0;
	}
	if (site_hosts(&rotation->file.site, &words, &hosts, &choice->host_count, &err)) {
		return keys_complain(COMMAND, "%s", err.text);
	}
	choice->hosts = hosts;
	return 0;
}

static int
rotate(struct rotation *rotation, int argc, char **argv)
{
	bool back = rotation->options->back;
	struct rotation_choice choice;
	int status;

	if (load(rotation) || keys_file_lock(&rotation->file) || load(rotation) ||
	    choose(rotation, argc, argv, &choice)) {
		return EXIT_FINDINGS;
	}
	if (rotation_phase(&rotation->file.site, back) != ROTATION_NONE) {
		if (choice.host_count > 0) {
			keys_complain(COMMAND,
			    "keys are being replaced already (phase %s), and that is for all "
			    "of them: name no hosts",
			    rotation_phase_name(rotation_phase(&rotation->file.site, back)));
			return EXIT_FINDINGS;
		}
		if (!may_begin(rotation, rotation_phase(&rotation->file.site, back))) {
			return EXIT_FINDINGS;
		}
	} else if (back) {
		keys_complain(
		    COMMAND, "no key is being replaced: there is nothing to go back from");
		return EXIT_FINDINGS;
	} else {
		status = begin(rotation, &choice);
		if (status != EXIT_OK) {
			return status;
		}
	}
	return go_on(rotation, back);
}

int
keys_rotate(const struct rollout_options *options, int argc, char **argv)
{
	struct rotation rotation = {
		.options = options, .rollout = *options, .file = { .command = COMMAND }
	};
	int status;

	rotation.rollout.limit[0] = NULL;
	rotation.phases = json_array();
	status = rotate(&rotation, argc, argv);
	if (options->common.json) {
		command_print_json(json_pack("{s:s, s:O}", "state",
		    rotation_phase_name(rotation_phase(&rotation.file.site, options->back)),
		    "phases", rotation.phases));
	}
	json_decref(rotation.phases);
	keys_file_done(&rotation.file);
	return status;
}
