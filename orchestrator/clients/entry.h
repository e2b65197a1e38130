/* Writes an entry of `deny` into the text of a site.yaml, beside what stands there.  No I/O. */
#ifndef ORCHESTRATOR_CLIENTS_ENTRY_H
#define ORCHESTRATOR_CLIENTS_ENTRY_H

#include "common/address.h"
#include "common/buf.h"

struct topology;

struct deny_entry {
	struct network network;
	const char *because;
	const char *until; /* "2027-06-30"; NULL: for good */
};

/*
 * Write the text @old with the entry to @fresh: at the end of the block `deny`, or of the file with
 * a block of its own.
 *
 * Returns 0, or -1 with @err set, which says what to write by hand: `deny` stands there in a form
 * to which no line can be added.
 */
int deny_entry_add(const char *old, size_t len, const struct deny_entry *entry, struct buf *fresh,
    struct error *err) MUST_CHECK;

/*
 * Whether @fresh is the site of @old with that entry, and nothing else.  Both are sound.
 *
 * Returns 0, or -1 with @err set.
 */
int deny_entry_verify(const struct topology *old, const struct topology *fresh,
    const struct deny_entry *entry, struct error *err) MUST_CHECK;

#endif
