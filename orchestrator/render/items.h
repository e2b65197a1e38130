/* The items of the sections of a template: sources.c and access.c fill them, names.c reads them;
 * and functions for values. */
#ifndef ORCHESTRATOR_RENDER_ITEMS_H
#define ORCHESTRATOR_RENDER_ITEMS_H

#include "orchestrator/render/context.h"

struct source_item {
	enum scope scope;
	const char *name, *operator_name, *address;
	int minpoll, maxpoll;
	const char *maxsources; /* of a pool; NULL: it is a server */
	bool iburst, burst, nts;
	bool prefer, noselect, trust, xleave; /* as site.yaml says of an upstream */
	const char *ca;                       /* of NTS: the authority; NULL: the system's */
	const char *key;                      /* id; NULL: not authenticated, or by NTS */
	bool version4;                        /* chrony must be told to use NTP version 4: KEY005 */
	bool helps;                           /* a sibling that may be followed */
	bool rotating; /* the key is being replaced: both ends know two keys */
};

struct clock_item {
	enum scope scope;
	const char *name;
	const char *ntp_address;        /* as both ntpds name it: "127.127.28.0" */
	bool shm, sock, pps, phc, nmea; /* its type: one of them */
	int unit, poll;
	const char *device;                     /* NULL: that of the unit */
	const char *lock;                       /* the clock that numbers its seconds, or NULL */
	const char *offset, *delay, *precision; /* seconds; NULL: 0, or not said */
	int baud, mode;                         /* mode: ntp 4.2.8's number for that speed */
	bool numbers;                           /* it numbers the seconds of a PPS */
	bool noselect;                          /* not to be followed by itself */
};

struct extra_item {
	enum scope scope;
	const char *line;
};

struct network_item {
	enum scope scope;
	const char *network, *address, *mask; /* "192.0.2.0/24", "192.0.2.0", "255.255.255.0" */
	const char *whose;                    /* the server that has this address, or NULL */
	const char *because;                  /* why it gets no answer; NULL: not said here */
};

struct key_item {
	enum scope scope;
	const char *id;
	const char *ntp_type, *chrony_type; /* as ntp and NTPsec, and as chrony, spell the type */
	const char *secret;                 /* lower-case hex */
};

struct text_item {
	enum scope scope;
	const char *text;
};

/* A list of items that grows.  Begin with { 0 }. */
struct items {
	const void **list;
	size_t count, capacity;
};

/* Add an item of @size bytes at the end; all but its scope is zero. */
void *items_add(struct context *context, struct items *items, enum scope scope, size_t size);

/* Set @value to the list of @items. */
void items_list(const struct items *items, struct mustache_value *value);

/* Set @value to @text; NULL: nothing. */
void items_text(struct mustache_value *value, const char *text);

/* agent.c: functions for the `value` of struct context_name */
void context_collectors(struct context *context, struct mustache_value *value);
void context_measures(struct context *context, struct mustache_value *value);

/* sources.c: likewise */
void context_sources(struct context *context, struct mustache_value *value);
/* Whether siblings help the host when its own sources are gone. */
bool context_siblings_help(const struct context *context);
void context_siblings(struct context *context, struct mustache_value *value);
/*
 * Of ntpd: so many associations there are with those of pools; those of other lines, and one for
 * each line of a pool, count too.  Nothing where no upstream is a pool.
 * Source: NTPsec 1.2.2, ntp_proto.c, transmit(): a pool is asked for one more while there are fewer
 * than maxclock associations; and, up to twice as many, while fewer than minclock survive.
 */
void context_maxclock(struct context *context, struct mustache_value *value);
void context_clocks(struct context *context, struct mustache_value *value);
/* The authorities of the servers that it asks by NTS, each once: paths on the host. */
void context_nts_authorities(struct context *context, struct mustache_value *value);
void context_extra(struct context *context, struct mustache_value *value);
void context_keys(struct context *context, struct mustache_value *value);
void context_source_keys(struct context *context, struct mustache_value *value);

/* access.c: functions for the `value` of struct context_name */
void context_public_ipv4(struct context *context, struct mustache_value *value);
void context_public_ipv6(struct context *context, struct mustache_value *value);
void context_serve(struct context *context, struct mustache_value *value);
void context_named(struct context *context, struct mustache_value *value);
void context_denied(struct context *context, struct mustache_value *value);
void context_monitors(struct context *context, struct mustache_value *value);
void context_verify_status(struct context *context, struct mustache_value *value);
void context_verify_version(struct context *context, struct mustache_value *value);
void context_verify_silent(struct context *context, struct mustache_value *value);
void context_verify_servers(struct context *context, struct mustache_value *value);

/* of_daemon.c: functions for the `value` of struct context_name */
void context_drift_file(struct context *context, struct mustache_value *value);
void context_keys_file(struct context *context, struct mustache_value *value);
void context_config_file(struct context *context, struct mustache_value *value);
void context_sources_folder(struct context *context, struct mustache_value *value);
void context_options_file(struct context *context, struct mustache_value *value);
void context_options_variable(struct context *context, struct mustache_value *value);
void context_stock_options(struct context *context, struct mustache_value *value);
void context_options_besides(struct context *context, struct mustache_value *value);
void context_pid_file(struct context *context, struct mustache_value *value);
void context_leap_file(struct context *context, struct mustache_value *value);
void context_daemon_program(struct context *context, struct mustache_value *value);
void context_daemon_user(struct context *context, struct mustache_value *value);
void context_daemon_group(struct context *context, struct mustache_value *value);
void context_platform(struct context *context, struct mustache_value *value);
void context_nts_certificate(struct context *context, struct mustache_value *value);
void context_nts_key(struct context *context, struct mustache_value *value);
void context_hwtimestamp(struct context *context, struct mustache_value *value);

#endif
