#include "common/log.h"

#include "common/shown.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level shown = LOG_LEVEL_INFO;
static bool for_journal;

void
log_setup(enum log_level level, bool journal)
{
	shown = level;
	for_journal = journal;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	static const int priorities[] = {
		[LOG_LEVEL_ERROR] = 3,
		[LOG_LEVEL_WARNING] = 4,
		[LOG_LEVEL_INFO] = 6,
		[LOG_LEVEL_DEBUG] = 7,
	};
	char text[1024], line[4 * sizeof(text)];
	va_list ap;

	if (level > shown) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	shown_copy(line, sizeof(line), text);
	if (for_journal) {
		fprintf(stderr, "<%d>%s\n", priorities[level], line);
	} else {
		fprintf(stderr, "%s\n", line);
	}
}
