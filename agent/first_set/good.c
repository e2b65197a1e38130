#include "agent/first_set/good.h"

#include "agent/ask/query.h"
#include "agent/first_set/confine.h"
#include "agent/first_set/note.h"
#include "agent/first_set/read.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/version.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOST "" /* the root of the host's files */

static int
keep(const char *words, struct error *err)
{
	struct clock_reading now = clock_read();
	struct first_set_note note = { .at_ns = now.real_ns, .boot_ns = now.boot_ns };

	snprintf(note.words, sizeof(note.words), "%s", words);
	return first_set_note_write(HOST, FIRST_SET_GOOD, &note, err);
}

int64_t
first_set_good_ns(void)
{
	struct first_set_note note = { .at_ns = 0 };

	return first_set_note_read(HOST, FIRST_SET_GOOD, &note) ? note.at_ns : 0;
}

void
first_set_good_renew(const char *words)
{
	struct error err;

	if (first_set_note_exists(HOST, FIRST_SET_GOOD) && keep(words, &err) < 0) {
		log_warning("%s", err.text);
	}
}

static void
on_query(struct query *query, const struct daemon_status *status, const char *error UNUSED)
{
	bool *follows = query->owner;

	*follows = status && status->leap != LEAP_UNSYNC && status->stratum < 16;
}

int
first_set_remember(const char *config, struct error *err)
{
	static struct first_set_conf conf;
	static struct query query;
	char words[160];
	bool follows = false;
	uv_loop_t loop;

	if (first_set_conf_read(config, &conf, err) < 0 ||
	    confine_self(conf.driver->drift_path, err) < 0) {
		return -1;
	}
	if (!conf.bounded) {
		return 0;
	}
	uv_loop_init(&loop);
	query.owner = &follows;
	query_start_confined(&query, &loop, conf.driver, on_query);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	query_free(&query);
	if (!follows) {
		return 1;
	}
	if (clock_real_ns() < version_built_ns() || clock_real_ns() <= first_set_good_ns()) {
		return 0;
	}
	snprintf(words, sizeof(words), "%s follows its sources", conf.driver->unit);
	return keep(words, err);
}
