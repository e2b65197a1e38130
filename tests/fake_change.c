#include "tests/fake_change.h"

#include <stdio.h>
#include <string.h>

static void
run(struct link *link UNUSED, const char *command UNUSED, int64_t timeout_ns UNUSED)
{
}

static void
tell(struct link *link, const char *bytes, size_t len)
{
	snprintf(link->said, sizeof(link->said), "%.*s", (int)len, bytes);
	link->words++;
}

static void
extend(struct link *link, int64_t timeout_ns)
{
	link->extended_ns = timeout_ns > link->extended_ns ? timeout_ns : link->extended_ns;
}

static void
close_link(struct link *link)
{
	link->closed = true;
}

static void
moved(void *ctx UNUSED, struct rollout_host *host UNUSED)
{
}

static void
over(void *ctx, struct rollout_host *host UNUSED)
{
	((struct fake_change *)ctx)->over++;
}

void
fake_change_begin(struct fake_change *change, enum host_step step, enum host_word word)
{
	*change = (struct fake_change){
		.transport = { NULL, run, tell, extend, close_link },
		.topology = { .rollout = { .confirm_within_ns = 60 * NS_PER_S } },
		.host = { .name = "time1", .role = HOST_SERVER, .tier = &change->tier },
	};
	uv_loop_init(&change->loop);
	change->request = (struct rollout_request){ .loop = &change->loop,
		.transport = &change->transport,
		.topology = &change->topology };
	change->owner = (struct host_owner){ .request = &change->request,
		.remote = { .confirm_s = 60 },
		.ctx = change,
		.moved = moved,
		.over = over };
	change->rollout.host = &change->host;
	change->rollout.step = step;
	change->work = (struct host_work){ .host = &change->rollout,
		.owner = &change->owner,
		.link = &change->link,
		.kind = WORK_APPLY,
		.word = word,
		.begun = step > HOST_STEP_CHECK || word >= WORD_BEGIN,
		.end_ms = uv_now(&change->loop) + 1000,
		.gate = { .unit = "chrony.service",
		    .confirm_within_ns = 60 * NS_PER_S,
		    .topology = &change->topology,
		    .host = &change->host } };
	change->work.begun &= word != WORD_STOP;
}

void
fake_change_end(struct fake_change *change)
{
	records_done(&change->work.records);
	work_access_stop(&change->work);
	uv_run(&change->loop, UV_RUN_DEFAULT);
	uv_loop_close(&change->loop);
	arena_free(&change->rollout.arena);
}

static void
take(void *ctx, const struct record *record)
{
	work_take_apply(ctx, record);
}

void
fake_change_feed(struct fake_change *change, const char *bytes, size_t len)
{
	struct records *records = &change->work.records;
	struct error err;

	if (change->over) {
		return;
	}
	if (!records->each) {
		*records = (struct records){ .each = take, .ctx = &change->work, .begun = true };
	}
	if (records_feed(records, bytes, len, &err)) {
		work_fail(&change->work, change->work.begun ? HOST_LOST : HOST_FAILED, "test");
	}
}
