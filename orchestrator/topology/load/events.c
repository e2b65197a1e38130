/*
 * Reads libyaml's events in one pass and builds no document tree: 100,000 hosts stay cheap.  Only
 * this file knows libyaml.
 *
 * Events inside an anchor are recorded in a log; an alias replays its part of the log.  Aliases in
 * the log stay aliases, so the log is never longer than the file.  Replayed events are counted: a
 * few lines that would expand to gigabytes end in a finding.
 */
#include "orchestrator/topology/load/events.h"

#include "common/arena.h"
#include "orchestrator/topology/load/remedies.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define RULE "bad-yaml"
#define NESTING_MAX 32 /* the language needs 7 */
#define ANCHORS_MAX 1000
#define REPLAYS_FREE 100000   /* events that aliases may replay in any file */
#define REPLAYS_PER_EVENT 100 /* and so many more for each event of the file */

struct anchor {
	const char *name;
	size_t start, end; /* in the log */
	size_t depth;      /* where the node begins; it ends at the same depth */
	bool open;         /* the end was not read yet */
};

struct frame {
	size_t at, end; /* in the log */
};

struct events {
	struct diags *diags;
	const char *file, *text;
	size_t len;
	yaml_parser_t parser;
	yaml_event_t current;
	struct arena arena; /* texts of log, anchors and errors */
	struct event *log;
	size_t log_count, log_capacity;
	struct anchor anchors[ANCHORS_MAX];
	size_t anchor_count;
	size_t open[NESTING_MAX + 2]; /* indexes of open anchors, the innermost last */
	size_t open_count;
	struct frame frames[NESTING_MAX];
	size_t frame_count;
	size_t depth, parsed, replayed, documents;
	bool capturing, failed, ended;
};

static struct pos
position(const struct events *events, yaml_mark_t mark)
{
	return (struct pos){ events->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static void
fail(struct events *events, struct pos pos, const char *what)
{
	if (!events->failed) {
		diags_add(events->diags, SEVERITY_ERROR, RULE, pos, "%s", what);
	}
	events->failed = true;
}

struct events *
events_new(const char *file, const char *text, size_t len, struct diags *diags)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events || !yaml_parser_initialize(&events->parser)) {
		abort();
	}
	events->file = file;
	events->text = text;
	events->len = len;
	events->diags = diags;
	yaml_parser_set_input_string(&events->parser, (const unsigned char *)text, len);
	return events;
}

void
events_free(struct events *events)
{
	if (!events) {
		return;
	}
	yaml_event_delete(&events->current);
	yaml_parser_delete(&events->parser);
	arena_free(&events->arena);
	free(events->log);
	free(events);
}

bool
events_failed(const struct events *events)
{
	return events->failed;
}

/* The position of byte @offset: libyaml gives no line when it cannot decode a byte. */
static struct pos
position_of_byte(const struct events *events, size_t offset)
{
	struct pos pos = { events->file, 1, 1 };

	for (size_t i = 0; i < offset && i < events->len; i++) {
		if (events->text[i] == '\n') {
			pos.line++;
			pos.column = 1;
		} else if ((events->text[i] & 0xc0) != 0x80) {
			pos.column++;
		}
	}
	return pos;
}

/* The byte at @mark, whose column counts characters. */
static size_t
byte_at(const struct events *events, yaml_mark_t mark)
{
	size_t at = 0;

	for (size_t line = 0; line < mark.line && at < events->len; at++) {
		line += events->text[at] == '\n';
	}
	for (size_t column = 0; column < mark.column && at < events->len; column++) {
		do {
			at++;
		} while (at < events->len && (events->text[at] & 0xc0) == 0x80);
	}
	return at;
}

static void
fail_as_libyaml_says(struct events *events)
{
	const yaml_parser_t *parser = &events->parser;
	const char *problem = parser->problem ? parser->problem : "not YAML";
	bool bytes = parser->error == YAML_READER_ERROR;
	yaml_mark_t mark = parser->context && yaml_is_told_at_begin(problem) ? parser->context_mark
									     : parser->problem_mark;
	const char *help =
	    yaml_remedy(problem, events->text, events->len, bytes ? 0 : byte_at(events, mark));
	struct pos pos =
	    bytes ? position_of_byte(events, parser->problem_offset) : position(events, mark);

	fail(events, pos,
	    help ? arena_printf(&events->arena, "%s: %s", problem, help)
		 : arena_printf(&events->arena, "%s", problem));
}

/* Append @event to the log, with a copy of its text. */
static void
record(struct events *events, const struct event *event)
{
	if (events->log_count == events->log_capacity) {
		events->log_capacity = events->log_capacity ? 2 * events->log_capacity : 64;
		events->log = reallocarray(events->log, events->log_capacity, sizeof(*events->log));
		if (!events->log) {
			abort();
		}
	}
	events->log[events->log_count] = *event;
	if (event->text) {
		events->log[events->log_count].text =
		    arena_strndup(&events->arena, event->text, event->len);
	}
	events->log_count++;
}

static void
open_anchor(struct events *events, const char *name, struct pos pos)
{
	if (events->anchor_count == ANCHORS_MAX) {
		fail(events, pos, "more than 1000 anchors");
		return;
	}
	events->anchors[events->anchor_count++] = (struct anchor){
		.name = arena_strdup(&events->arena, name),
		.start = events->log_count,
		.depth = events->depth,
		.open = true,
	};
	events->open[events->open_count++] = events->anchor_count - 1;
}

/* Close the anchors whose nodes end with the event that was just recorded. */
static void
close_anchors(struct events *events)
{
	while (events->open_count > 0) {
		struct anchor *anchor = &events->anchors[events->open[events->open_count - 1]];

		if (anchor->depth < events->depth) {
			return;
		}
		anchor->open = false;
		anchor->end = events->log_count;
		events->open_count--;
	}
}

/* Make @event an EVENT_ALIAS of the anchor @name, or EVENT_BAD with a finding. */
static void
resolve(struct events *events, const char *name, struct event *event)
{
	for (size_t i = events->anchor_count; i > 0; i--) {
		const struct anchor *anchor = &events->anchors[i - 1];

		if (strcmp(anchor->name, name) != 0) {
			continue;
		}
		if (!anchor->open) {
			event->type = EVENT_ALIAS;
			event->anchor = i - 1;
			return;
		}
		diags_add(events->diags, SEVERITY_ERROR, RULE, event->pos,
		    "*%s stands inside its own anchor", name);
		event->type = EVENT_BAD;
		return;
	}
	diags_add(events->diags, SEVERITY_ERROR, RULE, event->pos,
	    "no anchor &%s stands above this alias", name);
	event->type = EVENT_BAD;
}

static void
take_scalar(struct events *events, struct event *event)
{
	event->type = EVENT_SCALAR;
	event->text = (const char *)events->current.data.scalar.value;
	event->len = events->current.data.scalar.length;
	event->plain = events->current.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (memchr(event->text, '\0', event->len)) {
		diags_add(events->diags, SEVERITY_ERROR, RULE, event->pos,
		    "the text has a NUL byte in it");
		event->type = EVENT_BAD;
		event->text = NULL;
	}
}

static void
take_anchor(
    struct events *events, const yaml_char_t *anchor, const yaml_char_t *tag, struct event *event)
{
	if (tag && strncmp((const char *)tag, "tag:yaml.org,2002:", 18) != 0 &&
	    strcmp((const char *)tag, "!") != 0) {
		diags_add(events->diags, SEVERITY_ERROR, RULE, event->pos,
		    "the tag %.60s means nothing here", (const char *)tag);
	}
	if (anchor) {
		open_anchor(events, (const char *)anchor, event->pos);
	}
}

static void
enter(struct events *events, struct event *event, enum event_type type)
{
	event->type = type;
	if (++events->depth > NESTING_MAX) {
		fail(events, event->pos,
		    "nested too deeply: the language needs no more than 7 levels");
	}
}

static void
start_document(struct events *events, struct pos pos)
{
	if (++events->documents > 1) {
		fail(events, pos, "a second document begins here; a site is one document");
	}
}

/* Make @event from libyaml's event; returns false when libyaml's event is skipped. */
static bool
convert(struct events *events, struct event *event)
{
	yaml_event_t *from = &events->current;

	*event = (struct event){ .pos = position(events, from->start_mark) };
	switch (from->type) {
	case YAML_SCALAR_EVENT:
		take_anchor(events, from->data.scalar.anchor, from->data.scalar.tag, event);
		take_scalar(events, event);
		return true;
	case YAML_ALIAS_EVENT:
		resolve(events, (const char *)from->data.alias.anchor, event);
		return true;
	case YAML_SEQUENCE_START_EVENT:
		take_anchor(
		    events, from->data.sequence_start.anchor, from->data.sequence_start.tag, event);
		enter(events, event, EVENT_LIST);
		return true;
	case YAML_MAPPING_START_EVENT:
		take_anchor(
		    events, from->data.mapping_start.anchor, from->data.mapping_start.tag, event);
		enter(events, event, EVENT_MAP);
		return true;
	case YAML_SEQUENCE_END_EVENT:
		event->type = EVENT_LIST_END;
		events->depth--;
		return true;
	case YAML_MAPPING_END_EVENT:
		event->type = EVENT_MAP_END;
		events->depth--;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		start_document(events, event->pos);
		return events->failed;
	case YAML_STREAM_END_EVENT:
		events->ended = true;
		return true;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return false;
}

static void
parse_next(struct events *events, struct event *event)
{
	do {
		yaml_event_delete(&events->current);
		if (!yaml_parser_parse(&events->parser, &events->current)) {
			fail_as_libyaml_says(events);
			return;
		}
		events->parsed++;
	} while (!convert(events, event));
	if (events->open_count > 0 || events->capturing) {
		record(events, event);
		close_anchors(events);
	}
}

/* Read the next event; aliases are not resolved. */
static void
raw_next(struct events *events, struct event *event)
{
	struct frame *frame;

	while (events->frame_count > 0 &&
	    events->frames[events->frame_count - 1].at ==
		events->frames[events->frame_count - 1].end) {
		events->frame_count--;
	}
	if (events->failed || (events->ended && events->frame_count == 0)) {
		*event = (struct event){ .type = EVENT_END, .pos = { events->file, 1, 1 } };
		return;
	}
	if (events->frame_count == 0) {
		parse_next(events, event);
	} else {
		frame = &events->frames[events->frame_count - 1];
		*event = events->log[frame->at++];
		event->replayed = true;
		events->replayed++;
		if (events->replayed > REPLAYS_FREE + REPLAYS_PER_EVENT * events->parsed) {
			fail(events, position(events, events->current.start_mark),
			    "the aliases up to here expand to too many values");
		}
	}
	if (events->failed) {
		*event = (struct event){ .type = EVENT_END, .pos = { events->file, 1, 1 } };
	}
}

void
events_replay(struct events *events, struct captured captured)
{
	if (events->frame_count == NESTING_MAX) {
		fail(events, events->log[captured.start].pos,
		    "aliases stand within aliases too deeply");
		return;
	}
	events->frames[events->frame_count++] = (struct frame){ captured.start, captured.end };
}

static struct captured
anchored(const struct events *events, size_t anchor)
{
	return (struct captured){ events->anchors[anchor].start, events->anchors[anchor].end };
}

void
events_next(struct events *events, struct event *event)
{
	raw_next(events, event);
	while (event->type == EVENT_ALIAS) {
		events_replay(events, anchored(events, event->anchor));
		raw_next(events, event);
	}
}

void
events_skip_rest(struct events *events, const struct event *event)
{
	size_t depth = event->type == EVENT_LIST || event->type == EVENT_MAP;
	struct event next;

	while (depth > 0) {
		raw_next(events, &next);
		if (next.type == EVENT_END) {
			return;
		}
		depth += next.type == EVENT_LIST || next.type == EVENT_MAP;
		depth -= next.type == EVENT_LIST_END || next.type == EVENT_MAP_END;
	}
}

struct pos
events_skip(struct events *events)
{
	struct event event;

	raw_next(events, &event);
	events_skip_rest(events, &event);
	return event.pos;
}

struct captured
events_capture(struct events *events)
{
	struct captured captured;
	struct event event;
	size_t frame;

	events->capturing = true;
	captured.start = events->log_count;
	raw_next(events, &event);
	frame = events->frame_count;
	if (frame > 0 && !events->failed) {
		captured.start = events->frames[frame - 1].at - 1;
	}
	events_skip_rest(events, &event);
	events->capturing = false;
	captured.end = events->log_count;
	if (frame > 0 && !events->failed) {
		captured.end = events->frames[frame - 1].at;
	}
	if (event.type == EVENT_ALIAS) {
		captured = anchored(events, event.anchor);
	}
	return captured;
}
