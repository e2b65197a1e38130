#include "tests/fake_folder.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define IN_MEMORY "/dev/shm"

void
fake_folder_make(char path[FAKE_FOLDER_BYTES], const char *name)
{
	struct statvfs about;
	bool fit = access(IN_MEMORY, W_OK) == 0 && statvfs(IN_MEMORY, &about) == 0 &&
	    !(about.f_flag & ST_NOEXEC);

	snprintf(path, FAKE_FOLDER_BYTES, "%s/timetier-%s-XXXXXX", fit ? IN_MEMORY : "/tmp", name);
	if (!mkdtemp(path)) {
		perror(path);
		abort();
	}
}
