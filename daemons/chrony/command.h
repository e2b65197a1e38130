/*
 * chronyd's command port (UDP 323), as somebody on the network would try it: one question, which
 * needs no right but that of being answered.  No I/O.
 * Source: chrony 4.3, candm.h and cmdmon.c.
 */
#ifndef DAEMONS_CHRONY_COMMAND_H
#define DAEMONS_CHRONY_COMMAND_H

#include "common/base.h"

#define CHRONY_COMMAND_PORT 323

/* A question is as long as its answer, else it is left alone. */
#define CHRONY_COMMAND_BYTES 104

/* Write the question for `tracking` to @bytes, of CHRONY_COMMAND_BYTES. */
void chrony_command_question(uint32_t sequence, uint8_t *bytes);

enum chrony_command_answer {
	CHRONY_COMMAND_IGNORED, /* not an answer to this question */
	CHRONY_COMMAND_REFUSED, /* it speaks to us, and says no: another version, no right */
	CHRONY_COMMAND_ANSWERED,
};

/*
 * Read one datagram.
 *
 * @bytes:  as they came from the network
 * @status: what a refusal says (STT_ of candm.h); else 0
 */
enum chrony_command_answer chrony_command_read(
    const uint8_t *bytes, size_t len, uint32_t sequence, unsigned *status);

#endif
