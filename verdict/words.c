#include "verdict/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
words_add(struct words *words, enum verdict_kind argues, const char *fmt, ...)
{
	va_list ap;

	if (words->count == WORDS_MAX) {
		return;
	}
	words->list[words->count].argues = argues;
	va_start(ap, fmt);
	vsnprintf(words->list[words->count].text, VERDICT_REASON_BYTES, fmt, ap);
	va_end(ap);
	words->count++;
}

const char *
words_format(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out, size, fmt, ap);
	va_end(ap);
	return out;
}

/* Copy the reasons that argue for @kind, in the order in which they were added. */
static void
take(const struct words *words, enum verdict_kind kind, struct verdict *verdict)
{
	for (size_t i = 0; i < words->count; i++) {
		if (words->list[i].argues == kind && verdict->reason_count < VERDICT_REASONS_MAX) {
			memcpy(verdict->reasons[verdict->reason_count++], words->list[i].text,
			    VERDICT_REASON_BYTES);
		}
	}
}

void
words_finish(const struct words *words, struct verdict *verdict)
{
	static const enum verdict_kind order[] = { VERDICT_STEP, VERDICT_UNKNOWN, VERDICT_EXIT,
		VERDICT_SLEW, VERDICT_SAFE };

	verdict->reason_count = 0;
	take(words, verdict->kind, verdict);
	for (size_t i = 0; i < COUNT(order); i++) {
		if (order[i] != verdict->kind) {
			take(words, order[i], verdict);
		}
	}
}

const char *
words_blame(const struct restart_case *input, enum restart_blamed what, char *out)
{
	const struct restart_blame *blame = &input->policy.blames[what];

	if (!blame->text[0]) {
		out[0] = '\0';
	} else if (blame->place[0]) {
		snprintf(out, WORDS_BLAME_BYTES, "%s: %s: ", blame->place, blame->text);
	} else if (input->options_place) {
		snprintf(out, WORDS_BLAME_BYTES, "%.90s: %s: ", input->options_place, blame->text);
	} else {
		snprintf(out, WORDS_BLAME_BYTES, "start option %s: ", blame->text);
	}
	return out;
}
