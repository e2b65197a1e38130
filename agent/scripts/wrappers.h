/*
 * Programs that only lead to another command: `sudo`, `timeout 30s`, `sh -c '...'`, `find -exec`.
 * Each is a row with its options.  This file does no I/O.
 */
#ifndef AGENT_SCRIPTS_WRAPPERS_H
#define AGENT_SCRIPTS_WRAPPERS_H

#include "agent/host/arguments.h"

enum lead_kind {
	LEAD_NONE,    /* the program is no wrapper */
	LEAD_NOWHERE, /* a wrapper that runs nothing: `command -v x` */
	LEAD_COMMAND, /* the words from @at on are the command */
	LEAD_TEXT,    /* @text is read by a shell */
	LEAD_SCRIPT,  /* a shell reads the file @text */
	LEAD_INPUT,   /* a shell reads its standard input */
	LEAD_FIND,    /* -exec stands at @at */
	LEAD_UNCLEAR, /* an option is not known */
};

struct lead {
	enum lead_kind kind;
	size_t at;
	const char *text;
	bool more; /* further words come from standard input: xargs */
};

void wrapper_read(struct arena *arena, const struct arguments *words, struct lead *lead);

/* Whether the program only talks of others, looks at them or handles files: its words do nothing.
 */
bool wrapper_only_talks(const char *program);

#endif
