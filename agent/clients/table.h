/* The clients of two readings of a server's list, and what they amount to.  No I/O. */
#ifndef AGENT_CLIENTS_TABLE_H
#define AGENT_CLIENTS_TABLE_H

#include "agent/clients/order.h"
#include "verdict/clients.h"

#define TABLE_CLIENTS_MAX (1u << 20)

/* One client in one reading. */
struct client_seen {
	struct ip ip;
	uint64_t packets, dropped;
	int64_t first_ns, last_ns; /* real time; first_ns 0: not told */
	int64_t average_ns;        /* 0: not told, or follows from first_ns */
	bool limited;
	bool answers; /* its latest packet was an answer to the server: it is a source */
	unsigned version;
};

struct client_table;

struct client_table *client_table_new(void);
void client_table_free(struct client_table *table);

/* Begin the first or the second reading. */
void client_table_begin(struct client_table *table, int64_t real_ns, int64_t boot_ns);

/* Add what the reading says of a client; of a client that comes twice, the later word counts. */
void client_table_add(struct client_table *table, const struct client_seen *seen);

/*
 * Make a report of both readings; clients_report_free() frees it.
 *
 * Abusive clients stand first, then misplaced hosts, strangers, and who sent most.
 */
void client_table_report(
    struct client_table *table, const struct order *order, struct clients_report *report);

#endif
