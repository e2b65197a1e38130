/*
 * Asks chronyd itself whether it follows a source, in one datagram: for a program that must not
 * start chronyc.  No I/O.
 */
#ifndef DAEMONS_CHRONY_TRACKING_H
#define DAEMONS_CHRONY_TRACKING_H

#include "daemons/daemon.h"

/* The question and its answer are equally long, so that nobody gains by a forged sender. */
extern const struct daemon_datagram chrony_tracking;

#endif
