/* Whatever is read is within the bounds that a report has. */
#include "daemons/chrony/status.h"
#include "verdict/report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct report report = { .host = "h",
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.interval_ns = NS_PER_S,
		.answered = true };
	static struct report again;
	struct error err;
	char *text;

	if (chrony_parse_status((const char *)data, size, &report.status, &err) < 0) {
		return 0;
	}
	assert(daemon_error_bound_ns(&report.status) >= 0);
	text = report_encode(&report);
	assert(report_decode(text, strlen(text), &again, &err) == 0);
	assert(again.status.offset_ns == report.status.offset_ns);
	assert(again.status.source_count == report.status.source_count);
	free(text);
	return 0;
}
