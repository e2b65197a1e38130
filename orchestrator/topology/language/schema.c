#include "orchestrator/topology/language/schema.h"

#include "daemons/daemon.h"
#include "orchestrator/topology/language/language.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_PATTERN "[0-9]+([.][0-9]{1,9})?(ns|us|ms|s|min|h|d)$"
#define DATE_PATTERN "^(19[7-9]|20[0-9]|21[0-9])[0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
#define NAME_PATTERN "^[A-Za-z0-9][A-Za-z0-9._-]*$"
#define HOST_PATTERN "^[A-Za-z0-9:][A-Za-z0-9._:-]*$"     /* a host name or an IP address */
#define ADDRESS_PATTERN "^[A-Za-z0-9:_][A-Za-z0-9._:-]*$" /* or any name of the DNS */

/* The names of the maps in $defs; NULL: the map is not there (the site, and keys.yaml). */
static const char *const definitions[PLACE_COUNT] = {
	[PLACE_UPSTREAM] = "upstream",
	[PLACE_TIER] = "tier",
	[PLACE_SERVER] = "server",
	[PLACE_REFCLOCK] = "refclock",
	[PLACE_EXTRA] = "extra",
	[PLACE_NTS] = "nts",
	[PLACE_CLIENTS] = "clients",
	[PLACE_CLIENT] = "client",
	[PLACE_SSH] = "ssh",
	[PLACE_BUDGET] = "budget",
	[PLACE_RESTART] = "restart",
	[PLACE_BORDER] = "border",
	[PLACE_ROLLOUT] = "rollout",
	[PLACE_ACCEPT] = "accept",
	[PLACE_VERIFY] = "verify",
	[PLACE_DENY] = "deny",
	[PLACE_ALERT] = "alert",
};

static json_t *
reference(enum place place)
{
	return json_pack("{s:s+}", "$ref", "#/$defs/", definitions[place]);
}

static json_t *
string(const char *pattern)
{
	return pattern ? json_pack("{s:s, s:s}", "type", "string", "pattern", pattern)
		       : json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
}

/* A text that YAML may take for something else: a host called 7, an operator called true. */
static json_t *
text(const char *pattern)
{
	json_t *json = string(pattern);

	json_object_set_new(json, "type", json_pack("[s, s, s]", "string", "number", "boolean"));
	if (pattern) {
		json_object_set_new(json, "minimum", json_integer(0)); /* no name begins with "-" */
	}
	return json;
}

static json_t *
either(json_t *a, json_t *b)
{
	return json_pack("{s:[o, o]}", "anyOf", a, b);
}

static json_t *
list_of(json_t *item, bool required)
{
	json_t *list = json_pack("{s:s, s:o}", "type", "array", "items", item);

	if (required) {
		json_object_set_new(list, "minItems", json_integer(1));
	}
	return list;
}

/* One text, or a list of texts, which is not empty where it must not be. */
static json_t *
one_or_list(const char *pattern, bool required)
{
	return either(text(pattern), list_of(text(pattern), required));
}

/* As one_or_list(), of addresses: these are never numbers, but a host may be called true. */
static json_t *
addresses(const char *pattern, bool required)
{
	json_t *type = json_pack("[s, s]", "string", "boolean");
	json_t *one = string(pattern), *item = string(pattern);

	json_object_set(one, "type", type);
	json_object_set_new(item, "type", type);
	return either(one, list_of(item, required));
}

static json_t *
number(const struct key_row *row)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)row->min,
	    "maximum", (json_int_t)row->max);
}

static json_t *
choice(const struct key_row *row)
{
	json_t *words = json_array();

	for (size_t i = 0; row->words[i]; i++) {
		const char *word = row->words[i];
		bool yes = strcmp(word, "true") == 0, no = strcmp(word, "false") == 0;

		/* what YAML reads as truths are none of its texts */
		json_array_append_new(words, yes || no ? json_boolean(yes) : json_string(word));
	}
	return json_pack("{s:o}", "enum", words);
}

static json_t *
daemons(const struct key_row *row)
{
	json_t *words = json_pack("[s]", "auto");

	for (size_t i = 0; daemon_drivers[i]; i++) {
		if (row->min == 0 || daemon_drivers[i]->features & DAEMON_SERVES) {
			json_array_append_new(words, json_string(daemon_drivers[i]->name));
		}
	}
	return json_pack("{s:o}", "enum", words);
}

static json_t *
value_schema(const struct key_row *row)
{
	switch (row->type) {
	case VALUE_TEXT:
	case VALUE_FILE:
		return text(NULL);
	case VALUE_NAME:
		return text(row->max > 63 ? HOST_PATTERN : NAME_PATTERN);
	case VALUE_NUMBER:
		return number(row);
	case VALUE_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case VALUE_DURATION:
		return string(row->min < 0 ? "^-?" DURATION_PATTERN : "^" DURATION_PATTERN);
	case VALUE_DATE:
		return string(DATE_PATTERN);
	case VALUE_COUNTRY:
		return string("^[A-Z]{2}$");
	case VALUE_SHARE:
		return either(number(row), string("^([1-9][0-9]?|100)%$"));
	case VALUE_CHOICE:
		return choice(row);
	case VALUE_DAEMON:
		return daemons(row);
	case VALUE_SECRET:
		return string("^[0-9A-Fa-f]+$");
	case VALUE_ADDRESSES:
		return addresses(ADDRESS_PATTERN, row->required);
	case VALUE_NETWORKS:
		return one_or_list("^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$", row->required);
	case VALUE_MONITORS:
		return one_or_list("^[0-9A-Fa-f.:]+$", row->required);
	case VALUE_NAMES:
		return one_or_list(HOST_PATTERN, true);
	case VALUE_RANGES:
		return either(text(NULL), list_of(either(text(NULL), reference(row->inner)), true));
	case VALUE_URLS:
		return one_or_list("^https://[^/]+:[0-9]{1,5}/?$", row->required);
	case VALUE_LINES:
		return one_or_list(NULL, true);
	case VALUE_MAP:
	case VALUE_PART:
		return reference(row->inner);
	case VALUE_SSH:
		return either(text(NULL), reference(row->inner));
	case VALUE_LIST:
		return list_of(reference(row->inner), row->required);
	}
	return NULL;
}

/* The default as a JSON value: numbers and true or false are not strings. */
static json_t *
default_of(const struct key_row *row)
{
	if (row->type == VALUE_NUMBER) {
		return json_integer(atoll(row->fallback));
	}
	if (row->type == VALUE_BOOL) {
		return json_boolean(strcmp(row->fallback, "true") == 0);
	}
	return json_string(row->fallback);
}

/* What add.c and hosts.c demand of two keys together; NULL: nothing. */
static json_t *
one_of_keys(enum place place)
{
	if (place == PLACE_TIER) {
		return json_pack("[{s:[s]}, {s:[s]}, {s:[s], s:{s:{s:b}}}, {s:{s:{s:{s:[s]}}}}]",
		    "required", "upstreams", "required", "from", "required", "isolated",
		    "properties", "isolated", "const", 1, "properties", "servers", "items",
		    "required", "refclocks");
	}
	if (place == PLACE_CLIENTS) {
		return json_pack(
		    "[{s:[s]}, {s:[s]}]", "required", "hosts", "required", "hosts_file");
	}
	return NULL;
}

static void
add_place(json_t *schema, enum place place)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *any = one_of_keys(place);

	for (size_t i = 0; i < places[place].key_count; i++) {
		const struct key_row *row = &places[place].keys[i];
		json_t *value = value_schema(row);

		json_object_set_new(value, "description", json_string(row->doc));
		if (row->fallback) {
			json_object_set_new(value, "default", default_of(row));
		}
		if (row->required) {
			json_array_append_new(required, json_string(row->name));
		}
		json_object_set_new(properties, row->name, value);
	}
	json_object_set_new(schema, "type", json_string("object"));
	json_object_set_new(schema, "properties", properties);
	json_object_set_new(schema, "required", required);
	json_object_set_new(schema, "additionalProperties", json_false());
	if (any) {
		json_object_set_new(schema, "anyOf", any);
	}
}

void
schema_json(struct buf *out)
{
	json_t *schema = json_pack("{s:s, s:s, s:s}", "$schema",
	    "https://json-schema.org/draft/2020-12/schema", "title", "site.yaml", "description",
	    "The time service of a site, as timetier reads it.");
	json_t *defs = json_object();
	char *text;

	add_place(schema, PLACE_SITE);
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		if (definitions[i]) {
			json_t *place = json_object();

			add_place(place, (enum place)i);
			json_object_set_new(defs, definitions[i], place);
		}
	}
	json_object_set_new(schema, "$defs", defs);
	text = json_dumps(schema, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	if (!text) {
		abort();
	}
	buf_text(out, text);
	buf_text(out, "\n");
	free(text);
	json_decref(schema);
}

/* What the manual writes after the colon of a key. */
static const char *
value_words(enum value_type type)
{
	switch (type) {
	case VALUE_TEXT:
		return "text";
	case VALUE_NAME:
		return "name";
	case VALUE_NUMBER:
		return "number";
	case VALUE_BOOL:
		return "true | false";
	case VALUE_DURATION:
		return "duration";
	case VALUE_DATE:
		return "day, as 2027-06-30";
	case VALUE_COUNTRY:
		return "country";
	case VALUE_SHARE:
		return "number | percentage";
	case VALUE_CHOICE:
	case VALUE_DAEMON:
		return NULL; /* the manual lists the words */
	case VALUE_FILE:
		return "file";
	case VALUE_SECRET:
		return "hexadecimal digits";
	case VALUE_ADDRESSES:
	case VALUE_MONITORS:
		return "address | list of addresses";
	case VALUE_NETWORKS:
		return "network | list of networks";
	case VALUE_NAMES:
		return "name | list of names";
	case VALUE_RANGES:
		return "range | list of ranges and maps";
	case VALUE_URLS:
		return "URL | list of URLs";
	case VALUE_LINES:
		return "line | list of lines";
	case VALUE_MAP:
	case VALUE_PART:
		return "map";
	case VALUE_SSH:
		return "user@host:port | map";
	case VALUE_LIST:
		return "list of maps";
	}
	return "";
}

/* Add @doc with quotes in troff's spelling: `x` becomes 'x'. */
static void
add_doc(struct buf *out, const char *doc)
{
	bool open = false;

	for (; *doc; doc++) {
		if (*doc == '`') {
			open = !open;
			buf_text(out, open ? "\\(oq" : "\\(cq");
		} else {
			buf_add(out, doc, 1);
		}
	}
	buf_text(out, "\n");
}

static void
add_key(struct buf *out, const struct key_row *row)
{
	buf_printf(out, ".It Ic %s : Ar ", row->name);
	if (row->type == VALUE_CHOICE) {
		for (size_t i = 0; row->words[i]; i++) {
			buf_printf(out, "%s%s", i > 0 ? " | " : "", row->words[i]);
		}
	} else if (row->type == VALUE_DAEMON) {
		buf_text(out, "auto");
		for (size_t i = 0; daemon_drivers[i]; i++) {
			if (row->min == 0 || daemon_drivers[i]->features & DAEMON_SERVES) {
				buf_printf(out, " | %s", daemon_drivers[i]->name);
			}
		}
	} else {
		buf_text(out, value_words(row->type));
	}
	buf_text(out, "\n");
	add_doc(out, row->doc);
	if (row->type == VALUE_NUMBER) {
		buf_printf(out, "From %lld to %lld.\n", (long long)row->min, (long long)row->max);
	}
	if (row->required) {
		buf_text(out, "Required.\n");
	}
	if (row->fallback) {
		buf_printf(out, "Default: %s.\n", row->fallback);
	}
}

void
schema_man(struct buf *out)
{
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		buf_text(out, ".Ss Keys of ");
		add_doc(out, places[i].noun);
		buf_text(out, ".Bl -tag -width Ds\n");
		for (size_t k = 0; k < places[i].key_count; k++) {
			add_key(out, &places[i].keys[k]);
		}
		buf_text(out, ".El\n");
	}
}
