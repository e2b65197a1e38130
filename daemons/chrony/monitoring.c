#include "daemons/chrony/monitoring.h"

#include "common/buf.h"
#include "daemons/chrony/wire.h"

#include <arpa/inet.h>
#include <ctype.h>

/* The first questions; those for each source follow. */
enum { QUESTION_TRACKING, QUESTION_COUNT, QUESTION_SOURCES };

static enum chrony_command
command_of(size_t index)
{
	return index == QUESTION_TRACKING ? CHRONY_TRACKING
	    : index == QUESTION_COUNT     ? CHRONY_N_SOURCES
					  : CHRONY_SOURCE_DATA;
}

static size_t
count(const struct daemon_answer answers[DAEMON_QUESTIONS_MAX])
{
	uint32_t sources = answers[QUESTION_COUNT].len > 0
	    ? chrony_get32(answers[QUESTION_COUNT].bytes + CHRONY_DATA)
	    : 0;

	return QUESTION_SOURCES + (sources < DAEMON_SOURCES_MAX ? sources : DAEMON_SOURCES_MAX);
}

static size_t
question(size_t index, uint32_t sequence, uint8_t bytes[DAEMON_DATAGRAM_BYTES])
{
	chrony_question(command_of(index),
	    index < QUESTION_SOURCES ? 0 : (uint32_t)(index - QUESTION_SOURCES), sequence, bytes);
	return CHRONY_BYTES;
}

static bool
is_answer(size_t index, const uint8_t *bytes, size_t len, uint32_t sequence)
{
	return chrony_is_answer(bytes, len, command_of(index), sequence);
}

/* A reference ID of letters; what cannot be printed is left out, as by chronyc. */
static void
add_letters(const uint8_t *at, struct buf *text)
{
	for (size_t i = 0; i < 4; i++) {
		if (isprint(at[i]) && at[i] != ',') {
			buf_add(text, &at[i], 1);
		}
	}
}

/* Returns whether there is one: a source whose name leads nowhere yet has none. */
static bool
add_address(const uint8_t *address, struct buf *text)
{
	char name[INET6_ADDRSTRLEN] = "";

	switch (chrony_family_of(address)) {
	case CHRONY_IPV4:
		inet_ntop(AF_INET, address, name, sizeof(name));
		break;
	case CHRONY_IPV6:
		inet_ntop(AF_INET6, address, name, sizeof(name));
		break;
	case CHRONY_NO_ADDRESS:
	case CHRONY_UNRESOLVED:
		break;
	}
	buf_text(text, name);
	return name[0] != '\0';
}

/*
 * The members: reference ID (32), address (20 bytes), stratum, leap status (16 each), time of the
 * latest update (seconds in two halves, and nanoseconds, 32 each); then correction, last offset,
 * RMS offset (s), frequency, residual frequency, skew (ppm), root delay, root dispersion, update
 * interval (s).
 */
static void
write_tracking(const uint8_t *at, struct buf *text)
{
	static const char *const leaps[] = { "Normal", "Insert second", "Delete second",
		"Not synchronised" };
	static const int digits[] = { 9, 9, 9, 3, 3, 3, 9, 9, 1 };
	unsigned leap = chrony_get16(at + 26);
	uint64_t high = chrony_get32(at + 28);

	buf_printf(text, "%08lX,", (unsigned long)chrony_get32(at));
	if (chrony_family_of(at + 4) == CHRONY_NO_ADDRESS) {
		add_letters(at, text);
	} else {
		add_address(at + 4, text);
	}
	high = high == INT32_MAX ? 0 : high; /* it has none: its clock has 32 bits */
	buf_printf(text, ",%u,%lld.%09lu", chrony_get16(at + 24),
	    (long long)(high << 32 | chrony_get32(at + 32)), (unsigned long)chrony_get32(at + 36));
	for (size_t i = 0; i < COUNT(digits); i++) {
		buf_printf(text, ",%.*f", digits[i], chrony_get_float(at + 40 + 4 * i));
	}
	buf_printf(text, ",%s\n", leaps[leap < COUNT(leaps) ? leap : COUNT(leaps) - 1]);
}

/*
 * The members: address (20 bytes), poll, stratum, state, mode, flags, reachability (16 each),
 * seconds since the latest sample (32), that sample as measured and adjusted, and its error (s).
 */
static void
write_source(const uint8_t *at, struct buf *text)
{
	static const char modes[] = "^=#", states[] = "*?x~+-";
	unsigned state = chrony_get16(at + 24), mode = chrony_get16(at + 26);
	size_t before = text->len;
	bool named = true;

	buf_printf(text, "%c,%c,", mode < sizeof(modes) - 1 ? modes[mode] : ' ',
	    state < sizeof(states) - 1 ? states[state] : ' ');
	if (mode == 2 && chrony_family_of(at) == CHRONY_IPV4) {
		add_letters(at, text);
	} else {
		named = add_address(at, text);
	}
	if (!named) {
		text->len = before;
		text->data[before] = '\0';
		return;
	}
	buf_printf(text, ",%u,%d,%o,%lu,%.9f,%.9f,%.9f\n", chrony_get16(at + 22),
	    (int16_t)chrony_get16(at + 20), chrony_get16(at + 30),
	    (unsigned long)chrony_get32(at + 32), chrony_get_float(at + 40),
	    chrony_get_float(at + 36), chrony_get_float(at + 44));
}

static void
write_answers(const struct daemon_answer answers[DAEMON_QUESTIONS_MAX], struct buf *text)
{
	size_t all = count(answers);

	write_tracking(answers[QUESTION_TRACKING].bytes + CHRONY_DATA, text);
	for (size_t i = QUESTION_SOURCES; i < all; i++) {
		if (answers[i].len > 0) {
			write_source(answers[i].bytes + CHRONY_DATA, text);
		}
	}
}

const struct daemon_dialogue chrony_monitoring = { CHRONY_PORT, count, question, is_answer,
	write_answers };
