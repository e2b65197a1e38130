/*
 * Makes a site of hosts that run already: reads the files that were collected of each, finds who
 * asks whom, and writes the site.yaml that they amount to.  What it could not express stands as a
 * comment beside the host.  No I/O.
 */
#ifndef ORCHESTRATOR_IMPORT_IMPORT_H
#define ORCHESTRATOR_IMPORT_IMPORT_H

#include "common/diag.h"
#include "common/error.h"
#include "orchestrator/config/config.h"

#define IMPORT_HOSTS_MAX 4096
#define IMPORT_NONE SIZE_MAX

/* Another daemon whose configuration the host has, too. */
struct import_other {
	const struct daemon_driver *driver;
	const char *path;
	bool enabled; /* something starts it at boot */
};

#define IMPORT_OTHERS_MAX 8

/* One host; its files and all texts live in the import's arena. */
struct import_host {
	const char *name;    /* unique; as the operator or, of an address, it itself calls it */
	const char *reached; /* the address that the operator called it by; NULL: by its name */
	const char *ssh;     /* how it is reached, as YAML; NULL: as root, at its address */
	struct file_set files;
	const char **names; /* what else it is called, by its own files */
	size_t name_count;
	const char **addresses; /* in their canonical text */
	size_t address_count;
	const struct daemon_driver *driver; /* &own; NULL: it has no daemon's configuration */
	struct daemon_driver own;           /* the same, with this host's path of configuration */
	const char *start; /* what starts it where that is not Debian's way; NULL: that */
	struct config config;
	struct import_other others[IMPORT_OTHERS_MAX];
	size_t other_count;
	size_t *asks;        /* one for each source: a host, or IMPORT_NONE */
	size_t set;          /* number of its tier or group */
	bool server;         /* set is a tier */
	bool asked;          /* by another host of the import */
	const char *clocks;  /* the items of its `refclocks`, as YAML; "": none */
	const char **extras; /* lines of its `extra` */
	size_t extra_count;
	const char **remarks; /* comments beside it */
	size_t remark_count, remark_max;
};

/* A source outside the site. */
struct import_upstream {
	const char *name;                   /* as site.yaml calls it */
	const struct config_source *source; /* the first that names it */
	bool plain; /* it is asked without `iburst`, by a daemon that has that */
};

/* A tier, or a client group. */
struct import_set {
	const char *name;
	bool tier;
	bool *upstreams; /* which of the import's */
	bool *from;      /* which of its tiers */
	size_t depth;    /* of a tier: 1 asks only outside */
	const char *peering;
	const char *daemon; /* of a group */
	size_t hosts;
};

struct import_network {
	struct network network;
	const char *because; /* "time1: /etc/ntp.conf:12" */
};

struct import {
	struct arena arena;
	struct import_host *hosts; /* sorted by name */
	size_t host_count;
	struct import_upstream *upstreams;
	size_t upstream_count;
	struct import_set *tiers, *groups;
	size_t tier_count, group_count;
	struct import_network *serve, *deny, *monitors;
	size_t serve_count, deny_count, monitor_count;
	struct buf keys; /* the text of keys.yaml, with secrets; empty: there are none */
	struct import_names *by_name; /* names.c: which host a name is */
	size_t lost_count;            /* lines that import_compare() remarked as lost */
	bool made_tier; /* nobody served: hosts that ask outside were taken for a tier */
};

/* Begin with hosts that have a name and files each; end it with import_free(). */
int import_begin(
    struct import *import, struct import_host *hosts, size_t count, struct error *err) MUST_CHECK;

/* Find the daemon of each host, and read its configuration: host.c. */
void import_read_host(struct arena *arena, struct import_host *host);

/* Find out which host each source is: names.c. */
void import_find_asked(struct import *import);

/* Whether a source counts for the design: it is no device, and it is followed. */
bool import_is_followed(const struct config_source *source);

/* Whether @network is one address, that of a source: a line for it lets its answers in. */
bool import_is_own_source(const struct import_host *host, const struct network *network);

/* The host called @name, or with the address @name; IMPORT_NONE: no host, or several. */
size_t import_find(const struct import *import, const char *name);

/* Say which hosts are servers: servers.c. */
void import_find_servers(struct import *import);

/* Make tiers, groups, upstreams and networks: sets.c, access.c. */
void import_make_sets(struct import *import);
void import_make_access(struct import *import);

/* Read the hardware clocks of servers: clocks.c. */
void import_read_clocks(struct import *import);

/* Whether @text can stand between double quotes as it is. */
bool import_is_plain(const char *text);

/* Make keys.yaml of the keys that hosts share: keys.c. */
void import_make_keys(struct import *import);

/* Add a comment beside @host. */
void import_remark(struct import *import, struct import_host *host, const char *fmt, ...)
    PRINTF(3, 4);

/*
 * Write site.yaml: emit.c.
 *
 * @site:      its name
 * @keys_file: the name of the file of keys; NULL: none is named
 */
void import_emit(struct import *import, const char *site, const char *keys_file, struct buf *out);

/*
 * Compare what each host has with what it would get, and remark what is lost; and say by the rules
 * about standing files what is dangerous in what it has: compare.c.
 *
 * @diags: gets the findings, whose texts are the import's
 * Returns 0, or -1 with @err set: what import_emit() wrote is no sound site.
 */
int import_compare(struct import *import, const char *site, int64_t now_ns, struct diags *diags,
    struct error *err) MUST_CHECK;

/* How many hosts are in tiers. */
size_t import_server_count(const struct import *import);

void import_free(struct import *import);

#endif
