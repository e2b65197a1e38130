/* The folder in which the masters of a run have their sockets: nobody else's business. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_FOLDER_H
#define ORCHESTRATOR_SSH_SYSTEM_FOLDER_H

#include "common/base.h"

#define SYSTEM_FOLDER_BYTES 80

/* Make it, and clear away empty ones of runs that were killed; -1 and @path "": it is not. */
int system_folder_make(char path[SYSTEM_FOLDER_BYTES]) MUST_CHECK;

/* Remove it with its sockets; "" is none. */
void system_folder_remove(const char *path);

#endif
