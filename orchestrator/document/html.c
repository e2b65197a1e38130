/* A document as one HTML file: style, pictures and words in one, no script, nothing is fetched. */
#include "common/resource.h"
#include "common/shown.h"
#include "orchestrator/document/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
add_escaped(struct buf *out, const char *text)
{
	struct buf fit = { 0 };

	shown_add(&fit, text, strlen(text), SHOWN_NEWLINES | SHOWN_TABS);
	for (const char *at = buf_str(&fit); *at; at++) {
		switch (*at) {
		case '&':
			buf_text(out, "&amp;");
			break;
		case '<':
			buf_text(out, "&lt;");
			break;
		case '>':
			buf_text(out, "&gt;");
			break;
		case '"':
			buf_text(out, "&quot;");
			break;
		case '\'':
			buf_text(out, "&#39;");
			break;
		default:
			buf_add(out, at, 1);
		}
	}
	buf_free(&fit);
}

void
html_add(struct buf *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	for (const char *at = fmt; *at; at++) {
		if (*at != '%') {
			buf_add(out, at, 1);
		} else if (*++at == 's') {
			add_escaped(out, va_arg(ap, const char *));
		} else if (*at == 'u') {
			buf_printf(out, "%u", va_arg(ap, unsigned));
		} else if (*at == 'd') {
			buf_printf(out, "%d", va_arg(ap, int));
		} else if (*at == 'z') {
			at++;
			buf_printf(out, "%zu", va_arg(ap, size_t));
		} else if (*at == '.') {
			at += 2;
			buf_printf(out, "%.1f", va_arg(ap, double));
		} else {
			buf_add(out, at, 1);
		}
	}
	va_end(ap);
}

/* Add words in which `x` is a command or a word to type. */
static void
add_words(struct buf *out, const char *text)
{
	bool code = false;

	while (*text) {
		size_t len = strcspn(text, "`");
		struct buf part = { 0 };

		buf_add(&part, text, len);
		html_add(out, "%s", buf_str(&part));
		buf_free(&part);
		if (text[len] == '`') {
			code = !code;
			buf_text(out, code ? "<code>" : "</code>");
			len++;
		}
		text += len;
	}
	if (code) {
		buf_text(out, "</code>");
	}
}

static const char *
paint_class(enum paint paint)
{
	static const char *const names[] = {
		[PAINT_NONE] = "",
		[PAINT_GOOD] = "good",
		[PAINT_WARN] = "warn",
		[PAINT_BAD] = "bad",
		[PAINT_QUIET] = "quiet",
	};

	return names[paint];
}

static void
add_cell(struct buf *out, const struct cell *cell, const char *column, bool first)
{
	html_add(out, first ? "<th scope=\"row\"" : "<td");
	html_add(out, " data-label=\"%s\"", column);
	if (cell->paint != PAINT_NONE || cell->number) {
		html_add(out, " class=\"%s%s\"", paint_class(cell->paint),
		    cell->number ? " number" : "");
	}
	buf_text(out, ">");
	if (cell->markup) {
		html_add(out, "<span role=\"img\" aria-label=\"%s\">", cell->text);
		buf_text(out, cell->markup);
		buf_text(out, "</span>");
	} else {
		add_words(out, cell->text ? cell->text : "");
	}
	html_add(out, first ? "</th>" : "</td>");
}

static void
add_table(struct buf *out, const struct block *table)
{
	buf_text(out, "<div class=\"wide\"><table><thead><tr>");
	for (size_t i = 0; i < table->column_count; i++) {
		bool number = table->row_count > 0 && table->rows[0].cells[i].number;

		buf_text(
		    out, number ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
		html_add(out, "%s</th>", table->columns[i]);
	}
	buf_text(out, "</tr></thead><tbody>\n");
	for (size_t r = 0; r < table->row_count; r++) {
		buf_text(out, "<tr>");
		for (size_t i = 0; i < table->column_count; i++) {
			add_cell(out, &table->rows[r].cells[i], table->columns[i], i == 0);
		}
		buf_text(out, "</tr>\n");
	}
	buf_text(out, "</tbody></table></div>\n");
}

static void
add_lines(struct buf *out, const char *text)
{
	buf_text(out, "<pre>");
	while (*text) {
		size_t len = strcspn(text, "\n");
		struct buf line = { 0 };

		buf_add(&line, text, len);
		html_add(out,
		    *text == '+'       ? "<ins>%s</ins>\n"
			: *text == '-' ? "<del>%s</del>\n"
				       : "%s\n",
		    buf_str(&line));
		buf_free(&line);
		text += len + (text[len] == '\n');
	}
	buf_text(out, "</pre>\n");
}

static void
add_block(struct buf *out, const struct block *block)
{
	switch (block->kind) {
	case BLOCK_PARAGRAPH:
		buf_text(out, "<p>");
		add_words(out, block->text);
		buf_text(out, "</p>\n");
		break;
	case BLOCK_CALLOUT:
		html_add(out, "<p class=\"call %s\">", paint_class(block->paint));
		add_words(out, block->text);
		buf_text(out, "</p>\n");
		break;
	case BLOCK_TABLE:
		add_table(out, block);
		break;
	case BLOCK_FIGURE:
		html_add(out, "<figure role=\"img\" aria-label=\"%s\">", block->text);
		buf_text(out, block->markup);
		buf_text(out, "</figure>\n");
		break;
	case BLOCK_LINES:
		add_lines(out, block->text);
		break;
	}
}

void
document_html(const struct document *document, struct buf *out)
{
	html_add(out,
	    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'\">\n<title>%s</title>\n<style>\n",
	    document->title);
	for (size_t i = 0; i < document_resource_count; i++) { /* colours, then what uses them */
		buf_add(out, document_resources[i].bytes, document_resources[i].len);
	}
	html_add(out,
	    "</style>\n</head>\n<body>\n<header>\n<h1>%s</h1>\n<p>%s</p>\n</header>\n<nav>",
	    document->title, document->subtitle);
	for (const struct section *at = document->first; at; at = at->next) {
		html_add(out, "<a href=\"#%s\">%s</a> ", at->id, at->title);
	}
	buf_text(out, "</nav>\n<main>\n");
	for (const struct section *at = document->first; at; at = at->next) {
		html_add(out, "<section id=\"%s\">\n<h2>%s</h2>\n", at->id, at->title);
		for (const struct block *block = at->first; block; block = block->next) {
			add_block(out, block);
		}
		buf_text(out, "</section>\n");
	}
	buf_text(out, "</main>\n</body>\n</html>\n");
}
