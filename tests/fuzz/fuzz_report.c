/* Whatever decodes must encode, and decode to the same again. */
#include "verdict/report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct report report, again;
	struct error err;
	char *first, *second;

	if (report_decode((const char *)data, size, &report, &err) < 0) {
		return 0;
	}
	first = report_encode(&report);
	assert(report_decode(first, strlen(first), &again, &err) == 0);
	second = report_encode(&again);
	assert(strcmp(first, second) == 0);
	free(first);
	free(second);
	return 0;
}
