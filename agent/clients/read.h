/* Reads the list of clients of the daemon on this host, once. */
#ifndef AGENT_CLIENTS_READ_H
#define AGENT_CLIENTS_READ_H

#include "agent/clients/table.h"

/*
 * Read the list of ntpd or NTPsec by control messages on the loopback.  Waits for each answer: this
 * process does nothing else meanwhile.
 *
 * @port:   123, except in tests
 * @ntpsec: set to whether it is NTPsec, by what it tells
 * Returns 0; or 1 when it could not be read to its end, with @err set; or -1 with @err set.
 */
int read_mru(struct client_table *table, uint16_t port, bool *ntpsec, struct error *err) MUST_CHECK;

/*
 * Read the list of chronyd, which `chronyc -n -c clients` prints to root.
 *
 * @argv: that command, except in tests
 * Returns 0, or -1 with @err set.
 */
int read_chrony(struct client_table *table, const char *const *argv, struct error *err) MUST_CHECK;

extern const char *const read_chrony_argv[];

#endif
