/* What the files of the loader share.  No file outside this room includes this header. */
#ifndef ORCHESTRATOR_TOPOLOGY_LOAD_LOADER_H
#define ORCHESTRATOR_TOPOLOGY_LOAD_LOADER_H

#include "common/buf.h"
#include "orchestrator/topology/language/draft.h"
#include "orchestrator/topology/language/language.h"
#include "orchestrator/topology/load/events.h"

/* An array that grows, on the heap; vec_free() frees it. */
struct vec {
	char *data;
	size_t count, capacity, stride;
};

void vec_reserve(struct vec *vec, size_t more);
void *vec_push(struct vec *vec, const void *item);
void *vec_at(const struct vec *vec, size_t at);
void vec_free(struct vec *vec);

/* What a client group still needs when names are resolved. */
struct group_refs {
	struct name_list from;
	size_t first_host; /* its hosts begin at loader->hosts[first_host] */
};

struct loader {
	struct topology *topology;
	struct diags *diags;
	struct arena arena;            /* freed when loading ends */
	struct events *events;         /* of the file being read */
	bool hosts_full;               /* HOSTS_MAX was exceeded, and a finding says so */
	bool replayed;                 /* an alias or merge repeats what is being read */
	struct buf items;              /* items of the lists of scalars being read */
	struct vec upstreams;          /* struct upstream */
	struct vec tiers;              /* struct tier_draft */
	struct vec servers;            /* struct host */
	struct vec groups;             /* struct client_group */
	struct vec refs;               /* struct group_refs, one for each group */
	struct vec hosts;              /* struct host: clients */
	struct vec refclocks;          /* struct refclock of the server being read */
	struct vec singles;            /* struct client_draft of the group being read */
	struct vec accepts;            /* struct accept */
	struct vec verifies;           /* struct verify */
	struct vec denies;             /* struct deny */
	struct vec alerts;             /* struct alert_way */
	struct vec keys;               /* struct key_draft */
	size_t tier_first_server;      /* number of servers in the tiers before */
	void *prototypes[PLACE_COUNT]; /* structs with all defaults set */
};

/* Add an error to loader->diags; if an alias repeats the error, only once. */
void problem(struct loader *loader, const char *rule, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/* @text for a message: cut between characters after at most 60 bytes, and then "...". */
const char *shown(struct loader *loader, const char *text);

/* "; did you mean `x`?" with the best word of @nearest, or "" when there is none. */
struct nearest;
const char *meant(struct loader *loader, const struct nearest *nearest);

/* @path, as @file says it, with the folder of @file before it if @path is relative; ~/ is $HOME. */
const char *beside(struct loader *loader, const char *file, const char *path);

/* read.c: reads maps and lists by the rows of language.c */
void read_file(struct loader *loader, enum place place, void *object);
void make_prototypes(struct loader *loader);

/* add.c: adds the struct of a whole map to its list */
void add_object(struct loader *loader, enum place place, void *object, struct pos pos);

/* values.c: sets the member of a row to one scalar */
void set_scalar(
    struct loader *loader, const struct key_row *row, void *object, const struct event *event);

/*
 * items.c: lists of scalars.  A list may be read inside another one: end_items() takes the items
 * that were added since the begin_items() that returned @begin.
 */
bool takes_list(enum value_type type);
size_t begin_items(const struct loader *loader);
void add_item(struct loader *loader, const struct key_row *row, const struct event *event);
void end_items(struct loader *loader, const struct key_row *row, void *object, size_t begin);

/* text.c: kinds of text that several values share */
bool is_name(const char *text, size_t len_max);
bool is_dns_name(const char *text);
bool is_host_name(const char *text);
bool address_parse(
    struct loader *loader, const char *key, const struct event *event, struct address *address);
void ssh_parse(struct loader *loader, const struct event *event, struct ssh_target *ssh);

/* hosts.c: makes hosts of ranges, maps and hosts_file */
void add_clients(struct loader *loader, struct group_draft *draft, struct pos pos);

/* link.c: makes the arrays of the topology */
void inherit_ssh(struct ssh_target *ssh, const struct ssh_target *from);
void link_topology(struct loader *loader);

/* refs.c: looks up names and sets pointers to what they name */
void resolve_names(struct loader *loader);
void resolve_keys(struct loader *loader);

/* key_pairs.c: links each key with the key that replaces it */
void link_rotations(struct loader *loader);

#endif
