/* Logs one line per event to stderr, which systemd may lead to the journal, or to syslog. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/base.h"

enum log_level {
	LOG_LEVEL_ERROR,   /* the operator must act */
	LOG_LEVEL_WARNING, /* something failed, and the program goes on */
	LOG_LEVEL_INFO,    /* a state changed */
	LOG_LEVEL_DEBUG,
};

enum log_target {
	LOG_TARGET_STDERR,
	LOG_TARGET_JOURNAL, /* stderr, each line begins with "<3>" for journald */
	LOG_TARGET_SYSLOG,  /* the socket /dev/log, in the name of the program */
};

/* Log nothing less urgent than @level. */
void log_setup(enum log_level level, enum log_target target);

/* The line is written as common/shown.h does: a text from outside cannot make a second line. */
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
