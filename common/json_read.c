#include "common/json_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct json_doc *doc;
	size_t at, len;
	int depth;
	const char *wrong; /* what is wrong at @at; NULL: nothing so far */
};

/* Whether a text needs more than a look at where it ends: jansson then says whether it is right. */
static bool
is_plain(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\\' || c >= 0x7f || c < ' ') {
			return false;
		}
	}
	return true;
}

static int
check_by_tree(const char *bytes, size_t len, struct error *err)
{
	json_error_t wrong;
	json_t *json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &wrong);

	if (!json) {
		return error_set(err, "not JSON: byte %d: %s", wrong.position, wrong.text);
	}
	json_decref(json);
	return 0;
}

static char
peek(struct reader *reader)
{
	const char *bytes = reader->doc->bytes;

	while (
	    reader->at < reader->len && strchr(" \t\r\n", bytes[reader->at]) && bytes[reader->at]) {
		reader->at++;
	}
	return reader->at < reader->len ? bytes[reader->at] : '\0';
}

static bool
fail(struct reader *reader, const char *wrong)
{
	reader->wrong = reader->wrong ? reader->wrong : wrong;
	return false;
}

static bool
expect(struct reader *reader, char c)
{
	if (peek(reader) != c) {
		return fail(reader, "something else is expected");
	}
	reader->at++;
	return true;
}

static unsigned
hex4(const char *digits)
{
	char text[5] = { digits[0], digits[1], digits[2], digits[3], '\0' };

	return (unsigned)strtoul(text, NULL, 16);
}

/* Write @point as UTF-8; returns behind it. */
static char *
put_point(char *out, unsigned point)
{
	if (point < 0x80) {
		*out++ = (char)point;
		return out;
	}
	if (point < 0x800) {
		*out++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*out++ = (char)(0xe0 | point >> 12);
		} else {
			*out++ = (char)(0xf0 | point >> 18);
			*out++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (point & 0x3f));
	return out;
}

/* Unescape @text up to @end in its place; jansson has found it right.  Returns its length. */
static size_t
unescape(char *text, const char *end)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *in = text, *letter;
	char *out = text;

	while (in < end) {
		unsigned point;

		if (*in != '\\') {
			*out++ = *in++;
			continue;
		}
		in++;
		if (*in == 'u') {
			point = hex4(in + 1);
			in += 5;
			if (point >= 0xd800 && point < 0xdc00) {
				point = 0x10000 + ((point & 0x3ff) << 10 | (hex4(in + 2) & 0x3ff));
				in += 6;
			}
			out = put_point(out, point);
			continue;
		}
		letter = strchr(letters, *in);
		*out++ = letter ? values[letter - letters] : *in;
		in++;
	}
	*out = '\0';
	return (size_t)(out - text);
}

/* Read a text; @text is in the copy, NUL-ended. */
static bool
read_text(struct reader *reader, const char **text, size_t *len)
{
	const char *bytes = reader->doc->bytes;
	char *copy;
	size_t from;

	if (!expect(reader, '"')) {
		return false;
	}
	from = reader->at;
	while (reader->at < reader->len && bytes[reader->at] != '"') {
		reader->at += bytes[reader->at] == '\\' ? 2 : 1;
	}
	if (reader->at >= reader->len) {
		return fail(reader, "a text does not end");
	}
	copy = reader->doc->texts + from;
	*text = copy;
	*len = unescape(copy, reader->doc->texts + reader->at);
	reader->at++;
	return true;
}

static size_t
skip_digits(struct reader *reader)
{
	size_t from = reader->at;

	while (reader->at < reader->len && reader->doc->bytes[reader->at] >= '0' &&
	    reader->doc->bytes[reader->at] <= '9') {
		reader->at++;
	}
	return reader->at - from;
}

static bool
skip(struct reader *reader, const char *any)
{
	bool is = reader->at < reader->len && reader->doc->bytes[reader->at] &&
	    strchr(any, reader->doc->bytes[reader->at]);

	reader->at += is;
	return is;
}

static bool
read_number(struct reader *reader, struct json_value *value)
{
	const char *from = reader->doc->texts + reader->at;
	size_t first, digits;

	value->type = JSON_INTEGER;
	skip(reader, "-");
	first = reader->at;
	digits = skip_digits(reader);
	if (digits == 0 || (digits > 1 && reader->doc->bytes[first] == '0')) {
		return fail(reader, "no number");
	}
	if (skip(reader, ".")) {
		value->type = JSON_REAL;
		digits = skip_digits(reader);
	}
	if (digits > 0 && skip(reader, "eE")) {
		value->type = JSON_REAL;
		skip(reader, "+-");
		digits = skip_digits(reader);
	}
	if (digits == 0) {
		return fail(reader, "no number");
	}
	errno = 0;
	if (value->type == JSON_INTEGER) {
		value->integer = strtoll(from, NULL, 10);
		value->real = (double)value->integer;
	} else {
		value->real = strtod(from, NULL);
		errno = value->real < 1e300 && value->real > -1e300 ? 0 : errno;
	}
	return errno == 0 || fail(reader, "a number is too large");
}

static bool
read_word(struct reader *reader, struct json_value *value)
{
	static const struct {
		const char *word;
		json_type type;
	} words[] = { { "true", JSON_TRUE }, { "false", JSON_FALSE }, { "null", JSON_NULL } };

	for (size_t i = 0; i < COUNT(words); i++) {
		size_t len = strlen(words[i].word);

		if (reader->len - reader->at >= len &&
		    memcmp(reader->doc->bytes + reader->at, words[i].word, len) == 0) {
			value->type = words[i].type;
			reader->at += len;
			return true;
		}
	}
	return fail(reader, "no value");
}

static struct json_value *
add_value(struct json_doc *doc)
{
	if (doc->count == doc->capacity) {
		doc->capacity = doc->capacity ? 2 * doc->capacity : 256;
		doc->values = realloc(doc->values, doc->capacity * sizeof(*doc->values));
		if (!doc->values) {
			abort();
		}
	}
	doc->values[doc->count] = (struct json_value){ .count = 0 };
	return &doc->values[doc->count++];
}

/* Whether an earlier member of the object at @index has the name of the member at @member. */
static bool
is_double(const struct json_doc *doc, size_t index, size_t member)
{
	const struct json_value *last = &doc->values[member];

	for (size_t i = index + 1; i < member; i = doc->values[i].next) {
		const struct json_value *value = &doc->values[i];

		if (value->name_len == last->name_len &&
		    memcmp(value->name, last->name, last->name_len) == 0) {
			return true;
		}
	}
	return false;
}

static bool read_value(struct reader *reader, const char *name, size_t name_len);

static bool
read_member(struct reader *reader, size_t index)
{
	size_t member = reader->doc->count, len = 0;
	const char *name = NULL;

	if (!read_text(reader, &name, &len) || !expect(reader, ':') ||
	    !read_value(reader, name, len)) {
		return false;
	}
	return !is_double(reader->doc, index, member) || fail(reader, "a duplicate member");
}

/* Read what the object or list at @index holds, to its end. */
static bool
read_held(struct reader *reader, size_t index, bool object)
{
	char end = object ? '}' : ']';

	reader->at++;
	if (peek(reader) == end) {
		reader->at++;
		return true;
	}
	do {
		if (object ? !read_member(reader, index) : !read_value(reader, NULL, 0)) {
			return false;
		}
		if (++reader->doc->values[index].count > JSON_READ_MEMBERS && object) {
			return fail(reader, "an object has too many members");
		}
	} while (peek(reader) == ',' && ++reader->at);
	return expect(reader, end);
}

/* Calls itself for what is held, JSON_READ_DEPTH levels deep at most. */
static bool
read_value(struct reader *reader, const char *name, size_t name_len)
{
	size_t index = reader->doc->count, from, len;
	struct json_value read = { .name = name, .name_len = name_len };
	char first = peek(reader);
	bool right;

	from = reader->at;
	add_value(reader->doc);
	if (first == '{' || first == '[') {
		read.type = first == '{' ? JSON_OBJECT : JSON_ARRAY;
		reader->doc->values[index] = read;
		right = ++reader->depth <= JSON_READ_DEPTH ? read_held(reader, index, first == '{')
							   : fail(reader, "it is too deep");
		reader->depth--;
		read.count = reader->doc->values[index].count;
	} else if (first == '"') {
		read.type = JSON_STRING;
		right = read_text(reader, &read.text, &len);
	} else {
		right = first == '-' || (first >= '0' && first <= '9') ? read_number(reader, &read)
								       : read_word(reader, &read);
	}
	read.from = from;
	read.to = reader->at;
	read.next = reader->doc->count;
	reader->doc->values[index] = read;
	return right;
}

int
json_doc_read(struct json_doc *doc, const char *bytes, size_t len, struct error *err)
{
	struct reader reader = { .doc = doc, .len = len };

	*doc = (struct json_doc){ .bytes = bytes };
	if (!is_plain(bytes, len) && check_by_tree(bytes, len, err) < 0) {
		return -1;
	}
	doc->texts = malloc(len + 1);
	if (!doc->texts) {
		abort();
	}
	memcpy(doc->texts, bytes, len);
	doc->texts[len] = '\0';
	if (peek(&reader) != '{') {
		return error_set(err, "not JSON: no object");
	}
	if (read_value(&reader, NULL, 0) && peek(&reader) == '\0' && reader.at == len) {
		return 0;
	}
	return error_set(err, "not JSON: byte %zu: %s", reader.at,
	    reader.wrong ? reader.wrong : "something follows its end");
}

const struct json_value *
json_doc_member(const struct json_doc *doc, const struct json_value *object, const char *name)
{
	size_t len = strlen(name), index;

	if (!object || object->type != JSON_OBJECT) {
		return NULL;
	}
	index = (size_t)(object - doc->values) + 1;
	for (size_t i = 0; i < object->count; i++) {
		const struct json_value *value = &doc->values[index];

		if (value->name_len == len && memcmp(value->name, name, len) == 0) {
			return value;
		}
		index = value->next;
	}
	return NULL;
}

const struct json_value *
json_doc_first(const struct json_value *list)
{
	return list + 1;
}

const struct json_value *
json_doc_next(const struct json_doc *doc, const struct json_value *value)
{
	return &doc->values[value->next];
}

json_t *
json_doc_tree(const struct json_doc *doc, const struct json_value *value)
{
	return value
	    ? json_loadb(doc->bytes + value->from, value->to - value->from, JSON_DECODE_ANY, NULL)
	    : NULL;
}

void
json_doc_free(struct json_doc *doc)
{
	free(doc->texts);
	free(doc->values);
	*doc = (struct json_doc){ .bytes = NULL };
}
