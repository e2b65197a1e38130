/* The hardware clocks of servers, as daemons read, follow and name them.  No I/O. */
#ifndef ORCHESTRATOR_TOPOLOGY_REFCLOCKS_H
#define ORCHESTRATOR_TOPOLOGY_REFCLOCKS_H

#include "orchestrator/topology/topology.h"

struct daemon_driver;
struct daemon_status;

/*
 * Whether the daemon of @host is to follow @clock by itself.  chrony follows a PPS and only counts
 * by the clock that numbers it; both ntpds follow the clock that numbers, and sharpen it by the
 * PPS.
 *
 * @follows_pps: whether that daemon has DAEMON_FOLLOWS_PPS
 */
bool refclock_is_followed(const struct host *host, const struct refclock *clock, bool follows_pps);

/* The name by which both ntpds show @clock, "127.127.28.0", in @text, of REFCLOCK_TEXT_BYTES. */
#define REFCLOCK_TEXT_BYTES 24
void refclock_ntp_name(const struct refclock *clock, char *text);

/*
 * The hardware clock of @host that its daemon shows as @address: by its reference id, or as
 * 127.127.T.U; or NULL.
 */
const struct refclock *host_refclock(const struct host *host, const char *address);

/*
 * The first hardware clock of @host that should be followed, or numbers one that is, and that its
 * daemon does not hear, or that the other sources outvote; or NULL: none.
 *
 * @runs_ns:  how long that daemon has run, -1: not known; what it heard before its start is no
 * sign of life, though chronyd remembers it
 * @outvoted: which of the two it is
 */
const struct refclock *host_lost_clock(
    const struct host *host, const struct daemon_status *status, int64_t runs_ns, bool *outvoted);

/*
 * The device that must be there for @clock to be read: its own, or that of its unit.  NULL: none;
 * memory and sockets are made by whoever is first.  The text is of @arena or of @clock.
 */
const char *refclock_device(struct arena *arena, const struct refclock *clock);

/*
 * Why @driver cannot read @clock, in words that follow the daemon's title: "has no driver for ...";
 * or NULL: it can.  The words come from @arena.
 * Source: the drivers of chrony 4.0 to 4.6, ntp 4.2.8p15, and of Debian's NTPsec 1.2.0 to 1.2.3.
 */
const char *refclock_unfit(
    struct arena *arena, const struct refclock *clock, const struct daemon_driver *driver);

#endif
