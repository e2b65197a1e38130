/*
 * Looks whether ssh_config says the same of all hosts.  ssh alone understands these files; what is
 * not surely the same for all is asked for each host.
 */
#ifndef ORCHESTRATOR_SSH_AUTO_SCAN_H
#define ORCHESTRATOR_SSH_AUTO_SCAN_H

#include "common/base.h"

/* Whether there is any file that ssh would read. */
bool scan_finds_any(void);

/*
 * Whether the files that ssh reads may say different things of different hosts.  If not, the answer
 * of one `ssh -G` holds for all.
 */
bool scan_varies(void);

/*
 * As scan_varies(), for the text of one file.  No I/O, except in @include.
 *
 * @include: called with the patterns of each Include; returns whether what they name varies
 */
bool scan_text_varies(
    const char *text, bool (*include)(void *ctx, const char *patterns), void *ctx);

#endif
