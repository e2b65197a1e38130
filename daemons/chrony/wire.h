/* The questions and answers of chronyd's monitoring protocol, version 6, as bytes.  No I/O. */
#ifndef DAEMONS_CHRONY_WIRE_H
#define DAEMONS_CHRONY_WIRE_H

#include "common/base.h"

/*
 * In network order.  Source: chrony 3.0 to 4.6, candm.h and pktlength.c.
 *
 *          question                     answer
 *      0   version, 1, 0, 0             version, 2, 0, 0
 *      4   command (16), attempt (16)   command (16), kind of answer (16)
 *      8   sequence (32)                status (16), zeros
 *     16   zeros                        sequence (32), zeros
 *     20   what the command takes, then
 *          zeros, at least to the
 *          length of its answer
 *     28                                what the kind of answer has
 */
#define CHRONY_PORT 323
#define CHRONY_BYTES 104 /* of a question: the longest answer that is asked for has as many */
#define CHRONY_DATA 28   /* where an answer's own members begin */

enum chrony_command {
	CHRONY_N_SOURCES = 14,
	CHRONY_SOURCE_DATA = 15,
	CHRONY_TRACKING = 33,
};

/*
 * Write a question of CHRONY_BYTES bytes.
 *
 * @index: of the source, from 0; 0 where the command takes none
 */
void chrony_question(
    enum chrony_command command, uint32_t index, uint32_t sequence, uint8_t bytes[CHRONY_BYTES]);

/* Whether the bytes are a whole answer to that question, and a good one. */
bool chrony_is_answer(
    const uint8_t *bytes, size_t len, enum chrony_command command, uint32_t sequence);

unsigned chrony_get16(const uint8_t *at);
uint32_t chrony_get32(const uint8_t *at);

/*
 * Read a number in chrony's own form: an exponent of 7 bits and a coefficient of 25, both signed.
 * Source: chrony 4.3, util.c, UTI_FloatNetworkToHost().
 */
double chrony_get_float(const uint8_t *at);

/* The family of an address of 20 bytes, which stands behind its 16. */
enum chrony_family { CHRONY_NO_ADDRESS, CHRONY_IPV4, CHRONY_IPV6, CHRONY_UNRESOLVED };
enum chrony_family chrony_family_of(const uint8_t *address);

#endif
