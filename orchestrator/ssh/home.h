/*
 * The folder that contains the operator's .ssh: $HOME.  `ssh` takes the home from the passwd
 * database instead, so it must be told when the two differ.
 */
#ifndef ORCHESTRATOR_SSH_HOME_H
#define ORCHESTRATOR_SSH_HOME_H

#include "common/base.h"

/* $HOME, or, when it is not set, the home in the passwd database; "" : neither is known. */
const char *ssh_home(void);

/* The home in the passwd database, or "". */
const char *ssh_passwd_home(void);

/* Whether ssh by itself would take another home. */
bool ssh_home_differs(void);

#endif
