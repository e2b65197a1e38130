#include "agent/host/resolver.h"

#include "common/buf.h"
#include "common/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATUS_BYTES 16384
#define LINKS_MAX 16
/* CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH */
#define READS_ALL ((1u << 1) | (1u << 2))

/* Read the numbers behind "Name:" in /proc/PID/status; returns how many. */
static size_t
numbers(const char *text, const char *name, int base, unsigned long *list, size_t max)
{
	const char *at = strstr(text, name);
	size_t count = 0;

	if (!at) {
		return 0;
	}
	at += strlen(name);
	while (count < max) {
		char *end;

		at += strspn(at, " \t");
		if (*at == '\n' || *at == '\0') {
			break;
		}
		list[count++] = strtoul(at, &end, base);
		if (end == at) {
			return count - 1;
		}
		at = end;
	}
	return count;
}

bool
resolver_reader(const char *root, pid_t pid, struct reader *reader)
{
	struct buf status = { .limit_bytes = STATUS_BYTES };
	unsigned long ids[4], groups[COUNT(reader->groups) - 1], caps = 0;
	char path[PATH_MAX];
	bool seen;

	snprintf(path, sizeof(path), "%s/proc/%d/status", root, (int)pid);
	seen = file_read_plain(path, 0, &status, NULL) == 0 &&
	    numbers(buf_str(&status), "\nUid:", 10, ids, COUNT(ids)) == COUNT(ids);
	if (seen) {
		*reader = (struct reader){ .uid = (uid_t)ids[3] }; /* the one for files */
		seen = numbers(buf_str(&status), "\nGid:", 10, ids, COUNT(ids)) == COUNT(ids);
		reader->groups[reader->group_count++] = (gid_t)ids[3];
		for (size_t
			 i = 0,
			 count = numbers(buf_str(&status), "\nGroups:", 10, groups, COUNT(groups));
		     i < count; i++) {
			reader->groups[reader->group_count++] = (gid_t)groups[i];
		}
		numbers(buf_str(&status), "\nCapEff:", 16, &caps, 1);
		reader->overrides = (caps & READS_ALL) != 0;
	}
	buf_free(&status);
	return seen;
}

static bool
may(const struct reader *reader, const struct stat *file, unsigned bit)
{
	if (reader->overrides) {
		return true;
	}
	if (file->st_uid == reader->uid) {
		return file->st_mode & (bit << 6);
	}
	for (size_t i = 0; i < reader->group_count; i++) {
		if (file->st_gid == reader->groups[i]) {
			return file->st_mode & (bit << 3);
		}
	}
	return file->st_mode & bit;
}

/* A path that is walked from the root, component by component; links are followed. */
struct walk {
	const char *root;
	const struct reader *reader;
	char done[PATH_MAX]; /* what was walked, without root; "" is / */
	char left[PATH_MAX];
	unsigned links;
	char *words;
};

static bool
refuse(struct walk *walk, const char *what)
{
	snprintf(
	    walk->words, RESOLVER_WORDS_BYTES, "%.150s %s", *walk->done ? walk->done : "/", what);
	return false;
}

/* Put the target of the link at @full in the place of the link. */
static bool
follow(struct walk *walk, const char *full)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t len = readlink(full, target, sizeof(target) - 1);

	if (len < 0 || ++walk->links > LINKS_MAX) {
		return refuse(walk, "is a link that leads nowhere");
	}
	target[len] = '\0';
	memcpy(rest, walk->left, sizeof(rest));
	if ((size_t)len + 1 + strlen(rest) >= sizeof(walk->left)) {
		return refuse(walk, "is a link that leads nowhere");
	}
	memcpy(walk->left, target, (size_t)len);
	walk->left[len] = '/';
	memcpy(walk->left + len + 1, rest, strlen(rest) + 1);
	if (target[0] == '/') {
		walk->done[0] = '\0';
	} else {
		*strrchr(walk->done, '/') = '\0';
	}
	return true;
}

/* Move the next component from left to done; false: there is none. */
static bool
next_component(struct walk *walk)
{
	char *from = walk->left + strspn(walk->left, "/");
	size_t len = strcspn(from, "/"), done = strlen(walk->done);

	if (len == 0) {
		return false;
	}
	if (len == 2 && memcmp(from, "..", 2) == 0) {
		char *slash = strrchr(walk->done, '/');

		if (slash) {
			*slash = '\0';
		}
	} else if (!(len == 1 && *from == '.') && done + 1 + len < sizeof(walk->done)) {
		snprintf(walk->done + done, sizeof(walk->done) - done, "/%.*s", (int)len, from);
	}
	memmove(walk->left, from + len, strlen(from + len) + 1);
	return true;
}

/* Whether the reader may pass the folder, or read the file, that walk->done names. */
static bool
may_pass(struct walk *walk)
{
	char full[2 * PATH_MAX];
	struct stat file;
	bool last = walk->left[strspn(walk->left, "/")] == '\0';

	snprintf(full, sizeof(full), "%s%s", walk->root, *walk->done ? walk->done : "/");
	if (lstat(full, &file) < 0) {
		/* without the file the library has defaults; what we cannot see is not judged */
		bool dangles = walk->links > 0 && (errno == ENOENT || errno == ENOTDIR);

		walk->left[0] = '\0';
		return !dangles || refuse(walk, "is not there");
	}
	if (S_ISLNK(file.st_mode)) {
		return follow(walk, full);
	}
	if (S_ISDIR(file.st_mode)) {
		return may(walk->reader, &file, 1) || refuse(walk, "cannot be entered by it");
	}
	return !last || may(walk->reader, &file, 4) || refuse(walk, "is not readable to it");
}

static bool
is_readable(const char *root, const struct reader *reader, const char *path, char *words)
{
	struct walk walk = { .root = root, .reader = reader };

	walk.words = words;
	snprintf(walk.left, sizeof(walk.left), "%s", path);
	while (next_component(&walk)) {
		if (!may_pass(&walk)) {
			return false;
		}
	}
	return true;
}

bool
resolver_is_readable(const char *root, const struct reader *reader, char *words)
{
	static const char *const files[] = { "/etc/resolv.conf", "/etc/hosts",
		"/etc/nsswitch.conf" };
	char what[RESOLVER_WORDS_BYTES];

	words[0] = '\0';
	for (size_t i = 0; i < COUNT(files); i++) {
		what[0] = '\0';
		if (!is_readable(root, reader, files[i], what)) {
			bool itself = strncmp(what, files[i], strlen(files[i])) == 0;

			snprintf(words, RESOLVER_WORDS_BYTES, "%s%s%.150s", itself ? "" : files[i],
			    itself ? "" : ": ", what);
			return false;
		}
	}
	return true;
}
