/* timetier agent revoke: the tokens by which hosts report are not taken any more. */
#include "orchestrator/cli/site.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/identity/identity.h"

#include <stdio.h>

struct options {
	struct common_options common;
	const char *state;
};

struct hosts {
	const struct host **list;
	size_t count;
};

static void
tell(const struct options *options, const struct hosts *hosts)
{
	json_t *names = json_array();

	for (size_t i = 0; i < hosts->count; i++) {
		json_array_append_new(names, json_string(hosts->list[i]->name));
		if (!options->common.json && !options->common.quiet) {
			printf("%-24s its token is refused from now on\n", hosts->list[i]->name);
		}
	}
	if (options->common.json) {
		command_print_json(json_pack("{s:o}", "revoked", names));
		return;
	}
	json_decref(names);
	if (!options->common.quiet) {
		printf("\nA host gets another one by `timetier agent install HOST`, or by the next "
		       "apply.\n");
	}
}

static int
revoke(const struct options *options, const struct hosts *hosts, struct error *err)
{
	enum identity_found found;
	struct identity identity;
	char folder[PATH_MAX];
	int status = 0;

	if (state_folder(options->state, site_file(&options->common), folder, err) < 0 ||
	    identity_find(folder, &found, err) < 0) {
		return -1;
	}
	if (found == IDENTITY_NONE) {
		return error_set(err,
		    "%s has no identity of a collector, so no token is of it: --state DIR names "
		    "the folder that `timetier serve` uses",
		    folder);
	}
	if (identity_open(folder, &identity, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < hosts->count && status == 0; i++) {
		status = identity_revoke(folder, &identity, hosts->list[i]->name, err);
	}
	identity_done(&identity);
	return status;
}

static int
run(const void *given, int argc, char **argv)
{
	const struct options *options = given;
	struct site_choice choice = { .words = argv, .word_count = argc };
	struct topology topology;
	struct hosts hosts = { 0 };
	struct error err;
	int status = EXIT_USAGE;

	if (!site_load(&options->common, &topology)) {
		topology_free(&topology);
		return EXIT_USAGE;
	}
	if (site_hosts(&topology, &choice, &hosts.list, &hosts.count, &err) < 0 ||
	    revoke(options, &hosts, &err) < 0) {
		fprintf(stderr, "timetier agent revoke: %s\n", err.text);
	} else {
		tell(options, &hosts);
		status = EXIT_OK;
	}
	topology_free(&topology);
	return status;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	{ "state", 0, OPTION_TEXT, offsetof(struct options, state), "DIR",
	    "the collector's identity (default: .timetier beside the site)", 0 },
	{ .name = NULL },
};

const struct command command_agent_revoke = {
	.name = "agent revoke",
	.args = "HOST...",
	.summary = "refuse the tokens by which hosts report",
	.help = "For a host whose token others may know: a stolen disk, a copied machine. "
		"`timetier serve` "
		"refuses the token within a second, and the history stays. No host is asked or "
		"changed: "
		"`timetier agent install HOST` gives it another token.\n\n"
		"exit status: 0 revoked, 2 failed: the reason is told",
	.options = rows,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
