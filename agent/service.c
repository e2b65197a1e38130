#include "agent/service.h"

#include "agent/ask/names.h"
#include "agent/host/host.h"
#include "agent/look/sample.h"
#include "agent/pace.h"
#include "agent/uplink/outbox.h"
#include "agent/witness/witness.h"
#include "common/log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <uv.h>

#define FILES_MAX 64
/* The real-time clock is slow to read, and drifts by seconds a day at worst. */
#define RTC_EVERY_NS (600 * NS_PER_S)
#define NAMES_EVERY_NS (900 * NS_PER_S)
#define NAMES_MS 300000 /* of a round: a resolver that is down takes long over each name */

struct service {
	const struct agent_config *config;
	uv_loop_t loop;
	uv_signal_t term, interrupt;
	uv_timer_t due; /* the next look */
	struct sample sample;
	struct witness witness;
	struct name_lookup names;
	int64_t names_ns; /* CLOCK_BOOTTIME of the latest round; 0: none began */
	struct outbox outbox;
	int64_t started_ns;  /* CLOCK_BOOTTIME */
	int64_t rtc_read_ns; /* CLOCK_BOOTTIME; 0: never */
	bool again;          /* look once more: something happened during the look */
	bool stopping;
};

static void on_sample(struct sample *sample);

static void
look(struct service *service)
{
	if (service->sample.running) {
		service->again = true;
		return;
	}
	service->again = false;
	witness_looking(&service->witness);
	sample_start(&service->sample, &service->loop, service->config->daemon, on_sample);
}

static void
on_due(uv_timer_t *timer)
{
	look(timer->data);
}

static void
plan_next(struct service *service)
{
	int64_t now_ns = clock_boot_ns();
	int64_t interval_ns =
	    pace_interval_ns(now_ns - service->started_ns, service->config->interval_ns);
	int64_t next_ns = pace_next_ns(service->config->host, now_ns, interval_ns);
	int64_t soon_ns = witness_wants_ns(&service->witness, now_ns);

	if (soon_ns > 0 && next_ns > now_ns + soon_ns) {
		next_ns = now_ns + soon_ns;
	}

	uv_update_time(&service->loop);
	uv_timer_start(&service->due, on_due, (uint64_t)((next_ns - now_ns) / NS_PER_MS) + 1, 0);
}

/* Fill in the members of the report that a sample does not know. */
static void
complete(struct service *service, struct report *report)
{
	report->seq++;
	report->interval_ns = service->config->interval_ns;
	if (service->rtc_read_ns == 0 || report->boot_ns - service->rtc_read_ns > RTC_EVERY_NS) {
		report->rtc_offset_ns = host_rtc_offset_ns("", report->real_ns);
		service->rtc_read_ns = report->boot_ns;
	}
}

static void
on_names(struct name_lookup *names UNUSED)
{
	/* the next report has the names */
}

/* Look up names seldom: servers rarely change addresses, and each round loads a resolver. */
static void
look_up_names(struct service *service, const struct report *report)
{
	if (!service->names.running && service->sample.policy.known &&
	    (service->names_ns == 0 || report->boot_ns - service->names_ns > NAMES_EVERY_NS)) {
		service->names_ns = report->boot_ns;
		name_lookup_run(
		    &service->names, &service->loop, &service->sample.policy, NAMES_MS, on_names);
	}
}

static void
log_changes(const struct report *report, const struct report *before)
{
	if (report->answered != before->answered || report->measured != before->measured ||
	    strcmp(report->daemon, before->daemon) != 0 ||
	    strcmp(report->error, before->error) != 0) {
		if (report->answered) {
			log_info("%s %s answers", report->daemon, report->status.version);
		} else if (report->measured) {
			log_info("%s; its servers are asked instead", report->error);
		} else {
			log_warning("no status: %s", report->error);
		}
	}
}

static void
on_sample(struct sample *sample)
{
	static struct report before;
	struct service *service = sample->owner;
	char *text;

	if (service->stopping) {
		return;
	}
	complete(service, &sample->report);
	witness_sampled(&service->witness, sample);
	name_lookup_report(&service->names, "", sample->pid, &sample->report);
	look_up_names(service, &sample->report);
	log_changes(&sample->report, &before);
	before = sample->report;
	text = report_encode(&sample->report);
	outbox_put(&service->outbox, text);
	free(text);
	if (service->again) {
		look(service);
	} else {
		plan_next(service);
	}
}

static void
on_wants_look(struct witness *witness)
{
	look(witness->owner);
}

/* Report at once, whatever the interval is. */
static void
on_wants_report(struct witness *witness)
{
	struct service *service = witness->owner;

	service->rtc_read_ns = 0;
	sample_forget(&service->sample);
	outbox_hurry(&service->outbox);
	look(service);
}

static void
on_signal(uv_signal_t *handle, int number UNUSED)
{
	struct service *service = handle->data;

	if (service->stopping) {
		return;
	}
	service->stopping = true;
	witness_stop(&service->witness);
	name_lookup_close(&service->names);
	outbox_close(&service->outbox);
	uv_close((uv_handle_t *)&service->due, NULL);
	uv_close((uv_handle_t *)&service->term, NULL);
	uv_close((uv_handle_t *)&service->interrupt, NULL);
}

/* The agent only asks and reads; what it starts (chronyc) must not gain rights that it lacks. */
static int
confine(struct error *err)
{
	const struct rlimit files = { FILES_MAX, FILES_MAX }, core = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    setrlimit(RLIMIT_CORE, &core) < 0) {
		return error_set(err, "cannot give up privileges");
	}
	setenv("UV_THREADPOOL_SIZE", "2", 1); /* to look up a collector and a source at once */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static void
start_signal(struct service *service, uv_signal_t *handle, int number)
{
	uv_signal_init(&service->loop, handle);
	handle->data = service;
	uv_signal_start(handle, on_signal, number);
}

int
service_run(const struct agent_config *config, const char *state, struct error *err)
{
	static const struct witness_calls calls = { on_wants_look, on_wants_report };
	static struct service service; /* large, and there is only one */

	if (confine(err) < 0) {
		return -1;
	}
	service.config = config;
	service.started_ns = clock_boot_ns();
	service.sample.stand_in.servers = config->measures;
	service.sample.stand_in.server_count = config->measure_count;
	service.sample.owner = service.witness.owner = &service;
	service.witness.folder = state;
	service.witness.window_ns = config->proof_window_ns;
	uv_loop_init(&service.loop);
	if (outbox_init(&service.outbox, &service.loop, config, state, err) < 0) {
		return -1;
	}
	host_introduce("", config->host, &service.sample.report);
	uv_timer_init(&service.loop, &service.due);
	service.due.data = &service;
	start_signal(&service, &service.term, SIGTERM);
	start_signal(&service, &service.interrupt, SIGINT);
	witness_start(&service.witness, &service.loop, service.sample.report.boot_id, &calls);
	log_info("reporting as %s to %zu collectors", config->host, config->collector_count);
	look(&service);
	uv_run(&service.loop, UV_RUN_DEFAULT);
	sample_free(&service.sample);
	witness_free(&service.witness);
	uv_loop_close(&service.loop);
	return 0;
}
