/* Logs one line per event to stderr, which systemd may lead to the journal. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/base.h"

enum log_level {
	LOG_LEVEL_ERROR,   /* the operator must act */
	LOG_LEVEL_WARNING, /* something failed, and the program goes on */
	LOG_LEVEL_INFO,    /* a state changed */
	LOG_LEVEL_DEBUG,
};

/* Log nothing less urgent than @level.  @journal: begin each line with "<3>" for journald. */
void log_setup(enum log_level level, bool journal);

/* The line is written as common/shown.h does: a text from outside cannot make a second line. */
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
