/* Tells the service manager how far this service is: sd_notify(3) without its library. */
#ifndef AGENT_HOST_NOTIFY_H
#define AGENT_HOST_NOTIFY_H

#include "common/base.h"

/* Whether somebody wants to know: $NOTIFY_SOCKET is set. */
bool notify_is_wanted(void);

/* "READY=1", "STATUS=...", lines of them.  Nothing happens where nobody wants to know. */
void notify_send(const char *state);

#endif
