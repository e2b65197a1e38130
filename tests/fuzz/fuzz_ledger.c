/* Whatever decodes must encode, and decode to the same again. */
#include "agent/witness/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ledger ledger, again;
	static struct report report;
	struct error err;
	char *first, *second;

	if (ledger_decode_file((const char *)data, size, &ledger, &err) < 0) {
		return 0;
	}
	first = ledger_encode_file(&ledger);
	if (strlen(first) <= LEDGER_BYTES_MAX) {
		assert(ledger_decode_file(first, strlen(first), &again, &err) == 0);
		second = ledger_encode_file(&again);
		assert(strcmp(first, second) == 0);
		free(second);
	}
	memcpy(report.boot_id, ledger.boot_id, sizeof(report.boot_id));
	ledger_merge(&ledger,
	    &(struct ledger_now){ ledger.watched_to_ns, ledger.pid, ledger.start_id_ns, false },
	    &report);
	free(first);
	return 0;
}
