/* What the lines `interface ACTION WHICH` leave ntpd to hear by.  This file does no I/O. */
#ifndef DAEMONS_NTPD_INTERFACES_H
#define DAEMONS_NTPD_INTERFACES_H

#include "daemons/ntpd/grammar.h"
#include "daemons/policy.h"

#define NTP_INTERFACES_MAX 32

struct ntp_interface {
	bool of[2];   /* the line is for all addresses of IPv4, of IPv6 */
	bool one;     /* it is for one interface or address, and not for the loopback's */
	bool listens; /* else the daemon ignores or drops what comes there */
	struct restart_fence fence; /* the place and the text of the line */
};

/* Zero-initialise it. */
struct ntp_interfaces {
	struct ntp_interface list[NTP_INTERFACES_MAX]; /* in the order of the lines */
	size_t count;
	bool full; /* there are more lines than fit */
};

/*
 * Add a line.
 *
 * @fence: tells its place and text
 *
 * Returns whether it is one; the daemon skips another.
 */
bool ntp_interfaces_take(struct ntp_interfaces *interfaces, const struct ntp_line *line,
    const struct restart_fence *fence);

/*
 * Add to @policy the fence around each family that the lines leave no address for.  The last line
 * that fits an address decides; where none does and there are some, the daemon does not use the
 * address: `interface listen lo` leaves it none to ask from.  A line for one interface is taken to
 * open the one that is needed, and to close another one.
 */
void ntp_interfaces_settle(const struct ntp_interfaces *interfaces, struct restart_policy *policy);

#endif
