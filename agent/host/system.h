/* Which system the host is. */
#ifndef AGENT_HOST_SYSTEM_H
#define AGENT_HOST_SYSTEM_H

#include "daemons/platforms/platform.h"

/*
 * The platform of the host below @root, by its os-release and by @init; NULL: none that is known.
 * INIT_UNKNOWN: whatever starts its services.
 */
const struct platform *host_platform(const char *root, enum platform_init init);

/* What starts the services of the host below @root. */
enum platform_init host_init(const char *root);

#endif
