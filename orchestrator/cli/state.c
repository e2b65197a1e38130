#include "orchestrator/cli/state.h"

#include <stdio.h>
#include <string.h>

int
state_folder(const char *option, const char *site_file, char *folder, struct error *err)
{
	const char *slash = strrchr(site_file, '/');
	int beside = slash ? (int)(slash - site_file) + 1 : 0;
	int len;

	len = option ? snprintf(folder, PATH_MAX, "%s", option)
		     : snprintf(folder, PATH_MAX, "%.*s.timetier", beside, site_file);
	if (len >= PATH_MAX) {
		return error_set(err, "%.60s...: the path is too long", folder);
	}
	return 0;
}
