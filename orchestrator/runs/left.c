#include "orchestrator/runs/left.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* The site as it was at a run.  Returns 0, or -1: it cannot be read any more. */
static int
load_then(struct journal *journal, const struct topology *now, int64_t run, struct topology *then,
    struct error *err)
{
	struct arena arena = { .blocks = NULL };
	struct diags diags = { .errors = 0 };
	struct journal_run record;
	int found = journal_read(journal, run, false, &arena, &record, err);
	int status = found < 0 ? -1 : 0;

	if (found == 0 || (found > 0 && !record.site_text)) {
		status =
		    error_set(err, "the journal has the site of run %lld no more", (long long)run);
	} else if (found > 0 &&
	    topology_load_text(
		then, now->file, record.site_text, strlen(record.site_text), &diags) < 0) {
		status = error_set(err, "the site of run %lld cannot be read any more: %s",
		    (long long)run, diags.count > 0 ? diags.list[0].text : "it is not sound");
		topology_free(then);
	}
	diags_free(&diags);
	arena_free(&arena);
	return status;
}

static bool
has_address(const struct host *host, const char *address)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		if (strcmp(host->addresses.list[i].text, address) == 0) {
			return true;
		}
	}
	return host->ssh.host && strcmp(host->ssh.host, address) == 0;
}

/* By what a host is dialled. */
static const char *
dialled(const struct host *host)
{
	return host->ssh.host ? host->ssh.host : host->addresses.list[0].text;
}

/* Fill in where it was, and which host of the site is there now. */
static void
find_place(
    struct journal *journal, const struct topology *now, struct left *left, struct left_host *gone)
{
	struct topology then;
	const struct host *host;
	struct error err;

	if (load_then(journal, now, gone->run, &then, &err) < 0) {
		return;
	}
	host = topology_host(&then, gone->name);
	if (host && (host->ssh.host || host->addresses.count > 0)) {
		gone->address = arena_strdup(&left->arena, dialled(host));
	}
	for (size_t i = 0; gone->address && i < now->host_count; i++) {
		if (has_address(&now->hosts[i], gone->address)) {
			gone->renamed = arena_strdup(&left->arena, now->hosts[i].name);
		}
	}
	topology_free(&then);
}

int
left_find(struct journal *journal, const struct topology *now, struct left *left, struct error *err)
{
	const char **names;
	size_t count;

	if (journal_touched(journal, &left->arena, &names, &count, err) < 0) {
		return -1;
	}
	left->list = arena_alloc(&left->arena, (count + 1) * sizeof(*left->list));
	for (size_t i = 0; i < count; i++) {
		struct left_host gone = { .name = names[i] };
		int64_t since = 0;

		if (topology_host(now, names[i])) {
			continue;
		}
		if (journal_kept(journal, names[i], &gone.run, err) < 0) {
			return -1;
		}
		if (gone.run == 0) {
			continue;
		}
		find_place(journal, now, left, &gone);
		if (gone.renamed && journal_kept(journal, gone.renamed, &since, err) < 0) {
			return -1;
		}
		if (since <= gone.run) {
			left->list[left->count++] = gone;
		}
	}
	return 0;
}

void
left_done(struct left *left)
{
	arena_free(&left->arena);
	*left = (struct left){ .list = NULL };
}

void
left_print(const struct left *left)
{
	for (size_t i = 0; i < left->count; i++) {
		const struct left_host *gone = &left->list[i];
		bool apart = gone->address && strcmp(gone->address, gone->name) != 0;

		printf("left: %s%s%s%s ", gone->name, apart ? " (" : "", apart ? gone->address : "",
		    apart ? ")" : "");
		if (gone->renamed) {
			printf("is %s in the site now: renamed? `timetier apply %s` goes on with "
			       "it by that name\n",
			    gone->renamed, gone->renamed);
		} else {
			printf("is no host of the site any more, and is managed still, since run "
			       "%lld: `timetier release %s` lets it go\n",
			    (long long)gone->run, gone->name);
		}
	}
}

json_t *
left_json(const struct left *left)
{
	json_t *list = json_array();

	for (size_t i = 0; i < left->count; i++) {
		const struct left_host *gone = &left->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:I, s:o, s:o}", "name", gone->name, "run",
			(json_int_t)gone->run, "address",
			gone->address ? json_string(gone->address) : json_null(), "renamed",
			gone->renamed ? json_string(gone->renamed) : json_null()));
	}
	return list;
}

/* Whether @word is a host that left, and since which run. */
static int
run_of(struct journal *journal, const struct topology *now, const char *word, int64_t *run,
    struct error *err)
{
	*run = 0;
	return topology_host(now, word) ? 0 : journal_kept(journal, word, run, err);
}

int
left_site(struct journal *journal, const struct topology *now, char **words, int count,
    struct topology *then, struct error *err)
{
	int64_t latest = 0, run;
	const char *apart = NULL;

	for (int i = 0; i < count; i++) {
		if (run_of(journal, now, words[i], &run, err) < 0) {
			return -1;
		}
		latest = run > latest ? run : latest;
	}
	if (latest == 0) {
		return 0;
	}
	if (load_then(journal, now, latest, then, err) < 0) {
		return -1;
	}
	for (int i = 0; i < count && !apart; i++) {
		bool left = run_of(journal, now, words[i], &run, err) == 0 && run > 0;

		if ((left || topology_host(now, words[i])) && !topology_host(then, words[i])) {
			apart = words[i];
		}
	}
	if (apart) {
		topology_free(then);
		return error_set(err,
		    "%s was no host of the site when the others that are named left it: name hosts "
		    "that left one by one",
		    apart);
	}
	return 1;
}
