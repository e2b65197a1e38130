#include "orchestrator/runs/release/purge.h"

#include <string.h>

/* How timetier's own files begin (templates/header). */
#define HEAD_BYTES 512

static bool
is_ours(const struct journal_state *state)
{
	static const char *const marks[] = { ": made by timetier ", ": left by timetier " };
	size_t len = state->len < HEAD_BYTES ? state->len : HEAD_BYTES;

	for (size_t i = 0; state->there && state->bytes && i < COUNT(marks); i++) {
		if (memmem(state->bytes, len, marks[i], strlen(marks[i]))) {
			return true;
		}
	}
	return false;
}

static struct journal_file *
find_file(struct journal_host *host, const char *path)
{
	for (size_t i = 0; i < host->file_count; i++) {
		if (strcmp(host->files[i].path, path) == 0) {
			return &host->files[i];
		}
	}
	return NULL;
}

/* Add a later change of a host to what is known of it: each file was what it was at first. */
static int
add_change(struct journal_host *host, const struct journal_host *change, struct error *err)
{
	bool daemon = false;

	for (size_t i = 0; i < change->file_count; i++) {
		const struct journal_file *file = &change->files[i];
		struct journal_file *known = find_file(host, file->path);

		if (file->of_agent) {
			continue;
		}
		daemon = true;
		if (known && !is_ours(&known->after) && !is_ours(&file->before)) {
			known->before = file->before;
		}
		if (known) {
			known->after = file->after;
			continue;
		}
		if (is_ours(&file->before)) {
			return error_set(err,
			    "host %s: the journal does not reach back to what %s was before "
			    "timetier came: put that file there by hand, from a backup, and "
			    "release the host without --purge",
			    host->host, file->path);
		}
		host->files[host->file_count++] = *file;
	}
	for (size_t i = 0; i < change->switched_off_count; i++) {
		host->switched_off[host->switched_off_count++] = change->switched_off[i];
	}
	if (daemon) {
		if (!*host->migrated_from) {
			host->migrated_from = change->migrated_from && *change->migrated_from
			    ? change->migrated_from
			    : change->daemon;
		}
		host->daemon = change->daemon;
	}
	return 0;
}

int
purge_find_host(struct journal *journal, const char *name, struct arena *arena,
    struct journal_host *host, struct error *err)
{
	struct journal_host *changes;
	size_t count, files = 1, off = 1;

	if (journal_changes(journal, name, arena, &changes, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		files += changes[i].file_count;
		off += changes[i].switched_off_count;
	}
	*host = (struct journal_host){ .host = arena_strdup(arena, name),
		.daemon = "",
		.migrated_from = "",
		.outcome = "done",
		.failed_at = "",
		.error = "",
		.note = "",
		.files = arena_alloc(arena, files * sizeof(*host->files)),
		.switched_off = arena_alloc(arena, off * sizeof(*host->switched_off)) };
	for (size_t i = 0; i < count; i++) {
		if (add_change(host, &changes[i], err) < 0) {
			return -1;
		}
	}
	if (strcmp(host->migrated_from, host->daemon) == 0) {
		host->migrated_from = "";
	}
	return 0;
}

int
purge_find(struct replaced *replaced, struct journal *journal, const struct host *const *hosts,
    size_t count, struct error *err)
{
	struct journal_run *run = &replaced->run;

	run->kind = "release";
	run->hosts = arena_alloc(&replaced->arena, (count + 1) * sizeof(*run->hosts));
	replaced->names = arena_alloc(&replaced->arena, (count + 1) * sizeof(*replaced->names));
	for (size_t i = 0; i < count; i++) {
		struct journal_host *host = &run->hosts[run->host_count];

		if (purge_find_host(journal, hosts[i]->name, &replaced->arena, host, err) < 0) {
			return -1;
		}
		if (host->file_count > 0) {
			run->host_count++;
			replaced->names[replaced->name_count++] =
			    arena_strdup(&replaced->arena, hosts[i]->name);
		}
	}
	replaced->daemon = run->host_count > 0;
	return 0;
}
