/* What one host should have on disk: the renderer fills it, the rollout carries it out. */
#ifndef DAEMONS_FILE_SET_H
#define DAEMONS_FILE_SET_H

#include "common/arena.h"

/*
 * What a changed file asks of the running daemon, least disruptive first: the largest one of a
 * host's changed files is the action of its rollout.
 */
enum file_action {
	FILE_ACTION_NONE,           /* nothing: read at the next start, or only a comment changed */
	FILE_ACTION_RELOAD_SOURCES, /* chronyc reload sources */
	FILE_ACTION_REFRESH,        /* names are looked up again; no file asks for it */
	FILE_ACTION_REKEY,          /* chronyc rekey */
	FILE_ACTION_RESTART,
};

struct file_entry {
	const char *path; /* on the host, absolute */
	const char *content;
	size_t len;
	unsigned mode; /* 0640 */
	const char *owner, *group;
	enum file_action action; /* when its content changes */
	bool secret;             /* never shown: diffs say only that it differs */
	bool absent;             /* it should not be there; content is "" */
};

/* Everything in it comes from @arena of whoever made it. */
struct file_set {
	struct file_entry *list;
	size_t count;
};

/* The entry of @path, or NULL. */
const struct file_entry *file_set_find(const struct file_set *set, const char *path);

/* For people: "nothing", "reload sources", "refresh", "rekey", "restart". */
const char *file_action_name(enum file_action action);

/* In files of timetier's own: "none", "reload-sources", "refresh", "rekey", "restart". */
const char *file_action_id(enum file_action action);

/* The inverse; what is unknown may be as disruptive as can be: FILE_ACTION_RESTART. */
enum file_action file_action_of(const char *id);

#endif
