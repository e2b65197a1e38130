/* A line of `chronyc -n -c clients`: who asked chronyd, and how often.  No I/O. */
#ifndef DAEMONS_CHRONY_CLIENTS_H
#define DAEMONS_CHRONY_CLIENTS_H

#include "common/address.h"

struct chrony_client {
	struct ip ip;
	uint64_t packets, dropped;
	int interval_log2; /* a moving average, in log2 s; CHRONY_INTERVAL_UNKNOWN: not known */
	int64_t last_ns;   /* how long ago the latest packet was, in whole seconds */
};

#define CHRONY_INTERVAL_UNKNOWN 127

/*
 * Read one line, which ends with a newline or a NUL.  False: it is no line of a client that ever
 * asked for the time (who only ran chronyc has a line, too).
 *
 * Source: chrony 4.3, client.c, process_cmd_clients(): address, packets, dropped, interval,
 * interval while limited, seconds since the latest, and the same five of commands.
 */
bool chrony_client_parse(const char *line, struct chrony_client *client);

#endif
