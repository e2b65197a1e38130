#include "daemons/chrony/wire.h"

#include <math.h>
#include <string.h>

#define PROTOCOL 6
#define QUESTION 1
#define ANSWER 2
#define SUCCESS 0
#define COEFFICIENT_BITS 25
#define EXPONENT_BITS 7

static const struct {
	enum chrony_command command;
	unsigned kind; /* of its answer */
	size_t len;    /* of that, at least */
} answers[] = {
	{ CHRONY_N_SOURCES, 2, 32 },
	{ CHRONY_SOURCE_DATA, 3, 76 },
	{ CHRONY_TRACKING, 5, CHRONY_BYTES },
};

static void
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

unsigned
chrony_get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

uint32_t
chrony_get32(const uint8_t *at)
{
	return (uint32_t)chrony_get16(at) << 16 | chrony_get16(at + 2);
}

double
chrony_get_float(const uint8_t *at)
{
	uint32_t bits = chrony_get32(at);
	int exponent = (int)(bits >> COEFFICIENT_BITS);
	int32_t coefficient = (int32_t)(bits & ((1U << COEFFICIENT_BITS) - 1));

	if (exponent >= 1 << (EXPONENT_BITS - 1)) {
		exponent -= 1 << EXPONENT_BITS;
	}
	if (coefficient >= 1 << (COEFFICIENT_BITS - 1)) {
		coefficient -= 1 << COEFFICIENT_BITS;
	}
	return ldexp(coefficient, exponent - COEFFICIENT_BITS);
}

enum chrony_family
chrony_family_of(const uint8_t *address)
{
	unsigned family = chrony_get16(address + 16);

	return family <= CHRONY_UNRESOLVED ? (enum chrony_family)family : CHRONY_NO_ADDRESS;
}

void
chrony_question(
    enum chrony_command command, uint32_t index, uint32_t sequence, uint8_t bytes[CHRONY_BYTES])
{
	memset(bytes, 0, CHRONY_BYTES);
	bytes[0] = PROTOCOL;
	bytes[1] = QUESTION;
	put16(bytes + 4, command);
	put32(bytes + 8, sequence);
	put32(bytes + 20, index);
}

bool
chrony_is_answer(const uint8_t *bytes, size_t len, enum chrony_command command, uint32_t sequence)
{
	for (size_t i = 0; i < COUNT(answers); i++) {
		if (answers[i].command == command) {
			return len >= answers[i].len && bytes[0] == PROTOCOL &&
			    bytes[1] == ANSWER && chrony_get16(bytes + 4) == command &&
			    chrony_get16(bytes + 6) == answers[i].kind &&
			    chrony_get16(bytes + 8) == SUCCESS &&
			    chrony_get32(bytes + 16) == sequence;
		}
	}
	return false;
}
