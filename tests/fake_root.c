#include "tests/fake_root.h"

#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

char fake_root[64];

int
fake_root_make(void **state UNUSED)
{
	snprintf(fake_root, sizeof(fake_root), "/tmp/test_root.XXXXXX");
	return mkdtemp(fake_root) ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *file UNUSED, int kind UNUSED, struct FTW *at UNUSED)
{
	return remove(path);
}

int
fake_root_remove(void **state UNUSED)
{
	return nftw(fake_root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
make_folder_of(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s%s", fake_root, path);
	if (file_make_folder(dirname(folder), 0755, NULL) < 0) {
		perror(path);
		abort();
	}
}

void
fake_root_put_bytes(const char *path, const char *bytes, size_t len, mode_t mode)
{
	char full[PATH_MAX];

	make_folder_of(path);
	snprintf(full, sizeof(full), "%s%s", fake_root, path);
	if (file_replace(full, bytes, len, mode, NULL) < 0) {
		perror(full);
		abort();
	}
}

void
fake_root_put(const char *path, const char *text)
{
	fake_root_put_bytes(path, text, strlen(text), 0644);
}

void
fake_root_put_program(const char *path, const char *text)
{
	fake_root_put_bytes(path, text, strlen(text), 0755);
}

void
fake_root_link(const char *target, const char *path)
{
	char full[PATH_MAX];

	make_folder_of(path);
	snprintf(full, sizeof(full), "%s%s", fake_root, path);
	if (symlink(target, full) < 0) {
		perror(full);
		abort();
	}
}

void
fake_root_put_process(int pid, int parent, const char *name, const char *namespaces)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(text, sizeof(text),
	    "Name:\t%s\nPid:\t%d\nPPid:\t%d\nUid:\t0\t0\t0\t0\nNSpid:\t%s\nVmSize:\t  100 kB\n",
	    name, pid, parent, namespaces);
	fake_root_put(path, text);
}
