/*
 * Who holds the daemon's port.  Where net.ipv4.ip_unprivileged_port_start is low, as on hosts with
 * containers of users, any user can take it while the daemon is down, or share it, and answer.
 */
#ifndef AGENT_ASK_HOLDER_H
#define AGENT_ASK_HOLDER_H

#include "common/base.h"

#define HOLDER_NONE (-1L)
#define HOLDER_UNKNOWN (-2L) /* the list of sockets has no end */

/*
 * Returns the user ID of a stranger who has UDP port @port on the loopback, in IPv4 or IPv6.
 *
 * @own: the user ID of the daemon's process, which may have it as root and the time daemons'
 *       accounts may; -1: no process is known
 */
long holder_stranger(const char *root, uint16_t port, long own);

#endif
