/* Reads the list of clients of chronyd: what chronyc prints, line by line. */
#include "agent/clients/read.h"
#include "agent/host/program.h"
#include "common/clock.h"
#include "daemons/chrony/clients.h"

#include <math.h>
#include <string.h>

#define LIMIT_MS 30000

const char *const read_chrony_argv[] = { "/usr/bin/chronyc", "-n", "-c", "clients", NULL };

struct chrony_work {
	struct client_table *table;
	char line[256]; /* what came of it so far; longer ones are no lines of a client */
	size_t len;
	size_t lines;
};

static void
take_line(struct chrony_work *work)
{
	struct chrony_client client;

	work->line[work->len] = '\0';
	work->lines += work->len > 0;
	work->len = 0;
	if (!chrony_client_parse(work->line, &client)) {
		return;
	}
	client_table_add(work->table,
	    &(struct client_seen){ .ip = client.ip,
		.packets = client.packets,
		.dropped = client.dropped,
		.last_ns = clock_real_ns() - client.last_ns,
		.average_ns = client.interval_log2 == CHRONY_INTERVAL_UNKNOWN
		    ? 0
		    : (int64_t)(ldexp(1, client.interval_log2) * NS_PER_S) });
}

static void
on_chunk(struct program *program, const char *bytes, size_t len)
{
	struct chrony_work *work = program->owner;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			take_line(work);
		} else if (work->len < sizeof(work->line) - 1) {
			work->line[work->len++] = bytes[i];
		}
	}
}

static void
on_done(struct program *program UNUSED)
{
}

int
read_chrony(struct client_table *table, const char *const *argv, struct error *err)
{
	struct chrony_work work = { .table = table };
	struct program program = { .chunk = on_chunk, .owner = &work };
	uv_loop_t loop;

	uv_loop_init(&loop);
	program_run(&program, &loop, argv, LIMIT_MS, on_done);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	program_free_output(&program);
	if (program.failure) {
		return error_set(err, "chronyc: %s", program.failure);
	}
	if (program.exit_status != 0) {
		return error_set(err,
		    "chronyc shows the list of clients to root alone, and only "
		    "where chronyd has its socket and no `noclientlog`");
	}
	return 0;
}
