/* What the keys of both files fill before names are looked up; link.c and refs.c do the rest. */
#ifndef ORCHESTRATOR_TOPOLOGY_LANGUAGE_DRAFT_H
#define ORCHESTRATOR_TOPOLOGY_LANGUAGE_DRAFT_H

#include "orchestrator/topology/alert_way.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/topology.h"

/* A site with more hosts than this is refused: it is a slip of the pen. */
#define HOSTS_MAX 1000000

struct name_ref {
	const char *name;
	struct pos pos;
};

struct name_list {
	struct name_ref *list;
	size_t count;
};

/* A tier before its names are looked up. */
struct tier_draft {
	struct tier tier;
	struct name_list upstreams, from;
	struct pos upstreams_pos, from_pos; /* line 0: not written */
	size_t first_server;                /* its servers are loader->servers[first_server ...] */
};

/* A host of a client group, when the host is written as a map. */
struct client_draft {
	const char *name;
	struct pos pos;
	struct address_list addresses;
	const char *daemon; /* NULL: the group's */
	struct pos daemon_pos;
	enum manage manage;
	struct pos manage_pos; /* line 0: as the group says */
	struct ssh_target ssh;
	const struct extras *extras;
};

struct group_draft {
	struct client_group group;
	struct name_list from;
	struct name_list ranges;
	struct pos ranges_pos; /* line 0: not written */
	const char *hosts_file;
	struct pos hosts_file_pos;
	const char *daemon;
	struct pos daemon_pos;
	enum manage manage;
	struct ssh_target ssh;
};

struct key_draft {
	struct symmetric_key key;
	struct pos secret_pos;
	struct name_list between;
};

#endif
