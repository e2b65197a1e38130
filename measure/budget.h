/*
 * How often a server may be asked: what public servers tolerate of one client, counted for each
 * address from which and at which is asked.  This file does no I/O and reads no clock.
 */
#ifndef MEASURE_BUDGET_H
#define MEASURE_BUDGET_H

#include "common/buf.h"
#include "common/error.h"

/*
 * Questions to one address are BUDGET_SPACING_NS apart.  A burst of them, which is what has no gap
 * of BUDGET_GAP_NS in it, has BUDGET_BURST at most; and any hour has BUDGET_HOUR at most, which is
 * what a daemon asks that polls once a minute.
 *
 * Source: the limits of ntp 4.2.8 (`discard`: 8 s on average), NTPsec (20 packets at once) and
 * chrony (`ratelimit`: 8 s, burst of 8); the pool's terms of use; 20 an hour as NIST (2005), NICT
 * and others ask for by name.
 */
#define BUDGET_SPACING_NS (2 * NS_PER_S)
#define BUDGET_BURST 4
#define BUDGET_GAP_NS (64 * NS_PER_S)
#define BUDGET_HOUR 60
#define BUDGET_HOUR_STRICT 20 /* of a service whose terms say so */
#define BUDGET_HOUR_NS (3600 * NS_PER_S)

#define BUDGET_KEY_BYTES 320
#define BUDGET_ENTRIES_MAX 8192
#define BUDGET_TEXT_BYTES_MAX (4u << 20)

/* What is known of one address that was asked. */
struct budget_entry {
	char key[BUDGET_KEY_BYTES];    /* an address or a name, without blanks */
	int64_t asked_ns[BUDGET_HOUR]; /* the latest questions, oldest first */
	unsigned count;                /* of them */
	int64_t held_until_ns;         /* not to be asked before; 0: nobody said so */
	char kiss[5];                  /* what it said then: "RATE", "DENY" */
};

/* Zero-initialise it; budget_free() ends it.  All times are of one clock, the caller's. */
struct budget {
	struct budget_entry *list;
	size_t count, capacity;
};

void budget_free(struct budget *budget);

/* The entry of @key, or NULL. */
const struct budget_entry *budget_find(const struct budget *budget, const char *key);

/*
 * How many questions, of @wanted at most and BUDGET_SPACING_NS apart, may be put to @key from
 * @now_ns on.
 *
 * @hour: the most in an hour: BUDGET_HOUR or less
 */
unsigned budget_left(
    const struct budget *budget, const char *key, unsigned hour, unsigned wanted, int64_t now_ns);

/*
 * How long to wait until @wanted questions (BUDGET_BURST, or @hour, when that is less) may be put
 * to @key; 0: they may be put now.
 */
int64_t budget_wait_ns(
    const struct budget *budget, const char *key, unsigned hour, unsigned wanted, int64_t now_ns);

/*
 * Note that @count questions are put to @key from @now_ns on.  With BUDGET_ENTRIES_MAX other keys,
 * the one that was not asked for the longest time is forgotten.
 */
void budget_book(struct budget *budget, const char *key, unsigned count, int64_t now_ns);

/*
 * Note that @key answered with the kiss code @kiss: "RATE" ends the questions for four minutes,
 * every other code for an hour.
 */
void budget_kissed(struct budget *budget, const char *key, const char *kiss, int64_t now_ns);

/*
 * Grant questions to @address, which was found for @name (they may be the same), and book them for
 * both: so a name that leads to another address each time is asked no more often.
 *
 * Returns how many of @wanted may be put from @now_ns on.
 */
unsigned budget_grant(struct budget *budget, const char *name, const char *address, unsigned hour,
    unsigned wanted, int64_t now_ns);

/*
 * Add the entries to @text, a line each; times become ages at @now_ns.  What cannot matter any more
 * is left out.
 */
void budget_write(const struct budget *budget, int64_t now_ns, struct buf *text);

/*
 * The inverse, added to @budget, which must be empty: the ages are those at @at_ns.
 *
 * Returns 0, or -1 with @err set: the text is not of budget_write(); @budget is empty then.
 */
int budget_read(struct budget *budget, const char *text, size_t len, int64_t at_ns,
    struct error *err) MUST_CHECK;

#endif
