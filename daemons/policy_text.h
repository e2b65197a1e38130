/* What the readers of policies share: lines with their places, start options, what to blame. */
#ifndef DAEMONS_POLICY_TEXT_H
#define DAEMONS_POLICY_TEXT_H

#include "common/buf.h"
#include "daemons/policy.h"

#define POLICY_LINE_BYTES 2048
#define POLICY_WORDS_MAX 64

/*
 * A configuration text, line by line.  A line `#line N FILE`, a comment for every daemon, says
 * that line N of FILE comes next; `#sources N FILE` says so of a file in a folder of sources, where
 * chronyd skips what it does not accept.
 */
struct policy_text {
	const char *at, *end;
	char file[RESTART_PLACE_BYTES - 12];
	unsigned number; /* of the next line in its file */
	char line[POLICY_LINE_BYTES];
	char place[RESTART_PLACE_BYTES];
	bool cut;     /* the line of the text is longer than line holds */
	bool lenient; /* the line is from a folder of sources */
	bool moved;   /* a `#line` stands before this line: another file, or another part of it */
};

/* Begin to read @config.  @path: the file that it is from, until a `#line` names another. */
void policy_text_begin(struct policy_text *text, const char *config, const char *path);

/* Move to the next line and its place.  Returns false at the end of the text. */
bool policy_text_next(struct policy_text *text);

/* Write "FILE:N"; of a path that is too long its end, which tells more than its beginning. */
void policy_place(char place[RESTART_PLACE_BYTES], const char *file, unsigned line);

/* From now on, blame @words at @place for @what.  @place is "" for a start option. */
void policy_blame(
    struct restart_policy *policy, enum restart_blamed what, const char *place, const char *words);

/* Make the policy not known because of @words at @place; the first such reason stays. */
void policy_doubt(struct restart_policy *policy, const char *place, const char *words);

/* The daemon ends at its start because of @words at @place; the first such line stays. */
void policy_refuse(struct restart_policy *policy, const char *place, const char *words);

/* The same for what no version accepts, although its own check of the configuration may. */
void policy_refuse_by_all(struct restart_policy *policy, const char *place, const char *words);

/* Note that the daemon ends at its start by @words at @place if @path, or @user, is not there. */
void policy_need_file(
    struct restart_policy *policy, const char *path, const char *place, const char *words);
void policy_need_user(
    struct restart_policy *policy, const char *user, const char *place, const char *words);

/*
 * Only versions from @since up to before @until accept @words at @place; 0: no such limit.
 */
void policy_need_version(struct restart_policy *policy, unsigned since, unsigned until,
    const char *place, const char *words);

/* Add a fence, or what it stops to the one around the same addresses. */
void policy_add_fence(struct restart_policy *policy, const struct restart_fence *fence);

/* Mark the lines that the fences keep the daemon from hearing; when all of them are known. */
void policy_mark_deaf(struct restart_policy *policy);

/* Mark one line: the daemon does not hear it because of @words at @place. */
void policy_line_deaf(
    struct restart_policy *policy, struct restart_line *line, const char *place, const char *words);

/* Add a source; more than RESTART_LINES_MAX sources make the policy not known. */
void policy_add_line(struct restart_policy *policy, const struct restart_line *line);

#endif
