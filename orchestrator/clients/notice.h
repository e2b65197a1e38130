/* The notice to whoever owns an address that asks too often.  Fills a template; sends nothing. */
#ifndef ORCHESTRATOR_CLIENTS_NOTICE_H
#define ORCHESTRATOR_CLIENTS_NOTICE_H

#include "common/buf.h"
#include "orchestrator/clients/view.h"

/* Whether its owner is to be written to. */
enum notice_case {
	NOTICE_GOES_ON,  /* it asks too often */
	NOTICE_STOPPED,  /* it did, and is silent now */
	NOTICE_HARMLESS, /* it asks, or asked, no more often than a client may */
	NOTICE_PARTNER,  /* it is a source or a sibling of a server: packets go both ways */
};

enum notice_case notice_case_of(const struct clients_view_row *row);

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
