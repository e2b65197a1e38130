/*
 * Under which names the page is shown.  A page of elsewhere could lead its own DNS name to this
 * machine's address, and read ours through the operator's browser (DNS rebinding); that browser
 * then names it in the Host field.
 */
#ifndef ORCHESTRATOR_PUBLISH_PAGE_NAME_H
#define ORCHESTRATOR_PUBLISH_PAGE_NAME_H

#include "common/base.h"

/*
 * Whether the page may be shown to a request with this Host field: an address, localhost, the name
 * of this machine, or one of @names.  An absent field is none of a browser's.
 *
 * @host:  "time.example.org:8124", "[::1]:8124"; NULL: the request has none
 * @names: that the operator gave; ended by NULL
 */
bool page_name_is_ours(const char *host, const char *const *names);

#endif
