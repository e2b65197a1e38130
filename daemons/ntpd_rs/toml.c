/* A reader that goes forward once and keeps nothing but the names that were given. */
#include "daemons/ntpd_rs/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 512
#define FILE_BYTES 256
#define DEPTH_MAX 16
#define NAMES_MAX 512 /* names beyond these are not compared for being given twice */

struct path {
	char text[PATH_BYTES];
	size_t len;
};

struct text {
	char bytes[TOML_TEXT_BYTES];
	size_t len; /* may be more than fits */
};

struct reader {
	const char *at, *line_start;
	unsigned line;
	char file[FILE_BYTES];
	struct path table;      /* of the latest header */
	char list[PATH_BYTES];  /* of the latest [[header]]; "": none, or left again */
	unsigned element;       /* number of the table in an array that is being read; 0: none */
	unsigned element_count; /* such tables so far */
	uint64_t names[NAMES_MAX];
	size_t name_count;
	void (*take)(void *owner, const struct toml_item *item);
	void *owner;
};

static bool read_value(struct reader *reader, const struct path *path, unsigned depth);

static void
give(struct reader *reader, enum toml_kind kind, const struct path *path, const char *text)
{
	struct toml_item item = { .kind = kind,
		.path = path->text,
		.text = text,
		.file = reader->file,
		.line = reader->line,
		.words = reader->line_start };

	reader->take(reader->owner, &item);
}

/* What a name can be: each may be given once in its table. */
enum naming {
	NAME_DEFINED, /* by a header, or as a key with a value */
	NAME_DOTTED,  /* as the front part of a dotted key: no header may open it again */
};

static uint64_t
name_hash(const struct reader *reader, const struct path *path, enum naming naming)
{
	uint64_t hash = UINT64_C(14695981039346656037) + naming + 2 * (uint64_t)reader->element;

	for (size_t i = 0; i < path->len; i++) {
		hash = (hash ^ (unsigned char)path->text[i]) * UINT64_C(1099511628211);
	}
	return hash;
}

static bool
is_named(const struct reader *reader, const struct path *path, enum naming naming)
{
	uint64_t hash = name_hash(reader, path, naming);

	for (size_t i = 0; i < reader->name_count; i++) {
		if (reader->names[i] == hash) {
			return true;
		}
	}
	return false;
}

/* Note the name; returns false if it was given before. */
static bool
name_once(struct reader *reader, const struct path *path, enum naming naming)
{
	if (is_named(reader, path, naming)) {
		return false;
	}
	if (reader->name_count < NAMES_MAX) {
		reader->names[reader->name_count++] = name_hash(reader, path, naming);
	}
	return true;
}

/* At the start of a line: take a `#line N FILE`. */
static void
take_mark(struct reader *reader)
{
	char *file;
	unsigned long number;
	size_t len;

	reader->line_start = reader->at;
	if (strncmp(reader->at, "#line ", 6) != 0) {
		return;
	}
	number = strtoul(reader->at + 6, &file, 10);
	len = strcspn(file, "\n");
	if (*file != ' ' || len < 2 || len > FILE_BYTES || number > 1000000000) {
		return;
	}
	snprintf(reader->file, sizeof(reader->file), "%.*s", (int)(len - 1), file + 1);
	reader->line = (unsigned)number - 1; /* its own end counts, too */
}

static void
skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t");
}

/* Skip a line feed, with or without a carriage return; returns whether one was there. */
static bool
skip_line_end(struct reader *reader)
{
	const char *at = reader->at + (reader->at[0] == '\r' && reader->at[1] == '\n');

	if (*at != '\n') {
		return false;
	}
	reader->at = at + 1;
	reader->line++;
	take_mark(reader);
	return true;
}

static void
skip_comment(struct reader *reader)
{
	skip_blanks(reader);
	if (*reader->at == '#') {
		reader->at += strcspn(reader->at, "\n");
	}
}

/* Skip blanks, comments and ends of lines. */
static void
skip_lines(struct reader *reader)
{
	do {
		skip_comment(reader);
	} while (skip_line_end(reader));
}

static bool
skip(struct reader *reader, const char *token)
{
	size_t len = strlen(token);

	if (strncmp(reader->at, token, len) != 0) {
		return false;
	}
	reader->at += len;
	return true;
}

static void
add_byte(struct text *text, char byte)
{
	if (text->len + 1 < sizeof(text->bytes)) {
		text->bytes[text->len] = byte;
		text->bytes[text->len + 1] = '\0';
	}
	text->len++;
}

/* Add the character with number @code in UTF-8. */
static void
add_code(struct text *text, unsigned long code)
{
	static const struct {
		unsigned long below;
		unsigned char lead;
		int more;
	} forms[] = { { 0x80, 0, 0 }, { 0x800, 0xC0, 1 }, { 0x10000, 0xE0, 2 },
		{ 0x110000, 0xF0, 3 } };
	size_t f = 0;

	while (code >= forms[f].below) {
		f++;
	}
	add_byte(text, (char)(forms[f].lead | (code >> (6 * forms[f].more))));
	for (int more = forms[f].more - 1; more >= 0; more--) {
		add_byte(text, (char)(0x80 | ((code >> (6 * more)) & 0x3F)));
	}
}

/* Read what stands behind a backslash. */
static bool
read_escape(struct reader *reader, struct text *text)
{
	static const char letters[] = "btnfr\"\\", bytes[] = "\b\t\n\f\r\"\\";
	char letter = *reader->at, digits[9] = "";
	const char *found = letter ? strchr(letters, letter) : NULL;
	size_t len = letter == 'u' ? 4 : 8;
	unsigned long code;

	if (found) {
		reader->at++;
		add_byte(text, bytes[found - letters]);
		return true;
	}
	if (letter != 'u' && letter != 'U') {
		return false;
	}
	if (strspn(reader->at + 1, "0123456789abcdefABCDEF") < len) {
		return false;
	}
	memcpy(digits, reader->at + 1, len);
	code = strtoul(digits, NULL, 16);
	reader->at += 1 + len;
	if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
		return false;
	}
	add_code(text, code);
	return true;
}

/* Behind a backslash in a string of many lines: skip the rest of the line and what is blank. */
static bool
skip_folded(struct reader *reader)
{
	const char *at = reader->at + strspn(reader->at, " \t");

	if (*at != '\n' && !(at[0] == '\r' && at[1] == '\n')) {
		return false;
	}
	do {
		skip_blanks(reader);
	} while (skip_line_end(reader));
	return true;
}

/* Read a string in one of its four forms: "a", 'a', """a""", '''a'''. */
static bool
read_string(struct reader *reader, struct text *text)
{
	char quote = *reader->at, end[4] = { quote, quote, quote, '\0' };
	bool many = strncmp(reader->at, end, 3) == 0;

	*text = (struct text){ .len = 0 };
	end[many ? 3 : 1] = '\0';
	reader->at += strlen(end);
	if (many) {
		skip_line_end(reader); /* a line end behind the quotes does not count */
	}
	while (!skip(reader, end)) {
		if (many && skip_line_end(reader)) {
			add_byte(text, '\n');
		} else if ((unsigned char)*reader->at < 0x20 && *reader->at != '\t') {
			return false;
		} else if (*reader->at != '\\' || quote == '\'') {
			add_byte(text, *reader->at++);
		} else {
			reader->at++;
			if (!(many && skip_folded(reader)) && !read_escape(reader, text)) {
				return false;
			}
		}
	}
	/* one or two quotes may stand before the three that end it */
	for (int i = 0; many && i < 2 && *reader->at == quote; i++) {
		add_byte(text, *reader->at++);
	}
	return true;
}

#define BARE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static bool
add_part(struct path *path, const char *part)
{
	const char *quote = part[0] == '\0' || part[strspn(part, BARE)] ? "\"" : "";
	int len = snprintf(path->text + path->len, sizeof(path->text) - path->len, "%s%s%s%s",
	    path->len > 0 ? "." : "", quote, part, quote);

	if (len < 0 || (size_t)len >= sizeof(path->text) - path->len) {
		return false;
	}
	path->len += (size_t)len;
	return true;
}

static bool
read_part(struct reader *reader, struct path *path)
{
	struct text part = { .len = 0 };

	skip_blanks(reader);
	if (*reader->at == '"' || *reader->at == '\'') {
		if (!read_string(reader, &part)) {
			return false;
		}
	} else {
		for (size_t len = strspn(reader->at, BARE); len > 0; len--) {
			add_byte(&part, *reader->at++);
		}
		if (part.len == 0) {
			return false;
		}
	}
	skip_blanks(reader);
	return part.len < sizeof(part.bytes) && add_part(path, part.bytes);
}

/* Read a key, "a.b", behind @path; where it is a key with a value, its front parts are noted. */
static bool
read_key(struct reader *reader, struct path *path, bool has_value)
{
	while (read_part(reader, path)) {
		if (!skip(reader, ".")) {
			return true;
		}
		if (has_value) {
			if (is_named(reader, path, NAME_DEFINED)) {
				return false;
			}
			name_once(reader, path, NAME_DOTTED);
		}
	}
	return false;
}

static bool
read_pair(struct reader *reader, const struct path *table, unsigned depth)
{
	struct path path = *table;

	if (!read_key(reader, &path, true) || !skip(reader, "=")) {
		return false;
	}
	if (!name_once(reader, &path, NAME_DEFINED) || is_named(reader, &path, NAME_DOTTED)) {
		return false;
	}
	skip_blanks(reader);
	return read_value(reader, &path, depth);
}

static bool
read_inline_table(struct reader *reader, const struct path *path, unsigned depth)
{
	skip_blanks(reader);
	if (skip(reader, "}")) {
		return true;
	}
	do {
		if (!read_pair(reader, path, depth)) {
			return false;
		}
		skip_blanks(reader);
	} while (skip(reader, ","));
	return skip(reader, "}");
}

static bool
read_array(struct reader *reader, const struct path *path, unsigned depth)
{
	unsigned outside = reader->element;

	for (;;) {
		bool good;

		skip_lines(reader);
		if (skip(reader, "]")) {
			return true;
		}
		if (skip(reader, "{")) {
			reader->element = ++reader->element_count;
			give(reader, TOML_ELEMENT, path, "");
			good = read_inline_table(reader, path, depth);
			reader->element = outside;
		} else {
			good = read_value(reader, path, depth);
		}
		skip_lines(reader);
		if (!good || (!skip(reader, ",") && *reader->at != ']')) {
			return false;
		}
	}
}

static bool
read_value(struct reader *reader, const struct path *path, unsigned depth)
{
	struct text text = { .len = 0 };

	if (depth == DEPTH_MAX) {
		return false;
	}
	if (skip(reader, "[")) {
		give(reader, TOML_ARRAY, path, "");
		return read_array(reader, path, depth + 1);
	}
	if (skip(reader, "{")) {
		give(reader, TOML_TABLE, path, "");
		return read_inline_table(reader, path, depth + 1);
	}
	if (*reader->at == '"' || *reader->at == '\'') {
		if (!read_string(reader, &text)) {
			return false;
		}
		give(reader, TOML_STRING, path, text.bytes);
		return true;
	}
	while (*reader->at && strchr(BARE "+.:", *reader->at)) {
		add_byte(&text, *reader->at++);
	}
	give(reader, TOML_OTHER, path, text.bytes);
	return text.len > 0;
}

/* Whether @path lies in the array of tables that was opened by the latest [[header]]. */
static bool
is_in_list(const struct reader *reader, const struct path *path)
{
	size_t len = strlen(reader->list);

	return len > 0 && strncmp(path->text, reader->list, len) == 0 && path->text[len] == '.';
}

/* "[a.b]" or "[[a]]"; the first bracket is behind us. */
static bool
read_header(struct reader *reader)
{
	bool list = skip(reader, "[");
	struct path path = { .len = 0 };

	if (!read_key(reader, &path, false) || !skip(reader, list ? "]]" : "]")) {
		return false;
	}
	reader->table = path;
	if (!is_in_list(reader, &path)) {
		reader->list[0] = '\0';
		reader->element = 0;
	}
	if (list) {
		snprintf(reader->list, sizeof(reader->list), "%s", path.text);
		reader->element = ++reader->element_count;
	} else if (is_named(reader, &path, NAME_DOTTED) ||
	    !name_once(reader, &path, NAME_DEFINED)) {
		return false;
	}
	give(reader, list ? TOML_ELEMENT : TOML_TABLE, &path, "");
	return true;
}

void
toml_read(const char *config, const char *path,
    void (*take)(void *owner, const struct toml_item *item), void *owner)
{
	static const struct path none = { .len = 0 };
	struct reader reader = { .at = config, .line = 1, .take = take, .owner = owner };

	snprintf(reader.file, sizeof(reader.file), "%s", path);
	take_mark(&reader);
	for (skip_lines(&reader); *reader.at; skip_lines(&reader)) {
		bool good = skip(&reader, "[") ? read_header(&reader)
					       : read_pair(&reader, &reader.table, 0);

		skip_comment(&reader);
		if (!good || (*reader.at && *reader.at != '\n' && *reader.at != '\r')) {
			give(&reader, TOML_BAD, &none, "");
			return;
		}
	}
}
