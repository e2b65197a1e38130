#include "daemons/options.h"

#include <ctype.h>
#include <string.h>

#define OTHERS_BYTES 65536

/* One that is being read. */
struct arguments_reader {
	struct options *options;
	const struct option_rules *rules;
	char waits[16]; /* letters of options whose value is the next word */
};

static void
set(struct options *options, char letter)
{
	if ((unsigned char)letter < 128) {
		options->has[(unsigned char)letter] = true;
	}
}

static void
set_value(struct options *options, char letter, const char *value)
{
	if ((unsigned char)letter < 128) {
		options->value_at[(unsigned char)letter] = options->values.len + 1;
		buf_add(&options->values, value, strlen(value) + 1);
	}
}

const char *
options_value(const struct options *options, char letter)
{
	size_t at = (unsigned char)letter < 128 ? options->value_at[(unsigned char)letter] : 0;

	return at > 0 && !options->values.overflowed ? options->values.data + at - 1 : NULL;
}

/* Read a cluster of letters, "gN", "c" or "gcFILE". */
static void
read_letters(struct arguments_reader *reader, const char *letters)
{
	for (; *letters; letters++) {
		set(reader->options, *letters);
		if (!strchr(reader->rules->with_value, *letters)) {
			continue;
		}
		if (letters[1]) {
			set_value(reader->options, *letters, letters + 1);
		} else {
			reader->waits[0] = *letters;
		}
		return;
	}
}

/* The option @letter was given as "name" or "name=value". */
static void
take_long(struct arguments_reader *reader, char letter, const char *value)
{
	size_t waiting = strlen(reader->waits);

	set(reader->options, letter);
	if (!strchr(reader->rules->with_value, letter)) {
		return;
	}
	if (value) {
		set_value(reader->options, letter, value);
	} else if (waiting + 1 < sizeof(reader->waits)) {
		reader->waits[waiting] = letter;
	}
}

/* Read "name" or "name=value", which may be abbreviated. */
static void
read_long(struct arguments_reader *reader, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	const struct long_option *longs = reader->rules->longs;

	for (const struct long_option *option = longs; option && option->name; option++) {
		if (strlen(option->name) == len && strncmp(option->name, word, len) == 0) {
			take_long(reader, option->letter, value);
			return;
		}
	}
	for (const struct long_option *option = longs; option && option->name; option++) {
		if (len > 0 && strncmp(option->name, word, len) == 0) {
			take_long(reader, option->letter, value);
		}
	}
}

/* Whether @word is the variable @name, of @len bytes, for the option @option: in capitals. */
static bool
names_option(const char *name, size_t len, const char *option)
{
	for (size_t i = 0; i < len; i++) {
		if ((name[i] == '_' ? '-' : tolower((unsigned char)name[i])) != option[i]) {
			return false;
		}
	}
	return option[len] == '\0';
}

/* Take "NTPD_PANICGATE=" as the option that it names; an option among the arguments wins. */
static bool
take_variable(struct arguments_reader *reader, const char *word)
{
	const char *prefix = reader->rules->variables;
	size_t skip = prefix ? strlen(prefix) + 1 : 0, len = strcspn(word, "=");

	if (!prefix || len < skip || strncmp(word, prefix, skip - 1) != 0 ||
	    word[skip - 1] != '_') {
		return false;
	}
	for (const struct long_option *option = reader->rules->longs; option && option->name;
	     option++) {
		if (!names_option(word + skip, len - skip, option->name)) {
			continue;
		}
		set(reader->options, option->letter);
		if (strchr(reader->rules->with_value, option->letter) && word[len] == '=' &&
		    !options_value(reader->options, option->letter)) {
			set_value(reader->options, option->letter, word + len + 1);
		}
	}
	return true;
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

/* Give @value to the options that wait for one. */
static void
give_value(struct arguments_reader *reader, const char *value)
{
	for (const char *letter = reader->waits; *letter; letter++) {
		set_value(reader->options, *letter, value);
	}
	memset(reader->waits, 0, sizeof(reader->waits));
}

void
options_read(struct options *options, const char *text, const struct option_rules *rules)
{
	struct arguments_reader reader = { .options = options, .rules = rules };
	struct buf word = { .limit_bytes = OTHERS_BYTES };
	bool ended = false;

	options->others.limit_bytes = OTHERS_BYTES;
	options->values.limit_bytes = OTHERS_BYTES;
	while (next_argument(&text, &word)) {
		const char *argument = buf_str(&word);

		if (reader.waits[0]) {
			give_value(&reader, argument);
		} else if (!ended && strcmp(argument, "--") == 0) {
			ended = true;
		} else if (!ended && argument[0] == '-' && argument[1] == '-') {
			read_long(&reader, argument + 2);
		} else if (!ended && argument[0] == '-' && argument[1]) {
			read_letters(&reader, argument + 1);
		} else if (!take_variable(&reader, argument)) {
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
	buf_free(&options->values);
}
