#include "agent/witness/step.h"

#include "verdict/leap.h"

static int64_t
threshold_ns(const struct clock_reading *reading)
{
	int64_t noise_ns = 10 * reading->width_ns;

	return noise_ns > STEP_THRESHOLD_NS ? noise_ns : STEP_THRESHOLD_NS;
}

/* What is told of a leap second; LEAP_UNSYNC: nobody could tell. */
static enum leap
told_leap(const struct step_detector *detector)
{
	const struct leap_word *words[] = { &detector->daemon, &detector->kernel,
		&detector->kernel_before };
	enum leap told = LEAP_UNSYNC;

	for (size_t i = 0; i < COUNT(words); i++) {
		if (words[i]->known && (told == LEAP_UNSYNC || told == LEAP_NONE)) {
			told = words[i]->leap;
		}
	}
	return told;
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
	/* gap_ns stays: small changes add up, and many small steps are one large one */
	if (change_ns <= limit_ns && change_ns >= -limit_ns) {
		return false;
	}
	detector->gap_ns = gap_ns;
	*seen = (struct step_seen){
		.amount_ns = change_ns,
		.at = *reading,
		.slept_ns = reading->boot_ns - reading->mono_ns - (last.boot_ns - last.mono_ns),
		.unwatched_ns = reading->boot_ns - last.boot_ns,
		.leap =
		    leap_explains(told_leap(detector), change_ns, last.real_ns, reading->real_ns),
	};
	if (!seen->leap) {
		detector->record.count++;
		detector->record.last_ns = change_ns;
		detector->record.last_real_ns = reading->real_ns;
		detector->record.total_ns += change_ns;
	}
	return true;
}
