#include "daemons/policy_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHERS_BYTES 65536

/* Copy @text; if it is too long keep its end, which tells more of a path than its beginning. */
static void
copy_end(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len < size) {
		memcpy(out, text, len + 1);
	} else {
		snprintf(out, size, "...%s", text + len - (size - 4));
	}
}

void
policy_text_begin(struct policy_text *text, const char *config, const char *path)
{
	*text = (struct policy_text){ .at = config, .end = config + strlen(config), .number = 1 };
	copy_end(text->file, sizeof(text->file), path);
}

/* Copy the next line to @text->line, cut if it is too long; @text->at moves behind it. */
static bool
take_line(struct policy_text *text)
{
	const char *stop;
	size_t len;

	if (text->at >= text->end) {
		return false;
	}
	stop = memchr(text->at, '\n', (size_t)(text->end - text->at));
	stop = stop ? stop : text->end;
	len = (size_t)(stop - text->at);
	text->cut = len >= sizeof(text->line);
	if (text->cut) {
		len = sizeof(text->line) - 1;
	}
	memcpy(text->line, text->at, len);
	text->line[len] = '\0';
	text->at = stop < text->end ? stop + 1 : text->end;
	return true;
}

/* Whether the line is `#line N FILE`; if so, the next line is at that place. */
static bool
moves(struct policy_text *text)
{
	char *file;
	unsigned long number;

	if (strncmp(text->line, "#line ", 6) != 0) {
		return false;
	}
	number = strtoul(text->line + 6, &file, 10);
	if (file == text->line + 6 || file[0] != ' ' || file[1] == '\0' || number > 1000000000) {
		return false;
	}
	text->number = (unsigned)number;
	copy_end(text->file, sizeof(text->file), file + 1);
	return true;
}

bool
policy_text_next(struct policy_text *text)
{
	text->moved = false;
	while (take_line(text)) {
		if (moves(text)) {
			text->moved = true;
		} else {
			snprintf(
			    text->place, sizeof(text->place), "%s:%u", text->file, text->number++);
			return true;
		}
	}
	return false;
}

void
policy_place(char place[RESTART_PLACE_BYTES], const char *file, unsigned line)
{
	char end[RESTART_PLACE_BYTES - 12];

	copy_end(end, sizeof(end), file);
	snprintf(place, RESTART_PLACE_BYTES, "%s:%u", end, line);
}

void
policy_blame(
    struct restart_policy *policy, enum restart_blamed what, const char *place, const char *words)
{
	struct restart_blame *blame = &policy->blames[what];
	size_t at = 0;

	snprintf(blame->place, sizeof(blame->place), "%s", place);
	words += strspn(words, " \t");
	for (; *words && *words != '\r' && at + 1 < sizeof(blame->text); words++) {
		bool space = *words == ' ' || *words == '\t';

		if (space && (at == 0 || blame->text[at - 1] == ' ')) {
			continue;
		}
		blame->text[at++] = space ? ' ' : *words < 0x20 || *words == 0x7f ? '?' : *words;
	}
	while (at > 0 && blame->text[at - 1] == ' ') {
		at--;
	}
	blame->text[at] = '\0';
}

void
policy_doubt(struct restart_policy *policy, const char *place, const char *words)
{
	if (policy->known) {
		policy_blame(policy, BLAME_UNKNOWN, place, words);
	}
	policy->known = false;
}

void
policy_add_line(struct restart_policy *policy, const struct restart_line *line)
{
	if (policy->line_count == RESTART_LINES_MAX) {
		policy_doubt(policy, line->place, "more sources than can be judged");
		return;
	}
	policy->lines[policy->line_count++] = *line;
}

/* Read a cluster of letters, "gN" or "c".  True: the next word is the value of the last one. */
static bool
read_letters(const char *letters, const char *with_value, bool has[128])
{
	for (; *letters; letters++) {
		if ((unsigned char)*letters < 128) {
			has[(unsigned char)*letters] = true;
		}
		if (strchr(with_value, *letters)) {
			return letters[1] == '\0';
		}
	}
	return false;
}

/* Read "name" or "name=value", which may be abbreviated.  True: the next word is its value. */
static bool
read_long(const char *word, const char *with_value, const struct long_option *longs, bool has[128])
{
	size_t len = strcspn(word, "=");
	bool value = false;

	for (const struct long_option *option = longs; option && option->name; option++) {
		if (strlen(option->name) == len && strncmp(option->name, word, len) == 0) {
			has[(unsigned char)option->letter] = true;
			return word[len] != '=' && strchr(with_value, option->letter);
		}
	}
	for (const struct long_option *option = longs; option && option->name; option++) {
		if (len > 0 && strncmp(option->name, word, len) == 0) {
			has[(unsigned char)option->letter] = true;
			value |= word[len] != '=' && strchr(with_value, option->letter);
		}
	}
	return value;
}

/* Read the next argument of @text to @word; double quotes hold one with spaces together. */
static bool
next_argument(const char **text, struct buf *word)
{
	bool quoted = false;

	buf_reset(word);
	*text += strspn(*text, " \t\r\n");
	if (!**text) {
		return false;
	}
	for (; **text && (quoted || !strchr(" \t\r\n", **text)); (*text)++) {
		if (**text == '"') {
			quoted = !quoted;
		} else {
			buf_add(word, *text, 1);
		}
	}
	return true;
}

void
options_read(struct options *options, const char *text, const char *with_value,
    const struct long_option *longs)
{
	struct buf word = { .limit_bytes = OTHERS_BYTES };
	bool value = false, ended = false;

	options->others.limit_bytes = OTHERS_BYTES;
	while (next_argument(&text, &word)) {
		const char *argument = buf_str(&word);

		if (value) {
			value = false;
		} else if (!ended && strcmp(argument, "--") == 0) {
			ended = true;
		} else if (!ended && argument[0] == '-' && argument[1] == '-') {
			value = read_long(argument + 2, with_value, longs, options->has);
		} else if (!ended && argument[0] == '-' && argument[1]) {
			value = read_letters(argument + 1, with_value, options->has);
		} else {
			buf_text(&options->others, argument);
			buf_text(&options->others, "\n");
		}
	}
	buf_free(&word);
}

void
options_free(struct options *options)
{
	buf_free(&options->others);
}
