#include "orchestrator/cli/table.h"

#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/fill.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2 /* between columns */

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

static void
measure_columns(const struct table *table, int *widths)
{
	for (size_t i = 0; i < table->columns; i++) {
		widths[i] = width_of(table->heads[i]);
		for (size_t j = 0; j < table->rows; j++) {
			int width = width_of(table->cells[j][i]);

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
}

static bool
says_nothing(const struct table *table, size_t column)
{
	for (size_t j = 0; j < table->rows; j++) {
		if (strcmp(table->cells[j][column], "-") != 0) {
			return false;
		}
	}
	return true;
}

static int
width_of_all(const struct table *table, const int *widths)
{
	int width = -GAP;

	for (size_t i = 0; i < table->columns; i++) {
		width += widths[i] > 0 ? widths[i] + GAP : 0;
	}
	return width;
}

/* Set the width of what there is no room for to 0; returns how many columns with something. */
static size_t
leave_out(const struct table *table, int *widths, bool *left)
{
	int room = (int)fill_width(stdout, INT_MAX);
	size_t count = 0;

	for (int something = 0; something <= 1; something++) {
		for (size_t k = 0; k < table->spare_count; k++) {
			size_t i = table->spare[k];

			if (widths[i] > 0 && width_of_all(table, widths) > room &&
			    (something || says_nothing(table, i))) {
				widths[i] = 0;
				left[i] = something;
				count += (size_t)something;
			}
		}
	}
	return count;
}

static void
print_left(const struct table *table, const bool *left)
{
	const char *before = "(no room for ";

	for (size_t i = 0; i < table->columns; i++) {
		if (left[i]) {
			printf("%s%s", before, table->heads[i]);
			before = ", ";
		}
	}
	puts(")");
}

static void
print_row(const struct table *table, size_t j, const int *widths, bool colour)
{
	size_t last = table->columns;

	while (last > 0 && widths[last - 1] == 0) {
		last--;
	}
	for (size_t i = 0; i < last; i++) {
		const char *text = j == 0 ? table->heads[i] : table->cells[j - 1][i];
		const char *tint = !colour     ? ""
		    : j == 0                   ? COLOUR_BOLD
		    : i == table->state_column ? table->colours[j - 1]
					       : "";
		int pad = i + 1 < last ? widths[i] - width_of(text) + GAP : 0;

		if (widths[i] > 0) {
			printf("%s%s%s%*s", tint, text, *tint ? COLOUR_NONE : "", pad, "");
		}
	}
	putchar('\n');
}

void
table_print(const struct table *table, bool colour)
{
	int widths[TABLE_COLUMNS_MAX] = { 0 };
	bool left[TABLE_COLUMNS_MAX] = { false };
	size_t count;

	measure_columns(table, widths);
	count = leave_out(table, widths, left);
	for (size_t j = 0; j <= table->rows; j++) {
		print_row(table, j, widths, colour);
	}
	if (count > 0) {
		print_left(table, left);
	}
}

void
table_free(struct table *table)
{
	free(table->cells);
	free(table->colours);
}
