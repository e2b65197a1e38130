/* Whatever chronyd, or somebody in its place, answers: what is read of it keeps its bounds. */
#include "daemons/chrony/tracking.h"
#include "daemons/chrony/wire.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct daemon_status status;
	uint32_t sequence = 0;

	if (size >= 20) {
		sequence = (uint32_t)data[16] << 24 | (uint32_t)data[17] << 16 |
		    (uint32_t)data[18] << 8 | data[19];
	}
	if (chrony_tracking.answer(data, size, sequence, &status)) {
		assert(size >= CHRONY_BYTES);
		assert(strlen(status.selected) < sizeof(status.selected));
		assert(status.stratum >= 0 && status.stratum <= 65535);
		assert(status.leap != LEAP_UNSYNC || (status.stratum == 16 && !status.selected[0]));
	}
	return 0;
}
