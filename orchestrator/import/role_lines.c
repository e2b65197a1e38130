#include "orchestrator/import/role_lines.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REFERENCES_MAX 8 /* of one variable to another */

/* "{{ name }}" is what the variable `name` says; other expressions are the tools' own. */
json_t *
followed(const struct making *making, json_t *value)
{
	for (unsigned i = 0; i < REFERENCES_MAX && json_is_string(value); i++) {
		char name[128];
		int end = 0;

		if (sscanf(json_string_value(value), "{{ %127[A-Za-z0-9_] }}%n", name, &end) != 1 ||
		    end == 0 || json_string_value(value)[end]) {
			break;
		}
		value = json_object_get(making->variables, name);
	}
	return value;
}

static bool
is_fit(const char *text)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f) {
			return false;
		}
	}
	return !strstr(text, "{{") && !strstr(text, "{%") && !strstr(text, "%{");
}

static void
tell_lost(struct making *making, const struct row *row, const char *why)
{
	import_remark(
	    making->import, making->host, "lost: %s%s: %s", making->prefix, row->variable, why);
}

/* A scalar as its text, "" for none; NULL when it says nothing here, which is remarked. */
static const char *
text_of(struct making *making, const struct row *row, json_t *value)
{
	struct arena *arena = &making->import->arena;
	char real[32];

	value = followed(making, value);
	if (!value || json_is_null(value) || json_is_false(value)) {
		return "";
	}
	if (json_is_integer(value)) {
		return arena_printf(arena, "%lld", (long long)json_integer_value(value));
	}
	if (json_is_real(value)) {
		snprintf(real, sizeof(real), "%.9g", json_real_value(value));
		return arena_strdup(arena, real);
	}
	if (json_is_string(value) && is_fit(json_string_value(value))) {
		return json_string_value(value);
	}
	if (json_is_true(value)) {
		return "true";
	}
	tell_lost(making, row,
	    json_is_string(value) ? "a value is made of others, or has several lines"
				  : "its value is no text");
	return NULL;
}

/* Ansible's own truths, of which an inventory in lines makes texts. */
bool
is_true(const struct making *making, json_t *value)
{
	static const char *const words[] = { "true", "yes", "on", "1", "y", "t" };

	value = followed(making, value);
	for (size_t i = 0; json_is_string(value) && i < COUNT(words); i++) {
		if (strcasecmp(json_string_value(value), words[i]) == 0) {
			return true;
		}
	}
	return json_is_true(value) || (json_is_integer(value) && json_integer_value(value) != 0);
}

static double
number_of(struct making *making, json_t *value, double other)
{
	double number;

	value = followed(making, value);
	if (json_is_string(value) && sscanf(json_string_value(value), "%lf", &number) == 1) {
		return number;
	}
	return json_is_number(value) ? json_number_value(value) : other;
}

json_t *
variable(const struct making *making, const char *name)
{
	char whole[128];

	snprintf(whole, sizeof(whole), "%s%s", making->prefix, name);
	return json_object_get(making->variables, whole);
}

void
put_line(struct making *making, const struct row *row, json_t *value)
{
	const char *text = text_of(making, row, value);

	if (text && text[0]) {
		buf_printf(&making->text, "%s%s%s\n", row->word, row->word[0] ? " " : "", text);
	}
}

/* Add the words of @value, lists in it, too, to @line; returns NULL when one says nothing here. */
static const char *
add_words(struct making *making, const struct row *row, const char *line, json_t *value)
{
	json_t *item;
	const char *text;
	size_t i;

	if (!json_is_array(value)) {
		text = text_of(making, row, value);
		return text ? arena_printf(&making->import->arena, "%s%s%s", line,
				  line[0] && text[0] ? " " : "", text)
			    : NULL;
	}
	json_array_foreach(value, i, item)
	{
		line = line ? add_words(making, row, line, item) : NULL;
	}
	return line;
}

static void
put_words(struct making *making, const struct row *row, const char *first, json_t *value)
{
	const char *begin = row->word[0] && first[0]
	    ? arena_printf(&making->import->arena, "%s %s", row->word, first)
	    : first[0] ? first
		       : row->word;
	const char *line = add_words(making, row, begin, value);

	if (line && line[0] && (first[0] || strcmp(line, row->word) != 0)) {
		buf_printf(&making->text, "%s\n", line);
	}
}

void
put_each(struct making *making, const struct row *row, json_t *value)
{
	json_t *item;
	const char *name;
	size_t i;

	value = followed(making, value);
	json_object_foreach(value, name, item)
	{
		put_words(making, row, name, item);
	}
	json_array_foreach(value, i, item)
	{
		put_words(making, row, "", item);
	}
	if (!json_is_array(value) && !json_is_object(value)) {
		put_line(making, row, value);
	}
}

/* A list in one line. */
void
put_joined(struct making *making, const struct row *row, json_t *value)
{
	json_t *item;
	const char *text;
	size_t i;

	value = followed(making, value);
	if (!json_is_array(value)) {
		text = text_of(making, row, value);
		buf_printf(&making->text, "%s%s\n", row->word, text ? text : "");
		return;
	}
	buf_text(&making->text, row->word);
	json_array_foreach(value, i, item)
	{
		text = text_of(making, row, item);
		buf_printf(&making->text, "%s%s", i > 0 ? " " : "", text ? text : "");
	}
	buf_text(&making->text, "\n");
}

void
put_flag(struct making *making, const struct row *row, json_t *value)
{
	if (is_true(making, value)) {
		buf_text(&making->text, row->word);
	}
}

void
put_unless(struct making *making, const struct row *row, json_t *value)
{
	if (value && !is_true(making, value)) {
		buf_text(&making->text, row->word);
	}
}

/* A number that is the daemon's own when it is small. */
void
put_above_one(struct making *making, const struct row *row, json_t *value)
{
	if (number_of(making, value, 0) > 1) {
		put_line(making, row, value);
	}
}

void
put_not_zero(struct making *making, const struct row *row, json_t *value)
{
	if (number_of(making, value, 0) > 0) {
		put_line(making, row, value);
	}
}

/* What is a secret, or lies elsewhere. */
void
put_lost(struct making *making, const struct row *row, json_t *value)
{
	if (json_array_size(value) > 0 || json_object_size(value) > 0 || is_true(making, value) ||
	    (json_is_string(value) && json_string_value(value)[0])) {
		tell_lost(making, row, row->word);
	}
}

/* One source of timesync_ntp_servers; `word` is what a trusted one is called. */
static void
put_timesync_source(struct making *making, const struct row *row, json_t *source)
{
	static const char *const numbers[] = { "minpoll", "maxpoll", "filter" };
	static const char *const flags[] = { "nts", "iburst", "prefer", "xleave" };
	const char *name = text_of(making, row, json_object_get(source, "hostname"));
	bool chrony = strcmp(row->word, "trust") == 0;

	if (!name || !name[0]) {
		return;
	}
	buf_printf(&making->text, "%s %s",
	    is_true(making, json_object_get(source, "pool")) ? "pool" : "server", name);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		json_t *number = json_object_get(source, numbers[i]);

		/* only chrony filters, and one sample is no filter */
		if (number && (i < 2 || (chrony && number_of(making, number, 0) > 1))) {
			buf_printf(
			    &making->text, " %s %.0f", numbers[i], number_of(making, number, 0));
		}
	}
	for (size_t i = 0; i < COUNT(flags); i++) {
		if (is_true(making, json_object_get(source, flags[i])) &&
		    (chrony || i == 1 || i == 2)) {
			buf_printf(&making->text, " %s", flags[i]);
		}
	}
	if (is_true(making, json_object_get(source, "trust"))) {
		buf_printf(&making->text, " %s", row->word);
	}
	buf_text(&making->text, "\n");
}

void
put_timesync_sources(struct making *making, const struct row *row, json_t *value)
{
	json_t *source;
	size_t i;

	value = followed(making, value);
	if (value && !json_is_array(value)) {
		tell_lost(making, row, "its value is no list");
	}
	json_array_foreach(value, i, source)
	{
		put_timesync_source(making, row, source);
	}
}

/* chrony: 0 is "never", what is negative the role's own 1 s. */
void
put_makestep(struct making *making, const struct row *row UNUSED, json_t *value)
{
	double threshold_s = number_of(making, value, -1);

	if (threshold_s != 0) {
		buf_printf(&making->text, "makestep %.9g 3\n", threshold_s > 0 ? threshold_s : 1.0);
	}
}

void
put_step(struct making *making, const struct row *row UNUSED, json_t *value)
{
	double threshold_s = number_of(making, value, -1);

	if (threshold_s >= 0) {
		buf_printf(&making->text, "tinker step %.9g\n", threshold_s);
	}
}

/* geerlingguy.ntp's own servers, which are those of an area. */
void
put_area(struct making *making, const struct row *row, json_t *value)
{
	const char *area = text_of(making, row, value);

	for (unsigned i = 0; area && i < 4 && !variable(making, "servers"); i++) {
		buf_printf(&making->text, "%s %u%s%s.pool.ntp.org iburst\n", row->word, i,
		    area[0] ? "." : "", area);
	}
}

/* puppet-chrony: names alone are asked with `iburst`, except peers; or names with their words. */
void
put_chrony_sources(struct making *making, const struct row *row, json_t *value)
{
	bool peers = strcmp(row->word, "peer") == 0;
	json_t *item;
	size_t i;

	if (!json_is_array(value)) {
		put_each(making, row, value);
		return;
	}
	json_array_foreach(value, i, item)
	{
		const char *name = text_of(making, row, item);

		if (name && name[0]) {
			buf_printf(
			    &making->text, "%s %s%s\n", row->word, name, peers ? "" : " iburst");
		}
	}
}

void
put_chrony_makestep(struct making *making, const struct row *row UNUSED, json_t *value)
{
	buf_printf(&making->text, "makestep %.9g %.0f\n", number_of(making, value, 10),
	    number_of(making, variable(making, "makestep_updates"), 3));
}

/* The words that other lists have of the source @item. */
static void
put_marks(struct making *making, json_t *item)
{
	static const struct {
		const char *list, *word;
	} marks[] = { { "preferred_servers", "prefer" }, { "noselect_servers", "noselect" } };

	for (size_t mark = 0; mark < COUNT(marks); mark++) {
		json_t *one;
		size_t i;

		json_array_foreach(variable(making, marks[mark].list), i, one)
		{
			if (json_equal(one, item)) {
				buf_printf(&making->text, " %s", marks[mark].word);
			}
		}
	}
}

/* What all sources have. */
static void
put_polls(struct making *making)
{
	static const char *const names[] = { "minpoll", "maxpoll" };

	for (size_t i = 0; i < COUNT(names); i++) {
		json_t *poll = variable(making, names[i]);

		if (json_is_integer(poll)) {
			buf_printf(
			    &making->text, " %s %d", names[i], (int)json_integer_value(poll));
		}
	}
}

/* puppetlabs-ntp: one list of servers, and lists of what some of them have. */
void
put_puppet_sources(struct making *making, const struct row *row, json_t *value)
{
	json_t *iburst = variable(making, "iburst_enable"), *item;
	size_t i;

	json_array_foreach(value, i, item)
	{
		const char *name = text_of(making, row, item);

		if (!name || !name[0]) {
			continue;
		}
		buf_printf(&making->text, "%s %s%s", row->word, name,
		    !iburst || is_true(making, iburst) ? " iburst" : "");
		put_marks(making, item);
		put_polls(making);
		buf_text(&making->text, "\n");
	}
}

void
put_interfaces(struct making *making, const struct row *row, json_t *value)
{
	if (json_array_size(value) > 0 &&
	    json_array_size(variable(making, "interfaces_ignore")) == 0) {
		buf_text(&making->text, "interface ignore wildcard\n");
	}
	put_each(making, row, value);
}

void
put_udlc(struct making *making, const struct row *row UNUSED, json_t *value)
{
	if (is_true(making, value)) {
		buf_printf(&making->text, "server 127.127.1.0\nfudge 127.127.1.0 stratum %.0f\n",
		    number_of(making, variable(making, "udlc_stratum"), 10));
	}
}
