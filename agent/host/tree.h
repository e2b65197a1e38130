/* Files of the host, below a root: "" for the host itself, a folder of its own for a test. */
#ifndef AGENT_HOST_TREE_H
#define AGENT_HOST_TREE_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"

#define TREE_NAMES_MAX 512 /* of one folder; further ones are left out */

enum tree_answer {
	TREE_READ,
	TREE_ABSENT,     /* it is not there */
	TREE_UNREADABLE, /* it is, and cannot be read: the error says why and what to do */
};

/* Read the file at @path to the end of @text; @err is set on TREE_UNREADABLE only. */
enum tree_answer tree_read(const char *root, const char *path, struct buf *text, struct error *err);

/*
 * The names in @folder that end with @suffix and have something before it, by strcmp; those that
 * begin with a dot are left out.
 *
 * @names: filled; list and texts are @arena's
 *
 * Returns how many; 0 when the folder is not there.
 */
size_t tree_names(const char *root, const char *folder, const char *suffix, struct arena *arena,
    const char *const **names);

/* The same of the links alone: other names of something. */
size_t tree_links(const char *root, const char *folder, const char *suffix, struct arena *arena,
    const char *const **names);

bool tree_is_there(const char *root, const char *path);
/* Whether a folder above it keeps us from seeing if it is there. */
bool tree_is_hidden(const char *root, const char *path);
bool tree_is_folder(const char *root, const char *path);

/* Whether somebody may run it: any x bit of a plain file. */
bool tree_is_program(const char *root, const char *path);

/* Whether the link or file leads to /dev/null, as a masked unit does, or is empty. */
bool tree_is_masked(const char *root, const char *path);

/* When the file was last changed in any way, kernel time; 0: it is not there. */
int64_t tree_changed_ns(const char *root, const char *path);

#endif
