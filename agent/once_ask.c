#include "agent/once_ask.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "measure/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXIT_USAGE 2

static int
read_stdin(struct buf *text, struct error *err)
{
	char chunk[4096];
	ssize_t got;

	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno != EINTR) {
			return error_errno(err, errno, "standard input");
		}
		buf_add(text, chunk, got > 0 ? (size_t)got : 0);
		if (text->overflowed) {
			return error_set(err, "the questions have no end");
		}
	}
	return 0;
}

static unsigned
grant(void *ctx, size_t source, const char *address, unsigned wanted)
{
	struct questions *questions = ctx;

	return ration_grant(&questions->ration, questions->names[source], address,
	    questions->hours[source], wanted, clock_boot_ns());
}

static void
on_done(struct measure *measure)
{
	uv_stop(measure->owner);
}

static void
ask(struct questions *questions)
{
	static struct measure measure;
	static uv_loop_t loop;
	char *text;

	questions->request.spacing_ns = RATION_SPACING_NS;
	questions->request.grant = grant;
	questions->request.grant_ctx = questions;
	measure_widen();
	uv_loop_init(&loop);
	measure.owner = &loop;
	measure_run(&measure, &loop, &questions->request, on_done);
	while (measure.running) {
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	text = answers_write(&measure);
	puts(text);
	free(text);
}

int
once_ask(void)
{
	static struct questions questions;
	struct buf text = { .limit_bytes = ANSWERS_BYTES_MAX };
	struct error err;
	int status = EXIT_USAGE;

	if (read_stdin(&text, &err) == 0 &&
	    questions_read(buf_str(&text), text.len, clock_boot_ns(), &questions, &err) == 0) {
		ask(&questions);
		status = 0;
	} else {
		log_error(
		    "ask: %s; `timetier probe --from` sends what this command reads", err.text);
	}
	questions_free(&questions);
	buf_free(&text);
	return status;
}
