#include "common/ntp/mode6.h"

#include <string.h>

#define VERSION_AND_MODE 0x16 /* version 2, as ntpq sends; mode 6 */
#define MODE_MASK 0x07
#define MODE6 6
#define RESPONSE 0x80
#define ERROR 0x40
#define MORE 0x20
#define OPCODE_MASK 0x1f

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
mode6_request(uint8_t *bytes, enum mode6_opcode opcode, uint16_t sequence, uint16_t association)
{
	memset(bytes, 0, MODE6_HEADER_BYTES);
	bytes[0] = VERSION_AND_MODE;
	bytes[1] = (uint8_t)opcode;
	put16(bytes + 2, sequence);
	put16(bytes + 6, association);
}

void
mode6_expect(
    struct mode6_answer *answer, enum mode6_opcode opcode, uint16_t sequence, uint16_t association)
{
	memset(answer, 0, sizeof(*answer));
	answer->opcode = opcode;
	answer->sequence = sequence;
	answer->association = association;
}

static bool
is_answer(const struct mode6_answer *answer, const uint8_t *bytes, size_t len)
{
	return len >= MODE6_HEADER_BYTES && (bytes[0] & MODE_MASK) == MODE6 &&
	    (bytes[1] & RESPONSE) && (bytes[1] & OPCODE_MASK) == answer->opcode &&
	    get16(bytes + 2) == answer->sequence && get16(bytes + 6) == answer->association;
}

static bool
has_byte(const struct mode6_answer *answer, size_t at)
{
	return answer->has[at / 8] >> (at % 8) & 1;
}

/* Whether any byte at @from or behind it has come. */
static bool
has_beyond(const struct mode6_answer *answer, size_t from)
{
	for (size_t at = from; at < sizeof(answer->data); at++) {
		if (has_byte(answer, at)) {
			return true;
		}
	}
	return false;
}

static void
take(struct mode6_answer *answer, size_t offset, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = offset + i;

		if (!has_byte(answer, at)) {
			answer->data[at] = bytes[i];
			answer->has[at / 8] |= (uint8_t)(1 << at % 8);
			answer->received++;
		}
	}
}

enum mode6_progress
mode6_feed(struct mode6_answer *answer, const uint8_t *bytes, size_t len)
{
	size_t offset, count;
	bool last;

	if (!is_answer(answer, bytes, len)) {
		return MODE6_IGNORED;
	}
	if (bytes[1] & ERROR) {
		answer->error = bytes[4]; /* its offset and count mean nothing, in both daemons */
		return MODE6_REFUSED;
	}
	offset = get16(bytes + 8);
	count = get16(bytes + 10);
	last = !(bytes[1] & MORE);
	if (count > len - MODE6_HEADER_BYTES || offset + count > sizeof(answer->data) ||
	    (!last && count == 0)) {
		return MODE6_IGNORED;
	}
	if (answer->end_known
		? offset + count > answer->len || (last && offset + count != answer->len)
		: last && has_beyond(answer, offset + count)) {
		return MODE6_IGNORED;
	}
	if (last) {
		answer->end_known = true;
		answer->len = offset + count;
	}
	answer->status = get16(bytes + 4);
	take(answer, offset, bytes + MODE6_HEADER_BYTES, count);
	return answer->end_known && answer->received == answer->len ? MODE6_DONE : MODE6_MORE;
}

const char *
mode6_error_text(unsigned error)
{
	static const char *const texts[] = {
		"unspecified error",
		"permission denied",
		"invalid message format",
		"invalid operation",
		"unknown association",
		"unknown variable",
		"invalid variable value",
		"administratively prohibited",
	};

	return error < COUNT(texts) ? texts[error] : "unknown error";
}

size_t
mode6_associations(const struct mode6_answer *answer, struct mode6_association *list, size_t max)
{
	size_t count = 0;

	for (size_t at = 0; at + 4 <= answer->len && count < max; at += 4) {
		list[count].id = get16(answer->data + at);
		list[count].status = get16(answer->data + at + 2);
		count++;
	}
	return count;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* Copy the text between @from and @to to @out, cut to fit, without white space at its end. */
static void
copy_cut(char *out, size_t size, const char *from, const char *to)
{
	size_t len;

	while (to > from && is_space(to[-1])) {
		to--;
	}
	len = (size_t)(to - from) < size ? (size_t)(to - from) : size - 1;
	memcpy(out, from, len);
	out[len] = '\0';
}

static const char *
find_any(const char *from, const char *end, const char *stops)
{
	while (from < end && !(*from && strchr(stops, *from))) {
		from++;
	}
	return from;
}

bool
mode6_next_variable(const char **text, const char *end, struct mode6_variable *variable)
{
	const char *from = *text, *to;

	while (from < end && (is_space(*from) || *from == ',')) {
		from++;
	}
	if (from == end) {
		*text = end;
		return false;
	}
	to = find_any(from, end, "=,");
	copy_cut(variable->name, sizeof(variable->name), from, to);
	variable->value[0] = '\0';
	if (to < end && *to == '=') {
		from = to + 1;
		while (from < end && *from == ' ') {
			from++;
		}
		if (from < end && *from == '"') {
			from++;
			to = find_any(from, end, "\"");
			copy_cut(variable->value, sizeof(variable->value), from, to);
			to = find_any(to, end, ",");
		} else {
			to = find_any(from, end, ",");
			copy_cut(variable->value, sizeof(variable->value), from, to);
		}
	}
	*text = to;
	return true;
}
