/*
 * Asks what a host answers over the network: first while its new files are uploaded, and again when
 * its time is good.  The second time, other servers are asked for the time as well.
 */
#include "orchestrator/rollout/host/work.h"

#include <stdio.h>

#define OTHERS_MAX 6
#define APART_MS 4000 /* with `limited`, ntpd drops questions less than 2 s apart */

/* Whether to ask at all: only an action on the daemon can have changed what it answers. */
static bool
is_asked(const struct host_work *work)
{
	const struct rollout_request *request = work->owner->request;

	return request->asks_access && request->kind == ROLLOUT_FILES && work->host->driver &&
	    plan_action(&work->host->plan) != FILE_ACTION_NONE;
}

/* Find other servers, those of the host's own tier first; for a client, none. */
static size_t
find_others(const struct host_work *work, const struct host *list[OTHERS_MAX])
{
	const struct topology *topology = work->owner->request->topology;
	const struct host *host = work->host->host;
	size_t count = 0;

	for (int own = 1; own >= 0 && host->role == HOST_SERVER; own--) {
		for (size_t i = 0; i < topology->server_count && count < OTHERS_MAX; i++) {
			const struct host *other = &topology->hosts[i];

			if (other != host && (other->tier == host->tier) == own) {
				list[count++] = other;
			}
		}
	}
	return count;
}

static void
on_asked(void *ctx)
{
	struct host_work *work = ctx;
	struct access_round *round = &work->rounds[work->asking];
	size_t count;
	const struct access_seen *seen = ask_seen(work->ask, &count);
	void (*then)(struct host_work *) = work->then;

	for (round->count = 0; round->count < count; round->count++) {
		round->seen[round->count] = seen[round->count];
	}
	round->over = true;
	if (work->asking == ACCESS_AFTER) {
		work->asked_ms = uv_now(work->owner->request->loop);
		work->gate.heard = work->heard;
		work->gate.heard_count =
		    access_clocks(seen, count, work->host->host, work->heard, COUNT(work->heard));
	}
	work_access_stop(work);
	if (then) {
		then(work);
	}
}

static void
start(struct host_work *work, enum access_moment moment)
{
	const struct rollout_request *request = work->owner->request;
	const struct host *others[OTHERS_MAX];
	struct ask_settings settings = { .loop = request->loop,
		.port = request->ntp_port,
		.host = work->host->host,
		.others = others,
		.ctx = work,
		.done = on_asked };

	settings.other_count = moment == ACCESS_AFTER ? find_others(work, others) : 0;
	work->asking = moment;
	work->rounds[moment].over = false;
	work->ask = ask_start(&settings);
}

void
work_access_start(struct host_work *work)
{
	work_access_stop(work);
	work->rounds[ACCESS_BEFORE] = work->rounds[ACCESS_AFTER] = (struct access_round){ 0 };
	work->asked_ms = 0;
	work->access_words[0] = '\0';
	/* a client answers nobody, so it cannot stop answering */
	if (is_asked(work) && work->host->host->role == HOST_SERVER) {
		start(work, ACCESS_BEFORE);
	}
}

bool
work_access_waits(struct host_work *work, void (*then)(struct host_work *work))
{
	if (work->ask) {
		work->then = then;
	}
	return work->ask != NULL;
}

bool
work_access_ask(struct host_work *work, void (*then)(struct host_work *work))
{
	uint64_t passed_ms = uv_now(work->owner->request->loop) - work->asked_ms;

	if (!is_asked(work) || work->rounds[ACCESS_AFTER].over ||
	    (work->asked_ms > 0 && passed_ms < APART_MS)) {
		return false;
	}
	start(work, ACCESS_AFTER);
	work->then = then;
	return true;
}

enum gate_answer
work_access_judge(struct host_work *work)
{
	struct access_round *after = &work->rounds[ACCESS_AFTER];
	struct access_case input = { .topology = work->owner->request->topology,
		.host = work->host->host,
		.driver = work->host->driver,
		.before = work->rounds[ACCESS_BEFORE].seen,
		.before_count = work->rounds[ACCESS_BEFORE].count,
		.now = after->seen,
		.now_count = after->count,
		.via = work->host->facts.via };
	char *words = work->access_words;
	enum access_result result;

	if (!is_asked(work)) {
		return GATE_KEEP;
	}
	if (!after->over) { /* too soon to ask again: the last words still hold */
		snprintf(work->words, sizeof(work->words), "%s", words);
		return GATE_AGAIN;
	}
	/* the answers hold for this moment alone: the next look asks again */
	after->over = false;
	work->gate.heard_count = 0;
	result = access_judge(&input, words);
	if (result == ACCESS_RIGHT) {
		return GATE_KEEP;
	}
	snprintf(work->words, sizeof(work->words), "%s", words);
	return result == ACCESS_OPEN ? GATE_BACK : GATE_AGAIN;
}

void
work_access_stop(struct host_work *work)
{
	ask_free(work->ask);
	work->ask = NULL;
	work->then = NULL;
}
