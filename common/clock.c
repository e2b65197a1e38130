#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#define READINGS 16

static int64_t
read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

struct clock_reading
clock_read(void)
{
	struct clock_reading best = { .width_ns = INT64_MAX };

	for (int i = 0; i < READINGS; i++) {
		int64_t before_ns = read_ns(CLOCK_BOOTTIME);
		int64_t raw_ns = read_ns(CLOCK_MONOTONIC_RAW);
		int64_t real_ns = read_ns(CLOCK_REALTIME);
		int64_t after_ns = read_ns(CLOCK_BOOTTIME);
		int64_t mono_ns = read_ns(CLOCK_MONOTONIC);

		if (after_ns - before_ns < best.width_ns) {
			best.real_ns = real_ns;
			best.raw_ns = raw_ns;
			best.mono_ns = mono_ns;
			best.boot_ns = before_ns + (after_ns - before_ns) / 2;
			best.width_ns = after_ns - before_ns;
		}
	}
	return best;
}

int64_t
clock_real_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

int64_t
clock_boot_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

bool
clock_told_leap(int *inserted)
{
	struct timex timex = { .modes = 0 };

	*inserted = 0;
	if (adjtimex(&timex) < 0) {
		return false;
	}
	*inserted = timex.status & STA_INS ? 1 : timex.status & STA_DEL ? -1 : 0;
	return true;
}

int64_t
clock_slept_ns(void)
{
	int64_t boot_ns = read_ns(CLOCK_BOOTTIME);

	return boot_ns - read_ns(CLOCK_MONOTONIC);
}

const char *
clock_text(int64_t real_ns, char *out)
{
	int64_t fraction_ns = real_ns % NS_PER_S;
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	struct tm tm;
	size_t used;

	if (fraction_ns < 0) {
		fraction_ns += NS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	used = strftime(out, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + used, CLOCK_TEXT_BYTES - used, ".%09dZ", (int)fraction_ns);
	return out;
}

/* Read 1 to 9 digits behind the point as nanoseconds; *@text moves behind them.  -1: no digit. */
static int64_t
parse_fraction(const char **text)
{
	int64_t value = 0, unit = NS_PER_S;

	while (**text >= '0' && **text <= '9' && unit > 1) {
		value = value * 10 + (**text - '0');
		unit /= 10;
		(*text)++;
	}
	return unit == NS_PER_S ? -1 : value * unit;
}

bool
clock_parse(const char *text, int64_t *real_ns)
{
	struct tm tm = { 0 };
	int64_t fraction_ns = 0;
	const char *rest;

	if (strlen(text) >= CLOCK_TEXT_BYTES) {
		return false;
	}
	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest || tm.tm_year < -200 || tm.tm_year > 300) {
		return false;
	}
	if (*rest == '.') {
		rest++;
		fraction_ns = parse_fraction(&rest);
	}
	if (fraction_ns < 0 || strcmp(rest, "Z") != 0) {
		return false;
	}
	*real_ns = timegm(&tm) * NS_PER_S + fraction_ns;
	return true;
}

const char *
clock_day(int64_t real_ns, char out[CLOCK_DAY_BYTES])
{
	char text[CLOCK_TEXT_BYTES];

	snprintf(out, CLOCK_DAY_BYTES, "%.10s", clock_text(real_ns, text));
	return out;
}

bool
clock_parse_day(const char *text, int64_t *real_ns)
{
	char moment[CLOCK_TEXT_BYTES], day[CLOCK_DAY_BYTES];

	snprintf(moment, sizeof(moment), "%.10sT00:00:00Z", text);
	if (!clock_parse(moment, real_ns) || *real_ns < 0) {
		return false;
	}
	/* strptime() takes "2027-6-3", and timegm() makes 2 March of 30 February */
	return strcmp(clock_day(*real_ns, day), text) == 0 && text[0] <= '2' &&
	    strncmp(text, "2200", 4) < 0;
}

const char *
clock_local_text(int64_t real_ns, enum clock_parts parts, char *out, size_t size)
{
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	size_t len = 0;
	struct tm tm;

	if (localtime_r(&seconds, &tm)) {
		switch (parts) {
		case CLOCK_TIME:
			len = strftime(out, size, "%H:%M:%S", &tm);
			break;
		case CLOCK_MINUTE:
			len = strftime(out, size, "%Y-%m-%d %H:%M", &tm);
			break;
		case CLOCK_SECOND:
			len = strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm);
			break;
		}
	}
	if (len == 0) {
		snprintf(out, size, "?");
	}
	return out;
}
