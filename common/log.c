#include "common/log.h"

#include "common/shown.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static enum log_level shown = LOG_LEVEL_INFO;
static enum log_target to;

void
log_setup(enum log_level level, enum log_target target)
{
	shown = level;
	to = target;
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
	switch (to) {
	case LOG_TARGET_STDERR:
		fprintf(stderr, "%s\n", line);
		break;
	case LOG_TARGET_JOURNAL:
		fprintf(stderr, "<%d>%s\n", priorities[level], line);
		break;
	case LOG_TARGET_SYSLOG:
		syslog(LOG_DAEMON | priorities[level], "%s", line);
		break;
	}
}
