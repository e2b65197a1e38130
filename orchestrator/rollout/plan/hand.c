#include "orchestrator/rollout/plan/hand.h"

#include <stdio.h>
#include <string.h>

static const char removed[] = "is missing: somebody removed it";

bool
plan_read_manifest(
    const struct facts *facts, struct arena *arena, struct manifest *manifest, struct error *err)
{
	const struct fact_file *file = facts_file(facts, MANIFEST_PATH);

	err->text[0] = '\0';
	return file && file->state == FACT_FILE_REGULAR &&
	    manifest_read(arena, file->content, file->len, manifest, err) == 0;
}

static bool
is_entry(const struct manifest_entry *entry, const char *hash, unsigned mode, const char *owner,
    const char *group)
{
	return strcmp(entry->sha256, hash) == 0 && entry->mode == mode &&
	    strcmp(entry->owner, owner) == 0 && strcmp(entry->group, group) == 0;
}

/* Whether the host still has what timetier put there. */
static bool
has_it_still(const struct manifest_entry *entry, const struct fact_file *have)
{
	char hash[SHA256_HEX_BYTES];

	return have && have->state == FACT_FILE_REGULAR &&
	    is_entry(entry, sha256_hex(have->content, have->len, hash), have->mode, have->owner,
		have->group);
}

/* Whether the site still wants what timetier put there. */
static bool
wants_it_still(const struct manifest_entry *entry, const struct file_entry *want)
{
	char hash[SHA256_HEX_BYTES];

	return !want->absent &&
	    is_entry(entry, sha256_hex(want->content, want->len, hash), want->mode, want->owner,
		want->group);
}

static enum change_origin
origin_of(
    const struct manifest *manifest, const struct fact_file *have, const struct file_entry *want)
{
	const struct manifest_entry *entry = manifest_find(manifest, want->path);

	if (!entry) {
		return ORIGIN_UNKNOWN;
	}
	if (has_it_still(entry, have)) {
		return ORIGIN_SITE;
	}
	return wants_it_still(entry, want) ? ORIGIN_HAND : ORIGIN_BOTH;
}

static void
add_hand(
    struct host_plan *plan, const char *what, const char *how, const struct file_change *change)
{
	if (plan->hand_count < PLAN_HAND_MAX) {
		plan->hand[plan->hand_count++] = (struct hand_change){ what, how, change };
	}
}

static const char *
how_of(const struct file_change *change)
{
	switch (change->kind) {
	case CHANGE_NEW:
		return removed;
	case CHANGE_MODE:
		return "was given another mode or owner";
	case CHANGE_CONTENT:
	case CHANGE_GONE:
		break;
	}
	return "was changed";
}

static void
find_files(const struct plan_input *input, const struct manifest *manifest, struct host_plan *plan)
{
	for (size_t i = 0; i < plan->change_count; i++) {
		struct file_change *change = &plan->changes[i];
		const char *path = change->entry->path;

		change->origin = origin_of(manifest, facts_file(input->facts, path), change->entry);
		if (change->origin == ORIGIN_HAND || change->origin == ORIGIN_BOTH) {
			add_hand(plan, path, how_of(change), change);
		}
	}
}

static void
find_unit(const struct facts *facts, const char *name, struct host_plan *plan)
{
	const struct fact_unit *unit = facts_unit(facts, name);

	if (!unit || !unit->active) {
		add_hand(plan, name, "does not run", NULL);
	}
	if (!unit || !unit->enabled) {
		add_hand(plan, name, "does not start at boot", NULL);
	}
}

/*
 * A unit whose files timetier put there should run and be enabled: it did and was, when the change
 * was kept.
 */
static void
find_units(const struct plan_input *input, const struct manifest *manifest, struct host_plan *plan)
{
	const struct fact_unit *first_set = facts_unit(input->facts, FIRST_SET_UNIT);
	const struct agent_service *agent = facts_agent_service(input->facts);

	if (input->driver && manifest_find(manifest, input->driver->config_path)) {
		find_unit(input->facts, input->driver->unit, plan);
	}
	if (input->files && file_set_find(input->files, FIRST_SET_UNIT_FILE) &&
	    manifest_find(manifest, FIRST_SET_UNIT_FILE) && !(first_set && first_set->enabled)) {
		add_hand(plan, FIRST_SET_UNIT, "does not start at boot", NULL);
	}
	if (input->files && file_set_find(input->files, VERIFY_UNIT_FILE) &&
	    manifest_find(manifest, VERIFY_UNIT_FILE)) {
		find_unit(input->facts, VERIFY_UNIT, plan);
	}
	if (input->agent_files && manifest_find(manifest, agent->file)) {
		find_unit(input->facts, agent->name, plan);
	}
}

static void
find_program(
    const struct plan_input *input, const struct manifest *manifest, struct host_plan *plan)
{
	const struct manifest_entry *entry = manifest_find(manifest, AGENT_BINARY);
	const char *hash = input->facts->agent_hash;

	if (entry && input->agent_files && !hash) {
		add_hand(plan, AGENT_BINARY, removed, NULL);
	} else if (entry && hash && strcmp(entry->sha256, hash) != 0 &&
	    !(input->agent_hash && strcmp(input->agent_hash, hash) == 0)) {
		add_hand(plan, AGENT_BINARY, "was changed", NULL);
	}
}

/* Whether a file makes the agent a service, whatever starts the services. */
static bool
is_of_service(const char *path)
{
	for (const struct agent_service *service = agent_services; service->name; service++) {
		for (const struct daemon_file *file = service->files; file->template_name; file++) {
			if (strcmp(file->path, path) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool
is_agents(const char *path)
{
	return strcmp(path, AGENT_BINARY) == 0 || is_of_service(path);
}

/* Note files that timetier put there, that are still there, and that the site no longer wants. */
static void
note_leftovers(const struct plan_input *input, const struct manifest *manifest, struct arena *arena,
    struct host_plan *plan)
{
	const char *list = "";

	for (size_t i = 0; input->files && i < manifest->count; i++) {
		/* the facts say whether the file is still there */
		const struct fact_file *have = facts_file(input->facts, manifest->list[i].path);

		if (!have || have->state != FACT_FILE_REGULAR || is_agents(have->path) ||
		    file_set_find(input->files, have->path) || plan_change(plan, have->path)) {
			continue;
		}
		list = arena_printf(arena, "%s%s%s", list, *list ? ", " : "", have->path);
	}
	if (*list && plan->note_count < PLAN_REASONS_MAX) {
		plan->notes[plan->note_count++] = arena_printf(arena,
		    "timetier put these files there, and the site does not need them any more: %s",
		    list);
	}
}

void
plan_find_hand(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	struct arena passing = { .blocks = NULL };
	struct manifest manifest;
	struct error err;

	plan->listed = plan_read_manifest(input->facts, &passing, &manifest, &err);
	if (!plan->listed) {
		arena_free(&passing);
		if (err.text[0] && plan->note_count < PLAN_REASONS_MAX) {
			plan->notes[plan->note_count++] = arena_printf(arena,
			    "%s: changes by hand cannot be told from changes of the site",
			    err.text);
		}
		return;
	}
	find_files(input, &manifest, plan);
	find_program(input, &manifest, plan);
	find_units(input, &manifest, plan);
	note_leftovers(input, &manifest, arena, plan);
	arena_free(&passing);
}

/* Plan to write the manifest, if its text differs from the one on the host. */
static void
put_manifest(const struct facts *facts, const struct manifest *manifest, struct arena *arena,
    struct host_plan *plan)
{
	const struct fact_file *have = facts_file(facts, MANIFEST_PATH);
	struct buf text = { .limit_bytes = 0 };

	manifest_write(manifest, &text);
	if (!have || have->state != FACT_FILE_REGULAR || have->len != text.len ||
	    memcmp(have->content, text.data, text.len) != 0) {
		plan->manifest = (struct file_entry){ .path = MANIFEST_PATH,
			.content = arena_strndup(arena, text.data, text.len),
			.len = text.len,
			.mode = 0600,
			.owner = "root",
			.group = "root" };
	}
	buf_free(&text);
}

static void
enter_set(struct manifest *manifest, const struct file_set *set)
{
	for (size_t i = 0; set && i < set->count; i++) {
		manifest_enter(manifest, &set->list[i]);
	}
}

void
plan_add_manifest(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const char *hash = plan->agent_upload ? input->agent_hash : input->facts->agent_hash;
	struct arena passing = { .blocks = NULL };
	struct manifest manifest;
	struct error err;

	if (plan_is_empty(plan)) {
		return;
	}
	if (!plan_read_manifest(input->facts, &passing, &manifest, &err)) {
		manifest.count = 0;
	}
	for (size_t i = manifest.count; i-- > 0;) {
		const struct fact_file *have = facts_file(input->facts, manifest.list[i].path);

		if (have && have->state == FACT_FILE_ABSENT) {
			manifest_drop(&manifest, manifest.list[i].path);
		}
	}
	for (size_t i = 0; i < plan->change_count; i++) {
		if (plan->changes[i].kind == CHANGE_GONE) {
			manifest_drop(&manifest, plan->changes[i].entry->path);
		}
	}
	enter_set(&manifest, input->files);
	enter_set(&manifest, input->agent_files);
	if (hash && input->agent_hash && strcmp(hash, input->agent_hash) == 0) {
		struct manifest_entry entry = {
			.path = AGENT_BINARY, .mode = 0755, .owner = "root", .group = "root"
		};

		snprintf(entry.sha256, sizeof(entry.sha256), "%s", hash);
		manifest_enter_hash(&manifest, &entry);
	}
	put_manifest(input->facts, &manifest, arena, plan);
	arena_free(&passing);
}

void
plan_forget_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan)
{
	struct manifest manifest;
	struct error err;

	plan->reasons[plan->reason_count++] = "the agent is taken away";
	if (plan_read_manifest(facts, arena, &manifest, &err)) {
		for (size_t i = manifest.count; i-- > 0;) {
			const char *path = manifest.list[i].path;

			if (plan->keeps_program ? is_of_service(path) : is_agents(path)) {
				manifest_drop(&manifest, path);
			}
		}
		put_manifest(facts, &manifest, arena, plan);
	}
}
