/* What the files of the loader share.  Nobody outside this room includes it. */
#ifndef ORCHESTRATOR_TOPOLOGY_LOAD_LOADER_H
#define ORCHESTRATOR_TOPOLOGY_LOAD_LOADER_H

#include "common/buf.h"
#include "orchestrator/topology/language/draft.h"
#include "orchestrator/topology/language/language.h"
#include "orchestrator/topology/load/events.h"

/* An array that grows; the loader's own memory. */
struct vec {
	char *data;
	size_t count, capacity, stride;
};

void *vec_push(struct vec *vec, const void *item);
void *vec_at(const struct vec *vec, size_t at);
void vec_free(struct vec *vec);

/* What stays of a client group until names are resolved. */
struct group_refs {
	struct name_list from;
	size_t first_host;
};

struct loader {
	struct topology *topology;
	struct diags *diags;
	struct arena arena;            /* dies with the loader */
	struct events *events;         /* of the file being read */
	bool hosts_full;               /* HOSTS_MAX was exceeded, and said so */
	bool replayed;                 /* what is being read stands at an anchor */
	struct buf items;              /* a list of scalars in the making */
	struct vec upstreams;          /* struct upstream */
	struct vec tiers;              /* struct tier_draft */
	struct vec servers;            /* struct host */
	struct vec groups;             /* struct client_group */
	struct vec refs;               /* struct group_refs, one a group */
	struct vec hosts;              /* struct host: clients */
	struct vec singles;            /* struct client_draft of the group being read */
	struct vec accepts;            /* struct accept */
	struct vec keys;               /* struct key_draft */
	size_t tier_first_server;      /* servers before the tier being read */
	void *prototypes[PLACE_COUNT]; /* structs with every default in */
};

/* A finding; one that an alias would repeat is made once. */
void problem(struct loader *loader, const char *rule, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/* @text for a message: at most 60 bytes, cut between characters. */
const char *shown(struct loader *loader, const char *text);

/* ", did you mean `x`?" of the words offered to @nearest, or "". */
struct nearest;
const char *meant(struct loader *loader, const struct nearest *nearest);

/* @path as written in a file, seen from the folder of that file. */
const char *beside(struct loader *loader, const char *file, const char *path);

/* read.c: maps and lists, by the rows of language.c */
void read_file(struct loader *loader, enum place place, void *object);
void make_prototypes(struct loader *loader);

/* add.c: what a whole map becomes */
void add_object(struct loader *loader, enum place place, void *object, struct pos pos);

/* values.c: one scalar to the member of its row */
void set_scalar(
    struct loader *loader, const struct key_row *row, void *object, const struct event *event);

/* items.c: lists of scalars; one may be read while another is: end_items() takes what came since */
bool takes_list(enum value_type type);
size_t begin_items(const struct loader *loader);
void add_item(struct loader *loader, const struct key_row *row, const struct event *event);
void end_items(struct loader *loader, const struct key_row *row, void *object, size_t begin);

/* text.c: shapes of text that several values share */
bool is_name(const char *text, size_t len_max);
bool is_dns_name(const char *text);
bool is_host_name(const char *text);
bool address_parse(
    struct loader *loader, const char *key, const struct event *event, struct address *address);
void ssh_parse(struct loader *loader, const struct event *event, struct ssh_target *ssh);

/* hosts.c: ranges, maps and hosts_file to hosts */
void add_clients(struct loader *loader, struct group_draft *draft, struct pos pos);

/* link.c: what was collected to the arrays of the topology */
void inherit_ssh(struct ssh_target *ssh, const struct ssh_target *from);
void link_topology(struct loader *loader);

/* refs.c: names to what they name */
void resolve_names(struct loader *loader);
void resolve_keys(struct loader *loader);

/* key_pairs.c: keys to those that take their place */
void link_rotations(struct loader *loader);

#endif
