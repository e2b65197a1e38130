/* The certificate by which the daemon serves with NTS. */
#ifndef AGENT_LOOK_CERTIFICATE_H
#define AGENT_LOOK_CERTIFICATE_H

#include "agent/start/start.h"

/*
 * When it ends, in ns of real time; 0: the daemon serves without NTS, or the file cannot be read by
 * this user.
 *
 * @root: "" for the host itself
 */
int64_t certificate_end_ns(
    const char *root, const struct daemon_driver *driver, const struct start *start);

#endif
