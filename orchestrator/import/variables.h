/*
 * Hosts as what configures them says: Ansible's inventory, and Puppet's hiera data.  The roles and
 * modules that are known are those of roles.h.
 */
#ifndef ORCHESTRATOR_IMPORT_VARIABLES_H
#define ORCHESTRATOR_IMPORT_VARIABLES_H

#include "orchestrator/import/import.h"

/*
 * Read the hosts of the file @path, which `ansible-inventory --list` printed.
 *
 * @hosts: from the import's arena, with names, logins and files
 *
 * Returns 0, or -1 with @err set: it is none, or no host has a role that is known.
 */
int import_inventory(struct import *import, const char *path, struct import_host **hosts,
    size_t *count, struct error *err) MUST_CHECK;

/*
 * Read the hosts of a folder with a hiera.yaml, version 5: those that have a file of their own
 * there.  Of each key the first value in the order of the hierarchy counts; what depends on facts
 * is remarked.  As import_inventory() otherwise.
 */
int import_hiera(struct import *import, const char *folder, struct import_host **hosts,
    size_t *count, struct error *err) MUST_CHECK;

/* Say that no host of @path has a role that is known.  Returns -1. */
int import_no_role(struct import *import, const char *path, struct error *err);

/*
 * Read the hosts of @path by what is there: a file, or a folder, of Ansible, of Puppet, or of
 * collected files (folder.h).
 *
 * Returns 0, or -1 with @err set.
 */
int import_path(struct import *import, const char *path, struct import_host **hosts, size_t *count,
    struct error *err) MUST_CHECK;

#endif
