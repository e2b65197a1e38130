/* Texts in lines that a terminal has room for. */
#ifndef ORCHESTRATOR_CLI_FILL_H
#define ORCHESTRATOR_CLI_FILL_H

#include <stdio.h>

/*
 * How long a line of @out, which is standard output or error, may be.
 *
 * @most: columns when @out is no terminal or a wider one
 * Returns @most, or as many columns as the terminal has, and at least 40.
 */
unsigned fill_width(FILE *out, unsigned most);

/*
 * Print the words of one paragraph, as many in each line as there is room for, and a newline.
 *
 * @len:    bytes of @text to print
 * @indent: columns before each line; the caller has printed those of the first line
 * @width:  columns of a line
 */
void fill_paragraph(const char *text, size_t len, unsigned indent, unsigned width, FILE *out);

#endif
