#include "common/diag.h"

#include "common/shown.h"
#include "common/streams.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

static const enum stream_code colours[] = {
	[SEVERITY_NOTE] = STREAM_CYAN,
	[SEVERITY_WARNING] = STREAM_YELLOW,
	[SEVERITY_ERROR] = STREAM_RED,
};

const char *
severity_name(enum severity severity)
{
	return names[severity];
}

static void
grow(struct diags *diags)
{
	struct diag *grown;

	if (diags->count < diags->capacity) {
		return;
	}
	diags->capacity = diags->capacity ? 2 * diags->capacity : 16;
	grown = reallocarray(diags->list, diags->capacity, sizeof(*grown));
	if (!grown) {
		abort();
	}
	diags->list = grown;
}

void
diags_add(struct diags *diags, enum severity severity, const char *rule, struct pos pos,
    const char *fmt, ...)
{
	struct buf shown = { .limit_bytes = 0 };
	char *text;
	va_list ap;

	diags->errors += severity == SEVERITY_ERROR;
	diags->warnings += severity == SEVERITY_WARNING;
	if (diags->count == DIAGS_MAX) {
		diags->dropped++;
		return;
	}
	grow(diags);
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	va_end(ap);
	shown_add(&shown, text, strlen(text), SHOWN_WORDS);
	free(text);
	diags->list[diags->count++] = (struct diag){ severity, rule, pos, shown.data, NULL };
}

void
diags_add_accepted(
    struct diags *diags, const char *rule, struct pos pos, const char *because, const char *text)
{
	size_t before = diags->count;

	diags->accepted++;
	diags_add(diags, SEVERITY_NOTE, rule, pos, "%s", text);
	if (diags->count > before) {
		diags->list[before].accepted = because;
	}
}

static int
compare(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	int files = strcmp(x->pos.file ? x->pos.file : "", y->pos.file ? y->pos.file : "");

	if (files != 0) {
		return files;
	}
	if (x->pos.line != y->pos.line) {
		return x->pos.line < y->pos.line ? -1 : 1;
	}
	if (x->pos.column != y->pos.column) {
		return x->pos.column < y->pos.column ? -1 : 1;
	}
	return 0;
}

void
diags_sort(struct diags *diags)
{
	/* glibc's qsort is a merge sort for lists of this size: equal findings keep their order */
	if (diags->count > 1) {
		qsort(diags->list, diags->count, sizeof(*diags->list), compare);
	}
}

static void
print_pos(struct pos pos, FILE *out)
{
	if (!pos.file) {
		return;
	}
	if (pos.line > 0 && pos.column > 0) {
		fprintf(out, "%s:%u:%u: ", pos.file, pos.line, pos.column);
	} else if (pos.line > 0) {
		fprintf(out, "%s:%u: ", pos.file, pos.line);
	} else {
		fprintf(out, "%s: ", pos.file);
	}
}

void
diags_print(const struct diags *diags, FILE *out, bool colour)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->list[i];

		print_pos(diag->pos, out);
		fprintf(out, "%s%s:%s ", colour ? stream_code(colours[diag->severity]) : "",
		    names[diag->severity], colour ? stream_code(STREAM_PLAIN) : "");
		if (diag->accepted) {
			fprintf(out, "accepted: %s (%s) [%s]\n", diag->text, diag->accepted,
			    diag->rule);
		} else {
			fprintf(out, "%s [%s]\n", diag->text, diag->rule);
		}
	}
	if (diags->dropped > 0) {
		fprintf(out, "%zu more findings are not shown\n", diags->dropped);
	}
}

void
diags_free(struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		free(diags->list[i].text);
	}
	free(diags->list);
	*diags = (struct diags){ 0 };
}
