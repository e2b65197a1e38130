/*
 * Prints a table: each column is as wide as its widest cell.  A terminal that is too narrow for all
 * columns gets fewer.
 */
#ifndef ORCHESTRATOR_CLI_TABLE_H
#define ORCHESTRATOR_CLI_TABLE_H

#include "common/base.h"

#define TABLE_CELL_BYTES 200
#define TABLE_COLUMNS_MAX 12

/* Fill in the members down to state_column; table_free() ends it. */
struct table {
	const char *const *heads; /* NULL-ended */
	size_t columns;
	size_t state_column; /* its cells have the colour of their row */
	/* Which columns a terminal without room for all does not get, in this order; one that says
	 * nothing ("-" in each row) goes first.  Anything else than a terminal gets all. */
	const size_t *spare;
	size_t spare_count;
	size_t rows, capacity;
	char (*cells)[TABLE_COLUMNS_MAX][TABLE_CELL_BYTES];
	const char **colours; /* of each row, "" for none */
};

/*
 * Add a row of empty cells.
 *
 * @colour: of the state; "": none
 * Returns the cells, which the caller fills; they move when another row is added.
 */
char (*table_add(struct table *table, const char *colour))[TABLE_CELL_BYTES];

/* Print the heads and all rows to stdout, and which columns there was no room for. */
void table_print(const struct table *table, bool colour);

void table_free(struct table *table);

#endif
