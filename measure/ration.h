/*
 * How often a server may be asked: what public servers tolerate of one client, counted for each
 * address from which and at which is asked.  This file does no I/O and reads no clock.
 */
#ifndef MEASURE_RATION_H
#define MEASURE_RATION_H

#include "common/buf.h"
#include "common/error.h"

/*
 * Questions to one address are RATION_SPACING_NS apart.  A burst of them, which is what has no gap
 * of RATION_GAP_NS in it, has RATION_BURST at most; and any hour has RATION_HOUR at most, which is
 * what a daemon asks that polls once a minute.
 *
 * Source: the limits of ntp 4.2.8 (`discard`: 8 s on average), NTPsec (20 packets at once) and
 * chrony (`ratelimit`: 8 s, burst of 8); the pool's terms of use; 20 an hour as NIST (2005), NICT
 * and others ask for by name.
 */
#define RATION_SPACING_NS (2 * NS_PER_S)
#define RATION_BURST 4
#define RATION_GAP_NS (64 * NS_PER_S)
#define RATION_HOUR 60
#define RATION_HOUR_STRICT 20 /* of a service whose terms say so */
#define RATION_HOUR_NS (3600 * NS_PER_S)

#define RATION_KEY_BYTES 320
#define RATION_ENTRIES_MAX 8192
#define RATION_TEXT_BYTES_MAX (4u << 20)

/* What is known of one address that was asked. */
struct ration_entry {
	char key[RATION_KEY_BYTES];    /* an address or a name, without blanks */
	int64_t asked_ns[RATION_HOUR]; /* the latest questions, oldest first */
	unsigned count;                /* of them */
	int64_t held_until_ns;         /* not to be asked before; 0: nobody said so */
	char kiss[5];                  /* what it said then: "RATE", "DENY" */
};

/* Zero-initialise it; ration_free() ends it.  All times are of one clock, the caller's. */
struct ration {
	struct ration_entry *list;
	size_t count, capacity;
};

void ration_free(struct ration *ration);

/* The entry of @key, or NULL. */
const struct ration_entry *ration_find(const struct ration *ration, const char *key);

/*
 * How many questions, of @wanted at most and RATION_SPACING_NS apart, may be put to @key from
 * @now_ns on.
 *
 * @hour: the most in an hour: RATION_HOUR or less
 */
unsigned ration_left(
    const struct ration *ration, const char *key, unsigned hour, unsigned wanted, int64_t now_ns);

/*
 * How long to wait until @wanted questions (RATION_BURST, or @hour, when that is less) may be put
 * to @key; 0: they may be put now.
 */
int64_t ration_wait_ns(
    const struct ration *ration, const char *key, unsigned hour, unsigned wanted, int64_t now_ns);

/*
 * Note that @count questions are put to @key from @now_ns on.  With RATION_ENTRIES_MAX other keys,
 * the one that was not asked for the longest time is forgotten.
 */
void ration_book(struct ration *ration, const char *key, unsigned count, int64_t now_ns);

/*
 * Note that @key answered with the kiss code @kiss: "RATE" ends the questions for four minutes,
 * every other code for an hour.
 */
void ration_kissed(struct ration *ration, const char *key, const char *kiss, int64_t now_ns);

/*
 * Grant questions to @address, which was found for @name (they may be the same), and book them for
 * both: so a name that leads to another address each time is asked no more often.
 *
 * Returns how many of @wanted may be put from @now_ns on.
 */
unsigned ration_grant(struct ration *ration, const char *name, const char *address, unsigned hour,
    unsigned wanted, int64_t now_ns);

/*
 * Add the entries to @text, a line each; times become ages at @now_ns.  What cannot matter any more
 * is left out.
 */
void ration_write(const struct ration *ration, int64_t now_ns, struct buf *text);

/*
 * The inverse, added to @ration, which must be empty: the ages are those at @at_ns.
 *
 * Returns 0, or -1 with @err set: the text is not of ration_write(); @ration is empty then.
 */
int ration_read(struct ration *ration, const char *text, size_t len, int64_t at_ns,
    struct error *err) MUST_CHECK;

#endif
