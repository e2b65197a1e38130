/* The latest probe of all upstreams, which stays in a file for those who ask about the design. */
#ifndef ORCHESTRATOR_PROBE_KEPT_H
#define ORCHESTRATOR_PROBE_KEPT_H

#include "orchestrator/graph/graph.h"
#include "orchestrator/probe/worth.h"

/* What one upstream answered; of one with several addresses, the first that answered. */
struct kept_source {
	bool probed;
	char worth[32]; /* as source_worth_name() */
	char words[PROBE_WORDS_BYTES];
	char address[64]; /* which was asked; "": none was found */
	char reference[16];
	unsigned stratum; /* 0: it did not answer */
};

struct kept {
	int64_t at_ns;    /* real time; 0: nobody has probed this site */
	const char *from; /* the host that asked; NULL: this one */
	size_t probed, good;
	struct kept_source *sources; /* as topology->upstreams */
	struct graph_seen *seen;     /* the same for a graph; NULL: nobody has probed this site */
};

/*
 * Keep @text, which is what probe_json() made.
 *
 * @folder: the state folder, which is made if need be
 */
int kept_write(const char *folder, const char *text, struct error *err) MUST_CHECK;

/*
 * Read it; an upstream that has been added since was not probed.
 *
 * @arena: for what @kept points to
 *
 * Returns 0, also when there is no such file; or -1 with @err set, and nothing is known.
 */
int kept_read(const char *folder, const struct topology *topology, struct arena *arena,
    struct kept *kept, struct error *err) MUST_CHECK;

/* As kept_read(), of the @len bytes of @text. */
int kept_parse(const char *text, size_t len, const struct topology *topology, struct arena *arena,
    struct kept *kept, struct error *err) MUST_CHECK;

#endif
