/*
 * A small mustache engine: variables, sections, inverted sections, comments and partials, and lines
 * that hold nothing but a tag, as in the mustache specification (1.1).  No I/O: templates and
 * values come in, text comes out.
 *
 * Left out: lambdas, dotted names, other delimiters, and partials that include themselves.
 * Stricter: an unknown name is an error with its place, not an empty text.
 */
#ifndef ORCHESTRATOR_RENDER_MUSTACHE_H
#define ORCHESTRATOR_RENDER_MUSTACHE_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"

#define MUSTACHE_PARTIAL_DEPTH 8 /* partials within partials */
#define MUSTACHE_SECTION_DEPTH 32
#define MUSTACHE_NODES_MAX 20000    /* of one template with its partials */
#define MUSTACHE_STEPS_MAX 10000000 /* of one rendering: bounds lists inside lists */

/* How a value is kept from changing the structure of the file that it goes into. */
enum mustache_escape {
	MUSTACHE_LINE, /* configuration: a value with a control character is refused, also in
			  {{{x}}}, so that no value can begin a new line */
	MUSTACHE_HTML, /* & < > " ' become entities, except in {{{x}}} and {{&x}} */
};

/* How the parser looks up names and finds partials. */
struct mustache_names {
	/* The id (0 or more) of @name, @len bytes; or -1 with @err set: what is wrong with it. */
	int (*resolve)(void *arg, const char *name, size_t len, struct error *err);
	/* The text of the template @name, or NULL when there is none. */
	const char *(*partial)(void *arg, const char *name, size_t *len);
	void *arg;
};

struct mustache_template;

/*
 * Parse the template @text, of @len bytes.
 *
 * @name: the name of the template; errors begin with it
 *
 * Returns the template, which is in @arena and borrows nothing, or NULL with @err set:
 * "chrony.conf:7:3: section `serve` is never closed".
 */
struct mustache_template *mustache_parse(struct arena *arena, const char *name, const char *text,
    size_t len, const struct mustache_names *names, struct error *err);

/* What a name stands for. */
enum mustache_kind {
	MUSTACHE_FALSE, /* sections are left out, variables are empty */
	MUSTACHE_TRUE,  /* sections appear once, variables are empty */
	MUSTACHE_TEXT,  /* variables are the text; "" counts as false */
	MUSTACHE_LIST,  /* sections appear once for each item; an empty list counts as false */
};

struct mustache_value {
	enum mustache_kind kind;
	const char *text;
	const void *const *items; /* a section puts each into a struct mustache_frame */
	size_t count;
};

/* The items of the lists around a tag, innermost first; NULL: no list is around it. */
struct mustache_frame {
	const void *item;
	const struct mustache_frame *outer;
};

struct mustache_data {
	/* Fill @value for the name @id inside the items @frame. */
	int (*value)(void *arg, int id, const struct mustache_frame *frame,
	    struct mustache_value *value, struct error *err);
	void *arg;
};

/*
 * Fill @template and add the text to @out.
 *
 * Returns 0, or -1 with @err set: @data gives no value, @escape refuses a value, @out is full, or
 * lists inside lists need more than MUSTACHE_STEPS_MAX steps.
 */
int mustache_render(const struct mustache_template *template, enum mustache_escape escape,
    const struct mustache_data *data, struct buf *out, struct error *err) MUST_CHECK;

#endif
