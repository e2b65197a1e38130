/* Whatever is read of daemons that are only watched is within the bounds that a report has. */
#include "daemons/other_status.h"
#include "verdict/report.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const parsers[])(const char *, size_t, struct daemon_status *,
	    struct error *) = { timesyncd_parse_status, openntpd_parse_status,
		ntpd_rs_parse_status };
	static struct report report = { .host = "h",
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.interval_ns = NS_PER_S,
		.answered = true };
	static struct report again;
	struct error err;

	for (size_t i = 0; i < COUNT(parsers); i++) {
		char *text;

		if (parsers[i]((const char *)data, size, &report.status, &err) < 0) {
			continue;
		}
		assert(daemon_error_bound_ns(&report.status) >= 0);
		text = report_encode(&report);
		if (report_decode(text, strlen(text), &again, &err) < 0) {
			fprintf(stderr, "%s\n%s\n", err.text, text);
			abort();
		}
		assert(again.status.source_count == report.status.source_count);
		free(text);
	}
	return 0;
}
