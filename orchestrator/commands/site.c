/* The site and its hosts, as commands are told of them. */
#include "orchestrator/commands/site.h"

#include "common/nearest.h"

#include <assert.h>
#include <stdio.h>
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

int
site_hosts(struct topology *topology, int count, char **words, const struct host ***hosts,
    size_t *host_count, struct error *err)
{
	size_t wanted = count > 0 ? (size_t)count : topology->host_count;
	const struct host **list = arena_alloc(&topology->arena, wanted * sizeof(*list) + 1);

	for (size_t i = 0; i < wanted; i++) {
		list[i] = count > 0 ? topology_host(topology, words[i]) : &topology->hosts[i];
		if (!list[i]) {
			struct nearest nearest = { .word = words[i] };

			for (size_t k = 0; k < topology->host_count; k++) {
				assert(topology->hosts); /* as the count says */
				nearest_offer(&nearest, topology->hosts[k].name);
			}
			return error_set(err, "no host \"%.100s\" in the site%s%s%s", words[i],
			    nearest.best ? "; is \"" : "", nearest.best ? nearest.best : "",
			    nearest.best ? "\" meant?" : "");
		}
	}
	*hosts = list;
	*host_count = wanted;
	return 0;
}
