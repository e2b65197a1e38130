/*
 * What became of the latest report: a small file that the service keeps, and `timetier-agent
 * status` reads.  The agent's user can write it, and root may read it: nothing in it is trusted.
 */
#ifndef AGENT_UPLINK_STANDING_H
#define AGENT_UPLINK_STANDING_H

#include "common/base.h"

enum standing {
	STANDING_UNKNOWN, /* the service does not run, or no report has had its answer yet */
	STANDING_TAKEN,
	STANDING_REFUSED, /* no collector takes reports of this host */
	STANDING_FAILS,   /* no collector is reached */
};

#define STANDING_WORDS_BYTES 256
#define STANDING_HOST_BYTES 256

/* Keep in @folder how the reports of @host fare; @words say why they do not arrive. */
void standing_keep(const char *folder, enum standing standing, const char *host, const char *words);

/* Forget it: a service that has just begun has no answer yet. */
void standing_forget(const char *folder);

/*
 * Read the file in @folder; one that cannot be read or understood is STANDING_UNKNOWN.
 *
 * @host:  STANDING_HOST_BYTES bytes: as whom the service reports
 * @words: STANDING_WORDS_BYTES bytes, printable
 */
enum standing standing_read(const char *folder, char *host, char *words);

/* The same from the text of that file. */
enum standing standing_decode(const char *text, char *host, char *words);

#endif
