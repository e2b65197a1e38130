#include "orchestrator/ssh/system/folder.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_PREFIX "timetier-ssh-"

/* Remove the folders that killed runs have left in @base, if they are empty. */
static void
sweep(const char *base)
{
	DIR *dir = opendir(base);
	const struct dirent *entry;
	char path[512];

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		long pid;

		if (strncmp(name, FOLDER_PREFIX, strlen(FOLDER_PREFIX)) != 0) {
			continue;
		}
		pid = strtol(name + strlen(FOLDER_PREFIX), NULL, 10);
		if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
			snprintf(path, sizeof(path), "%s/%s", base, name);
			rmdir(path);
		}
	}
	if (dir) {
		closedir(dir);
	}
}

/* A socket's path, and the 17 bytes that ssh adds while it binds, must fit into sockaddr_un. */
int
system_folder_make(char path[SYSTEM_FOLDER_BYTES])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *bases[] = { runtime && strlen(runtime) < 40 ? runtime : NULL, "/tmp" };

	for (size_t i = 0; i < COUNT(bases); i++) {
		if (!bases[i]) {
			continue;
		}
		sweep(bases[i]);
		snprintf(path, SYSTEM_FOLDER_BYTES, "%s/" FOLDER_PREFIX "%ld-XXXXXX", bases[i],
		    (long)getpid());
		if (mkdtemp(path)) {
			return 0;
		}
	}
	path[0] = '\0';
	return -1;
}

/* The masters remove their sockets, too: a socket that is already gone does no harm. */
void
system_folder_remove(const char *path)
{
	DIR *dir = path[0] ? opendir(path) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		unlinkat(dirfd(dir), entry->d_name, 0); /* "." and ".." stay */
	}
	if (dir) {
		closedir(dir);
		rmdir(path);
	}
}
