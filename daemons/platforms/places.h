/* Where each daemon stands in each family of systems. */
#ifndef DAEMONS_PLATFORMS_PLACES_H
#define DAEMONS_PLATFORMS_PLACES_H

#include "daemons/daemon.h"

/* Each is ended by a row without kind. */
extern const struct daemon_place places_debian[], places_rhel[], places_rhel_8[], places_rhel_7[],
    places_suse[], places_arch[], places_alpine[], places_gentoo[], places_void[], places_freebsd[];

#endif
