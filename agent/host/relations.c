#include "agent/host/relations.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UNIT_BYTES 65536
#define FOLDERS_MAX 16

/* Whether the folder has links to the units that a unit wants, requires or upholds. */
static bool
asks_for(const char *folder)
{
	static const char *const kinds[] = { ".wants", ".requires", ".upholds" };
	const char *kind = strrchr(folder, '.');

	for (size_t i = 0; kind && i < COUNT(kinds); i++) {
		if (strcmp(kind, kinds[i]) == 0) {
			return true;
		}
	}
	return false;
}

#define NAMES_MAX 1024
#define ACTIVE "/run/systemd/units"
#define ACTIVE_MARK "invocation:"

/* Names of units, each once. */
struct names {
	struct arena *arena;
	const char **list;
	size_t count;
};

static void
add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->list[i], name) == 0) {
			return;
		}
	}
	if (names->count < NAMES_MAX) {
		names->list[names->count++] = name;
	}
}

static void
begin_names(struct names *names, struct arena *arena)
{
	*names = (struct names){ .arena = arena };
	names->list = arena_alloc(arena, NAMES_MAX * sizeof(*names->list));
}

/* Add the names in @folder that end with @suffix. */
static void
add_names_of(struct names *names, const char *root, const char *folder, const char *suffix)
{
	const char *const *found;
	size_t count = tree_names(root, folder, suffix, names->arena, &found);

	for (size_t i = 0; i < count; i++) {
		add_name(names, found[i]);
	}
}

size_t
unit_pulled_in(const char *root, const char *suffix, struct arena *arena, const char *const **names)
{
	struct names pulled;

	begin_names(&pulled, arena);
	for (size_t i = 0; unit_folders[i]; i++) {
		const char *const *found;
		size_t count = tree_names(root, unit_folders[i], "s", arena, &found);

		for (size_t n = 0; n < count; n++) {
			if (asks_for(found[n])) {
				add_names_of(&pulled, root,
				    arena_printf(arena, "%s/%s", unit_folders[i], found[n]),
				    suffix);
			}
		}
	}
	*names = pulled.list;
	return pulled.count;
}

size_t
unit_linked_to(
    const char *root, const struct unit *unit, struct arena *arena, const char *const **names)
{
	static const char *const kinds[] = { "wants", "requires", "upholds" };
	struct names linked;

	begin_names(&linked, arena);
	for (size_t i = 0; unit_folders[i]; i++) {
		for (size_t k = 0; k < COUNT(kinds); k++) {
			add_names_of(&linked, root,
			    arena_printf(arena, "%s/%s.%s", unit_folders[i], unit->name, kinds[k]),
			    "");
		}
	}
	*names = linked.list;
	return linked.count;
}

bool
unit_is_active(const char *root, const char *name)
{
	char path[PATH_MAX], target[64];

	/* the link leads to no file: its target is the number of the invocation */
	snprintf(path, sizeof(path), ACTIVE "/" ACTIVE_MARK "%s", name);
	return tree_link(root, path, target, sizeof(target)) > 0;
}

/* Whether the file holds one of @texts. */
static bool
holds(const char *root, const char *path, const char *const *texts)
{
	struct buf buf = { .limit_bytes = UNIT_BYTES };
	bool found = false;

	if (tree_read_start(root, path, "", UNIT_BYTES, &buf)) {
		for (; *texts && !found; texts++) {
			found = strstr(buf_str(&buf), *texts);
		}
	}
	buf_free(&buf);
	return found;
}

/* Whether the folder has a link of one of @names, wherever it leads. */
static bool
has_one_of(const char *root, const char *folder, const char *const *names, struct arena *arena)
{
	const char *const *there;
	size_t count = tree_names(root, folder, "", arena, &there);

	for (; *names; names++) {
		for (size_t i = 0; i < count; i++) {
			if (strcmp(there[i], *names) == 0) {
				return true;
			}
		}
	}
	return false;
}

bool
unit_requires_by_link(
    const char *root, const struct unit *unit, const char *const *unit_names, struct arena *arena)
{
	for (size_t i = 0; unit_folders[i]; i++) {
		if (has_one_of(root,
			arena_printf(arena, "%s/%s.requires", unit_folders[i], unit->name),
			unit_names, arena)) {
			return true;
		}
	}
	return false;
}

/* What is in the folders of units: read once, because most units are in few of them. */
struct listing {
	const char *const *names;
	size_t count;
};

static bool
is_listed(const struct listing *listing, const char *name)
{
	for (size_t i = 0; i < listing->count; i++) {
		if (strcmp(listing->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether what the folder has of the unit holds one of @texts: its file, drop-ins, links. */
static bool
folder_holds(const char *root, const char *folder, const struct listing *listing, const char *name,
    const char *const *texts, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	const char *const *dropins;
	size_t count = 0;

	if (is_listed(listing, name) && holds(root, path, texts)) {
		return true;
	}
	if (is_listed(listing, arena_printf(arena, "%s.requires", name)) &&
	    has_one_of(root, arena_printf(arena, "%s.requires", path), texts, arena)) {
		return true;
	}
	if (is_listed(listing, arena_printf(arena, "%s.d", name))) {
		count =
		    tree_names(root, arena_printf(arena, "%s.d", path), ".conf", arena, &dropins);
	}
	for (size_t i = 0; i < count; i++) {
		if (holds(root, arena_printf(arena, "%s.d/%s", path, dropins[i]), texts)) {
			return true;
		}
	}
	return false;
}

/* Add the services in a folder, or that have drop-ins there. */
static void
add_listed(struct names *all, const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		const char *name = listing->names[i];
		const char *end = strstr(name, ".service");

		if (end) {
			add_name(all, arena_strndup(all->arena, name, (size_t)(end + 8 - name)));
		}
	}
}

/*
 * List the units that may be active: those of the administrator, and those that systemd marked;
 * where it marks none, all.
 */
static void
add_candidates(struct names *all, const char *root, const struct listing listings[FOLDERS_MAX])
{
	const char *const *active;
	size_t count = tree_names(root, ACTIVE, ".service", all->arena, &active);

	for (size_t i = 0; i < count; i++) {
		if (strncmp(active[i], ACTIVE_MARK, strlen(ACTIVE_MARK)) == 0) {
			add_name(all, active[i] + strlen(ACTIVE_MARK));
		}
	}
	for (size_t i = 0; unit_folders[i]; i++) {
		bool packages = strstr(unit_folders[i], "/lib/systemd") &&
		    strncmp(unit_folders[i], "/usr/local/", 11) != 0;

		if (count == 0 || !packages) {
			add_listed(all, &listings[i]);
		}
	}
}

bool
unit_rests(const char *root, const struct unit *unit)
{
	return tree_is_folder(root, ACTIVE) && !unit_is_active(root, unit->name) &&
	    unit_next(unit, "Service", "ExecStart", NULL);
}

size_t
unit_holding(
    const char *root, const char *const *unit_names, struct arena *arena, const char *const **names)
{
	struct listing listings[FOLDERS_MAX] = { { .count = 0 } };
	struct names all, holding;

	begin_names(&all, arena);
	begin_names(&holding, arena);
	for (size_t i = 0; unit_folders[i]; i++) {
		assert(i < FOLDERS_MAX);
		listings[i].count =
		    tree_names(root, unit_folders[i], "", arena, &listings[i].names);
	}
	add_candidates(&all, root, listings);
	for (size_t i = 0; i < all.count; i++) {
		for (size_t f = 0; unit_folders[f]; f++) {
			if (folder_holds(root, unit_folders[f], &listings[f], all.list[i],
				unit_names, arena)) {
				add_name(&holding, all.list[i]);
				break;
			}
		}
	}
	*names = holding.list;
	return holding.count;
}
