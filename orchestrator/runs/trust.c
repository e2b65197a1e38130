#include "orchestrator/runs/trust.h"

#include "orchestrator/identity/probe.h"
#include "orchestrator/topology/fold.h"

#include <stdio.h>
#include <string.h>

#define RANGES_MAX 8

/* Who has another key than ours. */
struct strangers {
	struct buf who;           /* "web1, web2", or the URL of a collector */
	size_t count;             /* of hosts */
	char pin[PIN_TEXT_BYTES]; /* of the first */
	size_t ours;              /* how many hosts have our key */
};

static bool
pin_of_host(const struct rollout_host *host, char *pin)
{
	const struct fact_file *file =
	    host->facts.complete ? facts_file(&host->facts, AGENT_CONFIG) : NULL;

	return file && file->state == FACT_FILE_REGULAR &&
	    pin_in_config(file->content, file->len, pin);
}

static void
ask_hosts(const struct job *job, struct strangers *found)
{
	struct arena arena = { .blocks = NULL };
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	const char **names = arena_alloc(&arena, (count + 1) * sizeof(*names));

	for (size_t i = 0; i < count; i++) {
		char pin[PIN_TEXT_BYTES];

		if (!pin_of_host(&hosts[i], pin)) {
			continue;
		}
		if (strcmp(pin, job->site_files.identity.pin) == 0) {
			found->ours++;
			continue;
		}
		if (found->count == 0) {
			memcpy(found->pin, pin, sizeof(pin));
		}
		names[found->count++] = hosts[i].host->name;
	}
	names_fold(&found->who, names, found->count, RANGES_MAX);
	arena_free(&arena);
}

/* Where no host tells, because none has an agent, the collector may run already. */
static void
ask_collectors(const struct job *job, struct strangers *found)
{
	for (size_t i = 0; i < job->topology.collector_count && found->count == 0; i++) {
		const char *url = job->topology.collectors[i];

		if (probe_pin(url, found->pin) &&
		    strcmp(found->pin, job->site_files.identity.pin) != 0) {
			buf_printf(&found->who, "the collector at %s", url);
			found->count = 1;
		}
	}
}

bool
trust_refuses(const struct job *job)
{
	const char *folder = job->record.folder;
	struct strangers found = { .count = 0 };
	bool unused = identity_is_unused(folder), by_host;

	if (!job->site_files.has_identity || job->request.options->new_identity) {
		return false;
	}
	ask_hosts(job, &found);
	if (found.ours > found.count) {
		/* the site knows this identity; few hosts with another key do not stop the others:
		 * the plan tells what is to change on them */
		found.count = 0;
	}
	by_host = found.count > 0;
	if (found.ours > 0) {
		identity_used(folder);
	} else if (!by_host && unused) {
		ask_collectors(job, &found);
	}
	if (found.count > 0) {
		fprintf(stderr,
		    "timetier %s: nothing was done: %s %s another key (%s) than %s (%s)%s\n"
		    "  remedy: bring back the state folder that their collector runs with, from a "
		    "backup or from another copy of the site, or name it by --state DIR; if it is "
		    "lost, or if these hosts shall report to the collector of %s from now on: "
		    "--new-identity\n",
		    job->request.command, buf_str(&found.who),
		    !by_host               ? "has"
			: found.count == 1 ? "trusts a collector with"
					   : "trust a collector with",
		    found.pin, folder, job->site_files.identity.pin,
		    unused ? ", which was made anew and which no host was given yet" : "", folder);
	}
	buf_free(&found.who);
	return found.count > 0;
}

void
trust_keep(const struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; job->site_files.has_identity && i < count; i++) {
		if (hosts[i].outcome == HOST_DONE && hosts[i].agent_files.count > 0) {
			identity_used(job->record.folder);
		}
	}
}
