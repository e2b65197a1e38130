/* The site as the operator wrote it: upstreams, tiers, clients, and where each line stands. */
#ifndef ORCHESTRATOR_TOPOLOGY_TOPOLOGY_H
#define ORCHESTRATOR_TOPOLOGY_TOPOLOGY_H

#include "common/address.h"
#include "common/arena.h"
#include "common/diag.h"
#include "orchestrator/topology/index.h"

/* An address as written: an IP address, or a DNS name (then ip.family is IP_NONE). */
struct address {
	const char *text;
	struct ip ip;
	struct pos pos;
};

struct address_list {
	struct address *list; /* at least one where the key is required */
	size_t count;
};

enum smear {
	SMEAR_NONE,
	SMEAR_LINEAR_24H,
};

/* A source outside the site. */
struct upstream {
	const char *name;
	struct pos pos; /* of its name */
	struct address_list addresses;
	const char *operator_name; /* who runs it; NULL when not said */
	unsigned stratum;          /* expected; 0 when not said */
	bool nts;
	enum smear smear;
	int minpoll, maxpoll; /* log2 s; 6 and 10 when not said */
	bool iburst;          /* true when not said */
	bool burst;
	struct pos minpoll_pos, maxpoll_pos, burst_pos, smear_pos; /* line 0: not written */
};

/* What "healthy" means. */
struct budget {
	int64_t offset_ns;      /* |offset| of the daemon against its sources, at most */
	int64_t error_bound_ns; /* |offset| + root dispersion + root delay / 2, at most */
};

/* How a daemon treats a wrong clock. */
struct restart_settings {
	int64_t limit_ns; /* up to here a correction is slewed, beyond it the clock is left alone */
	struct pos pos;   /* of the limit; line 0: not written here */
};

enum ssh_transport {
	SSH_TRANSPORT_AUTO, /* whichever reaches the host */
	SSH_TRANSPORT_LIBSSH2,
	SSH_TRANSPORT_SSH, /* the system's program */
};

/* How a host is reached for a rollout. */
struct ssh_target {
	const char *user;     /* NULL: "root" */
	const char *host;     /* NULL: the host's first address */
	unsigned port;        /* 0: 22 */
	bool sudo;            /* become root by sudo */
	const char *identity; /* private key file; NULL: the agent, then ~/.ssh/id_* */
	enum ssh_transport transport;
	bool sudo_written, transport_written; /* here, not by the site-wide `ssh` */
	struct pos pos;                       /* of the value; line 0: not written here */
};

/* Where a tier or a client group takes time from; exactly one pointer is set. */
struct source {
	const struct upstream *upstream;
	const struct host *server; /* a server of this site */
	struct pos pos;            /* where the operator named it */
};

struct source_list {
	struct source *list;
	size_t count;
};

enum host_role {
	HOST_SERVER,
	HOST_CLIENT,
};

struct host {
	const char *name; /* unique in the site */
	struct pos pos;   /* of its name, or of the range that it comes from */
	enum host_role role;
	struct address_list addresses; /* a client's: its name, unless it is an address */
	const char *daemon;            /* "auto" or a driver's name (daemons/daemon.h) */
	struct pos daemon_pos;
	struct ssh_target ssh;
	bool pool;                        /* server: also serves the public pool */
	const struct tier *tier;          /* of a server; NULL for a client */
	const struct client_group *group; /* of a client; NULL for a server */
};

enum peering {
	PEERING_MESH,      /* mutual, authenticated client/server lines */
	PEERING_SYMMETRIC, /* `peer` lines, where both daemons can */
	PEERING_NONE,
};

struct tier {
	const char *name;
	struct pos pos;
	struct source_list sources; /* outside this tier: upstreams, or servers of the tier above */
	enum peering peering;
	struct pos peering_pos;  /* of the value; of the tier when not written */
	bool isolated;           /* must run for days without upstreams: orphan mode, quorum of 1 */
	struct pos isolated_pos; /* this and those below: as peering_pos */
	unsigned quorum;         /* as written; 0: topology_quorum() decides */
	struct pos quorum_pos;
	unsigned orphan_stratum; /* 10 when not said */
	struct pos orphan_stratum_pos;
	struct host **servers;
	size_t server_count;
	struct budget budget;
	struct restart_settings restart; /* the site's when not written */
};

struct client_group {
	const char *name;
	struct pos pos;
	struct pos from_pos;
	struct source_list sources;
	struct host **hosts; /* every name of the ranges and of hosts_file */
	size_t host_count;
	struct budget budget;
	struct restart_settings restart; /* limit_ns 0: the first start may step, as distributions
					    have it */
};

struct network_entry { /* of `serve` */
	struct network network;
	struct pos pos;
};

struct monitor {
	struct ip ip;
	struct pos pos;
};

enum key_type {
	KEY_TYPE_AES128CMAC,
	KEY_TYPE_SHA1,
	KEY_TYPE_SHA256,
	KEY_TYPE_MD5, /* read so that check can say what is wrong with it */
};

/*
 * Where a key stands while one replaces another between the same hosts.  The old one goes from
 * used by leaving to gone, the new one from withdrawn by coming to used; whoever rotates takes one
 * step for the whole site, and the next one when no host is behind.
 */
enum key_state {
	KEY_USED,      /* questions are asked with it */
	KEY_COMING,    /* new: known, so that whoever begins with it is answered */
	KEY_LEAVING,   /* old: still known, for whoever has not heard yet */
	KEY_GONE,      /* old: no host may know it any more */
	KEY_WITHDRAWN, /* new, given up: the same */
};

/*
 * A symmetric key of keys.yaml.  Its secret is kept as lower-case hex; how each daemon spells it:
 * TIMESAFETY 2.9, daemons/.
 */
struct symmetric_key {
	unsigned id; /* 1 to 65535 */
	enum key_type type;
	const char *secret_hex;
	const struct host *
	    *hosts; /* `between`: the hosts that share it; two, if the design is good */
	size_t host_count;
	enum key_state state;
	const struct symmetric_key
	    *other; /* that takes its place, or whose place it takes; NULL: it is not rotated */
	struct pos pos;
};

/* A finding that the site lives with. */
struct accept {
	const char *rule;
	const char *on; /* name of a tier, group, host or upstream; NULL: everywhere */
	struct pos on_pos;
	const char *because;
	struct pos pos; /* of the rule's name */
};

struct rollout_settings {
	unsigned batch; /* clients at once; of 100 when batch_percent */
	bool batch_percent;
	int64_t confirm_within_ns;
	unsigned max_failures;
};

struct topology {
	struct arena arena; /* owns every string and array below */
	const char *file;
	bool resolved; /* names were looked up, so that sources and keys point at what they name */
	const char *site;
	struct upstream *upstreams;
	size_t upstream_count;
	struct tier *tiers;
	size_t tier_count;
	struct client_group *groups;
	size_t group_count;
	struct host *hosts; /* all: servers in the order of the file, then clients */
	size_t host_count, server_count;
	struct network_entry *serve;
	size_t serve_count;
	struct monitor *monitors;
	size_t monitor_count;
	const char *keys_file; /* resolved beside site.yaml; NULL when not written */
	struct pos keys_pos;
	struct symmetric_key *keys;
	size_t key_count;
	const char **collectors; /* URLs */
	size_t collector_count;
	struct budget budget;
	struct restart_settings restart; /* 0.5 s when not said */
	struct rollout_settings rollout;
	struct accept *accepts;
	size_t accept_count;
	struct ssh_target ssh;   /* the site-wide default; every host's has it in already */
	struct name_index index; /* name -> host */
};

/*
 * Read @file and the files that it names.  Everything wrong with its shape goes to @diags, all
 * in one run; what the shape means is for lint, not for here.
 *
 * Returns 0 when the shape is sound, -1 when @diags holds an error (the topology is then what was
 * understood: good for lint_run() and topology_free(), and nothing else).  The caller ends it with
 * topology_free() either way, and keeps it while @diags is in use: positions point into it.  In a
 * sound topology every name is unique among its kind, every source list is filled, and tiers form
 * no circle.
 */
int topology_load(struct topology *topology, const char *file, struct diags *diags) MUST_CHECK;

/*
 * As topology_load(), of @text.
 *
 * @file: what findings call it; the files that it names are sought beside that
 */
int topology_load_text(struct topology *topology, const char *file, const char *text, size_t len,
    struct diags *diags) MUST_CHECK;

/* As topology_load(), but the file of keys is not read: for who is about to write it. */
int topology_load_keyless(
    struct topology *topology, const char *file, struct diags *diags) MUST_CHECK;

void topology_free(struct topology *topology);

/* The host of that name, or NULL; work does not grow with the site. */
const struct host *topology_host(const struct topology *topology, const char *name);

/* Where @host takes time from outside its own tier; siblings are host->tier->servers. */
const struct source_list *host_sources(const struct host *host);

/* What "healthy" means for @host. */
const struct budget *host_budget(const struct host *host);

/*
 * Whether no start of @host's daemon may step its clock, the first one included: servers, and
 * clients whose group says so by `restart`.  Their clocks are set before, by timetier-agent.
 */
bool host_never_steps(const struct host *host);

/* Up to here the daemon of @host slews: its tier's or group's, else the site's. */
int64_t topology_limit_ns(const struct topology *topology, const struct host *host);

/* The key with which @a and @b ask each other, or NULL. */
const struct symmetric_key *topology_key(
    const struct topology *topology, const struct host *a, const struct host *b);

/* Whether hosts know @key: it is used, or is about to be, or was until now. */
bool key_is_known(const struct symmetric_key *key);

/* Whether hosts know @key and the other one besides. */
bool key_is_doubled(const struct symmetric_key *key);

/*
 * How many sources must agree before a server of @tier obeys: as written, else 1 when isolated,
 * 3 where at least 5 outside sources are declared, else floor(n / 2) + 1.
 * Source: TIMESAFETY section 8.
 */
unsigned tier_quorum(const struct tier *tier);

/*
 * "web[001-120].example.net,db[1,3-5]" as names, in clustershell's node set syntax.
 *
 * @limit: more names than this are an error
 * Returns 0 with @names (from @arena) and @count set, or -1 with @err set.
 */
int names_expand(struct arena *arena, const char *text, size_t limit, const char ***names,
    size_t *count, struct error *err) MUST_CHECK;

#endif
