/* The lists of clients of several servers as one: who asks too often, where, how often.  No I/O. */
#ifndef ORCHESTRATOR_CLIENTS_VIEW_H
#define ORCHESTRATOR_CLIENTS_VIEW_H

#include "orchestrator/topology/topology.h"
#include "verdict/clients.h"

/* What one server told. */
struct clients_server {
	const struct host *server;
	bool told; /* report is set */
	struct clients_report report;
	double packets_s, in_bit_s,
	    out_bit_s; /* now, without Ethernet: set by clients_view_make() */
};

/* An address, at one server. */
struct clients_at {
	const struct clients_server *server;
	const struct client_row *row;
	double rate; /* packets per second now; 0: not known */
};

/* An address, at all servers that told of it. */
struct clients_view_row {
	struct ip ip;
	char address[IP_TEXT_BYTES];
	const struct host *host; /* of the site, with this address; NULL: of none */
	double rate;             /* the sum of all servers' */
	uint64_t packets, recent, dropped;
	int64_t first_ns;        /* the earliest that a server told; 0: none did */
	int64_t last_ns;         /* its latest packet, at any server */
	enum client_class class; /* the worst; CLIENT_PARTNER only where it is so everywhere */
	bool stranger, misplaced, watched;
	const struct clients_at *at; /* the fastest first */
	size_t at_count;
};

struct clients_view {
	struct arena arena;
	struct clients_view_row *rows; /* abusive ones first, then the fastest first */
	size_t row_count;
};

/* The view keeps pointers into @servers; clients_view_free() frees what the view itself has. */
void clients_view_make(const struct topology *topology, struct clients_server *servers,
    size_t count, struct clients_view *view);

void clients_view_free(struct clients_view *view);

/* How often an address asks, as a person says it: "4.0 packets a second", "one every 64 s". */
#define CLIENTS_RATE_BYTES 64
const char *clients_rate_text(double rate, char out[CLIENTS_RATE_BYTES]);

/* "2026-11-30 08:00:00 UTC" */
#define CLIENTS_TIME_BYTES 48
const char *clients_time_text(int64_t real_ns, char out[CLIENTS_TIME_BYTES]);

#endif
