/*
 * What ends chronyd at its start although each line is well formed, so that neither its grammar nor
 * `chronyd -p` shows it: lines that exclude each other, networks that are none, what the host must
 * have.  This file does no I/O.
 */
#ifndef DAEMONS_CHRONY_STARTUP_H
#define DAEMONS_CHRONY_STARTUP_H

#include "daemons/options.h"
#include "daemons/policy.h"
#include "daemons/policy_text.h"

struct chrony_mark {
	char place[RESTART_PLACE_BYTES];
	char text[RESTART_TEXT_BYTES]; /* "": there is no such line */
};

/* Zero-initialise it. */
struct chrony_startup {
	struct chrony_mark rtcsync, rtcfile, noclientlog, limit, mail, certificate;
	size_t certificates, keys;
	bool leap_zone; /* leapsectz or leapseclist */
};

/* Look at a line, which chronyd accepts; @words are those of @text->line. */
void chrony_startup_take(struct chrony_startup *startup, struct restart_policy *policy,
    const struct policy_text *text, char *const *words, size_t count);

/* Judge what the lines and the start options give together. */
void chrony_startup_settle(const struct chrony_startup *startup, struct restart_policy *policy,
    const struct options *options);

#endif
