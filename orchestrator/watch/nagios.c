#include "orchestrator/watch/nagios.h"

#include <string.h>

/* Words, without what would part the line: the data begins behind a '|'. */
static void
add_words(struct buf *out, const char *words)
{
	for (; *words; words++) {
		buf_add(out, *words == '|' ? "/" : words, 1);
	}
}

/* "time_offset=-0.000020469s", in all digits: exporters take no "20 us". */
static void
add_seconds(struct buf *out, const char *label, const struct watch_ns *value)
{
	uint64_t size = value->ns < 0 ? 0 - (uint64_t)value->ns : (uint64_t)value->ns;

	if (value->known) {
		buf_printf(out, " %s=%s%llu.%09llus", label, value->ns < 0 ? "-" : "",
		    (unsigned long long)(size / 1000000000),
		    (unsigned long long)(size % 1000000000));
	}
}

enum nagios_status
nagios_line(const struct watch_fleet *fleet, struct buf *out)
{
	static const struct {
		const char *name;
		enum nagios_status status;
	} rows[STATE_COUNT] = {
		[STATE_GOOD] = { "OK", NAGIOS_OK },
		[STATE_WARN] = { "WARNING", NAGIOS_WARNING },
		[STATE_BAD] = { "CRITICAL", NAGIOS_CRITICAL },
		[STATE_STALE] = { "UNKNOWN", NAGIOS_UNKNOWN },
		[STATE_UNKNOWN] = { "UNKNOWN", NAGIOS_UNKNOWN },
	};

	buf_printf(out, "TIMETIER %s - ", rows[fleet->light].name);
	add_words(out, fleet->text);
	if (fleet->detail[0]) {
		buf_text(out, ": ");
		add_words(out, fleet->detail);
	}
	buf_printf(out, " | hosts=%zu;;;0 reporting=%zu;;;0;%zu", fleet->host_count,
	    fleet->reporting, fleet->host_count);
	for (int i = 0; i < STATE_COUNT; i++) {
		buf_printf(out, " %s=%zu;;;0;%zu", health_state_name((enum health_state)i),
		    fleet->counts[i], fleet->host_count);
	}
	if (fleet->worst) {
		add_seconds(out, "worst_offset", &fleet->worst->offset);
	}
	if (fleet->widest) {
		add_seconds(out, "worst_error_bound", &fleet->widest->bound);
	}
	buf_text(out, "\n");
	return rows[fleet->light].status;
}

enum nagios_status
nagios_trouble(const char *words, struct buf *out)
{
	buf_text(out, "TIMETIER UNKNOWN - ");
	add_words(out, words);
	buf_text(out, "\n");
	return NAGIOS_UNKNOWN;
}
