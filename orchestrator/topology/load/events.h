/* A YAML file as a stream of events with aliases resolved.  Only events.c knows libyaml. */
#ifndef ORCHESTRATOR_TOPOLOGY_LOAD_EVENTS_H
#define ORCHESTRATOR_TOPOLOGY_LOAD_EVENTS_H

#include "common/diag.h"

enum event_type {
	EVENT_END, /* of the file, or of its readable part */
	EVENT_SCALAR,
	EVENT_LIST,
	EVENT_LIST_END,
	EVENT_MAP,
	EVENT_MAP_END,
	EVENT_BAD,   /* in place of a value that has a finding already */
	EVENT_ALIAS, /* never seen outside events.c */
};

struct event {
	enum event_type type;
	const char *text; /* of a scalar: NUL-ended, no NUL inside; valid until the next event */
	size_t len;
	bool plain;    /* without quotes */
	bool replayed; /* an alias or a merge repeats it from its anchor */
	struct pos pos;
	size_t anchor; /* of EVENT_ALIAS: index of the anchor */
};

/* A node that was skipped and can be read later by events_replay(). */
struct captured {
	size_t start, end; /* in the log of events.c */
};

struct events;

/*
 * Begin to read @text.
 *
 * @file: name of the text in findings; must live longer than the findings
 * @text: borrowed until events_free()
 */
struct events *events_new(const char *file, const char *text, size_t len, struct diags *diags);
void events_free(struct events *events);

/*
 * Read the next event; the events of an alias are those of its anchor.  After an error of libyaml,
 * too deep nesting or too large an expansion of aliases, which become one finding, every further
 * event is EVENT_END.
 */
void events_next(struct events *events, struct event *event);

/* Skip the next node, of any type; returns the position of its start. */
struct pos events_skip(struct events *events);

/* Skip the rest of the node that @event began. */
void events_skip_rest(struct events *events, const struct event *event);

/* Skip the next node, but keep it for events_replay(). */
struct captured events_capture(struct events *events);

/* Make events_next() return the events of @captured next. */
void events_replay(struct events *events, struct captured captured);

/* Whether reading stopped at an error: then missing keys are not the operator's mistake. */
bool events_failed(const struct events *events);

#endif
