/*
 * The ntpd of busybox, as OpenWrt and Alpine start it: a client without a file of its own.  It
 * cannot be managed, but it asks somebody.  No I/O.
 */
#ifndef ORCHESTRATOR_IMPORT_BUSYBOX_H
#define ORCHESTRATOR_IMPORT_BUSYBOX_H

#include "orchestrator/import/import.h"

/*
 * Give @host, which has no other daemon, this one with its servers where its files start it.  The
 * lines in the remarks are those of the file that names them.
 */
void import_read_busybox(struct arena *arena, struct import_host *host);

#endif
