/* Tells the service manager how far this service is: sd_notify(3) without its library. */
#ifndef AGENT_HOST_NOTIFY_H
#define AGENT_HOST_NOTIFY_H

#include "common/base.h"

/* Whether the service manager wants to be told: $NOTIFY_SOCKET is set. */
bool notify_is_wanted(void);

/* Send @state: lines such as "READY=1" and "STATUS=...".  Does nothing without $NOTIFY_SOCKET. */
void notify_send(const char *state);

#endif
