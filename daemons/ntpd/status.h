/*
 * What ntpd and NTPsec answer to control messages, as a daemon's status.  Pure: the agent asks,
 * and lays the answers out as text, so that a test can keep them in a file.
 */
#ifndef DAEMONS_NTPD_STATUS_H
#define DAEMONS_NTPD_STATUS_H

#include "common/buf.h"
#include "daemons/daemon.h"

/*
 * The layout: two lines an answer, whatever the daemon put into its variables.
 *
 *	system STATUSHEX
 *	leap=0, stratum=2, precision=-21, ...
 *	assoc ID STATUSHEX
 *	srcadr=192.0.2.1, srcport=123, ...
 *
 * Add one such pair.
 *
 * @association: 0 is the system
 * @status:      the status word of the answer
 * @data:        its variables, @len bytes as they came; control characters become spaces
 */
void mode6_status_add(
    struct buf *text, uint16_t association, uint16_t status, const uint8_t *data, size_t len);

/*
 * Read that text: the parse_status of ntpd and NTPsec.
 *
 * Source: RFC 9327 section 3 and 4; units and signs as ntpq prints them (milliseconds, source
 * minus local); tests/wire/ntp-4.2.8p15.hex and ntpsec-1.2.2.hex.
 */
int ntp_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

#endif
