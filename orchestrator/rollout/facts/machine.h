/* What a host tells of its machine: its kind, its clocks, the age of some files.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_MACHINE_H
#define ORCHESTRATOR_ROLLOUT_FACTS_MACHINE_H

#include "common/arena.h"
#include "common/buf.h"
#include "orchestrator/rollout/facts/records.h"

/* Of a file or folder: when it was changed, and whose it is. */
struct fact_age {
	const char *path;
	int64_t changed_ns; /* the host's clock */
	unsigned mode;
	const char *owner;
};

/* Where Debian has leap seconds: for ntpd, and as a zone for chronyd. */
#define LEAP_LIST "/usr/share/zoneinfo/leap-seconds.list"
#define LEAP_ZONE "/usr/share/zoneinfo/right/UTC"
#define CHRONY_SOCKET_FOLDER "/run/chrony"

#define FACT_AGES_MAX 16

struct fact_machine {
	const char *virt;        /* as systemd-detect-virt says: "none", "kvm"; NULL: not told */
	const char *clocksource; /* "tsc"; NULL: not told */
	const char *ptp;         /* names of its PTP clocks, one a line; NULL: it has none */
	const char *devices;     /* that clocks are read by, one a line; NULL: not told */
	const char *memory;      /* that receivers write, lines "UNIT MODE OPEN"; NULL: not told */
	bool rtc_local;          /* its hardware clock keeps local time */
	struct fact_age ages[FACT_AGES_MAX]; /* of those paths that are there */
	size_t age_count;
	const char *resolver; /* lines "nameserver ADDRESS", "DNSSEC=..", "DNSOverTLS=.." of its
				 settings; NULL: none */
	const char
	    *addresses; /* its own, with blanks between, no link-local ones; NULL: not told */
	const char *certificate; /* of a server with NTS, in PEM; "": it cannot be read, or is none;
				    NULL: nobody asked */
	const char *key_readers; /* lines "USER yes", "USER no": who can read its key; "": it is
				    not there; NULL: not told */
	bool ages_told, leap_told;
	int64_t leap_until_s; /* until when LEAP_LIST holds, in seconds of NTP; 0: not there */
};

/* Add the questions that ask for these. */
void fact_machine_questions(struct buf *questions);

/* Take @record if it is of the machine; texts belong to @arena.  Returns whether it is. */
bool fact_machine_take(
    struct arena *arena, const struct record *record, struct fact_machine *machine);

/* The first word of the @index-th kind of record that fact_machine_take() knows, or NULL. */
const char *fact_machine_verb(size_t index);

/* NULL: it is not there. */
const struct fact_age *fact_machine_age(const struct fact_machine *machine, const char *path);

#endif
