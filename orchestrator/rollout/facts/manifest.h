/*
 * The manifest of a host: a list, kept on the host, of what timetier put there.  It tells changes
 * by hand from changes of the site.  It is written in the same change as the files that it lists,
 * and goes back with them.  This file does no I/O.
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
	struct manifest_entry list[MANIFEST_ENTRIES_MAX]; /* sorted by path, each path once */
	size_t count;
};

/*
 * Read what a host has at MANIFEST_PATH: lines "SHA256 MODE OWNER GROUP PATH", and comment lines
 * that begin with '#'.  The text comes from the host and is not trusted.
 *
 * Returns 0 with @manifest filled, its texts from @arena, or -1 with @err set and it untouched.
 */
int manifest_read(struct arena *arena, const char *text, size_t len, struct manifest *manifest,
    struct error *err) MUST_CHECK;

/* Write @manifest as such lines. */
void manifest_write(const struct manifest *manifest, struct buf *out);

/* The entry of @path; NULL: timetier did not put it there. */
const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path);

/* Enter @file, in place of an earlier entry of its path; an absent file loses its entry. */
void manifest_enter(struct manifest *manifest, const struct file_entry *file);

/* The same for a file whose hash is known, but not its content. */
void manifest_enter_hash(struct manifest *manifest, const struct manifest_entry *entry);

void manifest_drop(struct manifest *manifest, const char *path);

#endif
