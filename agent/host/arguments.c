#include "agent/host/arguments.h"

#include <stdio.h>
#include <string.h>

#define SPACES " \t\r\n"

void
arguments_add(struct arguments *words, const char *word)
{
	if (words->count < WORDS_MAX) {
		words->list[words->count++] = word;
	}
}

void
arguments_join(const struct arguments *words, size_t from, struct buf *text)
{
	for (size_t i = from; i < words->count; i++) {
		bool quoted = strpbrk(words->list[i], " \t") || !words->list[i][0];

		buf_text(text, i > from ? " " : "");
		buf_printf(text, quoted ? "\"%s\"" : "%s", words->list[i]);
	}
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Returns the character that the escape at @text (behind its backslash) means; moves @text on. */
static char
unescape(const char **text)
{
	static const char from[] = "abfnrtvs", to[] = "\a\b\f\n\r\t\v ";
	const char *at = *text;
	const char *simple = strchr(from, *at);

	(*text)++;
	if (*at == 'x' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
		*text = at + 3;
		return (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
	}
	return simple ? to[simple - from] : *at;
}

/* Read the next word to @word; false: there is none. */
static bool
next_word(const char **text, struct buf *word)
{
	const char *at = *text + strspn(*text, SPACES);
	char quote = '\0';

	buf_reset(word);
	if (!*at) {
		return false;
	}
	while (*at && (quote || !strchr(SPACES, *at))) {
		char c = *at++;

		if (c == '\\' && *at) {
			c = unescape(&at);
			buf_add(word, &c, 1);
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
		} else {
			buf_add(word, &c, 1);
		}
	}
	*text = at;
	return true;
}

void
arguments_split(struct arena *arena, const char *text, struct arguments *words)
{
	struct buf word = { .limit_bytes = 0 };

	while (next_word(&text, &word)) {
		arguments_add(words, arena_strdup(arena, buf_str(&word)));
	}
	buf_free(&word);
}

static void
add_variable(struct variables *variables, const struct variable *variable)
{
	struct variable *at = NULL;

	for (size_t i = 0; i < variables->count && !at; i++) {
		if (strcmp(variables->list[i].name, variable->name) == 0) {
			at = &variables->list[i];
		}
	}
	if (!at && variables->count < VARIABLES_MAX) {
		at = &variables->list[variables->count++];
	}
	if (at) {
		*at = *variable;
	}
}

const struct variable *
variables_find(const struct variables *variables, const char *name)
{
	for (size_t i = 0; i < variables->count; i++) {
		if (strcmp(variables->list[i].name, name) == 0) {
			return &variables->list[i];
		}
	}
	return NULL;
}

/* Returns the value of the variable whose name has @len bytes; "": it has none. */
static const char *
value_of(struct arena *arena, const struct variables *variables, const char *name, size_t len,
    struct variables *used)
{
	const struct variable *variable =
	    variables_find(variables, arena_strndup(arena, name, len));

	if (variable && used) {
		add_variable(used, variable);
	}
	return variable && variable->value ? variable->value : "";
}

/* Expand ${NAME}, $$ and %% within a word. */
static const char *
expand_word(struct arena *arena, const char *word, const struct variables *variables,
    struct variables *used)
{
	struct buf text = { .limit_bytes = 0 };
	const char *copy;

	while (*word) {
		const char *end = strncmp(word, "${", 2) == 0 ? strchr(word, '}') : NULL;

		if (end) {
			buf_text(&text,
			    value_of(arena, variables, word + 2, (size_t)(end - word - 2), used));
			word = end + 1;
		} else {
			word += strncmp(word, "$$", 2) == 0 || strncmp(word, "%%", 2) == 0;
			buf_add(&text, word++, 1);
		}
	}
	copy = arena_strdup(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

void
arguments_expand(struct arena *arena, const struct arguments *words,
    const struct variables *variables, struct arguments *expanded, struct variables *used)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->list[i];

		if (word[0] == '$' && word[1] != '{' && word[1] != '$') {
			arguments_split(arena,
			    value_of(arena, variables, word + 1, strlen(word + 1), used), expanded);
		} else {
			arguments_add(expanded, expand_word(arena, word, variables, used));
		}
	}
}

void
variables_assign(
    struct arena *arena, struct variables *variables, const char *assignment, const char *line)
{
	const char *equals = strchr(assignment, '=');
	struct variable variable = { .line = line, .exported = true };

	if (!equals || equals == assignment) {
		return;
	}
	variable.name = arena_strndup(arena, assignment, (size_t)(equals - assignment));
	variable.value = arena_strdup(arena, equals + 1);
	add_variable(variables, &variable);
}

void
variables_unset(struct variables *variables, const char *assignment)
{
	size_t len = strcspn(assignment, "=");
	const char *value = assignment[len] ? assignment + len + 1 : NULL;
	size_t kept = 0;

	for (size_t i = 0; i < variables->count; i++) {
		const struct variable *at = &variables->list[i];
		bool named = strlen(at->name) == len && strncmp(at->name, assignment, len) == 0;

		if (!named || (value && !(at->value && strcmp(at->value, value) == 0))) {
			variables->list[kept++] = *at;
		}
	}
	variables->count = kept;
}

/* A text of assignments that is being read. */
struct reading {
	struct arena *arena;
	enum variables_style style;
	const char *file;
	struct variables *variables;
	const char *at;
	unsigned line;
	struct buf value;
	bool unsure; /* the value is more than plain text and variables */
	bool exports;
};

static bool
is_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '_';
}

/* Returns "FILE:LINE: TEXT" of the line at @text. */
static const char *
describe(const struct reading *reading, const char *text, unsigned line)
{
	text += strspn(text, " \t");
	return arena_printf(
	    reading->arena, "%s:%u: %.*s", reading->file, line, (int)strcspn(text, "\r\n"), text);
}

static void
skip_line(struct reading *reading)
{
	reading->at += strcspn(reading->at, "\n");
	if (*reading->at) {
		reading->at++;
		reading->line++;
	}
}

/* Take $NAME or ${NAME} of a shell, from behind the dollar. */
static void
take_variable(struct reading *reading)
{
	bool braced = *reading->at == '{';
	const char *name = reading->at + braced;
	size_t len = 0;

	while (is_name(name[len])) {
		len++;
	}
	if (len == 0 || (braced && name[len] != '}')) {
		reading->unsure = true; /* $(command), ${NAME:-default} */
		return;
	}
	buf_text(&reading->value, value_of(reading->arena, reading->variables, name, len, NULL));
	reading->at = name + len + braced;
}

/* Take one character of a value; resolve an escape or a variable. */
static void
take_character(struct reading *reading, char quote)
{
	bool shell = reading->style == VARIABLES_SHELL;
	char c = *reading->at++;

	if (c == '\n') {
		reading->line++;
	}
	if (c == '\\' && quote != '\'' && *reading->at) {
		c = *reading->at++;
		if (c == '\n') {
			reading->line++;
			return;
		}
		if (quote && !strchr("\"\\$`", c)) {
			buf_add(&reading->value, "\\", 1);
		}
	} else if (shell && c == '$' && quote != '\'') {
		take_variable(reading);
		return;
	} else if (shell && c == '`' && quote != '\'') {
		reading->unsure = true;
	}
	buf_add(&reading->value, &c, 1);
}

/* Take a value, from behind the = to its end. */
static void
take_value(struct reading *reading)
{
	bool shell = reading->style == VARIABLES_SHELL;
	size_t trimmed = 0;
	char quote = '\0';

	buf_reset(&reading->value);
	reading->unsure = false;
	if (!shell) {
		reading->at += strspn(reading->at, " \t");
	}
	while (*reading->at && (quote || *reading->at != '\n')) {
		char c = *reading->at;

		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
			reading->at++;
			trimmed = reading->value.len;
		} else if (shell && !quote && strchr(" \t\r;", c)) {
			break;
		} else {
			take_character(reading, quote);
			trimmed = quote || !strchr(" \t\r", c) ? reading->value.len : trimmed;
		}
	}
	if (reading->value.data) {
		reading->value.data[trimmed] = '\0';
	}
}

/* Take the rest of an assignment's line; a command there is not understood. */
static void
take_rest(struct reading *reading, const char *start, unsigned line)
{
	reading->at += strspn(reading->at, " \t\r;");
	if (*reading->at && *reading->at != '\n' && *reading->at != '#' &&
	    !reading->variables->unsure) {
		reading->variables->unsure = describe(reading, start, line);
	}
	skip_line(reading);
}

static void
take_assignment(struct reading *reading, const char *start, size_t name_len)
{
	struct variable variable = { .exported = reading->exports };
	const struct variable *before;
	unsigned line = reading->line;

	variable.name = arena_strndup(reading->arena, reading->at, name_len);
	variable.line = describe(reading, start, line);
	before = variables_find(reading->variables, variable.name);
	variable.exported |= before && before->exported;
	reading->at += name_len + 1;
	take_value(reading);
	if (!reading->unsure) {
		variable.value = arena_strdup(reading->arena, buf_str(&reading->value));
	}
	add_variable(reading->variables, &variable);
	take_rest(reading, start, line);
}

static void
take_line(struct reading *reading)
{
	const char *start = reading->at;
	size_t len = 0;

	reading->at += strspn(reading->at, " \t\r");
	if (strchr(reading->style == VARIABLES_SHELL ? "#\n" : "#;\n", *reading->at)) {
		skip_line(reading); /* the end of the text, too: strchr() finds the NUL */
		return;
	}
	reading->exports = reading->style == VARIABLES_SYSTEMD;
	if (!reading->exports && strncmp(reading->at, "export ", 7) == 0) {
		reading->exports = true;
		reading->at += 7;
		reading->at += strspn(reading->at, " \t");
	}
	while (is_name(reading->at[len])) {
		len++;
	}
	if (len > 0 && reading->at[len] == '=') {
		take_assignment(reading, start, len);
		return;
	}
	if (reading->style == VARIABLES_SHELL && !reading->variables->unsure) {
		reading->variables->unsure = describe(reading, start, reading->line);
	}
	skip_line(reading);
}

void
variables_read(struct arena *arena, enum variables_style style, const char *file, const char *text,
    struct variables *variables)
{
	struct reading reading = { .arena = arena,
		.style = style,
		.file = file,
		.variables = variables,
		.at = text,
		.line = 1 };

	while (*reading.at) {
		take_line(&reading);
	}
	buf_free(&reading.value);
}
