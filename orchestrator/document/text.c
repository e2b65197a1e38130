/* A document as text: for terminals, mail, and version control. */
#include "orchestrator/document/document.h"

#include <string.h>

#define COLUMN_GAP 2
#define LAST_MIN 30 /* the last column is never narrower */

/* Columns that @text takes: its characters. */
static size_t
width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++) {
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

/* Add @text from column @from on, in lines of @width columns that begin at that column, too. */
static void
add_wrapped(struct buf *out, const char *text, size_t width, size_t from)
{
	size_t used = from;

	while (*text) {
		size_t len = strcspn(text, " ");
		struct buf word = { 0 };

		buf_add(&word, text, len);
		if (used > from && used + 1 + width_of(buf_str(&word)) > width) {
			buf_printf(out, "\n%*s", (int)from, "");
			used = from;
		} else if (used > from) {
			buf_text(out, " ");
			used++;
		}
		buf_text(out, buf_str(&word));
		used += width_of(buf_str(&word));
		buf_free(&word);
		text += len;
		text += strspn(text, " ");
	}
	buf_text(out, "\n");
}

static void
add_padded(struct buf *out, const char *text, size_t width, bool right)
{
	size_t pad = width > width_of(text) ? width - width_of(text) : 0;

	if (right) {
		buf_printf(out, "%*s%s", (int)pad, "", text);
	} else {
		buf_printf(out, "%s%*s", text, (int)pad, "");
	}
}

static const char *
cell_text(const struct block *table, size_t row, size_t column)
{
	const char *text = table->rows[row].cells[column].text;

	return text ? text : "";
}

static size_t
column_width(const struct block *table, size_t column)
{
	size_t width = width_of(table->columns[column]);

	for (size_t r = 0; r < table->row_count; r++) {
		size_t cell = width_of(cell_text(table, r, column));

		width = cell > width ? cell : width;
	}
	return width;
}

/* Where the last column begins. */
static size_t
last_column(const struct block *table, const size_t *widths)
{
	size_t from = 0;

	for (size_t i = 0; i + 1 < table->column_count; i++) {
		from += widths[i] + COLUMN_GAP;
	}
	return from;
}

static void
add_row(const struct block *table, const size_t *widths, const char *const *texts, size_t width,
    struct buf *out)
{
	size_t last = table->column_count - 1, from = last_column(table, widths);
	bool numbers = table->row_count > 0;

	for (size_t i = 0; i < last; i++) {
		add_padded(out, texts[i], widths[i], numbers && table->rows[0].cells[i].number);
		buf_printf(out, "%*s", COLUMN_GAP, "");
	}
	if (numbers && table->rows[0].cells[last].number) {
		add_padded(out, texts[last], widths[last], true);
		buf_text(out, "\n");
	} else {
		add_wrapped(
		    out, texts[last], width > from + LAST_MIN ? width : from + LAST_MIN, from);
	}
}

static void
add_table(struct document *document, const struct block *table, size_t width, struct buf *out)
{
	size_t columns = table->column_count;
	size_t *widths = arena_alloc(document->arena, columns * sizeof(*widths));
	const char **texts = arena_alloc(document->arena, columns * sizeof(*texts));

	for (size_t i = 0; i < columns; i++) {
		widths[i] = column_width(table, i);
	}
	add_row(table, widths, table->columns, width, out);
	for (size_t r = 0; r < table->row_count; r++) {
		for (size_t i = 0; i < columns; i++) {
			texts[i] = cell_text(table, r, i);
		}
		add_row(table, widths, texts, width, out);
	}
}

static void
add_block(struct document *document, const struct block *block, unsigned width, struct buf *out)
{
	switch (block->kind) {
	case BLOCK_PARAGRAPH:
	case BLOCK_FIGURE:
		add_wrapped(out, block->text, width, 0);
		break;
	case BLOCK_CALLOUT:
		buf_text(
		    out, block->paint == PAINT_BAD || block->paint == PAINT_WARN ? "! " : "* ");
		add_wrapped(out, block->text, width, 2);
		break;
	case BLOCK_TABLE:
		add_table(document, block, width, out);
		break;
	case BLOCK_LINES:
		buf_text(out, block->text);
		break;
	}
	buf_text(out, "\n");
}

/* "Findings", and a line of "-" below it. */
static void
add_title(struct buf *out, const char *title, char below)
{
	buf_printf(out, "%s\n", title);
	for (size_t i = width_of(title); i > 0; i--) {
		buf_add(out, &below, 1);
	}
	buf_text(out, "\n");
}

void
document_text(struct document *document, unsigned width, struct buf *out)
{
	add_title(out, document->title, '=');
	add_wrapped(out, document->subtitle, width, 0);
	for (const struct section *at = document->first; at; at = at->next) {
		buf_text(out, "\n");
		add_title(out, at->title, '-');
		for (const struct block *block = at->first; block; block = block->next) {
			add_block(document, block, width, out);
		}
	}
}
