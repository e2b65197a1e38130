/* The language of `nts` of a tier or server: rows for the table `places` in language.c. */
#include "orchestrator/topology/language/draft.h"
#include "orchestrator/topology/language/language.h"

#define AT KEY_AT
#define POS KEY_POS

/* VALUE_TEXT, not VALUE_FILE: these are paths on hosts, and nothing here opens them. */
const struct key_row nts_keys[NTS_KEYS] = {
	{ .name = "certificate",
	    .type = VALUE_TEXT,
	    AT(nts_settings, certificate),
	    POS(nts_settings, pos),
	    .required = true,
	    .doc = "Path on the server: its certificate and those of authorities between, in PEM, "
		   "for the name that is its `address`." },
	{ .name = "key",
	    .type = VALUE_TEXT,
	    AT(nts_settings, key),
	    POS(nts_settings, key_pos),
	    .required = true,
	    .doc = "Path on the server: the private key, which its daemon's user can read. "
		   "timetier never reads it." },
	{ .name = "ca",
	    .type = VALUE_TEXT,
	    AT(nts_settings, ca),
	    POS(nts_settings, ca_pos),
	    .doc = "Path on the hosts that ask: the authority's certificate; those that the system "
		   "trusts when not written." },
};
