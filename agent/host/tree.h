/*
 * Files of the host below a root: "" for the host itself; a test gives a folder.  What is read by
 * these functions is noted: agent/host/reads.h.
 */
#ifndef AGENT_HOST_TREE_H
#define AGENT_HOST_TREE_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"

#include <glob.h>
#include <sys/types.h>

#define TREE_NAMES_MAX 2048 /* of one folder; further ones are left out */

enum tree_answer {
	TREE_READ,
	TREE_ABSENT,     /* it is not there */
	TREE_UNREADABLE, /* it is there and cannot be read: the error says why and what to do */
};

/* Append the file at @path to @text; @err is set on TREE_UNREADABLE only. */
enum tree_answer tree_read(const char *root, const char *path, struct buf *text, struct error *err);

/*
 * Append at most @max bytes of the plain file at @path to @text, up to a NUL.
 *
 * @mark: "#!": only if the file begins so; "": any file
 *
 * Returns whether it is such a file and can be read.
 */
bool tree_read_start(
    const char *root, const char *path, const char *mark, size_t max, struct buf *text);

/*
 * List the names in @folder that end with @suffix and are longer than it, sorted by strcmp.  Names
 * that begin with a dot are left out.
 *
 * @names: filled; the list and its texts belong to @arena
 *
 * Returns how many; 0 when the folder is not there.
 */
size_t tree_names(const char *root, const char *folder, const char *suffix, struct arena *arena,
    const char *const **names);

/* The same for links alone, and for entries whose file system does not tell what they are. */
size_t tree_links(const char *root, const char *folder, const char *suffix, struct arena *arena,
    const char *const **names);

/* Like readlink(2): @target, of @size bytes, ends with a NUL, and is "" where there is no link. */
ssize_t tree_link(const char *root, const char *path, char *target, size_t size);

/* Like glob(3) with these flags; true: @found is filled, and globfree() ends it. */
bool tree_glob(const char *root, const char *pattern, int flags, glob_t *found);

bool tree_is_there(const char *root, const char *path);
/* The same; a link is there even where it leads nowhere. */
bool tree_is_listed(const char *root, const char *path);
/* Whether nobody can tell if @path is there: this user may not search a folder above it. */
bool tree_is_hidden(const char *root, const char *path);
bool tree_is_folder(const char *root, const char *path);

/* Whether /etc/passwd has the user; others may know users that it has not. */
bool tree_has_user(const char *root, const char *user);

/* Whether @path is a plain file that somebody may execute: any x bit. */
bool tree_is_program(const char *root, const char *path);

/* Whether @path is an empty file or leads to a device, as a masked unit leads to /dev/null. */
bool tree_is_masked(const char *root, const char *path);

/* Returns when the file or its inode last changed (its ctime); 0: it is not there. */
int64_t tree_changed_ns(const char *root, const char *path);

#endif
