#include "daemons/chrony/tracking.h"

#include <stdio.h>
#include <string.h>

/*
 * Version 6 of the protocol, in network order.  Source: chrony 3.0 to 4.6, candm.h.
 *
 *          question                     answer
 *      0   version, 1, 0, 0             version, 2, 0, 0
 *      4   command (16), attempt (16)   command (16), kind of answer (16)
 *      8   sequence (32)                status (16), zeros
 *     16   zeros                        sequence (32), zeros
 *     28                                reference id (32)
 *     32                                address of the source (16 bytes), its family (16), zeros
 *     52                                stratum (16), leap status (16)
 *     56                                time and offsets, which are left alone
 */
#define PROTOCOL 6
#define QUESTION 1
#define ANSWER 2
#define TRACKING 33
#define TRACKING_ANSWER 5
#define SUCCESS 0
#define FAMILY_IPV4 1
#define FAMILY_IPV6 2
#define LEAP_UNKNOWN 3

static void
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned
get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static size_t
question(uint32_t sequence, uint8_t bytes[DAEMON_DATAGRAM_BYTES])
{
	memset(bytes, 0, CHRONY_TRACKING_BYTES);
	bytes[0] = PROTOCOL;
	bytes[1] = QUESTION;
	put16(bytes + 4, TRACKING);
	put16(bytes + 8, sequence >> 16);
	put16(bytes + 10, sequence & 0xffff);
	return CHRONY_TRACKING_BYTES;
}

static void
name_source(const uint8_t *address, char name[SOURCE_NAME_BYTES])
{
	size_t len = 0;

	if (get16(address + 16) == FAMILY_IPV4) {
		snprintf(name, SOURCE_NAME_BYTES, "%u.%u.%u.%u", address[0], address[1], address[2],
		    address[3]);
	} else if (get16(address + 16) == FAMILY_IPV6) {
		for (size_t i = 0; i < 16 && len < SOURCE_NAME_BYTES; i += 2) {
			len += (size_t)snprintf(name + len, SOURCE_NAME_BYTES - len, "%s%x",
			    i ? ":" : "", get16(address + i));
		}
	}
}

static bool
answer(const uint8_t *bytes, size_t len, uint32_t sequence, struct daemon_status *status)
{
	static const enum leap leaps[] = { LEAP_NONE, LEAP_INSERT, LEAP_DELETE };
	unsigned leap;

	if (len < CHRONY_TRACKING_BYTES || bytes[0] != PROTOCOL || bytes[1] != ANSWER ||
	    get16(bytes + 4) != TRACKING || get16(bytes + 6) != TRACKING_ANSWER ||
	    get16(bytes + 8) != SUCCESS || get16(bytes + 16) != sequence >> 16 ||
	    get16(bytes + 18) != (sequence & 0xffff)) {
		return false;
	}
	leap = get16(bytes + 54);
	*status = (struct daemon_status){
		.leap = leap < LEAP_UNKNOWN ? leaps[leap] : LEAP_UNSYNC,
		.stratum = leap < LEAP_UNKNOWN ? (int)get16(bytes + 52) : 16,
		.update_age_ns = -1,
	};
	if (status->leap != LEAP_UNSYNC) {
		name_source(bytes + 32, status->selected);
	}
	return true;
}

const struct daemon_datagram chrony_tracking = { 323, question, answer };
