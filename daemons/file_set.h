/* The files that one host should have: the renderer fills the set, the rollout applies it. */
#ifndef DAEMONS_FILE_SET_H
#define DAEMONS_FILE_SET_H

#include "common/arena.h"

/*
 * What the running daemon must do after a file has changed, least disruptive first.  The rollout
 * of a host takes the largest action of its changed files.
 */
enum file_action {
	FILE_ACTION_NONE,           /* nothing: read at the next start, or only a comment changed */
	FILE_ACTION_RELOAD_SOURCES, /* chronyc reload sources */
	FILE_ACTION_REFRESH,        /* look names up again; no file needs this */
	FILE_ACTION_REKEY,          /* chronyc rekey */
	FILE_ACTION_RESTART,
};

struct file_entry {
	const char *path; /* on the host, absolute */
	const char *content;
	size_t len;
	unsigned mode; /* 0640 */
	const char *owner, *group;
	enum file_action action; /* needed when the content changes */
	const char *idle; /* of FILE_ACTION_NONE: why nothing is needed then; NULL: not known */
	bool secret;      /* content is never shown: diffs say only that it differs */
	bool absent;      /* the file should not exist; content is "" */
};

/* The list and all that it points to live in the arena of whoever made the set. */
struct file_set {
	struct file_entry *list;
	size_t count;
};

/* The entry of @path, or NULL. */
const struct file_entry *file_set_find(const struct file_set *set, const char *path);

/* Whether @set, which may be NULL, wants a file at @path. */
bool file_set_wants(const struct file_set *set, const char *path);

/* The name for people: "nothing", "reload sources", "refresh", "rekey", "restart". */
const char *file_action_name(enum file_action action);

/* The name in timetier's own files: "none", "reload-sources", "refresh", "rekey", "restart". */
const char *file_action_id(enum file_action action);

/* The inverse of file_action_id().  An unknown @id is FILE_ACTION_RESTART, the most disruptive. */
enum file_action file_action_of(const char *id);

#endif
