#include "common/shown.h"

#include <stdio.h>
#include <string.h>

/* Characters that nobody sees, that change the direction, or that are none; in ascending order. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x80, 0x9f },       /* C1: U+009B begins a sequence, as ESC [ does */
	{ 0xad, 0xad },       /* soft hyphen */
	{ 0x34f, 0x34f },     /* grapheme joiner */
	{ 0x61c, 0x61c },     /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
	{ 0x180b, 0x180f },   /* Mongolian selectors */
	{ 0x200b, 0x200f },   /* zero width, marks of direction */
	{ 0x2028, 0x202e },   /* line separators, embeddings, overrides */
	{ 0x2060, 0x206f },   /* word joiner, isolates */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xd800, 0xdfff },   /* surrogates */
	{ 0xfdd0, 0xfdef },   /* no characters */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xffa0, 0xffa0 },   /* half-width filler */
	{ 0xfff0, 0xfffb },   /* annotations */
	{ 0xfffe, 0xffff },   /* no characters */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format controls */
	{ 0x1d173, 0x1d17a }, /* musical format controls */
	{ 0xe0000, 0xe0fff }, /* tags, more selectors */
};

static bool
is_unseen(uint32_t point)
{
	for (size_t i = 0; i < COUNT(unseen) && point >= unseen[i].first; i++) {
		if (point <= unseen[i].last) {
			return true;
		}
	}
	return (point & 0xfffe) == 0xfffe;
}

/* How a character begins. */
struct character {
	uint32_t point;
	size_t len;   /* bytes; 0: this is not UTF-8 */
	bool is_half; /* more bytes could complete it */
};

static struct character
read_character(const unsigned char *bytes, size_t len)
{
	struct character character = { bytes[0], 1, false };
	size_t want = bytes[0] < 0x80   ? 1
	    : (bytes[0] & 0xe0) == 0xc0 ? 2
	    : (bytes[0] & 0xf0) == 0xe0 ? 3
	    : (bytes[0] & 0xf8) == 0xf0 ? 4
					: 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (want > 1) {
		character.point = bytes[0] & (0xffu >> (want + 1));
	}
	while (character.len < want && character.len < len) {
		if ((bytes[character.len] & 0xc0) != 0x80) {
			return (struct character){ bytes[0], 0, false };
		}
		character.point = character.point << 6 | (bytes[character.len++] & 0x3f);
	}
	if (character.len < want) {
		return (struct character){ bytes[0], 0, true };
	}
	if (want == 0 || character.point < least[want] || character.point > 0x10ffff) {
		return (struct character){ bytes[0], 0, false };
	}
	return character;
}

/* Write to @escape how @character is shown; returns false when it is shown as it is. */
#define ESCAPE_BYTES 12
static bool
escape_of(const struct character *character, unsigned keep, char escape[ESCAPE_BYTES])
{
	uint32_t point = character->point;
	const char *letter;

	if (character->len == 0 || point < ' ' || point == 0x7f) {
		if ((point == '\n' && (keep & SHOWN_NEWLINES)) ||
		    (point == '\t' && (keep & SHOWN_TABS))) {
			return false;
		}
		letter = point == '\n' ? "\\n" : point == '\t' ? "\\t" : point == '\r' ? "\\r" : "";
		snprintf(escape, ESCAPE_BYTES, *letter ? "%s" : "%s\\x%02x", letter, point & 0xff);
		return true;
	}
	if (!is_unseen(point)) {
		return false;
	}
	snprintf(escape, ESCAPE_BYTES, point > 0xffff ? "\\U%08x" : "\\u%04x", point);
	return true;
}

size_t
shown_next(struct buf *out, const char *bytes, size_t len, unsigned keep)
{
	struct character character = read_character((const unsigned char *)bytes, len);
	char escape[ESCAPE_BYTES];

	if (character.is_half) {
		return 0;
	}
	if (escape_of(&character, keep, escape)) {
		buf_text(out, escape);
	} else {
		buf_add(out, bytes, character.len);
	}
	return character.len ? character.len : 1;
}

/* How many of @bytes are plain ASCII: most texts are nothing else. */
static size_t
plain_len(const char *bytes, size_t len)
{
	size_t plain = 0;

	while (plain < len && bytes[plain] >= ' ' && bytes[plain] < 0x7f) {
		plain++;
	}
	return plain;
}

void
shown_add(struct buf *out, const char *bytes, size_t len, unsigned keep)
{
	while (len > 0) {
		size_t taken = plain_len(bytes, len);
		char escape[ESCAPE_BYTES];

		if (taken > 0) {
			buf_add(out, bytes, taken);
		} else if ((taken = shown_next(out, bytes, len, keep)) == 0) {
			snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)bytes[0]);
			buf_text(out, escape);
			taken = 1;
		}
		bytes += taken;
		len -= taken;
	}
}

bool
shown_is_fit(const char *bytes, size_t len, unsigned keep)
{
	for (size_t at = plain_len(bytes, len); at < len;) {
		struct character character =
		    read_character((const unsigned char *)bytes + at, len - at);
		char escape[ESCAPE_BYTES];

		if (escape_of(&character, keep, escape)) {
			return false;
		}
		at += character.len;
		at += plain_len(bytes + at, len - at);
	}
	return true;
}

char *
shown_words(struct arena *arena, const char *text, size_t len)
{
	struct buf shown = { .limit_bytes = 0 };
	char *copy;

	shown_add(&shown, text, len, SHOWN_WORDS);
	copy = arena_strdup(arena, buf_str(&shown));
	buf_free(&shown);
	return copy;
}

void
shown_copy(char *out, size_t size, const char *text)
{
	size_t len = strlen(text), used = 0;

	while (len > 0) {
		struct character character = read_character((const unsigned char *)text, len);
		size_t taken = character.len ? character.len : 1;
		char escape[ESCAPE_BYTES];
		bool escaped = escape_of(&character, SHOWN_WORDS, escape);
		size_t more = escaped ? strlen(escape) : taken;

		if (used + more >= size) {
			break;
		}
		memcpy(out + used, escaped ? escape : text, more);
		used += more;
		text += taken;
		len -= taken;
	}
	out[used] = '\0';
}
