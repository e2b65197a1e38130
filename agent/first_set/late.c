/* The part of first-set that needs the daemon stopped: it hears nobody, and runs for a short time.
 */
#include "agent/first_set/confine.h"
#include "agent/first_set/first_set.h"
#include "agent/first_set/note.h"
#include "agent/first_set/read.h"
#include "agent/host/host.h"
#include "common/clock.h"
#include "common/duration.h"
#include "common/log.h"
#include "daemons/daemon.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define AGE_MAX_NS (600 * NS_PER_S)
#define HOST "" /* the root of the host's files */

int
first_set_clock(int64_t offset_ns, struct error *err)
{
	int64_t real_ns = clock_real_ns() + offset_ns;
	struct timespec time = { .tv_sec = real_ns / NS_PER_S, .tv_nsec = real_ns % NS_PER_S };

	if (real_ns < 0) {
		return error_set(err, "a clock cannot be set to before 1970");
	}
	if (clock_settime(CLOCK_REALTIME, &time) < 0) {
		return error_errno(err, errno, "clock_settime");
	}
	return 0;
}

/* Set the clock, while the daemon is stopped, and leave the stamp. */
static int
set_and_stamp(struct first_set_note *note, struct error *err)
{
	struct clock_reading now;
	char text[CLOCK_TEXT_BYTES], by[DURATION_TEXT_BYTES];

	if (note->set_ns != 0 && first_set_clock(note->set_ns, err) < 0) {
		return -1;
	}
	now = clock_read();
	note->at_ns = now.real_ns;
	note->boot_ns = now.boot_ns;
	if (note->set_ns != 0) {
		log_warning("the clock was set by %s, to %s", duration_text(note->set_ns, by),
		    clock_text(now.real_ns, text));
	}
	if (first_set_note_write(HOST, FIRST_SET_STAMP, note, err) < 0) {
		return -1;
	}
	first_set_note_drop(HOST, FIRST_SET_REFUSED);
	first_set_note_drop(HOST, FIRST_SET_WAITING);
	return 0;
}

int
first_set_late(const char *config, struct error *err)
{
	static struct first_set_conf conf;
	struct first_set_note note;
	bool late;
	int status = -1;

	if (!first_set_note_exists(HOST, FIRST_SET_LATE)) {
		return 0;
	}
	if (first_set_conf_read(config, &conf, err) < 0 ||
	    confine_self(conf.driver->drift_path, err) < 0) {
		return -1;
	}
	late = first_set_note_read(HOST, FIRST_SET_LATE, &note);
	first_set_note_drop(HOST, FIRST_SET_LATE);
	if (!late) {
		status = 0;
	} else if (clock_boot_ns() - note.boot_ns > AGE_MAX_NS) {
		error_set(err, "what was measured is too old to set a clock by");
	} else if (host_unit_runs(HOST, conf.driver->unit)) {
		/* it would fight for the clock */
		error_set(err, "%s was not stopped: the clock is not set", conf.driver->unit);
	} else {
		status = set_and_stamp(&note, err);
	}
	explicit_bzero(&conf, sizeof(conf)); /* keys were in it */
	return status;
}
