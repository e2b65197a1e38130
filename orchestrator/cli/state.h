/* Where a site keeps what is not written by hand: identity and history, beside its site.yaml. */
#ifndef ORCHESTRATOR_CLI_STATE_H
#define ORCHESTRATOR_CLI_STATE_H

#include "common/error.h"

#include <limits.h>

/*
 * The state folder of the site @site_file: @option when it is given, else ".timetier" beside the
 * file.  Nothing is made.
 *
 * @folder: PATH_MAX bytes
 */
int state_folder(
    const char *option, const char *site_file, char *folder, struct error *err) MUST_CHECK;

#endif
