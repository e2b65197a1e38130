/* What the kernel and the hardware say of the clock: flags, errors, the processor's temperature. */
#ifndef AGENT_HOST_HARDWARE_H
#define AGENT_HOST_HARDWARE_H

#include "verdict/report.h"

/* Where the temperature is read.  Zero-initialise it. */
struct hardware {
	bool looked;   /* the sensor was searched */
	char path[64]; /* below the root; "": there is none */
};

/*
 * Fill kernel and temperature_c of @report.
 *
 * @root: "" for the host itself; the kernel's clock is that of this machine
 */
void hardware_read(const char *root, struct hardware *hardware, struct report *report);

#endif
