#include "orchestrator/cli/state.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is in the folder is for its owner alone: another user could read and write none of it. */
static int
refuse_other_owner(const char *folder, struct error *err)
{
	const struct passwd *owner, *self;
	char name[64], own[64];
	struct stat st;

	if (stat(folder, &st) < 0 || st.st_uid == geteuid() || geteuid() == 0) {
		return 0;
	}
	owner = getpwuid(st.st_uid);
	snprintf(name, sizeof(name), "%s", owner ? owner->pw_name : "another user");
	self = getpwuid(geteuid());
	snprintf(own, sizeof(own), "%s", self ? self->pw_name : "somebody else");
	return error_set(err,
	    "folder %.200s belongs to %s, and you are %s: run timetier as %s; a folder of your own "
	    "(--state DIR) would be another collector's identity, which no agent trusts",
	    folder, name, own, name);
}

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
	return refuse_other_owner(folder, err);
}
