#include "orchestrator/document/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *words(struct document *document, const char *fmt, va_list ap) PRINTF(2, 0);

static char *
words(struct document *document, const char *fmt, va_list ap)
{
	char *heap, *kept;

	if (vasprintf(&heap, fmt, ap) < 0) {
		abort();
	}
	kept = arena_strdup(document->arena, heap);
	free(heap);
	return kept;
}

void
document_section(struct document *document, const char *id, const char *title)
{
	struct section *section = arena_alloc(document->arena, sizeof(*section));

	*section = (struct section){ .id = id, .title = title };
	*(document->last ? &document->last->next : &document->first) = section;
	document->last = section;
}

static struct block *
add_block(struct document *document, enum block_kind kind)
{
	struct section *section = document->last;
	struct block *block = arena_alloc(document->arena, sizeof(*block));

	*block = (struct block){ .kind = kind };
	*(section->last ? &section->last->next : &section->first) = block;
	section->last = block;
	return block;
}

void
document_say(struct document *document, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_block(document, BLOCK_PARAGRAPH)->text = words(document, fmt, ap);
	va_end(ap);
}

void
document_call(struct document *document, enum paint paint, const char *fmt, ...)
{
	struct block *block = add_block(document, BLOCK_CALLOUT);
	va_list ap;

	va_start(ap, fmt);
	block->paint = paint;
	block->text = words(document, fmt, ap);
	va_end(ap);
}

void
document_table(struct document *document, const char *const *columns)
{
	struct block *block = add_block(document, BLOCK_TABLE);

	block->columns = columns;
	while (columns[block->column_count]) {
		block->column_count++;
	}
}

void
document_row(struct document *document)
{
	struct block *table = document->last->last;

	if (table->row_count == table->row_capacity) {
		size_t capacity = 2 * table->row_capacity + 8;
		struct row *rows = arena_alloc(document->arena, capacity * sizeof(*rows));

		if (table->row_count > 0) {
			memcpy(rows, table->rows, table->row_count * sizeof(*rows));
		}
		table->rows = rows;
		table->row_capacity = capacity;
	}
	table->rows[table->row_count++].cells =
	    arena_alloc(document->arena, table->column_count * sizeof(struct cell));
}

/* The first cell of the last row that has no text yet. */
static struct cell *
next_cell(struct document *document)
{
	struct block *table = document->last->last;
	struct cell *cells = table->rows[table->row_count - 1].cells;
	size_t at = 0;

	while (at + 1 < table->column_count && cells[at].text) {
		at++;
	}
	return &cells[at];
}

void
document_cell(struct document *document, enum paint paint, const char *fmt, ...)
{
	struct cell *cell = next_cell(document);
	va_list ap;

	va_start(ap, fmt);
	cell->paint = paint;
	cell->text = words(document, fmt, ap);
	va_end(ap);
}

void
document_number(struct document *document, const char *fmt, ...)
{
	struct cell *cell = next_cell(document);
	va_list ap;

	va_start(ap, fmt);
	cell->number = true;
	cell->text = words(document, fmt, ap);
	va_end(ap);
}

void
document_painted(struct document *document, enum paint paint, const char *fmt, ...)
{
	struct cell *cell = next_cell(document);
	va_list ap;

	va_start(ap, fmt);
	cell->paint = paint;
	cell->number = true;
	cell->text = words(document, fmt, ap);
	va_end(ap);
}

void
document_picture(struct document *document, const char *markup, const char *text)
{
	struct cell *cell = next_cell(document);

	cell->markup = markup;
	cell->text = text;
}

void
document_figure(struct document *document, const char *markup, const char *text)
{
	struct block *block = add_block(document, BLOCK_FIGURE);

	block->markup = arena_strdup(document->arena, markup);
	block->text = arena_strdup(document->arena, text);
}

void
document_lines(struct document *document, const char *text)
{
	add_block(document, BLOCK_LINES)->text = arena_strdup(document->arena, text);
}
