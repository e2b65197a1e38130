#include "orchestrator/runs/keys/prune.h"

#include "orchestrator/runs/job.h"
#include "orchestrator/runs/keys/check.h"
#include "orchestrator/runs/keys/keys_file.h"
#include "orchestrator/topology/growth.h"
#include "orchestrator/topology/partners.h"
#include "orchestrator/topology/rotation.h"

#include <jansson.h>
#include <stdio.h>

#define COMMAND "keys prune"

/* Of hosts that are not as the site says nobody knows with which keys they ask. */
static int
judge(const struct job *job)
{
	const struct rollout_host *hosts, *busy;
	size_t count, changes = rollout_count(job->rollout, HOST_CHANGES);

	hosts = rollout_hosts(job->rollout, &count);
	busy = rotate_find_busy(hosts, count);
	if (rollout_count(job->rollout, HOST_FAILED) > 0) {
		job_print_failures(job);
		return -1;
	}
	if (busy) {
		return keys_complain(COMMAND, "a change of %s is under way", busy->host->name);
	}
	for (size_t i = 0; changes > 0 && i < count; i++) {
		if (hosts[i].outcome == HOST_CHANGES) {
			return keys_complain(COMMAND,
			    "%s%s may still ask with such a key: `timetier apply` first",
			    hosts[i].host->name, changes > 1 ? " and others" : "");
		}
	}
	return 0;
}

/* A host that has the files that the site wants asks with none of these keys. */
static int
ask_hosts(const struct rollout_options *options, struct topology *site)
{
	struct job_request request = {
		.command = COMMAND, .daemon = true, .looks = true, .options = options
	};
	struct job job = { 0 };
	const struct host **hosts;
	size_t count;
	char **words;
	int status = -1;

	keys_shrink_hosts(site, &site->arena, &hosts, &count);
	if (count == 0) {
		return 0; /* all who shared them have left the site */
	}
	words = arena_alloc(&site->arena, count * sizeof(*words));
	for (size_t i = 0; i < count; i++) {
		words[i] = arena_printf(&site->arena, "host:%s", hosts[i]->name);
	}
	request.words = words;
	request.word_count = (int)count;
	if (job_start(&job, &request) == 0) {
		job_plan(&job);
		progress_end(&job.progress);
		status = judge(&job);
	}
	job_done(&job);
	return status;
}

/* While a key is replaced, each of the two may be in use. */
static int
check_rotation(const struct topology *site)
{
	enum rotation_phase phase = rotation_phase(site, false);

	if (phase == ROTATION_NONE) {
		return 0;
	}
	return keys_complain(COMMAND,
	    "keys are being replaced (phase %s): `timetier keys rotate` ends that first",
	    rotation_phase_name(phase));
}

static void
tell(const struct rollout_options *options, const struct topology *site, struct key_change *change)
{
	if (options->common.json) {
		json_t *ids = json_array();

		for (size_t i = 0; i < site->key_count; i++) {
			if (!key_is_needed(&site->keys[i])) {
				json_array_append_new(ids, json_integer(site->keys[i].id));
			}
		}
		command_print_json(json_pack("{s:o}", "taken_away", ids));
	} else if (options->common.quiet) {
		return;
	} else if (change->count == 0) {
		printf("%s: every key is needed\n", site->keys_file);
	} else {
		printf("%s: %zu key%s taken away\n%s`timetier apply` takes them from the hosts\n",
		    site->keys_file, change->count, change->count == 1 ? "" : "s",
		    buf_str(&change->words));
	}
}

int
keys_prune(const struct rollout_options *options)
{
	struct keys_file file = { .command = COMMAND };
	struct key_change change = { 0 };
	int status = EXIT_FINDINGS;

	if (keys_file_load(&file, &options->common) || keys_file_lock(&file) ||
	    keys_file_load(&file, &options->common) || check_rotation(&file.site)) {
		goto out;
	}
	keys_shrink(&file.site, &change);
	if (change.count > 0 && ask_hosts(options, &file.site)) {
		keys_complain(COMMAND, "no key was taken away");
		goto out;
	}
	if (change.count == 0 || keys_file_write(&file, &change.text) == 0) {
		status = EXIT_OK;
		tell(options, &file.site, &change);
	}
out:
	key_change_done(&change);
	keys_file_done(&file);
	return status;
}
