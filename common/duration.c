#include "common/duration.h"

#include <math.h>
#include <stdio.h>

#define LIMIT_S 4.42e9 /* 140 years */

const char *
duration_text(int64_t ns, char *out)
{
	double size = ns < 0 ? -(double)ns : (double)ns;
	const char *unit = "ns";
	double value = (double)ns;
	int digits;

	if (size >= 999.5e6) {
		unit = "s";
		value /= 1e9;
	} else if (size >= 999.5e3) {
		unit = "ms";
		value /= 1e6;
	} else if (size >= 999.5) {
		unit = "us";
		value /= 1e3;
	}
	digits = fabs(value) < 9.995 ? 2 : fabs(value) < 99.95 ? 1 : 0;
	if (ns > -1000 && ns < 1000) {
		digits = 0;
	}
	snprintf(out, DURATION_TEXT_BYTES, "%.*f %s", digits, value, unit);
	return out;
}

int64_t
duration_from_s(double seconds)
{
	if (isnan(seconds)) {
		return 0;
	}
	if (seconds > LIMIT_S) {
		seconds = LIMIT_S;
	} else if (seconds < -LIMIT_S) {
		seconds = -LIMIT_S;
	}
	return (int64_t)(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5));
}

int64_t
duration_size_ns(int64_t ns)
{
	return ns < 0 ? -ns : ns;
}

const char *
duration_age_text(int64_t ns, char *out)
{
	long long age_s = ns / NS_PER_S;

	if (age_s < 120) {
		snprintf(out, DURATION_TEXT_BYTES, "%lld s", age_s);
	} else if (age_s < 7200) {
		snprintf(out, DURATION_TEXT_BYTES, "%lld min", age_s / 60);
	} else {
		snprintf(out, DURATION_TEXT_BYTES, "%lld h", age_s / 3600);
	}
	return out;
}
