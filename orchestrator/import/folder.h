/* Reads a folder of files that were collected: DIR/HOST/etc/...; links are not followed. */
#ifndef ORCHESTRATOR_IMPORT_FOLDER_H
#define ORCHESTRATOR_IMPORT_FOLDER_H

#include "orchestrator/import/import.h"

/*
 * Read every host below @folder.  A folder that has etc/ itself is one host, called as its
 * /etc/hostname says, else as the folder.
 *
 * @hosts: from @arena, with names and files
 *
 * Returns 0, or -1 with @err set: it cannot be read, or has no folder of a host.
 */
int import_folder(struct arena *arena, const char *folder, struct import_host **hosts,
    size_t *count, struct error *err) MUST_CHECK;

#endif
