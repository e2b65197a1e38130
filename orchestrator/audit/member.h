/*
 * What was seen of the proofs that servers mean to be members of the public pool, held against
 * `verify`: for who verifies, for everybody else, and when its time is over.  No I/O.
 */
#ifndef ORCHESTRATOR_AUDIT_MEMBER_H
#define ORCHESTRATOR_AUDIT_MEMBER_H

#include "common/diag.h"
#include "measure/member.h"
#include "orchestrator/topology/topology.h"

/* One entry of `verify`, looked at in one address of its server. */
struct member_row {
	const struct verify *verify;
	bool past;               /* its time is over: nothing of it should be left */
	struct ip to;            /* IP_NONE: of an association: the server itself was asked */
	struct member_seen seen; /* not of an association */
	bool told;               /* of an association: the server told its sources; else seen.why */
	bool associated;         /* and has one as `verify` wants it */
};

enum member_result {
	MEMBER_PROVED,
	MEMBER_AS_OTHERS, /* right for an address that does not verify: the proof was not seen */
	MEMBER_GONE,      /* its time is over, and it is gone */
	MEMBER_UNSEEN,    /* nothing can be said */
	MEMBER_MISSING,   /* who verifies does not find it */
	MEMBER_OPEN,      /* who does not verify gets what is for who does, or less than usual */
	MEMBER_LEFT,      /* its time is over, and it is there */
};

/* "proved", "right for others", "gone", "not seen", "missing", "open", "left". */
const char *member_result_name(enum member_result result);

/* Whether the result is a finding. */
bool member_is_wrong(enum member_result result);

struct member_words {
	enum member_result result;
	const char *expected;
	char came[MEMBER_TEXT_BYTES + 40];
	char means[MEMBER_TEXT_BYTES + 160];
};

/* Fill @words with what was expected, what came, and what that means. */
void member_tell(
    const struct topology *topology, const struct member_row *row, struct member_words *words);

/*
 * Report what is wrong, by the rule verify-fails; a finding that site.yaml accepts is a note.
 *
 * @now_ns: since 1970, for what is accepted until a day
 */
void member_judge(const struct topology *topology, const struct member_row *rows, size_t count,
    int64_t now_ns, struct diags *diags);

#endif
