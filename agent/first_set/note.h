/*
 * Small files of JSON that first-set leaves in /run/timetier for whoever comes later in this boot,
 * and which are gone with the boot; and the last good time, which stays.
 */
#ifndef AGENT_FIRST_SET_NOTE_H
#define AGENT_FIRST_SET_NOTE_H

#include "verdict/report.h"

#define FIRST_SET_FOLDER "/run/timetier"
#define FIRST_SET_STATE_FOLDER "/var/lib/timetier-first-set"
#define FIRST_SET_NOTE_BYTES_MAX 4096

enum first_set_file {
	FIRST_SET_STAMP,   /* first-set: it is done, the clock was set or is right */
	FIRST_SET_REFUSED, /* first-set.refused: a quorum agrees on a time that cannot be true */
	FIRST_SET_WAITING, /* first-set.waiting: the daemon began without a quorum */
	FIRST_SET_LATE,    /* first-set.late: set the clock while the daemon is stopped */
	FIRST_SET_GOOD,    /* good, in FIRST_SET_STATE_FOLDER: at that time the clock was right */
};

struct first_set_note {
	int64_t set_ns;    /* by how much the clock was set, or is to be set; 0: left alone */
	int64_t offset_ns; /* the offset that remains: source minus local */
	int64_t at_ns;     /* CLOCK_REALTIME, after the clock was set */
	int64_t boot_ns;   /* the same moment by CLOCK_BOOTTIME */
	char words[256];
};

/* @root: "" for the host itself; a test gives a folder that stands for "/". */
int first_set_note_write(const char *root, enum first_set_file file,
    const struct first_set_note *note, struct error *err) MUST_CHECK;

/* False: the file is not there, or is not valid; @note is then untouched. */
bool first_set_note_read(const char *root, enum first_set_file file, struct first_set_note *note);

/* Whether the file is there, readable or not. */
bool first_set_note_exists(const char *root, enum first_set_file file);

/* Tell in a report how far first-set is, by these files. */
void first_set_note_report(const char *root, struct first_set_report *report);

void first_set_note_drop(const char *root, enum first_set_file file);

#endif
