#include "orchestrator/runs/errand/anybody.h"

#include "orchestrator/cli/site.h"

#include <stdlib.h>
#include <string.h>

/*
 * A site of nobody: what reaches hosts wants one, and there may be none yet.  Its addresses
 * lead nowhere (RFC 6666), so that no host has one.
 */
static const char nobody[] =
    "site: nobody\nupstreams: [{name: nobody-asked, address: \"100::1\"}]\n"
    "tiers: [{name: nobody-tier, upstreams: all, servers: [{name: nobody-here, address: "
    "\"100::2\"}]}]\n";

int
anybody_site(const struct common_options *common, struct topology *topology, struct error *err)
{
	struct diags diags = { .errors = 0 };
	int status = 0;

	*topology = (struct topology){ .site = NULL };
	if (common->site) {
		if (!site_load(common, topology)) {
			status = error_set(err, "%s is not sound, as told above", common->site);
		}
	} else if (topology_load_text(topology, "nobody", nobody, sizeof(nobody) - 1, &diags) < 0) {
		abort();
	}
	diags_free(&diags);
	return status;
}

const char *
anybody_login(struct arena *arena, const struct topology *topology, const char *word)
{
	return strchr(word, '@') || topology_host(topology, word)
	    ? word
	    : arena_printf(arena, "root@%s", word);
}
