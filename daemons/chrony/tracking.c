#include "daemons/chrony/tracking.h"

#include "daemons/chrony/wire.h"

#include <stdio.h>
#include <string.h>

/*
 * The members of the answer: the reference ID (32), the address of the source (16 bytes), its
 * family (16), zeros, the stratum (16), the leap status (16); then time and offsets.
 */
#define SOURCE (CHRONY_DATA + 4)
#define STRATUM (CHRONY_DATA + 24)
#define LEAP (CHRONY_DATA + 26)
#define LEAP_UNKNOWN 3

static size_t
question(uint32_t sequence, uint8_t bytes[DAEMON_DATAGRAM_BYTES])
{
	chrony_question(CHRONY_TRACKING, 0, sequence, bytes);
	return CHRONY_BYTES;
}

static void
name_source(const uint8_t *address, char name[SOURCE_NAME_BYTES])
{
	size_t len = 0;

	if (chrony_family_of(address) == CHRONY_IPV4) {
		snprintf(name, SOURCE_NAME_BYTES, "%u.%u.%u.%u", address[0], address[1], address[2],
		    address[3]);
	} else if (chrony_family_of(address) == CHRONY_IPV6) {
		for (size_t i = 0; i < 16 && len < SOURCE_NAME_BYTES; i += 2) {
			len += (size_t)snprintf(name + len, SOURCE_NAME_BYTES - len, "%s%x",
			    i ? ":" : "", chrony_get16(address + i));
		}
	}
}

static bool
answer(const uint8_t *bytes, size_t len, uint32_t sequence, struct daemon_status *status)
{
	static const enum leap leaps[] = { LEAP_NONE, LEAP_INSERT, LEAP_DELETE };
	unsigned leap;

	if (!chrony_is_answer(bytes, len, CHRONY_TRACKING, sequence)) {
		return false;
	}
	leap = chrony_get16(bytes + LEAP);
	*status = (struct daemon_status){
		.leap = leap < LEAP_UNKNOWN ? leaps[leap] : LEAP_UNSYNC,
		.stratum = leap < LEAP_UNKNOWN ? (int)chrony_get16(bytes + STRATUM) : 16,
		.update_age_ns = -1,
	};
	if (status->leap != LEAP_UNSYNC) {
		name_source(bytes + SOURCE, status->selected);
	}
	return true;
}

const struct daemon_datagram chrony_tracking = { CHRONY_PORT, question, answer };
