/*
 * A small mustache engine: variables, sections, inverted sections, comments and partials, as the
 * mustache specification (1.1) has them, with its rules for lines that hold nothing but a tag.
 * Logic-free and pure: templates and values come in, text comes out.
 *
 * Left out: lambdas, dotted names, other delimiters, and partials that name themselves.
 * Stricter: a name that nobody declared is an error with its place, not an empty text.
 */
#ifndef ORCHESTRATOR_RENDER_MUSTACHE_H
#define ORCHESTRATOR_RENDER_MUSTACHE_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"

#define MUSTACHE_PARTIAL_DEPTH 8 /* partials within partials */
#define MUSTACHE_SECTION_DEPTH 32
#define MUSTACHE_NODES_MAX 20000    /* of one template with its partials */
#define MUSTACHE_STEPS_MAX 10000000 /* of one rendering: lists in lists stay bounded */

/* What a value may do to the file that it is put in. */
enum mustache_escape {
	MUSTACHE_LINE, /* configuration: a value with a control character is refused, so that
			  none can begin a line of its own; {{{x}}} is no way around that */
	MUSTACHE_HTML, /* & < > " ' become entities, except in {{{x}}} and {{&x}} */
};

/* Where templates get partials and the meaning of names from, while they are parsed. */
struct mustache_names {
	/* A number from 0 for @name (@len bytes), or -1 with @err set to words about the name. */
	int (*resolve)(void *arg, const char *name, size_t len, struct error *err);
	/* The text of the template @name, or NULL when there is none. */
	const char *(*partial)(void *arg, const char *name, size_t *len);
	void *arg;
};

struct mustache_template;

/*
 * Parse the template @text, of @len bytes.
 *
 * @name: of its file; the errors begin with it
 *
 * Returns the template (in @arena, with copies of all that it needs), or NULL with @err set:
 * "chrony.conf:7:3: section `serve` is never closed".
 */
struct mustache_template *mustache_parse(struct arena *arena, const char *name, const char *text,
    size_t len, const struct mustache_names *names, struct error *err);

/* What a name stands for. */
enum mustache_kind {
	MUSTACHE_FALSE, /* nothing: sections are left out, variables are empty */
	MUSTACHE_TRUE,  /* sections appear once; a variable of it is empty */
	MUSTACHE_TEXT,  /* "" is false */
	MUSTACHE_LIST,  /* sections appear once for each item; empty is false */
};

struct mustache_value {
	enum mustache_kind kind;
	const char *text;
	const void *const *items; /* opaque here; innermost in struct mustache_frame */
	size_t count;
};

/* The items of the sections that we are in, innermost first; NULL outside all lists. */
struct mustache_frame {
	const void *item;
	const struct mustache_frame *outer;
};

struct mustache_data {
	/* Fill @value for the name @id where the sections around it are @frame. */
	int (*value)(void *arg, int id, const struct mustache_frame *frame,
	    struct mustache_value *value, struct error *err);
	void *arg;
};

/*
 * Fill @template and add the text to @out.
 *
 * Returns 0, or -1 with @err set: a value is refused by @escape, @out is full, or the lists in
 * lists go beyond MUSTACHE_STEPS_MAX.
 */
int mustache_render(const struct mustache_template *template, enum mustache_escape escape,
    const struct mustache_data *data, struct buf *out, struct error *err) MUST_CHECK;

#endif
