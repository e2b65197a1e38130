#include "daemons/file_set.h"

#include <string.h>

static const struct {
	const char *id, *name;
} actions[] = {
	[FILE_ACTION_NONE] = { "none", "nothing" },
	[FILE_ACTION_RELOAD_SOURCES] = { "reload-sources", "reload sources" },
	[FILE_ACTION_REFRESH] = { "refresh", "refresh" },
	[FILE_ACTION_REKEY] = { "rekey", "rekey" },
	[FILE_ACTION_RESTART] = { "restart", "restart" },
};

bool
file_set_wants(const struct file_set *set, const char *path)
{
	const struct file_entry *entry = set ? file_set_find(set, path) : NULL;

	return entry && !entry->absent;
}

const char *
file_action_name(enum file_action action)
{
	return actions[action].name;
}

const char *
file_action_id(enum file_action action)
{
	return actions[action].id;
}

enum file_action
file_action_of(const char *id)
{
	for (size_t i = 0; i < COUNT(actions); i++) {
		if (strcmp(actions[i].id, id) == 0) {
			return (enum file_action)i;
		}
	}
	return FILE_ACTION_RESTART;
}

const struct file_entry *
file_set_find(const struct file_set *set, const char *path)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->list[i].path, path) == 0) {
			return &set->list[i];
		}
	}
	return NULL;
}
