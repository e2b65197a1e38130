/*
 * Reports on their way to the collectors: the latest report goes first, then those that waited.
 * The outbox keeps, spools and tries again; its owner only puts reports in.
 */
#ifndef AGENT_UPLINK_OUTBOX_H
#define AGENT_UPLINK_OUTBOX_H

#include "agent/uplink/spool.h"
#include "agent/uplink/standing.h"
#include "agent/uplink/uplink.h"

/* outbox_init() begins it, outbox_close() ends it. */
struct outbox {
	struct uplink uplink;
	struct spool spool;
	uv_timer_t timer;     /* when to try again, or to send the next that waited */
	struct buf latest;    /* the latest report, which waits to be sent; empty: none */
	struct buf flight;    /* the report that was the latest, and is on its way */
	struct buf waited;    /* the report of the spool that is on its way */
	bool sending_waited;  /* what the uplink sends is waited, not flight */
	uint64_t backoff_ms;  /* 0: the last try went well */
	uint64_t random;      /* spreads the tries of many hosts */
	bool spool_failed;    /* the spool failed, and that was logged */
	char last_error[256]; /* the last error that was logged; "": none */
	char folder[480];
	enum standing standing; /* as it is kept in the folder, with these words */
	char standing_words[STANDING_WORDS_BYTES];
};

/*
 * @config: borrowed until outbox_close()
 * @folder: for undelivered reports, and how they fare (standing.h); where it cannot be used, the
 *          outbox logs that and goes on
 */
int outbox_init(struct outbox *outbox, uv_loop_t *loop, const struct agent_config *config,
    const char *folder, struct error *err) MUST_CHECK;

/* Send @report (copied) as soon as possible; an earlier one that still waits is spooled. */
void outbox_put(struct outbox *outbox, const char *report);

/* Do not wait for the end of a back-off: the next report matters. */
void outbox_hurry(struct outbox *outbox);

/* Spool what is not delivered and end the connection; the loop must run once more. */
void outbox_close(struct outbox *outbox);

#endif
