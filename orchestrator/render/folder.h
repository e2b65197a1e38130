/* Writes file sets to a folder of this machine, DIR/HOST/etc/..., to be read and compared. */
#ifndef ORCHESTRATOR_RENDER_FOLDER_H
#define ORCHESTRATOR_RENDER_FOLDER_H

#include "common/error.h"
#include "daemons/file_set.h"

/*
 * Write the files of @set to DIR/HOST.  A file that is already right is not touched; any other file
 * is replaced as a whole.  Secrets get mode 0600, other files 0644; owners on the host are ignored.
 *
 * @written: the number of files that were written is added to it
 *
 * Returns 0, or -1 with @err set: DIR cannot be written, or HOST cannot be the name of a folder.
 */
int folder_write(const char *dir, const char *host, const struct file_set *set, size_t *written,
    struct error *err) MUST_CHECK;

#endif
