/* Loads the site, and finds the hosts that a command is for. */
#include "orchestrator/cli/site.h"

#include "orchestrator/topology/pick.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
site_load(const struct common_options *options, struct topology *topology)
{
	struct diags diags = { 0 };
	bool sound = topology_load(topology, site_file(options), &diags) == 0;

	if (!sound) {
		diags_sort(&diags);
		diags_print(&diags, stderr, use_colour(STDERR_FILENO));
	}
	diags_free(&diags);
	return sound;
}

/* Mark in @picked the hosts that @words name, or all hosts when there are no words. */
static int
pick(struct topology *topology, const char *const *words, size_t count, bool *picked,
    struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (topology_pick(topology, words[i], picked, err)) {
			return -1;
		}
	}
	for (size_t i = 0; count == 0 && i < topology->host_count; i++) {
		picked[i] = true;
	}
	return 0;
}

/* A word that is no host's was perhaps meant to be a file. */
static int
no_file_either(const struct site_choice *choice, struct error *err)
{
	size_t len = strlen(err->text);

	if (choice->word_count == 1 && access(choice->words[0], F_OK) < 0 && len > 0 &&
	    err->text[len - 1] != '?') {
		snprintf(err->text + len, sizeof(err->text) - len, ", and there is no such file");
	}
	return -1;
}

int
site_hosts(struct topology *topology, const struct site_choice *choice, const struct host ***hosts,
    size_t *host_count, struct error *err)
{
	size_t all = topology->host_count, limits = 0, count = 0;
	const struct host **list = arena_alloc(&topology->arena, all * sizeof(*list) + 1);
	bool *named = arena_alloc(&topology->arena, all + 1);
	bool *within = arena_alloc(&topology->arena, all + 1);

	while (choice->limits && limits < OPTION_LIST_MAX && choice->limits[limits]) {
		limits++;
	}
	if (pick(topology, (const char *const *)choice->words, (size_t)choice->word_count, named,
		err)) {
		return choice->or_file ? no_file_either(choice, err) : -1;
	}
	if (pick(topology, choice->limits, limits, within, err)) {
		return -1;
	}
	for (size_t i = 0; i < all; i++) {
		if (named[i] && within[i]) {
			list[count++] = &topology->hosts[i];
		}
	}
	if (count == 0 && all > 0) {
		return error_set(err, "none of the hosts that are named is within --limit");
	}
	*hosts = list;
	*host_count = count;
	return 0;
}
