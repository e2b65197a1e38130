/* The file that keeps alerts over a restart of the collector: anybody may have written into it. */
#include "orchestrator/alerts/alerts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alerts alerts = { 0 }, again = { 0 };
	struct error err;
	char *text;

	if (alerts_decode(&alerts, (const char *)data, size, &err) == 0) {
		text = alerts_encode(&alerts);
		assert(alerts_decode(&again, text, strlen(text), &err) == 0);
		assert(again.count == alerts.count);
		for (size_t i = 0; i < alerts.count; i++) {
			assert(again.list[i].code == alerts.list[i].code);
			assert(again.list[i].state == alerts.list[i].state);
		}
		free(text);
	} else {
		assert(err.text[0] && alerts.count == 0);
	}
	alerts_done(&alerts);
	alerts_done(&again);
	return 0;
}
