/* The language of `verify`: rows for the table `places` in language.c. */
#include "orchestrator/topology/language/draft.h"
#include "orchestrator/topology/language/language.h"

#define AT KEY_AT
#define POS KEY_POS

const struct key_row verify_keys[VERIFY_KEYS] = {
	{ .name = "server",
	    .type = VALUE_NAME,
	    AT(verify, server),
	    POS(verify, pos),
	    .required = true,
	    .max = 63,
	    .doc = "The server that proves it: one with `pool: true`." },
	{ .name = "way",
	    .type = VALUE_CHOICE,
	    AT(verify, way),
	    .required = true,
	    .words = verify_way_words,
	    .doc = "What is shown: its status for one address alone, NTP version 4 only for one "
		   "address, an association that is never followed, answers that come and go, a "
		   "word or a redirect at a TCP port." },
	{ .name = "by",
	    .type = VALUE_ADDRESSES,
	    AT(verify, by),
	    .doc = "Who verifies: the monitor's address, or the server to ask (association)." },
	{ .name = "answers",
	    .type = VALUE_BOOL,
	    AT(verify, answers),
	    .fallback = "true",
	    .doc = "Whether `by` is answered now (switch)." },
	{ .name = "port",
	    .type = VALUE_NUMBER,
	    AT(verify, port),
	    .min = 1,
	    .max = 65535,
	    .fallback = "80",
	    .doc = "The TCP port of the word or the redirect." },
	{ .name = "word",
	    .type = VALUE_TEXT,
	    AT(verify, word),
	    .doc = "The word, or the URL that the redirect leads to." },
	{ .name = "until",
	    .type = VALUE_DATE,
	    AT(verify, until_ns),
	    POS(verify, until_pos),
	    .required = true,
	    .doc = "The last day, in UTC, on which this is so; then it is rendered no more." },
};
