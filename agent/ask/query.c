#include "agent/ask/query.h"

#include "common/clock.h"

#include <stdio.h>

#define COMMAND_MS 5000
#define NTP_PORT 123

bool
query_is_running(const struct query *query)
{
	return query->program.running || query->control.running || query->brief.running;
}

static void
parse(struct query *query, const char *text, size_t len)
{
	struct daemon_status status;
	struct error err = { "" };

	if (query->driver->parse_status(text, len, &status, &err) < 0) {
		query->done(query, NULL, err.text);
	} else {
		query->done(query, &status, NULL);
	}
}

static void
on_program(struct program *program)
{
	struct query *query = program->owner;
	struct buf text = { .limit_bytes = 2 * PROGRAM_OUTPUT_BYTES };
	int64_t now_ns = clock_real_ns();
	char error[256];

	if (program->failure || (program->exit_status != 0 && program->output.len == 0)) {
		snprintf(error, sizeof(error), "%s: %s", query->driver->query_argv[0],
		    program->failure ? program->failure : "it failed and said nothing");
		query->done(query, NULL, error);
		return;
	}
	buf_printf(&text, "now,%lld.%09lld\n", (long long)(now_ns / NS_PER_S),
	    (long long)(now_ns % NS_PER_S));
	buf_add(&text, buf_str(&program->output), program->output.len);
	parse(query, buf_str(&text), text.len);
	buf_free(&text);
}

static void
on_control(struct control *control)
{
	struct query *query = control->owner;

	if (control->failure) {
		query->done(query, NULL, control->failure);
	} else {
		parse(query, buf_str(&control->text), control->text.len);
	}
}

static void
on_brief(struct brief *brief)
{
	struct query *query = brief->owner;

	query->done(query, brief->failure ? NULL : &brief->status, brief->failure);
}

void
query_start_confined(
    struct query *query, uv_loop_t *loop, const struct daemon_driver *driver, query_done done)
{
	if (driver->datagram) {
		query->driver = driver;
		query->done = done;
		query->brief.owner = query;
		brief_run(&query->brief, loop, driver->datagram, driver->datagram->port, on_brief);
	} else {
		query_start(query, loop, driver, done);
	}
}

void
query_start(
    struct query *query, uv_loop_t *loop, const struct daemon_driver *driver, query_done done)
{
	query->driver = driver;
	query->done = done;
	query->program.owner = query->control.owner = query;
	switch (driver->query) {
	case DAEMON_QUERY_COMMAND:
		program_run(&query->program, loop, driver->query_argv, COMMAND_MS, on_program);
		break;
	case DAEMON_QUERY_MODE6:
		control_run(&query->control, loop, NTP_PORT, on_control);
		break;
	}
}

void
query_free(struct query *query)
{
	program_free_output(&query->program);
	control_free_text(&query->control);
}
