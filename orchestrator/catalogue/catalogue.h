/*
 * What is published about public time servers: catalogue/servers.tsv and catalogue/operators.tsv,
 * which are built into the program.  The room does no I/O, and asks no server and no DNS.
 *
 * A key is a name in small letters without a final dot, or an address as ip_text() writes it.
 */
#ifndef ORCHESTRATOR_CATALOGUE_CATALOGUE_H
#define ORCHESTRATOR_CATALOGUE_CATALOGUE_H

#include "common/address.h"
#include "common/arena.h"

/* Whom the operator lets use the service. */
enum service_access {
	SERVICE_OPEN,       /* everybody */
	SERVICE_TOLD,       /* everybody who tells the operator */
	SERVICE_POOL,       /* a name of pool.ntp.org: volunteers answer */
	SERVICE_INSIDE,     /* machines in the operator's own network, as those of its customers */
	SERVICE_RESTRICTED, /* some networks, named in the terms */
	SERVICE_CLOSED,     /* nobody without permission */
	SERVICE_VENDOR,     /* one vendor's products */
	SERVICE_UNKNOWN,    /* no page of the operator about it was read */
};

enum service_smear {
	SERVICE_SMEAR_UNSTATED, /* no page read says anything: says nothing either way */
	SERVICE_SMEAR_NONE,
	SERVICE_SMEAR_LINEAR_24H,
	SERVICE_SMEAR_YES, /* it smears; how is not published */
};

/* What the names and addresses of a row mean. */
enum service_servers {
	SERVICE_ONE,     /* all of them one and the same server */
	SERVICE_EACH,    /* each of them a server of its own */
	SERVICE_MANY,    /* each of them any of several servers, another one next time */
	SERVICE_ANYCAST, /* all of them whichever of several servers is nearest */
};

/* One row: a service as its operator describes it. */
struct service {
	const char **names; /* in small letters; one with a "*" is a pattern */
	size_t name_count;
	const char *first;          /* the first name, or the first address where there is none */
	const struct ip *addresses; /* published ones; most operators publish none */
	size_t address_count;
	const char *operator_name; /* the same text in all rows of one operator */
	const char *country;       /* "DE"; "ZZ": of no country */
	const char *region;        /* "europe"; "world": anycast, or in many places */
	unsigned stratum;          /* 0: not published */
	bool nts;                  /* a page says that it has NTS; false says nothing */
	enum service_smear smear;
	enum service_servers servers;
	enum service_access access;
	const char *area;   /* only for these countries and regions, as "US CA"; "": everywhere */
	unsigned least_s;   /* the terms allow no shorter interval of questions; 0: not said */
	const char *terms;  /* who may use it, as short as the page has it */
	const char *source; /* URL of the page that says so */
	const char *seen;   /* "2026-11-30": the day on which a copy of the page was read */
	const char *remark; /* "": none */
};

/* The row that has @key as a name (or a pattern that fits) or as an address; NULL: none has. */
const struct service *catalogue_find(const char *key);

/*
 * The one server that @key means, by the first name (or address) of its row: equal for all
 * published names and addresses of one server.  A key that is in no row, or is one of several
 * servers, means itself.
 */
const char *catalogue_server(const char *key);

/*
 * Who runs the server @key: that of its row, else that of the domain it is in, as "PTB" for any
 * name below ptb.de.  NULL: not known.
 */
const char *catalogue_operator(const char *key);

/* The region of @country ("DE": "europe"), or NULL: no such country. */
const char *catalogue_region(const char *country);

/* The regions, as "europe"; NULL-ended.  "world" is none. */
extern const char *const catalogue_regions[];

/* Every row, in the order of the file. */
const struct service *catalogue_all(size_t *count);

/* What a site looks for. */
struct wish {
	const char *country; /* "DE", or NULL */
	const char *region;  /* "europe"; NULL: that of the country, or anywhere without one */
	bool nts;            /* only servers with NTS */
	const char *const *without; /* operators that are in use already, in any case of letters */
	size_t without_count;
};

enum nearness {
	NEAR_COUNTRY, /* in the country that was asked for */
	NEAR_REGION,
	NEAR_WORLD, /* elsewhere: the region has too few */
};

struct offer {
	const struct service *service;
	const char *name; /* the name of the service that is offered: its first */
	enum nearness nearness;
};

/*
 * Find servers for @wish: of each operator one, the nearest first, and not more than half from one
 * country.  Only what is open to this site is offered, nothing that smears, no pool, and an anycast
 * service only where there is nothing else.
 *
 * @offers: filled with at most @max offers
 * Returns how many were filled.
 */
size_t catalogue_offer(const struct wish *wish, struct offer *offers, size_t max);

/* A catalogue that was read, in one arena. */
struct catalogue {
	struct arena arena;
	struct service *services;
	size_t service_count;
	struct catalogue_key *keys; /* names and addresses, sorted */
	size_t key_count;
	struct catalogue_key *patterns; /* names with a "*" */
	size_t pattern_count;
	struct catalogue_domain *domains; /* sorted */
	size_t domain_count;
};

/*
 * Read both tables: @servers and @operators as in catalogue/.
 *
 * Returns 0 with @catalogue filled, or -1 with @err set, which names table and line; @catalogue is
 * freed with catalogue_free() in both cases.
 */
int catalogue_parse(struct catalogue *catalogue, const char *servers, size_t servers_len,
    const char *operators, size_t operators_len, struct error *err) MUST_CHECK;

void catalogue_free(struct catalogue *catalogue);

/* As catalogue_find(), in @catalogue. */
const struct service *catalogue_find_in(const struct catalogue *catalogue, const char *key);

#endif
