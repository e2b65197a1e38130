/* A document as sections of paragraphs, tables and figures, before it is HTML or text. */
#ifndef ORCHESTRATOR_DOCUMENT_DOCUMENT_H
#define ORCHESTRATOR_DOCUMENT_DOCUMENT_H

#include "common/arena.h"
#include "common/buf.h"

enum paint {
	PAINT_NONE,
	PAINT_GOOD,
	PAINT_WARN,
	PAINT_BAD,
	PAINT_QUIET,
};

struct cell {
	enum paint paint;
	bool number; /* set to the right */
	const char *text;
	const char *markup; /* a picture in its place: SVG, made here and safe; NULL: none */
};

struct row {
	struct cell *cells; /* as many as the table has columns */
};

enum block_kind {
	BLOCK_PARAGRAPH, /* text */
	BLOCK_CALLOUT,   /* text, with its paint */
	BLOCK_TABLE,
	BLOCK_FIGURE, /* markup, with a text for who cannot see it */
	BLOCK_LINES,  /* text of several lines, as they are */
};

struct block {
	enum block_kind kind;
	enum paint paint;
	const char *text;
	const char *markup; /* of BLOCK_FIGURE: SVG, made here and safe */
	const char *const *columns;
	size_t column_count;
	struct row *rows;
	size_t row_count, row_capacity;
	struct block *next;
};

struct section {
	const char *id, *title;
	struct block *first, *last;
	struct section *next;
};

struct document {
	struct arena *arena; /* owns everything below */
	const char *title, *subtitle;
	struct section *first, *last;
};

/* Begin a section: what is added next belongs to it.  @id: fit for an anchor. */
void document_section(struct document *document, const char *id, const char *title);

void document_say(struct document *document, const char *fmt, ...) PRINTF(2, 3);
void document_call(struct document *document, enum paint paint, const char *fmt, ...) PRINTF(3, 4);

/* @columns: ended by NULL; it must outlive the document. */
void document_table(struct document *document, const char *const *columns);

/* Begin a row of the table that was added last; its cells are filled from the left. */
void document_row(struct document *document);
void document_cell(struct document *document, enum paint paint, const char *fmt, ...) PRINTF(3, 4);
void document_number(struct document *document, const char *fmt, ...) PRINTF(2, 3);
void document_painted(struct document *document, enum paint paint, const char *fmt, ...)
    PRINTF(3, 4); /* a number, too */

/* A cell with a picture; @markup and @words as for document_figure(), and borrowed. */
void document_picture(struct document *document, const char *markup, const char *words);

/* @markup: SVG whose texts are escaped; both texts are copied. */
void document_figure(struct document *document, const char *markup, const char *words);
void document_lines(struct document *document, const char *text);

/* Add the whole document to @out: one HTML file that needs no other. */
void document_html(const struct document *document, struct buf *out);

/* Add it as text, @width columns wide. */
void document_text(struct document *document, unsigned width, struct buf *out);

/*
 * Add @fmt to @out; "%s" of it is escaped, so that it is text in HTML and SVG, in quotes too. Other
 * directives: %u, %d, %zu, %.1f, %%.
 */
void html_add(struct buf *out, const char *fmt, ...) PRINTF(2, 3);

#endif
