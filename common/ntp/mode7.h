/*
 * ntpd's private messages (mode 7), of which only the list of clients is asked for.  They are in no
 * RFC.  No I/O.
 * Source: ntp 4.2.6 and 4.2.8, include/ntp_request.h; CVE-2013-5211.
 */
#ifndef COMMON_NTP_MODE7_H
#define COMMON_NTP_MODE7_H

#include "common/base.h"

#define MODE7_QUESTION_BYTES 48

/*
 * Write the question for the list of clients ("monlist") to @bytes, of MODE7_QUESTION_BYTES.
 *
 * @old: as the first xntpd took it (MON_GETLIST of XNTPD_OLD); else as ntpd up to 4.2.6 does
 *       (MON_GETLIST_1 of XNTPD).  Scanners try both, for some devices know one alone.
 */
void mode7_question(bool old, uint8_t *bytes);

enum mode7_answer {
	MODE7_IGNORED,  /* not an answer to this question */
	MODE7_REFUSED,  /* the daemon speaks mode 7, and says no: @error */
	MODE7_ANSWERED, /* clients, or a first part of them */
};

/*
 * Read one datagram.
 *
 * @bytes: as they came from the network
 * @error: the code of a refusal; else 0
 */
enum mode7_answer mode7_read(const uint8_t *bytes, size_t len, unsigned *error);

#endif
