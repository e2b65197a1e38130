#include "agent/ask/query.h"

#include "agent/ask/holder.h"
#include "agent/host/process.h"
#include "common/clock.h"
#include "common/file.h"

#include <stdio.h>
#include <unistd.h>

#define COMMAND_MS 5000
#define HOST "" /* the root of the host's files */

bool
query_is_running(const struct query *query)
{
	return query->program.running || query->control.running || query->brief.running ||
	    query->dialogue.running;
}

/* Returns the user ID of the daemon's process, which may be an account of the site's own; or -1. */
static long
daemons_own(const struct daemon_driver *driver)
{
	struct process_list processes = { .count = 0 };
	const struct process *process;
	long uid;

	process_list_read(HOST, &processes);
	process = process_find(&processes, file_name(driver->binary));
	uid = process && process->proven ? process->uid : -1;
	process_list_free(&processes);
	return uid;
}

static long
find_stranger(const struct query *query)
{
	uint16_t port = query->driver->query_port;
	long found = port != 0 ? holder_stranger(HOST, port, -1) : HOLDER_NONE;

	return found >= 0 ? holder_stranger(HOST, port, daemons_own(query->driver)) : found;
}

/* Whether a stranger could have answered; he may have taken the port only after the question. */
static bool
is_taken(struct query *query, char *words, size_t size)
{
	if (query->stranger == HOLDER_NONE) {
		query->stranger = find_stranger(query);
	}
	if (query->stranger == HOLDER_UNKNOWN) {
		snprintf(words, size, "nobody can tell who answers at UDP port %u: %s",
		    query->driver->query_port, "/proc/net/udp has too many sockets");
	} else if (query->stranger != HOLDER_NONE) {
		snprintf(words, size, "user %ld has UDP port %u of %s: no answer is believed",
		    query->stranger, query->driver->query_port, query->driver->title);
	}
	return query->stranger != HOLDER_NONE;
}

/* Tell what was found, unless a stranger could have answered, or kept the daemon from it. */
static void
finish(struct query *query, const struct daemon_status *status, const char *error)
{
	char taken[256];

	if (is_taken(query, taken, sizeof(taken))) {
		query->done(query, NULL, taken);
	} else {
		query->done(query, status, error);
	}
}

static void
parse(struct query *query, const char *text, size_t len)
{
	struct daemon_status status;
	struct error err = { "" };

	if (query->driver->parse_status(text, len, &status, &err) < 0) {
		finish(query, NULL, err.text);
	} else {
		finish(query, &status, NULL);
	}
}

/* @failure: why the command could not run; NULL: it failed and said nothing */
static void
say_failure(const struct daemon_driver *driver, const char *failure, char *error, size_t size)
{
	if (!failure && (driver->features & DAEMON_ANSWERS_ROOT) && geteuid() != 0) {
		snprintf(error, size,
		    "only root may ask %s, and the agent has no rights of root's (there: sudo "
		    "timetier-agent status)",
		    driver->title);
		return;
	}
	snprintf(error, size, "%s: %s", driver->query_argv[0],
	    failure ? failure : "it failed and said nothing");
}

static void
add_now(struct buf *text)
{
	int64_t now_ns = clock_real_ns();

	buf_printf(text, "now,%lld.%09lld\n", (long long)(now_ns / NS_PER_S),
	    (long long)(now_ns % NS_PER_S));
}

static void
on_program(struct program *program)
{
	struct query *query = program->owner;
	struct buf text = { .limit_bytes = 2 * PROGRAM_OUTPUT_BYTES };
	char error[256];

	if (program->failure || (program->exit_status != 0 && program->output.len == 0)) {
		say_failure(query->driver, program->failure, error, sizeof(error));
		finish(query, NULL, error);
		return;
	}
	add_now(&text);
	buf_add(&text, buf_str(&program->output), program->output.len);
	parse(query, buf_str(&text), text.len);
	buf_free(&text);
}

static void
on_dialogue(struct dialogue *dialogue)
{
	struct query *query = dialogue->owner;
	struct buf text = { .limit_bytes = PROGRAM_OUTPUT_BYTES };

	if (!dialogue->answered) {
		/* it may speak another protocol, and its own program says best what is wrong */
		program_run(&query->program, query->loop, query->driver->query_argv, COMMAND_MS,
		    on_program);
		return;
	}
	add_now(&text);
	dialogue->of->write(dialogue->answers, &text);
	parse(query, buf_str(&text), text.len);
	buf_free(&text);
}

static void
on_control(struct control *control)
{
	struct query *query = control->owner;

	if (control->failure) {
		finish(query, NULL, control->failure);
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
	query->stranger = find_stranger(query);
	query->done = done;
	query->loop = loop;
	query->program.owner = query->control.owner = query->dialogue.owner = query;
	if (driver->dialogue) {
		dialogue_run(
		    &query->dialogue, loop, driver->dialogue, driver->dialogue->port, on_dialogue);
		return;
	}
	switch (driver->query) {
	case DAEMON_QUERY_COMMAND:
		program_run(&query->program, loop, driver->query_argv, COMMAND_MS, on_program);
		break;
	case DAEMON_QUERY_MODE6:
		control_run(&query->control, loop, driver->query_port, on_control);
		break;
	}
}

void
query_free(struct query *query)
{
	program_free_output(&query->program);
	control_free_text(&query->control);
}
