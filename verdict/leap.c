#include "verdict/leap.h"

#include "common/ntp/leap_second.h"
#include "verdict/report.h"

#include <stdio.h>
#include <time.h>

#define STALE_NS (60 * NS_PER_S) /* so long after it a daemon may still announce it */

bool
leap_is_announced(enum leap leap)
{
	return leap == LEAP_INSERT || leap == LEAP_DELETE;
}

/* Write @before, and behind it the second that is added or left out at @end_ns, a month's end. */
static const char *
say(const char *before, enum leap leap, int64_t end_ns, char *out)
{
	time_t last = (time_t)(end_ns / NS_PER_S) - 1;
	char day[16] = "?";
	struct tm tm;

	if (end_ns > 0 && gmtime_r(&last, &tm)) {
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	}
	snprintf(out, LEAP_WORDS_BYTES, "%s %s 23:59:%s UTC", before, day,
	    leap == LEAP_INSERT ? "60" : "59");
	return out;
}

/* When the leap second comes that a daemon announces by a clock that shows @real_ns. */
static int64_t
due_ns(int64_t real_ns)
{
	return leap_second_due_ns(real_ns > STALE_NS ? real_ns - STALE_NS : 0);
}

const char *
leap_coming(enum leap leap, int64_t real_ns, char *out)
{
	return say(leap == LEAP_INSERT ? "a leap second will be inserted at"
				       : "a leap second will be left out: there will be no",
	    leap, due_ns(real_ns), out);
}

const char *
leap_passed(enum leap leap, int64_t before_ns, char *out)
{
	return say(leap == LEAP_INSERT ? "a leap second was inserted at"
				       : "a leap second was left out: there was no",
	    leap, leap_second_due_ns(before_ns), out);
}

static bool
comes_within(enum leap leap, int64_t real_ns, int64_t within_ns)
{
	return leap_is_announced(leap) && due_ns(real_ns) - real_ns <= within_ns;
}

bool
leap_comes_soon(enum leap leap, int64_t real_ns)
{
	return comes_within(leap, real_ns, LEAP_BEFORE_NS);
}

bool
leap_is_close(const struct report *report, char *words)
{
	if (!report_has_status(report) ||
	    !comes_within(report->status.leap, report->real_ns, LEAP_CLOSE_NS)) {
		return false;
	}
	leap_coming(report->status.leap, report->real_ns, words);
	return true;
}

bool
leap_explains(enum leap told, int64_t amount_ns, int64_t before_real_ns, int64_t after_real_ns)
{
	enum leap wanted = amount_ns < 0 ? LEAP_INSERT : LEAP_DELETE;

	return (told == LEAP_UNSYNC || told == wanted) &&
	    leap_second_explains(amount_ns, before_real_ns, after_real_ns);
}

/* The leap second that came within LEAP_AFTER_NS before the report; NULL: none did. */
static const struct ledger_entry *
latest_leap(const struct report *report)
{
	for (size_t i = 0; i < report->ledger_count; i++) {
		const struct ledger_entry *entry = &report->ledger[i];
		int64_t age_ns = report->real_ns - entry->after_real_ns;

		/* by the host's clock: a boot since then changes nothing */
		if (entry->cause == CAUSE_LEAP && age_ns >= 0 && age_ns < LEAP_AFTER_NS) {
			return entry;
		}
	}
	return NULL;
}

bool
leap_is_near(const struct report *report, char *words)
{
	const struct ledger_entry *entry = latest_leap(report);

	if (report_has_status(report) && leap_comes_soon(report->status.leap, report->real_ns)) {
		leap_coming(report->status.leap, report->real_ns, words);
		return true;
	}
	if (entry) {
		snprintf(words, LEAP_WORDS_BYTES, "%.127s", entry->words);
		return true;
	}
	return false;
}
