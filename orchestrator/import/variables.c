#include "orchestrator/import/variables.h"

#include "orchestrator/import/folder.h"
#include "orchestrator/import/roles.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
import_no_role(struct import *import, const char *path, struct error *err)
{
	return error_set(err, "no host of %.200s has the variables of a role that is known: %s",
	    path, import_role_names(&import->arena));
}

static bool
has(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
	    access(path, F_OK) == 0;
}

int
import_path(struct import *import, const char *path, struct import_host **hosts, size_t *count,
    struct error *err)
{
	struct stat info;

	if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
		return import_inventory(import, path, hosts, count, err);
	}
	if (has(path, "hiera.yaml")) {
		return import_hiera(import, path, hosts, count, err);
	}
	if (has(path, "group_vars") || has(path, "host_vars") || has(path, "ansible.cfg")) {
		return error_set(err,
		    "%.200s is a folder of Ansible's, who alone knows what holds where: `cd %.200s "
		    "&& ansible-inventory --list >inventory.json`, with -i where its inventory is "
		    "elsewhere; then import that file",
		    path, path);
	}
	return import_folder(&import->arena, path, hosts, count, err);
}
