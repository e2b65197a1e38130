/* A document as text: for terminals, mail, and version control. */
#include "orchestrator/review/document.h"

#include <string.h>

#define COLUMN_GAP 2

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

static void
add_wrapped(struct buf *out, const char *text, size_t width, const char *indent)
{
	size_t used = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		struct buf word = { 0 };

		buf_add(&word, text, len);
		if (used > 0 && used + 1 + width_of(buf_str(&word)) > width) {
			buf_printf(out, "\n%s", indent);
			used = strlen(indent);
		} else if (used > 0) {
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
add_padded(struct buf *out, const char *text, size_t width, bool right, bool last)
{
	size_t pad = width > width_of(text) ? width - width_of(text) : 0;

	if (right) {
		buf_printf(out, "%*s%s", (int)pad, "", text);
	} else {
		buf_printf(out, "%s%*s", text, last ? 0 : (int)pad, "");
	}
	if (!last) {
		buf_printf(out, "%*s", COLUMN_GAP, "");
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

static void
add_table(struct document *document, const struct block *table, struct buf *out)
{
	size_t *widths = arena_alloc(document->arena, table->column_count * sizeof(*widths));
	size_t columns = table->column_count;

	for (size_t i = 0; i < columns; i++) {
		widths[i] = column_width(table, i);
	}
	for (size_t i = 0; i < columns; i++) {
		bool number = table->row_count > 0 && table->rows[0].cells[i].number;

		add_padded(out, table->columns[i], widths[i], number, i + 1 == columns);
	}
	buf_text(out, "\n");
	for (size_t r = 0; r < table->row_count; r++) {
		for (size_t i = 0; i < columns; i++) {
			add_padded(out, cell_text(table, r, i), widths[i],
			    table->rows[r].cells[i].number, i + 1 == columns);
		}
		buf_text(out, "\n");
	}
}

static void
add_block(struct document *document, const struct block *block, unsigned width, struct buf *out)
{
	switch (block->kind) {
	case BLOCK_PARAGRAPH:
	case BLOCK_FIGURE:
		add_wrapped(out, block->text, width, "");
		break;
	case BLOCK_CALLOUT:
		buf_text(
		    out, block->paint == PAINT_BAD || block->paint == PAINT_WARN ? "! " : "* ");
		add_wrapped(out, block->text, width - 2, "  ");
		break;
	case BLOCK_TABLE:
		add_table(document, block, out);
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
	add_wrapped(out, document->subtitle, width, "");
	for (const struct section *at = document->first; at; at = at->next) {
		buf_text(out, "\n");
		add_title(out, at->title, '-');
		for (const struct block *block = at->first; block; block = block->next) {
			add_block(document, block, width, out);
		}
	}
}
