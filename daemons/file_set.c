#include "daemons/file_set.h"

#include <string.h>

const char *
file_action_name(enum file_action action)
{
	static const char *const names[] = {
		[FILE_ACTION_NONE] = "nothing",
		[FILE_ACTION_RELOAD_SOURCES] = "reload sources",
		[FILE_ACTION_REFRESH] = "refresh",
		[FILE_ACTION_REKEY] = "rekey",
		[FILE_ACTION_RESTART] = "restart",
	};

	return names[action];
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
