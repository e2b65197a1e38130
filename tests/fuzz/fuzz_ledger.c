/* Whatever decodes must encode, and decode to the same again. */
#include "agent/uplink/standing.h"
#include "agent/witness/ledger.h"
#include "common/shown.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The other file of the agent's user that root reads: whatever it has is fit to be shown. */
static void
read_standing(const uint8_t *data, size_t size)
{
	char host[STANDING_HOST_BYTES], words[STANDING_WORDS_BYTES];
	char *text = strndup((const char *)data, size);

	assert(text);
	standing_decode(text, host, words);
	assert(shown_is_fit(host, strlen(host), SHOWN_WORDS));
	assert(shown_is_fit(words, strlen(words), SHOWN_WORDS));
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ledger ledger, again;
	static struct report report;
	struct error err;
	char *first, *second;

	read_standing(data, size);
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
