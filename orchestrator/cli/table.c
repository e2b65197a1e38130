#include "orchestrator/cli/table.h"

#include "orchestrator/cli/colour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char (*table_add(struct table *table, const char *colour))[TABLE_CELL_BYTES]
{
	if (table->rows == table->capacity) {
		table->capacity = table->capacity > 0 ? 2 * table->capacity : 64;
		table->cells = realloc(table->cells, table->capacity * sizeof(*table->cells));
		table->colours = realloc(table->colours, table->capacity * sizeof(*table->colours));
		if (!table->cells || !table->colours) {
			abort();
		}
	}
	memset(table->cells[table->rows], 0, sizeof(*table->cells));
	table->colours[table->rows] = colour;
	return table->cells[table->rows++];
}

/* Characters of UTF-8, each taken for one column. */
static int
width_of(const char *text)
{
	int width = 0;

	for (; *text; text++) {
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

void
table_print(const struct table *table, bool colour)
{
	int widths[TABLE_COLUMNS_MAX] = { 0 };

	for (size_t i = 0; i < table->columns; i++) {
		widths[i] = width_of(table->heads[i]);
		for (size_t j = 0; j < table->rows; j++) {
			int width = width_of(table->cells[j][i]);

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
	for (size_t j = 0; j <= table->rows; j++) {
		for (size_t i = 0; i < table->columns; i++) {
			const char *text = j == 0 ? table->heads[i] : table->cells[j - 1][i];
			const char *tint = !colour     ? ""
			    : j == 0                   ? COLOUR_BOLD
			    : i == table->state_column ? table->colours[j - 1]
						       : "";
			int pad = i + 1 < table->columns ? widths[i] - width_of(text) + 2 : 0;

			printf("%s%s%s%*s", tint, text, *tint ? COLOUR_NONE : "", pad, "");
		}
		putchar('\n');
	}
}

void
table_free(struct table *table)
{
	free(table->cells);
	free(table->colours);
}
