/*
 * Names in a daemon's configuration that lead elsewhere now: daemons resolve them once, and go on
 * with the address of then.  Part of a report; its JSON.  Pure: who looks names up hands in what
 * they said.
 */
#ifndef VERDICT_STALE_H
#define VERDICT_STALE_H

#include "common/address.h"
#include "common/json_fields.h"

struct daemon_status;

#define STALE_NAMES_MAX 8
#define NAME_BYTES 128
#define NAME_LIST_BYTES 160

struct stale_name {
	char name[NAME_BYTES];
	char
	    was[NAME_LIST_BYTES]; /* what the daemon asks that no name leads to; parted by spaces */
	char now[NAME_LIST_BYTES]; /* where the name leads; "": it is gone, and nothing takes its
				      place */
};

#define NAME_ADDRESSES_MAX 32

/* What a source's line leads to. */
struct name_answer {
	char name[NAME_BYTES]; /* an address, too: it leads to itself */
	bool pool;             /* of many addresses, which come in turns */
	bool known;            /* it was looked up, and there was an answer */
	bool gone;             /* the answer is that there is no such name */
	struct ip addresses[NAME_ADDRESSES_MAX];
	size_t count;
};

/*
 * Which names are stale.  One is when the daemon asks none of the addresses that it leads to, and
 * asks others that no name explains.  A name of many addresses of one family shows others each
 * time it is looked up: it is stale only when those others no longer answer.
 *
 * @answers: of all sources of the configuration
 * @stale:   filled, at most STALE_NAMES_MAX
 * Returns how many.
 */
size_t stale_judge(const struct name_answer *answers, size_t count,
    const struct daemon_status *status, struct stale_name *stale);

/*
 * Whether the daemon asks where the name leads now.  Of a name of many addresses it is not asked
 * for: which of them it took is chance.
 */
bool stale_is_cured(const struct stale_name *stale, const struct daemon_status *status);

extern const struct field stale_name_fields[];

/* A new JSON array. */
json_t *stale_encode(const struct stale_name *stale, size_t count);

/* The inverse, for JSON from outside; NULL is no names. */
int stale_decode(
    const json_t *json, struct stale_name *stale, size_t *count, struct error *err) MUST_CHECK;

#endif
