#include "daemons/chrony/command.h"

#include <string.h>

/*
 * Question: version, type, two bytes 0, command (2), attempt (2), sequence (4), 8 bytes 0, data.
 * Answer:   version, type, two bytes, command (2), reply (2), status (2), 6 bytes, sequence (4),
 * ...
 */
#define VERSION 6
#define TYPE_QUESTION 1
#define TYPE_ANSWER 2
#define TRACKING 33
#define SEQUENCE_AT 8
#define ANSWER_STATUS_AT 8
#define ANSWER_SEQUENCE_AT 16
#define ANSWER_BYTES_MIN 28

void
chrony_command_question(uint32_t sequence, uint8_t *bytes)
{
	memset(bytes, 0, CHRONY_COMMAND_BYTES);
	bytes[0] = VERSION;
	bytes[1] = TYPE_QUESTION;
	bytes[5] = TRACKING;
	memcpy(bytes + SEQUENCE_AT, &sequence, sizeof(sequence));
}

enum chrony_command_answer
chrony_command_read(const uint8_t *bytes, size_t len, uint32_t sequence, unsigned *status)
{
	*status = 0;
	if (len < ANSWER_BYTES_MIN || bytes[1] != TYPE_ANSWER || bytes[5] != TRACKING ||
	    memcmp(bytes + ANSWER_SEQUENCE_AT, &sequence, sizeof(sequence)) != 0) {
		return CHRONY_COMMAND_IGNORED;
	}
	*status = (unsigned)(bytes[ANSWER_STATUS_AT] << 8 | bytes[ANSWER_STATUS_AT + 1]);
	return *status ? CHRONY_COMMAND_REFUSED : CHRONY_COMMAND_ANSWERED;
}
