/* The notice to whoever owns an address that asks too often.  Fills a template; sends nothing. */
#ifndef ORCHESTRATOR_CLIENTS_NOTICE_H
#define ORCHESTRATOR_CLIENTS_NOTICE_H

#include "common/buf.h"
#include "orchestrator/clients/view.h"

struct notice {
	const struct topology *topology;
	const struct clients_view_row *row; /* of the address */
	int64_t now_ns;
	const char *to; /* whom to write to; NULL: the text says how to find that out */
};

/*
 * Add the notice to @out.
 *
 * @name: of the template, for errors
 * Returns 0, or -1 with @err set: "abuse.mail:7:3: ...".
 */
int notice_write(const struct notice *notice, const char *name, const char *template, size_t len,
    struct buf *out, struct error *err) MUST_CHECK;

#endif
