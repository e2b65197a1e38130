/*
 * Expands host ranges: clustershell's node sets, as "web[001-120].example.net,db[1,3-9/2]".
 *
 * A node set is a list of patterns; a pattern is text with [...] in it; [...] is a list of
 * numbers, first-last or first-last/step.  Several [...] in one pattern multiply.  Leading zeros
 * of the first number set the width.  The comma is the only operator.
 * Source: clustershell's nodeset(1), extended notation.
 */
#include "orchestrator/topology/load/loader.h"

#include <ctype.h>
#include <string.h>

#define BRACKETS_MAX 8  /* in one pattern */
#define PIECES_MAX 1000 /* in one [...] */
#define NUMBER_MAX 1000000000
#define NAME_BYTES_MAX 253 /* RFC 1035 section 2.3.4 */

struct piece {
	uint64_t first, last, step;
	unsigned width;
};

struct bracket {
	const char *before; /* the text up to "[" */
	size_t before_len;
	struct piece *pieces;
	size_t piece_count;
	uint64_t count; /* of numbers in all pieces */
};

struct pattern {
	struct bracket brackets[BRACKETS_MAX];
	size_t bracket_count;
	const char *after;
	size_t after_len;
	uint64_t count; /* of names */
};

struct expansion {
	struct arena *arena;
	size_t limit;
	const char **names;
	size_t count, capacity;
	struct error *err;
};

/* Read the digits at *@at and move *@at past them.  -1: no digits, or more than NUMBER_MAX. */
static int64_t
take_number(const char **at, unsigned *width)
{
	const char *start = *at;
	int64_t value = 0;

	while (isdigit((unsigned char)**at) && value <= NUMBER_MAX) {
		value = 10 * value + (**at - '0');
		(*at)++;
	}
	*width = (unsigned)(*at - start);
	return *width == 0 || value > NUMBER_MAX ? -1 : value;
}

/* Read "1", "001-120" or "3-9/2" at *@at. */
static int
take_piece(const char **at, struct piece *piece, struct error *err)
{
	const char *start = *at;
	unsigned width, last_width, step_width;
	int64_t first = take_number(at, &width), last = first, step = 1;

	last_width = width;
	if (first >= 0 && **at == '-') {
		(*at)++;
		last = take_number(at, &last_width);
	}
	if (last >= 0 && **at == '/') {
		(*at)++;
		step = take_number(at, &step_width);
	}
	if (first < 0 || last < 0 || step < 1 || (**at != ',' && **at != ']')) {
		return error_set(err,
		    "\"[%.40s\" is not a range: numbers as 1,3-5 or 001-120 or 1-9/2, closed by ]",
		    start);
	}
	if (first > last) {
		return error_set(err, "the range %.*s runs backwards", (int)(*at - start), start);
	}
	if (last_width > width && start[width + 1] == '0') {
		return error_set(err, "the numbers of the range %.*s differ in leading zeros",
		    (int)(*at - start), start);
	}
	*piece = (struct piece){ (uint64_t)first, (uint64_t)last, (uint64_t)step, 1 };
	if (start[0] == '0' && width > 1) {
		piece->width = width;
	}
	return 0;
}

/* Read the inside of [...] at *@at and move *@at past the "]". */
static int
take_bracket(const char **at, struct bracket *bracket, const struct expansion *expansion)
{
	struct piece pieces[PIECES_MAX];

	do {
		struct piece *piece = &pieces[bracket->piece_count];

		if (bracket->piece_count == PIECES_MAX) {
			return error_set(
			    expansion->err, "more than %d ranges in one [...]", PIECES_MAX);
		}
		if (take_piece(at, piece, expansion->err) < 0) {
			return -1;
		}
		bracket->piece_count++;
		bracket->count += (piece->last - piece->first) / piece->step + 1;
	} while (*(*at)++ == ',');
	bracket->pieces =
	    arena_alloc(expansion->arena, bracket->piece_count * sizeof(*bracket->pieces));
	memcpy(bracket->pieces, pieces, bracket->piece_count * sizeof(*bracket->pieces));
	return 0;
}

/* Length of the plain text at @text: up to a special character, a blank or the end. */
static size_t
literal_len(const char *text)
{
	return strcspn(text, "[], \t!&^@*");
}

static int
refuse_character(const char *at, struct error *err)
{
	if (strchr("!&^@*", *at)) {
		return error_set(err,
		    "\"%c\" is not understood in a range of hosts; write a list, as "
		    "web[1-3],web[7-9]",
		    *at);
	}
	if (*at == ']') {
		return error_set(err, "a ] without its [");
	}
	return error_set(err, "a blank in a host name");
}

/* Read a pattern at *@at, up to a comma or the end. */
static int
take_pattern(const char **at, struct pattern *pattern, const struct expansion *expansion)
{
	*pattern = (struct pattern){ .count = 1 };
	for (;;) {
		size_t len = literal_len(*at);
		struct bracket *bracket = &pattern->brackets[pattern->bracket_count];

		if ((*at)[len] == '\0' || (*at)[len] == ',') {
			pattern->after = *at;
			pattern->after_len = len;
			*at += len;
			return 0;
		}
		if ((*at)[len] != '[') {
			return refuse_character(*at + len, expansion->err);
		}
		if (pattern->bracket_count == BRACKETS_MAX) {
			return error_set(
			    expansion->err, "more than %d [...] in one name", BRACKETS_MAX);
		}
		*bracket = (struct bracket){ .before = *at, .before_len = len };
		*at += len + 1;
		if (take_bracket(at, bracket, expansion) < 0) {
			return -1;
		}
		pattern->bracket_count++;
		if (__builtin_mul_overflow(pattern->count, bracket->count, &pattern->count) ||
		    pattern->count > expansion->limit - expansion->count) {
			return error_set(expansion->err, "more than %zu hosts", expansion->limit);
		}
	}
}

/* Set @number to number @at of @bracket; returns the piece that contains it. */
static const struct piece *
piece_of(const struct bracket *bracket, uint64_t at, uint64_t *number)
{
	const struct piece *piece = bracket->pieces;

	for (;; piece++) {
		uint64_t count = (piece->last - piece->first) / piece->step + 1;

		if (at < count) {
			*number = piece->first + at * piece->step;
			return piece;
		}
		at -= count;
	}
}

static int
add_text(char *name, size_t *len, const char *text, size_t text_len)
{
	if (*len + text_len > NAME_BYTES_MAX) {
		return -1;
	}
	memcpy(name + *len, text, text_len);
	*len += text_len;
	return 0;
}

static int
add_number(char *name, size_t *len, uint64_t number, unsigned width)
{
	char digits[NAME_BYTES_MAX];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (sizeof(digits) - at < width && at > 0) {
		digits[--at] = '0';
	}
	return add_text(name, len, digits + at, sizeof(digits) - at);
}

/* Add name @at of @pattern; the last [...] changes fastest. */
static int
add_name(struct expansion *expansion, const struct pattern *pattern, uint64_t at)
{
	char name[NAME_BYTES_MAX + 1];
	uint64_t rest = at, below = pattern->count;
	size_t len = 0;
	int status = 0;

	for (size_t i = 0; i < pattern->bracket_count; i++) {
		const struct bracket *bracket = &pattern->brackets[i];
		const struct piece *piece;
		uint64_t number;

		below /= bracket->count;
		piece = piece_of(bracket, rest / below, &number);
		rest %= below;
		status |= add_text(name, &len, bracket->before, bracket->before_len);
		status |= add_number(name, &len, number, piece->width);
	}
	status |= add_text(name, &len, pattern->after, pattern->after_len);
	name[len] = '\0';
	if (status < 0) {
		return error_set(
		    expansion->err, "a host name of more than %d bytes", NAME_BYTES_MAX);
	}
	if (!is_host_name(name)) {
		return error_set(expansion->err,
		    len == 0 ? "a comma without a host name" : "\"%.60s\" is not a host name",
		    name);
	}
	expansion->names[expansion->count++] = arena_strndup(expansion->arena, name, len);
	return 0;
}

static int
add_pattern(struct expansion *expansion, const struct pattern *pattern)
{
	if (pattern->count > expansion->limit - expansion->count) {
		return error_set(expansion->err, "more than %zu hosts", expansion->limit);
	}
	if (expansion->count + pattern->count > expansion->capacity) {
		size_t capacity = 2 * (expansion->count + pattern->count);
		const char **grown = arena_alloc(expansion->arena, capacity * sizeof(*grown));

		if (expansion->count > 0) {
			memcpy(grown, expansion->names, expansion->count * sizeof(*grown));
		}
		expansion->names = grown;
		expansion->capacity = capacity;
	}
	for (uint64_t i = 0; i < pattern->count; i++) {
		if (add_name(expansion, pattern, i) < 0) {
			return -1;
		}
	}
	return 0;
}

int
names_expand(struct arena *arena, const char *text, size_t limit, const char ***names,
    size_t *count, struct error *err)
{
	struct expansion expansion = { .arena = arena, .limit = limit, .err = err };
	const char *at = text;

	for (;;) {
		struct pattern pattern;

		at += strspn(at, " \t");
		if (take_pattern(&at, &pattern, &expansion) < 0 ||
		    add_pattern(&expansion, &pattern) < 0) {
			return -1;
		}
		if (*at == '\0') {
			break;
		}
		at++;
	}
	*names = expansion.names;
	*count = expansion.count;
	return 0;
}
