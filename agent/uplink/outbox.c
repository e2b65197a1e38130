#include "agent/uplink/outbox.h"

#include "common/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define SPOOL_BYTES (8U << 20) /* some 4000 reports: a day of a client, five hours of a server */
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 60000
#define DENIED_MS 60000
#define WAITED_MS                                                                                  \
	100 /* between two reports that waited: after an outage many hosts send theirs             \
	     */

static void work(struct outbox *outbox);

/* Returns a number below @range by xorshift, which is good enough to spread tries. */
static uint64_t
spread(struct outbox *outbox, uint64_t range)
{
	outbox->random ^= outbox->random << 13;
	outbox->random ^= outbox->random >> 7;
	outbox->random ^= outbox->random << 17;
	return range ? outbox->random % range : 0;
}

static void
on_timer(uv_timer_t *timer)
{
	work(timer->data);
}

static void
work_in(struct outbox *outbox, uint64_t ms)
{
	uv_timer_start(&outbox->timer, on_timer, ms, 0);
}

static void
keep(struct outbox *outbox, const char *report)
{
	struct error err;

	if (spool_add(&outbox->spool, report, &err) < 0) {
		if (!outbox->spool_failed) {
			log_warning("%s", err.text);
		}
		outbox->spool_failed = true;
	} else {
		outbox->spool_failed = false;
	}
}

/* Keep how the reports fare, where that has changed. */
static void
note_standing(struct outbox *outbox, enum standing standing, const char *words)
{
	if (outbox->standing == standing && strcmp(outbox->standing_words, words) == 0) {
		return;
	}
	outbox->standing = standing;
	snprintf(outbox->standing_words, sizeof(outbox->standing_words), "%s", words);
	standing_keep(outbox->folder, standing, outbox->uplink.config->host, words);
}

static void
note_error(struct outbox *outbox, const char *error)
{
	if (strcmp(outbox->last_error, error) != 0) {
		log_warning("cannot report: %s", error);
		snprintf(outbox->last_error, sizeof(outbox->last_error), "%s", error);
	}
}

static void
note_success(struct outbox *outbox)
{
	outbox->backoff_ms = 0;
	if (outbox->last_error[0]) {
		log_info("reporting again; %zu bytes waited", spool_waiting(&outbox->spool));
		outbox->last_error[0] = '\0';
	}
}

/* Drop the report that was on its way. */
static void
forget(struct outbox *outbox)
{
	if (outbox->sending_waited) {
		spool_drop(&outbox->spool);
	} else {
		buf_reset(&outbox->flight);
	}
}

/* The report was not delivered: it is the latest again, or is spooled when there is a newer one. */
static void
take_back(struct outbox *outbox)
{
	if (outbox->sending_waited) {
		return;
	}
	if (outbox->latest.len > 0) {
		keep(outbox, outbox->flight.data);
	} else {
		buf_add(&outbox->latest, outbox->flight.data, outbox->flight.len);
	}
	buf_reset(&outbox->flight);
}

static void
back_off(struct outbox *outbox, uint64_t least_ms)
{
	uint64_t ms = 2 * outbox->backoff_ms;

	ms = ms < least_ms ? least_ms : ms;
	ms = ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
	outbox->backoff_ms = ms;
	work_in(outbox, ms / 2 + spread(outbox, ms));
}

static void
on_sent(struct uplink *uplink, enum uplink_outcome outcome, const char *error)
{
	struct outbox *outbox = uplink->owner;

	switch (outcome) {
	case UPLINK_DELIVERED:
		note_success(outbox);
		note_standing(outbox, STANDING_TAKEN, "");
		forget(outbox);
		work_in(outbox, WAITED_MS / 2 + spread(outbox, WAITED_MS));
		break;
	case UPLINK_REJECTED:
		log_error("a report is refused for good: %s", error);
		forget(outbox);
		work_in(outbox, WAITED_MS);
		break;
	case UPLINK_DENIED:
		note_error(outbox, error);
		note_standing(outbox, STANDING_REFUSED, error);
		take_back(outbox);
		back_off(outbox, DENIED_MS);
		break;
	case UPLINK_FAILED:
		note_error(outbox, error);
		note_standing(outbox, STANDING_FAILS, error);
		take_back(outbox);
		back_off(outbox, BACKOFF_FIRST_MS);
		break;
	}
	outbox->sending_waited = false;
}

/* Send the next report, if there is one and none is on its way. */
static void
work(struct outbox *outbox)
{
	if (outbox->uplink.busy) {
		return;
	}
	if (outbox->latest.len > 0) {
		buf_add(&outbox->flight, outbox->latest.data, outbox->latest.len);
		buf_reset(&outbox->latest);
		uplink_send(&outbox->uplink, outbox->flight.data, on_sent);
		return;
	}
	while (spool_next(&outbox->spool, &outbox->waited)) {
		if (outbox->waited.len > 0 && !outbox->waited.overflowed) {
			outbox->sending_waited = true;
			uplink_send(&outbox->uplink, outbox->waited.data, on_sent);
			return;
		}
		spool_drop(&outbox->spool); /* not a report: a broken disk left it */
	}
}

int
outbox_init(struct outbox *outbox, uv_loop_t *loop, const struct agent_config *config,
    const char *folder, struct error *err)
{
	char path[512];

	*outbox = (struct outbox){ .waited = { .limit_bytes = 65536 } };
	if (uplink_init(&outbox->uplink, loop, config, err) < 0) {
		return -1;
	}
	outbox->uplink.owner = outbox;
	snprintf(outbox->folder, sizeof(outbox->folder), "%s", folder);
	standing_forget(folder);
	snprintf(path, sizeof(path), "%s/spool", folder);
	if (spool_open(&outbox->spool, path, SPOOL_BYTES, err) < 0) {
		log_warning("%s; reports are lost while no collector takes them", err->text);
	}
	while (outbox->random == 0 && getrandom(&outbox->random, sizeof(outbox->random), 0) < 0) {
	}
	outbox->random |= 1;
	uv_timer_init(loop, &outbox->timer);
	outbox->timer.data = outbox;
	return 0;
}

void
outbox_put(struct outbox *outbox, const char *report)
{
	if (outbox->latest.len > 0) {
		keep(outbox, outbox->latest.data);
		buf_reset(&outbox->latest);
	}
	buf_text(&outbox->latest, report);
	if (outbox->backoff_ms == 0) {
		work(outbox);
	}
}

void
outbox_hurry(struct outbox *outbox)
{
	outbox->backoff_ms = 0;
}

void
outbox_close(struct outbox *outbox)
{
	if (outbox->flight.len > 0) {
		keep(outbox, outbox->flight.data);
	}
	if (outbox->latest.len > 0) {
		keep(outbox, outbox->latest.data);
	}
	uplink_close(&outbox->uplink);
	spool_close(&outbox->spool);
	uv_close((uv_handle_t *)&outbox->timer, NULL);
	buf_free(&outbox->latest);
	buf_free(&outbox->flight);
	buf_free(&outbox->waited);
}
