#include "common/file_set.h"

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
