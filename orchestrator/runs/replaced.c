#include "orchestrator/runs/replaced.h"

#include "orchestrator/identity/pin.h"
#include "orchestrator/journal/settle.h"
#include "orchestrator/runs/record.h"
#include "orchestrator/show/runs.h"

#include <string.h>

static bool
is_program(const struct journal_file *file)
{
	return strcmp(file->path, AGENT_BINARY) == 0;
}

static bool
is_meant(const struct replaced *replaced, const char *name)
{
	for (size_t i = 0; i < replaced->only_count; i++) {
		if (strcmp(replaced->only[i]->name, name) == 0) {
			return true;
		}
	}
	return !replaced->only;
}

/* The entry of a host that the run changed and that is meant, or NULL. */
static const struct journal_host *
find_host(const struct replaced *replaced, const char *name)
{
	for (size_t i = 0; i < replaced->run.host_count; i++) {
		const struct journal_host *host = &replaced->run.hosts[i];

		if (strcmp(host->host, name) == 0 && host->file_count > 0 &&
		    is_meant(replaced, name) && run_host_is_done(host)) {
			return host;
		}
	}
	return NULL;
}

static int
add_entry(const struct journal_file *file, struct file_set *set, struct error *err)
{
	struct file_entry *entry = &set->list[set->count];

	if (file->before.there && !file->before.bytes) {
		return error_set(err,
		    "the journal knows no more than the hash of what %s was: bring that file back "
		    "on the host, from a backup, or let `timetier apply` make all as the site says",
		    file->path);
	}
	*entry = (struct file_entry){ .path = file->path,
		.content = file->before.there ? file->before.bytes : "",
		.len = file->before.len,
		.mode = file->before.mode,
		.owner = file->before.owner,
		.group = file->before.group,
		.action = file->action,
		.secret = file->secret,
		.absent = !file->before.there };
	set->count++;
	return 0;
}

/* What the host had before the run. */
static int
old_files(const struct replaced *replaced, const struct host *host, bool of_agent,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct journal_host *entry = find_host(replaced, host->name);

	if (!entry) {
		return error_set(err,
		    "run %lld did not change this host: without HOST, all that it changed are "
		    "meant",
		    (long long)replaced->run.id);
	}
	set->list = arena_alloc(arena, entry->file_count * sizeof(*set->list));
	for (size_t i = 0; i < entry->file_count; i++) {
		if (entry->files[i].of_agent == of_agent && !is_program(&entry->files[i]) &&
		    add_entry(&entry->files[i], set, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
old_daemon_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct replaced *replaced = ctx;
	const struct journal_host *entry = find_host(replaced, host->name);

	const char *daemon = !entry ? ""
	    : *entry->migrated_from ? entry->migrated_from
				    : entry->daemon;

	if (entry && strcmp(daemon, driver->name) != 0) {
		return error_set(err,
		    "it ran %s then, and runs %s now: with %s installed again this goes on, or "
		    "`timetier apply` gives %s what the site says",
		    daemon, driver->name, daemon, driver->name);
	}
	return old_files(replaced, host, false, arena, set, err);
}

/* The daemon that gave way in the run. */
static const char *
old_daemon(void *ctx, const struct host *host)
{
	const struct journal_host *entry = find_host(ctx, host->name);

	return entry && *entry->migrated_from ? entry->migrated_from : NULL;
}

static int
old_agent_files(void *ctx, const struct rollout_host *host, struct arena *arena,
    struct file_set *set, struct error *err)
{
	return old_files(ctx, host->host, true, arena, set, err);
}

/* --- which parts of the run are taken back --- */

/* How many hosts that were changed had an agent before, and how many have one only since. */
struct agents {
	size_t hosts, daemons, before, since;
	size_t strangers;    /* those of before that trusted another collector */
	const char *pin;     /* of the collector's key */
	const char *program; /* that all had, if its bytes are known */
	size_t programs;
};

/* Whether an agent.conf has another key than @pin. */
static bool
trusts_another(const struct journal_state *config, const char *pin)
{
	char its[PIN_TEXT_BYTES];

	return pin && config->there && config->bytes &&
	    pin_in_config(config->bytes, config->len, its) && strcmp(its, pin) != 0;
}

static void
count_agent_file(const struct journal_file *file, struct journal *journal, struct agents *agents)
{
	const char *bytes = NULL;
	struct arena arena = { 0 };
	size_t len;

	if (strcmp(file->path, AGENT_CONFIG) == 0) {
		agents->before += file->before.there;
		agents->since += !file->before.there;
		agents->strangers += trusts_another(&file->before, agents->pin);
	}
	if (is_program(file) && file->before.there &&
	    (!agents->program || strcmp(agents->program, file->before.hash) == 0) &&
	    journal_content(journal, file->before.hash, &arena, &bytes, &len, NULL) == 0 && bytes) {
		agents->program = file->before.hash;
		agents->programs++;
	}
	arena_free(&arena);
}

static void
count_agents(const struct replaced *replaced, struct journal *journal, struct agents *agents)
{
	*agents = (struct agents){ .pin = agents->pin };
	for (size_t i = 0; i < replaced->run.host_count; i++) {
		const struct journal_host *host = find_host(replaced, replaced->run.hosts[i].host);
		bool daemon = false;

		agents->hosts += host != NULL;
		for (size_t k = 0; host && k < host->file_count; k++) {
			daemon |= !host->files[k].of_agent;
			if (host->files[k].of_agent) {
				count_agent_file(&host->files[k], journal, agents);
			}
		}
		agents->daemons += daemon;
	}
}

/* The agent's program of before, for all hosts alike, or the present one stays. */
static int
take_program(struct replaced *replaced, struct journal *journal, const struct agents *agents,
    struct error *err)
{
	const char *bytes;
	size_t len;

	if (agents->programs != agents->hosts) {
		return 0;
	}
	return journal_content(journal, agents->program, &replaced->arena, &bytes, &len, err) < 0
	    ? -1
	    : agent_programs_add(
		  &replaced->programs, "the agent's program of before", bytes, len, err);
}

/* Both can be done, each alone: name the hosts that had no agent. */
static int
refuse_mixture(const struct replaced *replaced, struct journal *journal, struct error *err)
{
	struct buf names = { .limit_bytes = 200 };

	for (size_t i = 0; i < replaced->run.host_count; i++) {
		const struct journal_host *host = find_host(replaced, replaced->run.hosts[i].host);
		struct agents alone = { .hosts = 0 };

		for (size_t k = 0; host && k < host->file_count; k++) {
			count_agent_file(&host->files[k], journal, &alone);
		}
		if (alone.since > 0) {
			buf_printf(&names, "%s%s", names.len > 0 ? " " : "", host->host);
		}
	}
	error_set(err,
	    "of the hosts of run %lld some had an agent before and some had none: take it off "
	    "those "
	    "that had none by `timetier agent remove %s`, and name the others: `timetier rollback "
	    "%lld HOST...`",
	    (long long)replaced->run.id, buf_str(&names), (long long)replaced->run.id);
	buf_free(&names);
	return -1;
}

static int
choose_parts(struct replaced *replaced, struct journal *journal, const char *pin, struct error *err)
{
	long long id = (long long)replaced->run.id;
	struct agents agents = { .pin = pin };

	count_agents(replaced, journal, &agents);
	if (agents.hosts == 0 && replaced->only) {
		return error_set(err,
		    "run %lld changed none of the hosts that are named; `timetier runs show %lld` "
		    "lists those that it changed",
		    id, id);
	}
	if (agents.hosts == 0) {
		return error_set(err,
		    "run %lld (%s) left no host with other files: there is nothing to take back; "
		    "`timetier runs show %lld` tells what became of its hosts",
		    id, replaced->run.kind, id);
	}
	replaced->daemon = agents.daemons > 0;
	replaced->trusted_others = agents.strangers > 0;
	if (replaced->trusted_others && !replaced->daemon) {
		return error_set(err,
		    "before run %lld, agents trusted a collector with another key than the one of "
		    "the state folder: bring back the folder that has that key, or name it by "
		    "--state DIR",
		    id);
	}
	if (replaced->trusted_others) {
		return 0;
	}
	if (agents.before == agents.hosts) {
		replaced->agent = true;
		return take_program(replaced, journal, &agents, err);
	}
	if (replaced->daemon) {
		replaced->agents_stay = agents.since > 0;
	} else if (agents.since == agents.hosts) {
		replaced->remove_agent = true;
	} else {
		return refuse_mixture(replaced, journal, err);
	}
	return 0;
}

static void
name_hosts(struct replaced *replaced)
{
	replaced->names = arena_alloc(
	    &replaced->arena, (replaced->run.host_count + 1) * sizeof(*replaced->names));
	for (size_t i = 0; i < replaced->run.host_count; i++) {
		if (find_host(replaced, replaced->run.hosts[i].host)) {
			replaced->names[replaced->name_count++] =
			    arena_strdup(&replaced->arena, replaced->run.hosts[i].host);
		}
	}
}

/* What a host was must be known to be in the site, by which it is reached. */
static int
refuse_strangers(
    const struct replaced *replaced, const struct topology *topology, struct error *err)
{
	for (int i = 0; i < replaced->name_count; i++) {
		if (!topology_host(topology, replaced->names[i])) {
			return error_set(err,
			    "host %s, which run %lld changed, is not in %s any more: name those "
			    "that "
			    "are meant, `timetier rollback %lld HOST...`; who has left is named "
			    "alone, `timetier rollback %lld %s`",
			    replaced->names[i], (long long)replaced->run.id, topology->file,
			    (long long)replaced->run.id, (long long)replaced->run.id,
			    replaced->names[i]);
		}
	}
	return 0;
}

int
replaced_find(struct replaced *replaced, struct journal *journal, int64_t id,
    const struct topology *topology, const char *pin, struct error *err)
{
	int found;

	if (id == 0) {
		if (journal_latest_change(journal, &id, err) < 0) {
			return -1;
		}
		if (id == 0) {
			return error_set(err,
			    "no run has changed a file yet: there is nothing to take back; "
			    "`timetier runs` lists what was done");
		}
	}
	found = journal_read(journal, id, true, &replaced->arena, &replaced->run, err);
	if (found == 0) {
		return error_set(
		    err, "there is no run %lld; `timetier runs` lists them", (long long)id);
	}
	if (found < 0 || choose_parts(replaced, journal, pin, err) < 0) {
		return -1;
	}
	name_hosts(replaced);
	return refuse_strangers(replaced, topology, err);
}

void
replaced_files(struct replaced *replaced, struct job_files *files)
{
	*files = (struct job_files){ .daemon = replaced->daemon ? old_daemon_files : NULL,
		.agent = replaced->agent ? old_agent_files : NULL,
		.former = replaced->daemon ? old_daemon : NULL,
		.ctx = replaced,
		.programs = &replaced->programs };
}

/* --- what has become of it since --- */

const char *
replaced_find_changed(const struct replaced *replaced, const struct rollout_host *host)
{
	const struct journal_host *entry = find_host(replaced, host->host->name);

	for (size_t i = 0; entry && i < entry->file_count; i++) {
		const struct journal_file *file = &entry->files[i];
		struct journal_state now;

		if (file->of_agent && !(replaced->agent && !is_program(file))) {
			continue;
		}
		if (!run_record_state(&host->facts, file->path, &now) ||
		    (!settle_same(&file->after, &now) && !settle_same(&file->before, &now))) {
			return file->path;
		}
	}
	return NULL;
}

const char *
replaced_stays_off(struct replaced *replaced, const struct rollout_host *host)
{
	const struct journal_host *entry = find_host(replaced, host->host->name);
	const char *off = NULL;

	if (outcome_row(host->outcome)->tone != TONE_GOOD) {
		return NULL;
	}
	for (size_t i = 0; entry && i < entry->switched_off_count; i++) {
		off = off ? arena_printf(&replaced->arena, "%s, %s", off, entry->switched_off[i])
			  : entry->switched_off[i];
	}
	return off;
}

void
replaced_done(struct replaced *replaced)
{
	arena_free(&replaced->arena);
	*replaced = (struct replaced){ .names = NULL };
}
