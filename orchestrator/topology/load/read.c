/* Reads the maps and lists of the two files by the rows of language.c; values.c reads scalars. */
#include "common/nearest.h"
#include "orchestrator/topology/load/loader.h"
#include "orchestrator/topology/load/remedies.h"

#include <stdalign.h>
#include <string.h>

#define OBJECT_BYTES_MAX 512
#define MERGES_MAX 8

/* A map being read. */
struct reading {
	enum place place;
	void *object;
	uint32_t seen;     /* a bit for each row of the place */
	uint32_t misspelt; /* rows that an unknown key probably meant: not reported as missing */
	unsigned lines[KEYS_PER_PLACE_MAX]; /* where each row was seen first */
	bool merged;                        /* reading what << brings: it overwrites nothing */
};

static void read_pairs(struct loader *loader, struct reading *reading);

static void
next(struct loader *loader, struct event *event)
{
	events_next(loader->events, event);
	loader->replayed = event->replayed;
}

static const char *
kind(const struct event *event)
{
	return event->type == EVENT_LIST ? "a list" : event->type == EVENT_MAP ? "a map" : "a text";
}

static bool
is_null(const struct event *event)
{
	return event->type == EVENT_SCALAR && event->plain &&
	    (event->len == 0 || strcmp(event->text, "~") == 0 || strcmp(event->text, "null") == 0);
}

/* Report a value that the row does not take, and skip the value. */
static void
refuse(
    struct loader *loader, const struct key_row *row, const struct event *event, const char *wanted)
{
	if (event->type != EVENT_BAD && event->type != EVENT_END) {
		problem(loader, "wrong-type", event->pos, "`%s` takes %s, not %s", row->name,
		    wanted, kind(event));
	}
	events_skip_rest(loader->events, event);
}

/* The keys of @place, as "name, address, ssh". */
static const char *
known_keys(struct loader *loader, const struct place_row *place)
{
	struct buf text = { 0 };
	const char *kept;

	for (size_t i = 0; i < place->key_count; i++) {
		buf_printf(&text, "%s%s", i > 0 ? ", " : "", place->keys[i].name);
	}
	kept = arena_strdup(&loader->arena, buf_str(&text));
	buf_free(&text);
	return kept;
}

/* Words for a key of @place whose colon has no blank behind it, as "name:a"; "" for others. */
static const char *
joined_key(struct loader *loader, enum place place, const char *text)
{
	const char *colon = strchr(text, ':');

	if (!colon || colon[1] == '\0' ||
	    !key_find(place, arena_strndup(&loader->arena, text, (size_t)(colon - text)))) {
		return "";
	}
	return arena_printf(&loader->arena, "; write a blank behind the colon: `%.*s: %s`",
	    (int)(colon - text), text, shown(loader, colon + 1));
}

/* Report a key that the place does not have: where the key belongs, or which key may be meant. */
static void
unknown_key(struct loader *loader, struct reading *reading, const struct event *event)
{
	struct nearest nearest = { .word = event->text };
	const struct place_row *place = &places[reading->place];
	const char *joined = joined_key(loader, reading->place, event->text);

	if (joined[0] || odd_text(event->text, false)[0]) {
		problem(loader, "unknown-key", event->pos, "%s has no key `%s`%s", place->noun,
		    shown(loader, event->text), joined[0] ? joined : odd_text(event->text, false));
		return;
	}
	for (size_t i = 0; i < place->key_count; i++) {
		nearest_offer(&nearest, place->keys[i].name);
	}
	for (size_t i = 0; !nearest.best && i < PLACE_COUNT; i++) {
		if (key_find((enum place)i, event->text)) {
			problem(loader, "unknown-key", event->pos,
			    "%s has no key `%s`; it belongs in %s", place->noun, event->text,
			    places[i].noun);
			return;
		}
	}
	if (nearest.best) {
		reading->misspelt |= 1u << (key_find(reading->place, nearest.best) - place->keys);
		problem(loader, "unknown-key", event->pos, "%s has no key `%s`%s", place->noun,
		    shown(loader, event->text), meant(loader, &nearest));
	} else {
		problem(loader, "unknown-key", event->pos, "%s has no key `%s`, only %s",
		    place->noun, shown(loader, event->text), known_keys(loader, place));
	}
}

static void
missing_keys(struct loader *loader, const struct reading *reading, struct pos pos)
{
	const struct place_row *place = &places[reading->place];

	for (size_t i = 0; i < place->key_count && !events_failed(loader->events); i++) {
		if (place->keys[i].required && !((reading->seen | reading->misspelt) & 1u << i)) {
			problem(loader, "missing-key", pos, "%s needs `%s`", place->noun,
			    place->keys[i].name);
		}
	}
}

/* Read the map whose event @start was just read. */
static void
read_map(struct loader *loader, struct reading *reading, const struct event *start)
{
	read_pairs(loader, reading);
	loader->replayed = start->replayed;
	missing_keys(loader, reading, start->pos);
}

static void
read_inner(
    struct loader *loader, const struct key_row *row, void *member, const struct event *start)
{
	struct reading inner = { .place = row->inner, .object = member };
	struct ssh_target *ssh = member;

	read_map(loader, &inner, start);
	if (row->type == VALUE_SSH) {
		for (size_t i = 0; i < places[PLACE_SSH].key_count; i++) {
			const char *name = places[PLACE_SSH].keys[i].name;
			bool seen = inner.seen & 1u << i;

			ssh->sudo_written |= seen && strcmp(name, "sudo") == 0;
			ssh->transport_written |= seen && strcmp(name, "transport") == 0;
		}
	}
}

/* Report an empty list where the key needs at least one item. */
static void
refuse_empty(
    struct loader *loader, const struct key_row *row, const struct event *start, size_t count)
{
	/* keys.yaml may have run out of keys */
	bool needs_one = (row->required && row->inner != PLACE_KEY) || row->type == VALUE_NAMES ||
	    row->type == VALUE_RANGES;

	if (count == 0 && needs_one && !events_failed(loader->events)) {
		problem(loader, "bad-value", start->pos, "`%s` is an empty list", row->name);
	}
}

/* Read an item of a list of maps; each item becomes an object. */
static void
read_object(struct loader *loader, const struct key_row *row, const struct event *start)
{
	alignas(max_align_t) char object[OBJECT_BYTES_MAX];
	struct reading reading = { .place = row->inner, .object = object };

	memcpy(object, loader->prototypes[row->inner], places[row->inner].size);
	read_map(loader, &reading, start);
	add_object(loader, row->inner, object, start->pos);
}

static void
read_objects(struct loader *loader, const struct key_row *row, const struct event *start)
{
	struct event item;
	size_t count = 0;

	for (next(loader, &item); item.type != EVENT_LIST_END && item.type != EVENT_END;
	     next(loader, &item)) {
		count++;
		if (item.type == EVENT_MAP) {
			read_object(loader, row, &item);
			continue;
		}
		if (item.type != EVENT_BAD) {
			problem(loader, "wrong-type", item.pos,
			    "`%s` lists maps, each `- name: ...` with its keys, not %s%s",
			    row->name, is_null(&item) ? "nothing" : kind(&item),
			    item.type == EVENT_SCALAR ? joined_key(loader, row->inner, item.text)
						      : "");
		}
		events_skip_rest(loader->events, &item);
	}
	refuse_empty(loader, row, start, count);
}

/* Read a scalar, or a list of scalars (for ranges, also of maps). */
static void
read_items(
    struct loader *loader, const struct key_row *row, void *object, const struct event *start)
{
	size_t begin = begin_items(loader), count = 0;
	struct event item;

	if (start->type == EVENT_SCALAR) {
		add_item(loader, row, start);
		end_items(loader, row, object, begin);
		return;
	}
	for (next(loader, &item); item.type != EVENT_LIST_END && item.type != EVENT_END;
	     next(loader, &item)) {
		count++;
		if (item.type == EVENT_SCALAR) {
			add_item(loader, row, &item);
		} else if (item.type == EVENT_MAP && row->type == VALUE_RANGES) {
			read_object(loader, row, &item);
		} else {
			if (item.type != EVENT_BAD) {
				problem(loader, "wrong-type", item.pos,
				    "an item of `%s` is a single value, not %s", row->name,
				    kind(&item));
			}
			events_skip_rest(loader->events, &item);
		}
	}
	end_items(loader, row, object, begin);
	refuse_empty(loader, row, start, count);
}

static void
read_value(struct loader *loader, const struct key_row *row, void *object)
{
	void *member = (char *)object + row->offset;
	struct event event;

	next(loader, &event);
	if (row->pos_offset) {
		*(struct pos *)(void *)((char *)object + row->pos_offset) = event.pos;
	}
	if (is_null(&event)) {
		problem(loader, "bad-value", event.pos, "`%s` has no value", row->name);
	} else if (row->type == VALUE_LIST) {
		if (event.type == EVENT_LIST) {
			read_objects(loader, row, &event);
		} else {
			refuse(loader, row, &event, "a list of maps, each `- name: ...`");
		}
	} else if (row->type == VALUE_MAP || row->type == VALUE_SSH) {
		if (row->type == VALUE_SSH) {
			((struct ssh_target *)member)->pos = event.pos;
		}
		if (event.type == EVENT_MAP) {
			read_inner(loader, row, member, &event);
		} else if (row->type == VALUE_SSH && event.type == EVENT_SCALAR) {
			ssh_parse(loader, &event, member);
		} else {
			refuse(loader, row, &event, "a map");
		}
	} else if (row->type == VALUE_PART && event.type == EVENT_MAP) {
		*(void **)member = arena_alloc(&loader->topology->arena, places[row->inner].size);
		read_inner(loader, row, *(void **)member, &event);
	} else if (row->type == VALUE_PART) {
		refuse(loader, row, &event, "a map");
	} else if (takes_list(row->type) &&
	    (event.type == EVENT_LIST || event.type == EVENT_SCALAR)) {
		read_items(loader, row, object, &event);
	} else if (event.type == EVENT_SCALAR) {
		set_scalar(loader, row, object, &event);
	} else {
		refuse(loader, row, &event,
		    takes_list(row->type) ? "a value or a list of values" : "a single value");
	}
}

/* Read the value of @key. */
static void
read_pair(struct loader *loader, struct reading *reading, const struct event *key)
{
	const struct key_row *row = key_find(reading->place, key->text);
	size_t at;

	if (!row) {
		unknown_key(loader, reading, key);
		events_skip(loader->events);
		return;
	}
	at = (size_t)(row - places[reading->place].keys);
	if (!(reading->seen & 1u << at)) {
		reading->seen |= 1u << at;
		reading->lines[at] = key->pos.line;
		read_value(loader, row, reading->object);
		return;
	}
	if (!reading->merged) {
		problem(loader, "duplicate-key", key->pos, "`%s` is given twice (first at line %u)",
		    row->name, reading->lines[at]);
	}
	events_skip(loader->events);
}

/* Read what << brings: a map, or a list of maps, of which the first wins. */
static void
read_merge(struct loader *loader, struct reading *reading)
{
	struct event event;
	bool list;

	next(loader, &event);
	list = event.type == EVENT_LIST;
	if (list) {
		next(loader, &event);
	}
	while (event.type != EVENT_LIST_END && event.type != EVENT_END) {
		if (event.type == EVENT_MAP) {
			read_pairs(loader, reading);
		} else {
			if (event.type != EVENT_BAD) {
				problem(loader, "wrong-type", event.pos,
				    "`<<` takes a map or a list of maps, not %s", kind(&event));
			}
			events_skip_rest(loader->events, &event);
		}
		if (!list) {
			return;
		}
		next(loader, &event);
	}
}

/* Read keys and values up to the end of the map; what << brings comes last and only fills gaps. */
static void
read_pairs(struct loader *loader, struct reading *reading)
{
	struct captured merges[MERGES_MAX];
	bool merged = reading->merged;
	size_t merge_count = 0;
	struct event key;

	for (next(loader, &key); key.type != EVENT_MAP_END && key.type != EVENT_END;
	     next(loader, &key)) {
		if (key.type != EVENT_SCALAR) {
			problem(
			    loader, "wrong-type", key.pos, "a key is a text, not %s", kind(&key));
			events_skip_rest(loader->events, &key);
			events_skip(loader->events);
		} else if (key.plain && strcmp(key.text, "<<") == 0) {
			struct captured merge = events_capture(loader->events);

			if (merge_count == MERGES_MAX) {
				problem(loader, "duplicate-key", key.pos,
				    "more than %d `<<`; one with a list of maps does it",
				    MERGES_MAX);
			} else {
				merges[merge_count++] = merge;
			}
		} else {
			read_pair(loader, reading, &key);
		}
	}
	reading->merged = true;
	for (size_t i = 0; i < merge_count; i++) {
		events_replay(loader->events, merges[i]);
		read_merge(loader, reading);
	}
	reading->merged = merged;
}

void
read_file(struct loader *loader, enum place place, void *object)
{
	struct reading reading = { .place = place, .object = object };
	struct event event;

	next(loader, &event);
	if (event.type == EVENT_MAP) {
		read_map(loader, &reading, &event);
		next(loader, &event); /* reports a second document */
	} else if (!events_failed(loader->events)) {
		problem(loader, "wrong-type", event.pos, "%s is a map of keys, not %s%s",
		    places[place].noun,
		    event.type == EVENT_END || is_null(&event) ? "an empty file" : kind(&event),
		    event.type == EVENT_SCALAR ? joined_key(loader, place, event.text) : "");
	}
}

static void
apply_defaults(struct loader *loader, enum place place, void *object)
{
	for (size_t i = 0; i < places[place].key_count; i++) {
		const struct key_row *row = &places[place].keys[i];
		struct event event = { .type = EVENT_SCALAR, .text = row->fallback };

		if (row->fallback) {
			event.len = strlen(row->fallback);
			set_scalar(loader, row, object, &event);
		} else if (row->type == VALUE_MAP) {
			apply_defaults(loader, row->inner, (char *)object + row->offset);
		}
	}
}

void
make_prototypes(struct loader *loader)
{
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		loader->prototypes[i] = arena_alloc(&loader->arena, places[i].size);
		apply_defaults(loader, (enum place)i, loader->prototypes[i]);
	}
	apply_defaults(loader, PLACE_SITE, loader->topology);
}
