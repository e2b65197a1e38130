/* A server of NTS key establishment in a process of its own, of good manners or bad. */
#ifndef TESTS_FAKE_NTS_H
#define TESTS_FAKE_NTS_H

#include "common/base.h"

#include <sys/types.h>

enum fake_nts_habit {
	FAKE_NTS_HONEST,
	FAKE_NTS_SILENT,       /* accepts the connection, and says nothing */
	FAKE_NTS_SILENT_LATER, /* shakes hands, and says nothing */
	FAKE_NTS_GARBAGE,      /* sends what is no TLS */
	FAKE_NTS_HTTP,         /* TLS, and no NTS inside */
	FAKE_NTS_OLD,          /* TLS 1.2 at most */
	FAKE_NTS_CUTS,         /* closes the connection at once */
	FAKE_NTS_CUTS_LATER,   /* shakes hands, reads the question, closes it */
	FAKE_NTS_BREAKS,       /* the same, and resets it */
	FAKE_NTS_ENDLESS,      /* an answer that does not end */
	FAKE_NTS_DRIPS,        /* a byte now and then, for ever */
	FAKE_NTS_REFUSES,      /* says that the question is wrong */
	FAKE_NTS_NO_COOKIES
};

/* Whom its certificate is for, and when; seconds from now. */
struct fake_nts_paper {
	const char *name; /* "DNS:a.example,IP:127.0.0.1"; NULL: none but the common name */
	int64_t from_s, until_s;
	bool self_signed;
};

struct fake_nts {
	pid_t pid;
	unsigned port; /* of 127.0.0.1 */
};

/*
 * Make the authority that signs the certificates, and have this process trust it.
 *
 * @path: where its certificate goes; the caller removes it
 */
void fake_nts_authority(const char *path);

void fake_nts_start(
    struct fake_nts *nts, enum fake_nts_habit habit, const struct fake_nts_paper *paper);
void fake_nts_stop(const struct fake_nts *nts);

#endif
