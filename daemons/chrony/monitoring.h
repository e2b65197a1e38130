/*
 * Asks chronyd what `chronyc -c -n -m tracking sources` asks, and writes the answers as chronyc
 * prints them, so that they are read in one place.  No I/O.
 */
#ifndef DAEMONS_CHRONY_MONITORING_H
#define DAEMONS_CHRONY_MONITORING_H

#include "daemons/daemon.h"

extern const struct daemon_dialogue chrony_monitoring;

#endif
