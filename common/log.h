/* One line per event, to stderr or to the journal.  Levels: see STYLE in CONTRIBUTING.md. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/base.h"

enum log_level {
	LOG_LEVEL_ERROR,   /* the operator must act */
	LOG_LEVEL_WARNING, /* it went on anyway, and says so */
	LOG_LEVEL_INFO,    /* a state changed */
	LOG_LEVEL_DEBUG,
};

/* Say nothing below @level; @journal puts syslog's "<3>" before each line, as journald reads. */
void log_setup(enum log_level level, bool journal);

/* Control characters of the text are shown as "\x1b": what comes from outside cannot draw. */
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
