/*
 * Gives up what a process that hears the network does not need to set a clock.  The unit says the
 * same, and says more; this holds without the unit, too.
 */
#ifndef AGENT_FIRST_SET_CONFINE_H
#define AGENT_FIRST_SET_CONFINE_H

#include "common/error.h"

/*
 * From here on this process and its threads start no program and trace, mount and load nothing.
 * As root it becomes FIRST_SET_USER, and keeps of root's rights that to set the clock; where there
 * is no such user, it stays root.
 *
 * @look_at: a file; the group of its folder is kept, so that its time can be seen
 *
 * Returns 0, or -1 with @err set; then the process must end.
 */
int confine_self(const char *look_at, struct error *err) MUST_CHECK;

/*
 * Make the folder that FIRST_SET_USER writes to, if it is not there: only root can, and for the
 * unit systemd does.
 */
int confine_make_folder(const char *path, struct error *err) MUST_CHECK;

#endif
