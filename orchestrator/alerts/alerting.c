#include "orchestrator/alerts/alerting.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "orchestrator/alerts/alerts.h"
#include "orchestrator/alerts/send.h"
#include "orchestrator/alerts/words.h"
#include "orchestrator/topology/alert_way.h"
#include "orchestrator/topology/topology.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 5000
#define KEPT_BYTES_MAX (16 << 20)
#define WAIT_FIRST_NS (10 * NS_PER_S) /* after a failure; then twice as long each time, */
#define WAIT_DOUBLED_MAX 6            /* so often */

/* The way whose number in the site this is; another one after the site was read again. */
struct post {
	struct alerting *alerting;
	char way[ALERT_NAME_BYTES];
	struct sending *sending; /* NULL: nothing is on its way */
	struct alert_due *due;   /* what is on its way */
	size_t due_count;
	unsigned fails;
	int64_t next_ns; /* not before, by the boot clock */
};

struct alerting {
	uv_loop_t *loop;
	uv_timer_t tick;
	struct alerting_source source;
	struct alerts alerts;
	struct post posts[ALERT_WAYS_MAX];
	char path[PATH_MAX];
	bool save_fails, stopped;
};

static void
save(struct alerting *alerting)
{
	struct error err;
	char *text;
	int status;

	if (!alerting->alerts.changed) {
		return;
	}
	text = alerts_encode(&alerting->alerts);
	status = file_replace(alerting->path, text, strlen(text), 0600, &err);
	free(text);
	if (status < 0 && !alerting->save_fails) {
		log_error("alerts: %s: after a restart some may be told twice", err.text);
	}
	alerting->save_fails = status < 0;
	alerting->alerts.changed = status < 0;
}

static void
sent(void *context, bool done, const char *words)
{
	struct post *post = context;
	int64_t wait_ns;

	post->sending = NULL;
	if (done) {
		post->fails = 0;
		for (size_t i = 0; i < post->due_count; i++) {
			alerts_note(
			    &post->alerting->alerts, post->way, &post->due[i], clock_real_ns());
		}
	} else if (!post->alerting->stopped) {
		wait_ns = WAIT_FIRST_NS
		    << (post->fails < WAIT_DOUBLED_MAX ? post->fails : WAIT_DOUBLED_MAX);
		post->fails++;
		post->next_ns = clock_boot_ns() + wait_ns;
		log_warning("alerts: way=%s: %s; it is tried again in %d s", post->way, words,
		    (int)(wait_ns / NS_PER_S));
	}
	free(post->due);
	post->due = NULL;
	post->due_count = 0;
	if (!post->alerting->stopped) {
		save(post->alerting);
	}
}

/* The program of a way, NULL-ended. */
static const char *const *
argv_of(const struct alert_way *way, const char *own[2])
{
	/* -q: no .curlrc; certificates are verified, which is what curl does unless it is told not
	 * to */
	static const char *const curl[] = { "curl", "-q", "--silent", "--show-error", "--fail",
		"--output", "/dev/null", "--max-time", "10", "--proto", "=http,https", "--config",
		"-", NULL };
	static const char *const sendmail[] = { "/usr/sbin/sendmail", "-t", "-i", NULL };
	static const char *const logger[] = { "logger", "-t", "timetier", "-p", "daemon.warning",
		NULL };

	own[0] = way->command;
	own[1] = NULL;
	return way->webhook ? curl : way->mail ? sendmail : way->syslog ? logger : own;
}

static void
tell(struct alerting *alerting, struct post *post, const struct alert_way *way, const char *site)
{
	int64_t real_ns = clock_real_ns(), boot_ns = clock_boot_ns();
	struct buf words = { 0 };
	const char *own[2];

	if (strcmp(post->way, way->name) != 0) {
		snprintf(post->way, sizeof(post->way), "%s", way->name);
		post->fails = 0;
		post->next_ns = 0;
	}
	if (boot_ns < post->next_ns) {
		return;
	}
	post->due_count = alerts_due(&alerting->alerts, way, real_ns, boot_ns, &post->due);
	if (post->due_count == 0) {
		return;
	}
	alert_words(way, site, post->due, post->due_count, real_ns, &words);
	post->sending = send_by(alerting->loop, argv_of(way, own), &words, sent, post);
}

static void
tick(uv_timer_t *timer)
{
	struct alerting *alerting = timer->data;
	const struct topology *topology = alerting->source.topology(alerting->source.context);

	alerts_update(&alerting->alerts, alerting->source.conditions(alerting->source.context),
	    clock_real_ns(), clock_boot_ns());
	for (size_t i = 0; i < topology->alert_count && i < ALERT_WAYS_MAX; i++) {
		if (!alerting->posts[i].sending) {
			tell(alerting, &alerting->posts[i], &topology->alerts[i], topology->site);
		}
	}
	save(alerting);
}

static int
read_kept(struct alerting *alerting, struct error *err)
{
	struct buf text = { .limit_bytes = KEPT_BYTES_MAX };
	int status = 0;

	if (access(alerting->path, F_OK) == 0) {
		status = file_read(alerting->path, &text, err);
		if (status == 0) {
			status = alerts_decode(&alerting->alerts, buf_str(&text), text.len, err);
		}
	}
	buf_free(&text);
	return status == 0 ? 0 : error_wrap(err, "%s", alerting->path);
}

struct alerting *
alerting_start(
    uv_loop_t *loop, const char *folder, const struct alerting_source *source, struct error *err)
{
	struct alerting *alerting = calloc(1, sizeof(*alerting));

	if (!alerting) {
		abort();
	}
	alerting->loop = loop;
	alerting->source = *source;
	alerting->alerts.begun_ns = clock_boot_ns();
	for (size_t i = 0; i < ALERT_WAYS_MAX; i++) {
		alerting->posts[i].alerting = alerting;
	}
	snprintf(alerting->path, sizeof(alerting->path), "%s/alerts.json", folder);
	if (read_kept(alerting, err) < 0) {
		free(alerting);
		return NULL;
	}
	uv_timer_init(loop, &alerting->tick);
	alerting->tick.data = alerting;
	uv_timer_start(&alerting->tick, tick, TICK_MS, TICK_MS);
	return alerting;
}

void
alerting_stop(struct alerting *alerting)
{
	alerting->stopped = true;
	uv_close((uv_handle_t *)&alerting->tick, NULL);
	for (size_t i = 0; i < ALERT_WAYS_MAX; i++) {
		if (alerting->posts[i].sending) {
			send_end(alerting->posts[i].sending);
		}
	}
	save(alerting);
}

void
alerting_free(struct alerting *alerting)
{
	if (alerting) {
		alerts_done(&alerting->alerts);
		free(alerting);
	}
}
