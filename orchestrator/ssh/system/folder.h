/* The folder in which the masters of a run have their sockets; only the operator may enter it. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_FOLDER_H
#define ORCHESTRATOR_SSH_SYSTEM_FOLDER_H

#include "common/base.h"

#define SYSTEM_FOLDER_BYTES 80

/*
 * Make the folder and set @path; remove the empty folders of runs that were killed.  Returns 0, or
 * -1 with @path "".
 */
int system_folder_make(char path[SYSTEM_FOLDER_BYTES]) MUST_CHECK;

/* Remove the folder at @path with its sockets; "": do nothing. */
void system_folder_remove(const char *path);

#endif
