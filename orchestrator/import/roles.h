/*
 * What common roles of Ansible and modules of Puppet make of their variables: a daemon's
 * configuration.  A variable that none of them has, or whose value is told elsewhere, is remarked
 * as lost.  No I/O.
 */
#ifndef ORCHESTRATOR_IMPORT_ROLES_H
#define ORCHESTRATOR_IMPORT_ROLES_H

#include "orchestrator/import/import.h"

#include <jansson.h>

/*
 * Give @host the files that a role writes of @variables; it keeps its name.
 *
 * @nearest: those among which the role is looked for; of two roles the first is taken, and the
 *           other remarked
 * Returns whether there is such a role.
 *
 * Sources: templates and defaults of linux-system-roles.timesync 1.7, geerlingguy.ntp 2.3, Vox
 * Pupuli's puppet-chrony 3.0, puppetlabs-ntp 9.2 and Vox Pupuli's puppet-systemd 3.10.
 */
bool import_role(
    struct import *import, struct import_host *host, json_t *variables, json_t *nearest);

/* The names of all roles, as "a, b and c"; from @arena. */
const char *import_role_names(struct arena *arena);

#endif
