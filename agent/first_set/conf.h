/*
 * first-set.conf: whom to ask for the time before the daemon starts, and how many must agree.
 * Each line is a key and its values; # begins a comment.  This file does no I/O.
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
	const struct mac_key *key; /* one of keys below; NULL: none */
	unsigned pool; /* a pool: so many of its servers are asked, with a vote each; 0: a server */
	bool nts;      /* the daemon asks it by NTS; first-set, before the clock is right, cannot */
	bool witness;  /* a sibling: it has no vote, and is asked whether the others may be right */
};

struct first_set_conf {
	struct first_set_source sources[FIRST_SET_SOURCES_MAX];
	size_t source_count; /* witnesses included */
	size_t voter_count;  /* without them; may be 0: nobody can be asked */
	bool bounded; /* every voter has NTS or a key: without its key, none is believed unless a
			 witness or the last good time confirms it */
	struct mac_key keys[FIRST_SET_KEYS_MAX];
	size_t key_count;
	unsigned quorum;                    /* at least 1, at most as many as there are voters */
	int64_t limit_ns;                   /* the largest offset that the daemon slews by itself */
	const struct daemon_driver *driver; /* of the daemon whose unit is named */
};

/*
 * Read the text of a first-set.conf.
 *
 * @name: of the file, for the words of an error
 * @conf: filled on success, untouched on failure; its pointers lead into itself: do not copy it
 *
 * Returns 0, or -1 with @err set, naming the file and mostly the line; the words hold no secret.
 */
int first_set_conf_parse(const char *name, const char *text, size_t len,
    struct first_set_conf *conf, struct error *err) MUST_CHECK;

#endif
