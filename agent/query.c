#include "agent/query.h"

#include "common/clock.h"

#include <stdio.h>

#define COMMAND_MS 5000
#define NTP_PORT 123

bool
query_is_running(const struct query *query)
{
	return query->command.running || query->control.running;
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
on_command(struct command *command)
{
	struct query *query = command->owner;
	struct buf text = { .limit_bytes = 2 * COMMAND_OUTPUT_BYTES };
	int64_t now_ns = clock_real_ns();
	char error[256];

	if (command->failure || (command->exit_status != 0 && command->output.len == 0)) {
		snprintf(error, sizeof(error), "%s: %s", query->driver->query_argv[0],
		    command->failure ? command->failure : "it failed and said nothing");
		query->done(query, NULL, error);
		return;
	}
	buf_printf(&text, "now,%lld.%09lld\n", (long long)(now_ns / NS_PER_S),
	    (long long)(now_ns % NS_PER_S));
	buf_add(&text, buf_str(&command->output), command->output.len);
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

void
query_start(
    struct query *query, uv_loop_t *loop, const struct daemon_driver *driver, query_done done)
{
	query->driver = driver;
	query->done = done;
	query->command.owner = query->control.owner = query;
	switch (driver->query) {
	case DAEMON_QUERY_COMMAND:
		command_run(&query->command, loop, driver->query_argv, COMMAND_MS, on_command);
		break;
	case DAEMON_QUERY_MODE6:
		control_run(&query->control, loop, NTP_PORT, on_control);
		break;
	}
}

void
query_free(struct query *query)
{
	command_free_output(&query->command);
	control_free_text(&query->control);
}
