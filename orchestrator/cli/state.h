/* Where a site keeps what nobody writes by hand: identity, history, journal. */
#ifndef ORCHESTRATOR_CLI_STATE_H
#define ORCHESTRATOR_CLI_STATE_H

#include "common/error.h"

#include <limits.h>

/*
 * The path of the state folder of @site_file: @option when it is given, else ".timetier" beside
 * @site_file.  The folder is not made; one that belongs to another user is refused, unless we are
 * root.
 *
 * @folder: PATH_MAX bytes
 */
int state_folder(
    const char *option, const char *site_file, char *folder, struct error *err) MUST_CHECK;

#endif
