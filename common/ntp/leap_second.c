#include "common/ntp/leap_second.h"

#include <stdlib.h>
#include <time.h>

#define TOLERANCE_NS (50 * NS_PER_MS) /* the amount may be off by this: other steps near it */
/* An inserted second sets the clock back to before the end of the month. */
#define AROUND_S 3
#define WINDOW_NS (86400 * NS_PER_S) /* a step seen in a longer span is not explained */

bool
leap_second_explains(int64_t amount_ns, int64_t before_real_ns, int64_t after_real_ns)
{
	int64_t off_ns = llabs(amount_ns) - NS_PER_S;
	time_t earlier = (time_t)(before_real_ns / NS_PER_S) - AROUND_S;
	time_t later = (time_t)(after_real_ns / NS_PER_S) + AROUND_S;
	struct tm month_before, month;

	if (llabs(off_ns) > TOLERANCE_NS || after_real_ns - before_real_ns > WINDOW_NS ||
	    !gmtime_r(&earlier, &month_before) || !gmtime_r(&later, &month)) {
		return false;
	}
	return month_before.tm_mon != month.tm_mon;
}

int64_t
leap_second_due_ns(int64_t real_ns)
{
	time_t now = (time_t)(real_ns / NS_PER_S), due;
	struct tm tm;

	if (real_ns < 0 || !gmtime_r(&now, &tm)) {
		return 0;
	}
	tm = (struct tm){ .tm_year = tm.tm_year, .tm_mon = tm.tm_mon + 1, .tm_mday = 1 };
	due = timegm(&tm);
	return due > INT64_MAX / NS_PER_S ? 0 : due * NS_PER_S;
}
