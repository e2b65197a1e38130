/* File sets as a folder of this machine, to be looked at, compared and kept: DIR/HOST/etc/... */
#ifndef ORCHESTRATOR_RENDER_FOLDER_H
#define ORCHESTRATOR_RENDER_FOLDER_H

#include "common/error.h"
#include "daemons/file_set.h"

/*
 * Make DIR/HOST hold @set.  A file that is right already is not touched; each other one is
 * replaced whole.  Secrets get mode 0600, the rest 0644: who owns a file on its host is of no use
 * here.
 *
 * @written: how many files were not right; added to
 *
 * Returns 0, or -1 with @err set: DIR cannot be written, or HOST is no name for a folder.
 */
int folder_write(const char *dir, const char *host, const struct file_set *set, size_t *written,
    struct error *err) MUST_CHECK;

#endif
