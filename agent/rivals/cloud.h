/*
 * cloud-init writes the daemon's configuration anew on every clone when its own has `ntp:`.  What
 * matters of its YAML is read by lines: the key at the first byte, and `enabled` below it.
 * Source: cloud-init 22.4, cc_ntp.py (an empty ntp: counts), util.py is_false(), cmd/main.py.
 */
#ifndef AGENT_RIVALS_CLOUD_H
#define AGENT_RIVALS_CLOUD_H

#include "common/arena.h"

/* What its files say together; a later one wins. */
struct cloud {
	struct arena *arena;
	const char *path; /* the last file that has the key; NULL: none */
	bool disabled;
};

/* Read @text, of the file @path, which @cloud keeps.  No I/O. */
void cloud_read(struct cloud *cloud, const char *path, const char *text);

#endif
