#include "agent/step.h"

#include <stdlib.h>
#include <time.h>

#define LEAP_TOLERANCE_NS (50 * NS_PER_MS)
#define LEAP_SEEN_WITHIN_S 3 /* it is looked for each second */

static int64_t
threshold_ns(const struct clock_reading *reading)
{
	int64_t noise_ns = 10 * reading->width_ns;

	return noise_ns > STEP_THRESHOLD_NS ? noise_ns : STEP_THRESHOLD_NS;
}

bool
step_is_leap(int64_t amount_ns, int64_t after_real_ns)
{
	int64_t off_ns = llabs(amount_ns) - NS_PER_S;
	time_t later = (time_t)(after_real_ns / NS_PER_S) + LEAP_SEEN_WITHIN_S;
	time_t earlier = later - 2 * LEAP_SEEN_WITHIN_S;
	struct tm month_before, month;

	if (llabs(off_ns) > LEAP_TOLERANCE_NS || !gmtime_r(&earlier, &month_before) ||
	    !gmtime_r(&later, &month)) {
		return false;
	}
	return month_before.tm_mon != month.tm_mon;
}

bool
step_feed(
    struct step_detector *detector, const struct clock_reading *reading, struct step_seen *seen)
{
	struct clock_reading last = detector->last;
	int64_t gap_ns = reading->real_ns - reading->boot_ns;
	int64_t raw_ns = reading->real_ns - reading->raw_ns;
	int64_t change_ns = gap_ns - detector->gap_ns;
	int64_t limit_ns = threshold_ns(reading);

	detector->last = *reading;
	if (!detector->primed) {
		detector->primed = true;
		detector->gap_ns = gap_ns;
		detector->first_raw_ns = raw_ns;
		return false;
	}
	detector->moved_ns = raw_ns - detector->first_raw_ns;
	/* what is below the limit stays in the sum: many small steps are one large one */
	if (change_ns <= limit_ns && change_ns >= -limit_ns) {
		return false;
	}
	detector->gap_ns = gap_ns;
	*seen = (struct step_seen){
		.amount_ns = change_ns,
		.at = *reading,
		.slept_ns = reading->boot_ns - reading->mono_ns - (last.boot_ns - last.mono_ns),
		.unwatched_ns = reading->boot_ns - last.boot_ns,
		.leap = step_is_leap(change_ns, reading->real_ns),
	};
	if (!seen->leap) {
		detector->record.count++;
		detector->record.last_ns = change_ns;
		detector->record.last_real_ns = reading->real_ns;
		detector->record.total_ns += change_ns;
	}
	return true;
}
