/*
 * What the configuration that stands on a host amounts to: its sources, whom it answers, and what
 * another configuration in its place would lose.  It serves `import` and the first plan of a host.
 * The daemons' own grammars read the files.  No I/O.
 */
#ifndef ORCHESTRATOR_CONFIG_CONFIG_H
#define ORCHESTRATOR_CONFIG_CONFIG_H

#include "daemons/policy.h"
#include "orchestrator/config/answers.h"

#define POLL_UNTOLD 127

/* A source as configured; a device is one, too. */
struct config_source {
	const char *name;               /* as written, with capitals made small */
	unsigned flags;                 /* of enum restart_source_flag */
	const struct config_line *line; /* NULL: none, as that of a built-in list */
	const char *file;               /* where it stands; "" with line number 0: built in */
	unsigned number;
	bool nts, burst;
	unsigned maxsources;  /* of a pool: how many of its servers are followed; 0: a server */
	int minpoll, maxpoll; /* log2 s; POLL_UNTOLD: not written */
	unsigned key;         /* 0: none */
	uint16_t port;        /* 0: 123 */
};

struct config {
	const struct daemon_driver *driver;
	const char *path; /* of its main file */
	bool known;       /* its own grammar understood every line that matters for a start */
	struct config_lines lines;
	struct config_source *sources;
	size_t source_count;
	struct config_answers answers;
};

/*
 * Read the configuration at @path among @files.  Everything belongs to @arena.
 *
 * @options: the daemon's arguments in one string
 * Returns false: there is no such file.
 */
bool config_read(struct arena *arena, const struct daemon_driver *driver, const char *path,
    const struct file_set *files, const char *options, struct config *config);

/* The source called @name, or NULL. */
const struct config_source *config_source(const struct config *config, const char *name);

/* What a change of configuration takes away. */
struct lost {
	const struct config_line *line;
	const char *text;  /* "refclock PPS /dev/pps0", "xleave (server time1)" */
	const char *where; /* the key of site.yaml that can declare it; NULL: none can */
};

/*
 * Find what @before does and @after would not, apart from what @after replaces: lines of its own
 * kind, and the sources.
 *
 * @lost: filled, from @arena
 * Returns how many.
 */
size_t config_lost(struct arena *arena, const struct config *before, const struct config *after,
    struct lost **lost);

/*
 * The names of sources that @a has and @b has not, from @arena; devices and what is asked once are
 * left out.
 */
size_t config_only(
    struct arena *arena, const struct config *a, const struct config *b, const char ***names);

#endif
