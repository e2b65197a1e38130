#include "agent/witness/pause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RIGHT_NS (100 * NS_PER_MS)
#define PAUSE_NS NS_PER_S          /* a shorter one is not told apart from other errors */
#define RTC_NEAR_NS (2 * NS_PER_S) /* it counts whole seconds, and drifts */
#define SOURCES_ENOUGH 3           /* without a hardware clock */

/* What is ahead of the clock by how much, at once. */
struct ahead {
	int64_t amount_ns; /* of the first source that was measured since */
	size_t fresh;      /* sources that were right before, and were measured since */
	size_t agree;      /* of these: ahead by amount_ns */
};

bool
pause_is_right(const struct cause_look *look)
{
	return look->known && look->status.leap != LEAP_UNSYNC && look->status.selected[0] &&
	    llabs(look->status.offset_ns) <= RIGHT_NS;
}

static bool
was_right(const struct cause_look *right, const char *address)
{
	for (size_t i = 0; i < right->status.source_count; i++) {
		const struct source_status *source = &right->status.sources[i];

		if (strcmp(source->address, address) == 0) {
			return source->age_ns >= 0 && llabs(source->offset_ns) <= RIGHT_NS;
		}
	}
	return false;
}

static struct ahead
find_ahead(const struct cause_look *right, const struct cause_look *now, int64_t moved_ns,
    int64_t fresh_ns)
{
	struct ahead ahead = { 0 };

	for (size_t i = 0; i < now->status.source_count; i++) {
		const struct source_status *source = &now->status.sources[i];
		int64_t amount_ns = source->offset_ns + moved_ns;

		if (source->age_ns < 0 || source->age_ns >= fresh_ns ||
		    !was_right(right, source->address)) {
			continue;
		}
		if (ahead.fresh++ == 0) {
			ahead.amount_ns = amount_ns;
		}
		ahead.agree +=
		    llabs(amount_ns - ahead.amount_ns) <= RIGHT_NS + llabs(amount_ns) / 100;
	}
	return ahead;
}

int64_t
pause_find(const struct cause_look *right, const struct cause_look *now, int64_t moved_ns,
    int64_t fresh_ns, char *words)
{
	char amount[DURATION_TEXT_BYTES];
	struct ahead ahead;
	int64_t rtc_ns;
	bool has_rtc;

	if (!right || !right->known || !now->known) {
		return 0;
	}
	ahead = find_ahead(right, now, moved_ns, fresh_ns);
	has_rtc = right->rtc_ns != INT64_MAX && now->rtc_ns != INT64_MAX;
	rtc_ns = has_rtc ? now->rtc_ns - right->rtc_ns + moved_ns : 0;
	if (ahead.agree < ahead.fresh || (ahead.fresh > 0 && ahead.amount_ns < PAUSE_NS) ||
	    (has_rtc && ahead.fresh > 0 && llabs(rtc_ns - ahead.amount_ns) > RTC_NEAR_NS)) {
		return 0;
	}
	if (ahead.fresh == 0 && rtc_ns > RTC_NEAR_NS) {
		snprintf(words, PAUSE_WORDS_BYTES,
		    "the machine stood still for %s, by its hardware clock",
		    duration_text(rtc_ns, amount));
		return rtc_ns;
	}
	if (ahead.fresh == 0 || (!has_rtc && ahead.fresh < SOURCES_ENOUGH)) {
		return 0;
	}
	snprintf(words, PAUSE_WORDS_BYTES,
	    "the machine stood still for %s: all %zu sources%s were ahead by that at once",
	    duration_text(ahead.amount_ns, amount), ahead.fresh,
	    has_rtc ? " and its hardware clock" : "");
	return ahead.amount_ns;
}
