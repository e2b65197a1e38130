/*
 * Where the operator's .ssh is: $HOME says it.  `ssh` itself goes by the passwd database, and must
 * be told where the two differ.
 */
#ifndef ORCHESTRATOR_SSH_HOME_H
#define ORCHESTRATOR_SSH_HOME_H

#include "common/base.h"

/* $HOME, or the passwd database's where that is not set; "" : none is known. */
const char *ssh_home(void);

/* Whether ssh by itself would look elsewhere. */
bool ssh_home_differs(void);

#endif
