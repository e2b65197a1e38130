#include "tests/fake_visit.h"

#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static uv_loop_t loop;
static struct visit_way by = { ssh_transport_new, ssh_transport_free };

void
visit_by(const struct visit_way *way)
{
	by = *way;
}

static void
run_once(struct visit *visit)
{
	visit->runs--;
	visit->transport->run(visit->link, visit->command, visit->timeout_ns);
	visit->transport->write(visit->link, visit->input, visit->input_len);
}

static void
opened(void *ctx)
{
	struct visit *visit = ctx;

	visit->events_late += visit->done;
	visit->opened = true;
	run_once(visit);
}

static void
output(void *ctx, const char *bytes, size_t len)
{
	struct visit *visit = ctx;

	visit->events_late += visit->done;
	buf_add(&visit->output, bytes, len);
}

static void
ended(void *ctx, int exit_status, const char *complaint)
{
	struct visit *visit = ctx;

	visit->events_late += visit->done;
	visit->exit_status = exit_status;
	snprintf(visit->complaint, sizeof(visit->complaint), "%s", complaint);
	if (visit->runs > 0) {
		run_once(visit);
		return;
	}
	visit->done = true;
	visit->transport->close(visit->link);
}

static void
failed(void *ctx, enum link_step step, const struct error *err)
{
	struct visit *visit = ctx;

	visit->events_late += visit->done;
	visit->done = visit->failed = true;
	visit->step = step;
	visit->err = *err;
	visit->transport->close(visit->link);
}

static void
murmured(void *ctx, const char *bytes, size_t len)
{
	struct visit *visit = ctx;

	visit->events_late += visit->done;
	if (visit->answer_to && len == strlen(visit->answer_to) &&
	    memcmp(bytes, visit->answer_to, len) == 0) {
		visit->transport->write(visit->link, visit->answer, strlen(visit->answer));
	}
}

static void
close_now(uv_timer_t *timer)
{
	struct visit *visit = timer->data;

	if (!visit->done) {
		visit->done = true;
		visit->transport->close(visit->link);
	}
	uv_close((uv_handle_t *)timer, NULL);
}

static void
note(void *ctx, const char *text)
{
	struct visit *visit = ctx;

	snprintf(visit->note, sizeof(visit->note), "%s", text);
}

void
visit_host(struct visit *visit, const struct fake_sshd *sshd, struct link_target *target,
    struct ssh_options *options)
{
	struct link_events events = {
		.ctx = visit,
		.opened = opened,
		.output = output,
		.ended = ended,
		.failed = failed,
		.murmured = murmured,
		.note = note,
	};
	struct transport *transport;
	uv_timer_t timer;
	struct error err;
	char known[160], identity[160];

	snprintf(known, sizeof(known), "%s/known_hosts", sshd->folder);
	snprintf(identity, sizeof(identity), "%s/id", sshd->folder);
	target->host = target->host ? target->host : "127.0.0.1";
	target->port = target->port ? target->port : sshd->port;
	target->user = target->user ? target->user : getpwuid(getuid())->pw_name;
	if (!target->identity && !visit->no_identity) {
		target->identity = identity;
	}
	if (!options->known_hosts && !visit->by_config) {
		options->known_hosts = known;
	}
	options->timeout_ns = options->timeout_ns ? options->timeout_ns : 60 * NS_PER_S;
	visit->command = visit->command ? visit->command : "cat";
	visit->input = visit->input ? visit->input : "";
	visit->timeout_ns = visit->timeout_ns ? visit->timeout_ns : 60 * NS_PER_S;
	visit->runs = visit->runs ? visit->runs : 1;

	uv_loop_init(&loop);
	err.text[0] = '\0';
	if (by.make(&loop, options, &transport, &err)) {
		fail_msg("%s", err.text);
	}
	visit->transport = transport;
	visit->link = transport->open(transport, target, &events);
	if (visit->close_ms) {
		uv_timer_init(&loop, &timer);
		timer.data = visit;
		uv_timer_start(&timer, close_now, visit->close_ms, 0);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(visit->done);
	by.end(transport);
	assert_int_equal(uv_loop_close(&loop), 0);
}

void
assert_visit_failed(const struct visit *visit, enum link_step step, const char *words)
{
	assert_true(visit->failed);
	if (visit->step != step || !strstr(visit->err.text, words)) {
		fail_msg("step %s: %s\nwanted %s: ...%s...", link_step_name(visit->step),
		    visit->err.text, link_step_name(step), words);
	}
}

void
assert_visit_ran(const struct visit *visit, const char *text)
{
	if (visit->failed) {
		fail_msg("step %s: %s", link_step_name(visit->step), visit->err.text);
	}
	assert_string_equal(buf_str(&visit->output), text);
}

int
visit_set_up(void **state)
{
	static struct fake_sshd sshd;

	unsetenv("SSH_AUTH_SOCK");
	signal(SIGPIPE, SIG_IGN);
	if (!fake_sshd_available()) {
		print_message("skipped: no sshd here (package openssh-server)\n");
		exit(EXIT_SUCCESS);
	}
	fake_sshd_start(&sshd, "");
	setenv("HOME", sshd.folder, 1);
	*state = &sshd;
	return 0;
}

int
visit_tear_down(void **state)
{
	fake_sshd_stop(*state);
	return 0;
}
