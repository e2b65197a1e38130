/*
 * Reads the status of ntpd and NTPsec from their answers to control messages (mode 6).  No I/O: the
 * agent asks, and lays the answers out as text, so that a test can keep them in a file.
 */
#ifndef DAEMONS_NTPD_STATUS_H
#define DAEMONS_NTPD_STATUS_H

#include "common/buf.h"
#include "daemons/daemon.h"

/*
 * Add an answer to @text.  The layout is two lines per answer, whatever its variables contain:
 *
 *	system STATUSHEX
 *	leap=0, stratum=2, precision=-21, ...
 *	assoc ID STATUSHEX
 *	srcadr=192.0.2.1, srcport=123, ...
 *
 * @association: 0: the system
 * @status:      the status word of the answer
 * @data:        its variables, @len bytes as they came; all but printable ASCII becomes spaces
 */
void mode6_status_add(
    struct buf *text, uint16_t association, uint16_t status, const uint8_t *data, size_t len);

/*
 * Read the text that mode6_status_add() wrote: the parse_status of ntpd and NTPsec.
 *
 * Source: RFC 9327 section 3 and 4; units and signs as ntpq prints them (milliseconds, source
 * minus local); tests/wire/ntp-4.2.8p15.hex and ntpsec-1.2.2.hex.
 */
int ntp_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

#endif
