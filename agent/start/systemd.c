#include "agent/start/systemd.h"

#include "agent/host/binary.h"
#include "agent/host/tree.h"
#include "common/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Source: NEWS of systemd 256.  254 and 255 have the function for it; nobody asked them. */
#define ETC_ALONE_UNTIL 253
#define ANYWHERE_FROM 256

/* What the names of the libraries of systemd say of its version. */
struct versions {
	unsigned long least, most; /* 0: not told */
};

/* "/usr/lib/systemd/libsystemd-shared-252.so", "...-257.13-1~deb13u1.so". */
static void
add_versions(const char *root, const char *folder, struct versions *versions)
{
	static const char name[] = "libsystemd-shared-";
	char pattern[PATH_MAX];
	glob_t found;

	if (snprintf(pattern, sizeof(pattern), "%s/%s*.so", folder, name) >= PATH_MAX ||
	    !tree_glob(root, pattern, 0, &found)) {
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned long version =
		    strtoul(file_name(found.gl_pathv[i]) + strlen(name), NULL, 10);

		if (version > 0 && (versions->least == 0 || version < versions->least)) {
			versions->least = version;
		}
		if (version > versions->most) {
			versions->most = version;
		}
	}
	globfree(&found);
}

const char *
systemd_config(const char *root, const char *path, struct arena *arena, const char **failure)
{
	static const char *const folders[] = { SYSTEMD_FOLDERS };
	static const char *const libraries[] = { "/usr/lib/systemd", "/usr/lib/*/systemd",
		"/lib/systemd", "/lib/*/systemd" };
	struct versions versions = { 0 };
	const char *other = NULL;

	if (tree_is_there(root, path) || tree_is_hidden(root, path)) {
		return path;
	}
	for (size_t i = 0; i < COUNT(folders) && !other; i++) {
		other = arena_printf(arena, "%s/%s", folders[i], file_name(path));
		other = tree_is_there(root, other) ? other : NULL;
	}
	for (size_t i = 0; i < COUNT(libraries) && other; i++) {
		add_versions(root, libraries[i], &versions);
	}
	if (!other || (versions.most > 0 && versions.most <= ETC_ALONE_UNTIL)) {
		return path;
	}
	if (versions.least < ANYWHERE_FROM) {
		*failure = arena_printf(
		    arena, "whether this version of systemd reads %s; copy it to %s", other, path);
	}
	return other;
}

bool
systemd_lies_of_built_in(const char *root, const char *line)
{
	static const char name[] = "#FallbackNTP=";
	static const char *const programs[] = { "/usr/lib/systemd/systemd-timesyncd",
		"/lib/systemd/systemd-timesyncd" };
	enum binary_answer answer = BINARY_UNREAD;

	if (strncmp(line, name, strlen(name)) != 0) {
		return false;
	}
	for (size_t i = 0; i < COUNT(programs) && answer == BINARY_UNREAD; i++) {
		answer = binary_holds(root, programs[i], line + strlen(name));
	}
	return answer == BINARY_LACKS;
}
