/*
 * What is to be reported, in order of use: the latest report first, then those that waited.
 * Keeps, spools and tries again; its owner only puts reports in.
 */
#ifndef AGENT_UPLINK_OUTBOX_H
#define AGENT_UPLINK_OUTBOX_H

#include "agent/uplink/spool.h"
#include "agent/uplink/uplink.h"

/* outbox_init() begins it, outbox_close() ends it. */
struct outbox {
	struct uplink uplink;
	struct spool spool;
	uv_timer_t timer;     /* when to try again, or to send the next that waited */
	struct buf latest;    /* waits to be sent; empty: nothing */
	struct buf flight;    /* was the latest, and is on its way */
	struct buf waited;    /* of the spool, and is on its way */
	bool sending_waited;  /* what the uplink has is of the spool */
	uint64_t backoff_ms;  /* 0: the last try went well */
	uint64_t random;      /* spreads the tries of many hosts */
	bool spool_failed;    /* and was logged */
	char last_error[256]; /* that was logged; "": it goes well */
};

/*
 * @config: borrowed for as long as it lives
 * @folder: where undelivered reports are kept; where that fails it goes on without, and says so
 */
int outbox_init(struct outbox *outbox, uv_loop_t *loop, const struct agent_config *config,
    const char *folder, struct error *err) MUST_CHECK;

/* Send @report, which is copied, as soon as can be; one that still waits goes to the spool. */
void outbox_put(struct outbox *outbox, const char *report);

/* Do not wait for the end of a back-off: what comes next matters. */
void outbox_hurry(struct outbox *outbox);

/* Spool what is not delivered and end the connection; the loop must run once more. */
void outbox_close(struct outbox *outbox);

#endif
