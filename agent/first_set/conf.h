/*
 * first-set.conf: whom to ask for the time before the daemon starts, and how many must agree.
 * Lines of a key and its values, # begins a comment.  Pure.
 */
#ifndef AGENT_FIRST_SET_CONF_H
#define AGENT_FIRST_SET_CONF_H

#include "common/ntp/mac.h"

struct daemon_driver;

#define FIRST_SET_SOURCES_MAX 32
#define FIRST_SET_KEYS_MAX 64
#define FIRST_SET_CONF_BYTES_MAX 65536

struct first_set_source {
	char name[256];            /* an address or a name */
	const struct mac_key *key; /* of the same struct; NULL: none */
};

struct first_set_conf {
	struct first_set_source sources[FIRST_SET_SOURCES_MAX];
	size_t source_count; /* may be 0: nobody can be asked */
	struct mac_key keys[FIRST_SET_KEYS_MAX];
	size_t key_count;
	unsigned quorum;                    /* at least 1, at most as many as there are sources */
	int64_t limit_ns;                   /* what the daemon slews by itself */
	const struct daemon_driver *driver; /* whose unit is named */
};

/*
 * Read the text of a first-set.conf.
 *
 * @name: of the file, for the words of an error
 * @conf: filled on success, untouched on failure; its pointers lead into itself: do not copy it
 *
 * Returns 0, or -1 with @err set, naming file and line; no secret is ever in its words.
 */
int first_set_conf_parse(const char *name, const char *text, size_t len,
    struct first_set_conf *conf, struct error *err) MUST_CHECK;

#endif
