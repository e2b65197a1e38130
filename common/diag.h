/* Findings about the operator's own files: where, how bad, which rule, what. */
#ifndef COMMON_DIAG_H
#define COMMON_DIAG_H

#include "common/base.h"

#include <stdio.h>

/*
 * A place in a file; line and column count from 1.  Line 0 means "the file as a whole", column 0
 * the line as a whole.
 */
struct pos {
	const char *file; /* outlives the list */
	unsigned line;
	unsigned column;
};

enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

struct diag {
	enum severity severity;
	const char *rule; /* "source-loop"; static, never freed */
	struct pos pos;
	char *text;
	const char *accepted; /* why the site accepts it; outlives the list; NULL: not accepted */
};

/* More findings than this are counted and not kept: nobody reads them. */
#define DIAGS_MAX 1000

/* A growing list.  Zero-initialise it; diags_free() ends it. */
struct diags {
	struct diag *list;
	size_t count, capacity;
	size_t errors, warnings; /* counted also beyond DIAGS_MAX */
	size_t accepted;         /* of diags_add_accepted(), also beyond DIAGS_MAX */
	size_t dropped;          /* found after the list was full */
};

/* The text is kept as it is shown: site files may come from outside, too (common/shown.h). */
void diags_add(struct diags *diags, enum severity severity, const char *rule, struct pos pos,
    const char *fmt, ...) PRINTF(5, 6);

/*
 * Add a finding that the site accepts: a note that is printed as "accepted: TEXT (BECAUSE)".
 *
 * @because: borrowed until diags_free()
 */
void diags_add_accepted(
    struct diags *diags, const char *rule, struct pos pos, const char *because, const char *text);

/* Put the list in the order of files and lines; findings at one place keep their order. */
void diags_sort(struct diags *diags);

/* "error", "warning", "note". */
const char *severity_name(enum severity severity);

/*
 * Print each finding as a line "file:line:column: severity: text [rule]", which editors can parse.
 *
 * @colour: whether the severity is coloured (the caller asks whether @out is a terminal)
 */
void diags_print(const struct diags *diags, FILE *out, bool colour);

void diags_free(struct diags *diags);

#endif
