/*
 * Finds stale names in a daemon's configuration.  Daemons resolve a name once and keep its address;
 * a name is stale when it leads to other addresses now.  Part of a report, with its JSON.  No I/O:
 * the caller looks names up.
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
	char was[NAME_LIST_BYTES]; /* asked addresses that no name leads to, with spaces between */
	char now[NAME_LIST_BYTES]; /* addresses of the name now; "": the name is gone */
};

#define NAME_ADDRESSES_MAX 32

/* The addresses to which the name in a source's line leads. */
struct name_answer {
	char name[NAME_BYTES]; /* may be an address, which leads to itself */
	bool pool;             /* it has many addresses; each lookup shows others */
	bool known;            /* it was looked up, and the answer has addresses */
	bool gone;             /* the answer says that there is no such name */
	struct ip addresses[NAME_ADDRESSES_MAX];
	size_t count;
};

/*
 * Find the stale names.  A name is stale when the daemon asks none of its addresses, but asks
 * addresses to which no name leads.  A name with several addresses of one family may show others at
 * each lookup: it is stale only when none of those asked addresses answers any more.
 *
 * @answers: one for each source of the configuration
 * @stale:   filled, at most STALE_NAMES_MAX
 * Returns how many.
 */
size_t stale_judge(const struct name_answer *answers, size_t count,
    const struct daemon_status *status, struct stale_name *stale);

/*
 * Whether the daemon asks the address to which the name leads now.  True if the name leads to none
 * or to several: which of these the daemon took is chance.
 */
bool stale_is_cured(const struct stale_name *stale, const struct daemon_status *status);

extern const struct field stale_name_fields[];

/* A new JSON array of @count names. */
json_t *stale_encode(const struct stale_name *stale, size_t count);

/* The inverse, for JSON from outside.  @json may be NULL, which means no names. */
int stale_decode(
    const json_t *json, struct stale_name *stale, size_t *count, struct error *err) MUST_CHECK;

#endif
