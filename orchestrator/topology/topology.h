/* The site as the operator wrote it: upstreams, tiers, clients, each with its place in the file. */
#ifndef ORCHESTRATOR_TOPOLOGY_TOPOLOGY_H
#define ORCHESTRATOR_TOPOLOGY_TOPOLOGY_H

#include "common/address.h"
#include "common/arena.h"
#include "common/diag.h"
#include "orchestrator/topology/index.h"

struct nts_settings; /* orchestrator/topology/nts.h */
struct alert_way;    /* orchestrator/topology/alert_way.h */

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
	const char *country;       /* where it stands, as "DE"; NULL when not said */
	const char *permission;    /* who allowed its use, and when; NULL when not said */
	unsigned stratum;          /* expected; 0 when not said */
	bool nts;
	enum smear smear;
	int minpoll, maxpoll; /* log2 s; 6 and 10 when not said */
	bool iburst;          /* true when not said */
	bool burst;
	bool prefer;         /* followed alone, as long as it agrees with a majority */
	bool noselect;       /* measured, and never followed: it has no vote */
	bool trust;          /* believed against a majority */
	bool xleave;         /* asked in interleaved mode where the daemon has it */
	unsigned maxsources; /* of a pool: how many of its servers are followed; else 0 */
	struct pos minpoll_pos, maxpoll_pos, burst_pos, smear_pos, xleave_pos; /* or line 0 */
};

/* The limits of a healthy host. */
struct budget {
	int64_t offset_ns;      /* |offset| of the daemon against its sources, at most */
	int64_t error_bound_ns; /* |offset| + root dispersion + root delay / 2, at most */
};

/* How a daemon treats a wrong clock. */
struct restart_settings {
	int64_t limit_ns; /* offsets up to this are slewed; beyond it the clock is left alone */
	struct pos pos;   /* of the limit; line 0: not written here */
};

/* Whether packets with a foreign source address can leave the site (BCP 38). */
struct border_settings {
	bool filtered;
	const char *because;
	int64_t checked_ns; /* real time of the end of the day of the last try; 0: not said */
	struct pos pos;     /* of filtered; line 0: nothing is said */
};

enum ssh_transport {
	SSH_TRANSPORT_AUTO, /* the one that reaches the host */
	SSH_TRANSPORT_LIBSSH2,
	SSH_TRANSPORT_SSH, /* the system's `ssh` */
};

/* How a rollout reaches a host by SSH. */
struct ssh_target {
	const char *user;     /* NULL: "root" */
	const char *host;     /* NULL: the host's first address */
	unsigned port;        /* 0: 22 */
	bool sudo;            /* log in as user, then become root by sudo */
	const char *identity; /* private key file; NULL: the agent, then ~/.ssh/id_* */
	enum ssh_transport transport;
	bool sudo_written, transport_written; /* here, not only in the site-wide `ssh` */
	struct pos pos;                       /* of the value; line 0: not written here */
};

/* One source of a tier or client group; either upstream or server is set. */
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

/* How the time of a hardware clock comes to the daemon. */
enum refclock_type {
	REFCLOCK_SHM,  /* shared memory that another program writes, as gpsd does */
	REFCLOCK_SOCK, /* a socket of chronyd that another program writes to */
	REFCLOCK_PPS,  /* a pulse each second: when a second begins, and not which */
	REFCLOCK_PHC,  /* the clock of a network card */
	REFCLOCK_NMEA, /* a receiver at a serial line, which the daemon reads itself */
};

/* A hardware clock of a server. */
struct refclock {
	const char *name; /* its reference id, of 1 to 4 characters; unique on the host */
	struct pos pos;
	enum refclock_type type;
	unsigned unit;      /* of shared memory, of /dev/ppsN, of /dev/gpsN */
	const char *device; /* NULL: that of the unit */
	const char *lock;   /* of a PPS: the clock that numbers its seconds; NULL: none does */
	struct pos lock_pos;
	int64_t offset_ns;    /* added to what it says: positive when its time arrives late */
	int64_t delay_ns;     /* the error to be assumed is half of it; 0: not said */
	int64_t precision_ns; /* 0: not said */
	int poll;             /* log2 s between two updates */
	unsigned baud;        /* of a serial line */
	bool noselect;        /* measured and not followed */
};

struct refclock_list {
	struct refclock *list;
	size_t count;
};

/* A line that the operator adds to the configuration of a daemon. */
struct extra_line {
	const char *text; /* one line, not empty */
	struct pos pos;
};

struct extra_list {
	struct extra_line *list;
	size_t count;
};

/* `extra` of a host, a tier or a client group: lines for each daemon that may run there. */
struct extras {
	struct extra_list chrony, ntp, ntpsec;
};

/* What timetier does there: all; look after the agent alone; nothing: the collector asks it. */
enum manage { MANAGE_TRUE, MANAGE_WATCH, MANAGE_FALSE };

struct host {
	const char *name; /* unique in the site */
	struct pos pos;   /* of the name, or of the range that contains the name */
	enum host_role role;
	struct address_list addresses; /* a client without `address`: its name */
	const char *daemon;            /* "auto" or a driver's name (daemons/daemon.h) */
	struct pos daemon_pos;
	struct ssh_target ssh;
	bool pool;        /* a server that also serves the public pool */
	const char *link; /* the line that it leaves the site by; NULL: not said */
	enum manage manage;
	struct pos manage_pos;          /* of `manage`; line 0: not written here */
	struct refclock_list refclocks; /* of a server; topology/refclocks.h asks of them */
	const struct extras *extras;    /* its own; NULL: none.  topology/extras.h has all */
	const char *hwtimestamp; /* of a server: a network card, or "*" for all; NULL: none */
	struct pos hwtimestamp_pos;
	const struct nts_settings *nts;   /* of a server: its own; NULL: as its tier says */
	const struct tier *tier;          /* NULL for a client */
	const struct client_group *group; /* NULL for a server */
	bool released; /* nobody looks after it any more: its files say what works without */
};

enum peering {
	PEERING_MESH,      /* mutual, authenticated client/server lines */
	PEERING_SYMMETRIC, /* `peer` lines, where both daemons have symmetric mode */
	PEERING_NONE,
};

struct tier {
	const char *name;
	struct pos pos;
	struct source_list sources; /* outside this tier: upstreams, or servers of the tier above */
	enum peering peering;
	struct pos peering_pos;  /* of the value; the tier's when the key is not written */
	bool isolated;           /* must run for days without upstreams: orphan mode, quorum of 1 */
	struct pos isolated_pos; /* this and the two below: as peering_pos */
	unsigned quorum;         /* as written; 0: not written, see tier_quorum() */
	struct pos quorum_pos;
	unsigned orphan_stratum; /* 10 when not said */
	struct pos orphan_stratum_pos;
	bool xleave; /* clients and tiers below ask in interleaved mode */
	struct pos xleave_pos;
	struct host **servers;
	size_t server_count;
	struct budget budget;
	struct restart_settings restart; /* the site's when not written */
	const struct extras *extras;     /* of all its servers; NULL: none */
	const struct nts_settings *nts;  /* of all its servers; NULL: they have no NTS */
};

struct client_group {
	const char *name;
	struct pos pos;
	struct pos from_pos;
	struct source_list sources;
	struct host **hosts; /* every host of `hosts` and of `hosts_file` */
	size_t host_count;
	struct budget budget;
	struct restart_settings restart; /* limit_ns 0: the first start of a daemon may step */
	const struct extras *extras;     /* of all its hosts; NULL: none */
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
	KEY_TYPE_MD5, /* accepted here, so that lint can say what is wrong with MD5 */
};

/*
 * The state of a key while a new key replaces an old one between the same hosts.  The old key goes
 * from used to leaving to gone, the new key from withdrawn to coming to used.  A rotation takes one
 * step for the whole site, and takes the next step when every host has followed.
 */
enum key_state {
	KEY_USED,      /* hosts ask with this key */
	KEY_COMING,    /* the new key: hosts know it and answer those that already ask with it */
	KEY_LEAVING,   /* the old key: hosts know it and answer those that still ask with it */
	KEY_GONE,      /* the old key: no host may know it any more */
	KEY_WITHDRAWN, /* the new key, given up: no host may know it any more */
};

/* A symmetric key of keys.yaml.  render/sources.c knows how each daemon writes keys. */
struct symmetric_key {
	unsigned id; /* 1 to 65535 */
	enum key_type type;
	const char *secret_hex;    /* lower case */
	const struct host **hosts; /* `between`: the hosts that share it; a good design has two */
	size_t host_count;
	const char **strangers; /* names in `between` that no host of the site has (any more) */
	size_t stranger_count;
	enum key_state state;
	const struct symmetric_key *other; /* replaces this key or is replaced by it; NULL: none */
	struct pos pos;
};

/* A finding that the site accepts. */
struct accept {
	const char *rule;
	const char *on; /* name of a tier, client group, host or upstream; NULL: everywhere */
	struct pos on_pos;
	const char *because;
	int64_t until_ns; /* real time from which it holds no more; 0: no end */
	struct pos pos;   /* of the rule's name */
};

/*
 * How a server proves for a while that it means to be a member of the public pool.  These ways were
 * proposed; nobody but the server's own operator can do what each of them needs.
 */
enum verify_way {
	VERIFY_STATUS,      /* `by` may read its status, and nobody else */
	VERIFY_VERSION,     /* it answers `by` in NTP version 4 only */
	VERIFY_ASSOCIATION, /* it asks `by` for the time now and then, and follows it never */
	VERIFY_SWITCH,      /* it answers `by`, or does not, by turns */
	VERIFY_WORD,        /* a word at a TCP port: no time daemon does that */
	VERIFY_REDIRECT,    /* a redirect at a TCP port: no time daemon does that */
};

/* Their names in site.yaml, ended by NULL. */
extern const char *const verify_way_words[];

struct verify {
	const char *server;
	struct pos pos;          /* of its name */
	const struct host *host; /* NULL until names are looked up */
	enum verify_way way;
	struct address_list by; /* none, or the one who verifies */
	bool answers;           /* of VERIFY_SWITCH */
	unsigned port;          /* of VERIFY_WORD and VERIFY_REDIRECT */
	const char *word;       /* of them: what is said there, where to; NULL: not written */
	int64_t until_ns;       /* real time from which all of this is over */
	struct pos until_pos;
};

/* Networks that get no answer, though `serve` or the public pool would give them one. */
struct deny {
	struct network_entry *nets;
	size_t net_count;
	const char *because;
	int64_t until_ns; /* real time from which it should be gone; 0: it is to stay */
	struct pos pos;   /* of the first network */
};

struct rollout_settings {
	unsigned batch; /* clients that change at once: a number, or a percentage of all */
	bool batch_percent;
	int64_t confirm_within_ns;
	unsigned max_failures;
};

struct topology {
	struct arena arena; /* owns every string and array below */
	const char *file;
	bool resolved; /* names were looked up: sources and keys point at what they name */
	const char *site;
	struct upstream *upstreams;
	size_t upstream_count;
	struct tier *tiers;
	size_t tier_count;
	struct client_group *groups;
	size_t group_count;
	struct host *hosts; /* servers in the order of the file, then clients */
	size_t host_count, server_count;
	struct network_entry *serve;
	size_t serve_count;
	struct deny *denies;
	size_t deny_count;
	struct alert_way *alerts;
	size_t alert_count;
	struct monitor *monitors;
	size_t monitor_count;
	const char *keys_file; /* with the folder of site.yaml; NULL when not written */
	struct pos keys_pos;
	struct symmetric_key *keys;
	size_t key_count;
	/* those of hosts[i]: keys_of_hosts[keys_begin[i]] to before [keys_begin[i + 1]]; or NULL */
	const struct symmetric_key **keys_of_hosts;
	uint32_t *keys_begin;
	const char **collectors; /* URLs */
	size_t collector_count;
	struct budget budget;
	struct restart_settings restart; /* 0.5 s when not said */
	struct border_settings border;
	struct rollout_settings rollout;
	struct accept *accepts;
	size_t accept_count;
	struct verify *verifies;
	size_t verify_count;
	size_t verify_past_count; /* behind these: entries whose time is over */
	struct ssh_target ssh;    /* the site-wide default; already merged into that of each host */
	struct name_index index;  /* name -> host */
};

/*
 * Read @file and the files that it names.  One run adds every error to @diags; whether the design
 * is good is for lint to say.
 *
 * Returns 0 when the site is sound, or -1 when loading added errors to @diags; then only lint_run()
 * and topology_free() may use @topology, which holds what could be read.  In both cases the caller
 * frees @topology with topology_free(), and not before @diags: positions in @diags point into it.
 * In a sound topology, every name is unique among its kind, the names of sources are resolved, and
 * tiers do not take time from each other in a circle.
 */
int topology_load(struct topology *topology, const char *file, struct diags *diags) MUST_CHECK;

/*
 * As topology_load(), but reads @text instead of a file.
 *
 * @file: the name of the text in findings; relative paths in the text are taken beside it
 */
int topology_load_text(struct topology *topology, const char *file, const char *text, size_t len,
    struct diags *diags) MUST_CHECK;

/* As topology_load(), but does not read the file of keys: for a caller that will write it. */
int topology_load_keyless(
    struct topology *topology, const char *file, struct diags *diags) MUST_CHECK;

void topology_free(struct topology *topology);

/* Whether a site takes @text for an address, and for the name of a host: for who writes one. */
bool topology_takes_address(const char *text);
bool topology_takes_name(const char *text);

/*
 * Leave out what the site says for a while that is over at @now_ns: what is rendered then is what
 * holds then.  Entries of `verify` are kept behind those that hold.
 */
void topology_expire(struct topology *topology, int64_t now_ns);

/* What @host says for a while at a TCP port to prove its membership; NULL: nothing. */
const struct verify *topology_port_proof(const struct topology *topology, const struct host *host);

/* The host called @name, or NULL; found by a hash, in constant time. */
const struct host *topology_host(const struct topology *topology, const char *name);

/* The sources of @host outside its own tier; its siblings are in host->tier->servers. */
const struct source_list *host_sources(const struct host *host);

/* Whether @host gets its time from upstreams that are declared to smear leap seconds. */
bool host_is_smeared(const struct host *host);

/* The limits within which @host is healthy. */
const struct budget *host_budget(const struct host *host);

/* Whether nobody logs in on @host: `manage: false`. */
bool host_unmanaged(const struct host *host);

/*
 * Whether no start of the daemon of @host may step the clock, not even the first one: true for
 * servers, and for clients whose group has `restart`; of a host that is not managed nobody knows.
 * timetier-agent sets their clocks before.  Of a host that is released it does not.
 */
bool host_never_steps(const struct host *host);

/*
 * The network of `deny` by which the servers of the site do not answer @ip, or NULL: no network has
 * @ip, or a narrower one of `serve` lets it in again, as all daemons have it.
 *
 * @deny: NULL, or set to the entry of that network
 */
const struct network *topology_denied(
    const struct topology *topology, const struct ip *ip, const struct deny **deny);

/* The largest offset that the daemon of @host slews: that of its tier or group, else the site's. */
int64_t topology_limit_ns(const struct topology *topology, const struct host *host);

/* The keys that a host shares, in the order of keys.yaml. */
struct key_list {
	const struct symmetric_key *const *list;
	size_t count;
};
struct key_list topology_keys_of(const struct topology *topology, const struct host *host);

/*
 * Find out again which host shares which keys, after @topology->keys was changed.  Loading has done
 * it: whoever only reads a site never needs this.
 */
void topology_index_keys(struct topology *topology);

/* The key (KEY_USED) with which @a and @b ask each other, or NULL. */
const struct symmetric_key *topology_key(
    const struct topology *topology, const struct host *a, const struct host *b);

/* Whether hosts should know @key: its state is used, coming or leaving. */
bool key_is_known(const struct symmetric_key *key);
/* Whether hosts should know both @key and key->other. */
bool key_is_doubled(const struct symmetric_key *key);

/* The names of enum refclock_type in site.yaml, ended by NULL. */
extern const char *const refclock_type_words[];

/*
 * The votes of the hardware clocks of @host: a PPS and the clock that numbers its seconds are one;
 * a PPS alone is none, because it only sharpens what others say; nor is a clock that is measured
 * and not followed.
 */
unsigned host_clock_votes(const struct host *host);

/* The votes of clocks that every server of @tier has: those of the server with the fewest. */
unsigned tier_clock_votes(const struct tier *tier);

/* How many votes @upstream has: a pool as many as servers of it are followed. */
unsigned upstream_votes(const struct upstream *upstream);
/* How many of @sources have a vote: all but those that are measured only. */
unsigned source_votes(const struct source_list *sources);
/* How many sources each server of @tier has: source_votes(), and tier_clock_votes(). */
unsigned tier_source_count(const struct tier *tier);

/* Whether @clock, of @host, numbers the seconds of a PPS of that host. */
bool refclock_numbers(const struct host *host, const struct refclock *clock);

/*
 * The number of the speed @baud of a serial line: 0 for 4800, 1 for 9600, to 5 for 115200; or -1:
 * no receiver has it.  Source: ntp 4.2.8, driver 20, bits 4 to 6 of `mode`.
 */
int refclock_speed(unsigned baud);

/*
 * How many sources must agree before a server of @tier obeys: as written, else 1 when isolated,
 * else 3 of at least 5 sources, else floor(n / 2) + 1 of n sources.  Hardware clocks that each of
 * its servers has count as sources.
 */
unsigned tier_quorum(const struct tier *tier);

/*
 * Expand @text, as "web[001-120].example.net,db[1,3-5]", to names: clustershell's node set syntax.
 * More of them than @limit are an error.
 * Returns 0 with @names (from @arena) and @count set, or -1 with @err set.
 */
int names_expand(struct arena *arena, const char *text, size_t limit, const char ***names,
    size_t *count, struct error *err) MUST_CHECK;

#endif
