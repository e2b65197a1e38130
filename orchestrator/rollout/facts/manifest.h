/*
 * What timetier put on a host and left there, as that host keeps it: so that what was changed by
 * hand since is told from what the site changes.  It is put with the files that it tells of, in one
 * change, and goes back with them.  Pure.
 */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_MANIFEST_H
#define ORCHESTRATOR_ROLLOUT_FACTS_MANIFEST_H

#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "daemons/file_set.h"

#define MANIFEST_PATH "/var/lib/timetier/applied"
#define MANIFEST_ENTRIES_MAX 64

struct manifest_entry {
	const char *path;
	char sha256[SHA256_HEX_BYTES];
	unsigned mode;
	const char *owner, *group;
};

struct manifest {
	struct manifest_entry list[MANIFEST_ENTRIES_MAX]; /* by path, each once */
	size_t count;
};

/*
 * Read what a host has at MANIFEST_PATH: lines "SHA256 MODE OWNER GROUP PATH", and remarks behind
 * '#'.  It comes from the host and is trusted in nothing.
 *
 * Returns 0 with @manifest filled, its texts from @arena, or -1 with @err set and it untouched.
 */
int manifest_read(struct arena *arena, const char *text, size_t len, struct manifest *manifest,
    struct error *err) MUST_CHECK;

/* The same the other way round. */
void manifest_write(const struct manifest *manifest, struct buf *out);

/* NULL: timetier did not put it there. */
const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path);

/* Enter what @file is, in place of what was told of its path; an absent one is taken out. */
void manifest_enter(struct manifest *manifest, const struct file_entry *file);

/* The same of a file of which the hash alone is known. */
void manifest_enter_hash(struct manifest *manifest, const struct manifest_entry *entry);

void manifest_drop(struct manifest *manifest, const char *path);

#endif
