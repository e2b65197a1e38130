#include "orchestrator/probe/here.h"

#include "common/clock.h"
#include "orchestrator/probe/nts.h"
#include "orchestrator/probe/nts_tls.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 16 /* at once: 512 addresses, each with a socket of its own */
#define HANDSHAKES 32

struct here {
	uv_loop_t *loop;
	const struct probe_how *how;
	struct probe_view *views;
	size_t count;
	struct asked *asked;
	const struct probe_watcher *watcher;
	size_t next, done;           /* views */
	size_t next_nts;             /* the next view to be looked at for a handshake */
	unsigned rounds, handshakes; /* at work */
};

struct work {
	struct here *here;
	struct round round;
	struct measure measure;
};

static void start_rounds(struct here *here);

/* Book before the first question is put: who dies has asked, too. */
static unsigned
grant(void *ctx, size_t source, const char *address, unsigned wanted)
{
	struct work *work = ctx;
	struct asked *asked = work->here->asked;
	struct error err;
	unsigned granted = ration_grant(&asked->ration, work->round.questions.names[source],
	    address, work->round.questions.hours[source], wanted, clock_boot_ns());

	/* what cannot be written down is not asked */
	return granted > 0 && asked_save(asked, &err) == 0 ? granted : 0;
}

static void
tell(const struct here *here)
{
	if (here->watcher) {
		here->watcher->tell(here->watcher->ctx, here->done, here->count);
	}
}

static void
on_measured(struct measure *measure)
{
	struct work *work = measure->owner;
	struct here *here = work->here;
	struct error err;

	round_take(&work->round, measure);
	round_kisses(&work->round, &here->asked->ration, clock_boot_ns());
	if (asked_save(here->asked, &err) < 0) {
		here->next = here->count;
	}
	here->done += work->round.questions.request.count;
	here->rounds--;
	questions_free(&work->round.questions);
	free(work);
	tell(here);
	start_rounds(here);
}

static void
start_rounds(struct here *here)
{
	while (here->rounds < ROUNDS && here->next < here->count) {
		struct work *work = calloc(1, sizeof(*work));

		if (!work) {
			abort();
		}
		work->here = here;
		here->next =
		    round_make(&work->round, here->how, here->views, here->count, here->next);
		work->round.questions.request.grant = grant;
		work->round.questions.request.grant_ctx = work;
		work->measure.owner = work;
		here->rounds++;
		measure_run(
		    &work->measure, here->loop, &work->round.questions.request, on_measured);
	}
}

static void start_handshakes(struct here *here);

static void
on_shaken(void *ctx)
{
	struct here *here = ctx;

	here->handshakes--;
	start_handshakes(here);
}

/* One handshake for each upstream with NTS, at its first address: a daemon asks no other. */
static void
start_handshakes(struct here *here)
{
	for (; here->how->nts && here->handshakes < HANDSHAKES && here->next_nts < here->count;
	     here->next_nts++) {
		struct probe_view *view = &here->views[here->next_nts];
		const struct nts_tls_place place = { view->address->text, here->how->nts_port,
			NTS_TLS_MS };
		char key[RATION_KEY_BYTES] = "nts:";
		struct error err;

		strncat(key, view->address->text, sizeof(key) - 5);
		if (view->upstream->nts && view->address == view->upstream->addresses.list &&
		    ration_grant(&here->asked->ration, key, key, RATION_HOUR_STRICT, 1,
			clock_boot_ns()) == 1 &&
		    asked_save(here->asked, &err) == 0) {
			here->handshakes++;
			nts_tls_start(here->loop, &place, &view->nts, on_shaken, here);
		}
	}
}

void
probe_here(uv_loop_t *loop, const struct probe_how *how, struct probe_view *views, size_t count,
    struct asked *asked, const struct probe_watcher *watcher)
{
	struct here here = { .loop = loop,
		.how = how,
		.views = views,
		.count = count,
		.asked = asked,
		.watcher = watcher };

	signal(SIGPIPE, SIG_IGN); /* a server of NTS may close its connection when it likes */
	tell(&here);
	start_rounds(&here);
	start_handshakes(&here);
	while (here.rounds > 0 || here.handshakes > 0) {
		uv_run(loop, UV_RUN_ONCE);
	}
}
