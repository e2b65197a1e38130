/* A YAML file as a stream of events with aliases resolved.  events.c alone knows libyaml. */
#ifndef ORCHESTRATOR_TOPOLOGY_LOAD_EVENTS_H
#define ORCHESTRATOR_TOPOLOGY_LOAD_EVENTS_H

#include "common/diag.h"

enum event_type {
	EVENT_END, /* of the file, or of what can be read of it */
	EVENT_SCALAR,
	EVENT_LIST,
	EVENT_LIST_END,
	EVENT_MAP,
	EVENT_MAP_END,
	EVENT_BAD,   /* in place of a value; a finding has been made of it already */
	EVENT_ALIAS, /* never seen outside events.c */
};

struct event {
	enum event_type type;
	const char *text; /* of a scalar, NUL-ended, without a NUL inside; until the next event */
	size_t len;
	bool plain;    /* without quotes */
	bool replayed; /* it stands at an anchor, and an alias or a merge brought it here */
	struct pos pos;
	size_t anchor; /* of an alias */
};

/* A node that was read over, to be read later. */
struct captured {
	size_t start, end;
};

struct events;

/*
 * @file: what findings call it; outlives the findings
 * @text: borrowed until events_free()
 */
struct events *events_new(const char *file, const char *text, size_t len, struct diags *diags);
void events_free(struct events *events);

/*
 * The next event, aliases resolved.  What libyaml, depth or the expansion of aliases forbids
 * becomes one finding, and EVENT_END from then on.
 */
void events_next(struct events *events, struct event *event);

/* Read over the next node, whatever it is; returns the position of its start. */
struct pos events_skip(struct events *events);

/* Read over the rest of the node that @event began. */
void events_skip_rest(struct events *events, const struct event *event);

/* Keep the next node for events_replay(). */
struct captured events_capture(struct events *events);

/* Let @captured be what comes next. */
void events_replay(struct events *events, struct captured captured);

/* The file ended early: what is missing is not the operator's omission. */
bool events_failed(const struct events *events);

#endif
