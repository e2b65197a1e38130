/* The names of a host's steps, and notes on how it is reached. */
#include "common/shown.h"
#include "orchestrator/rollout/host/work.h"

#include "common/shorten.h"

#include <stdio.h>
#include <string.h>

#define SLOW_SHELL_MS 2000

const char *
host_step_name(enum host_step step)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		HOST_STEPS(X)
#undef X
	};

	return names[step];
}

/* Each new link brings the same notes again: keep each once. */
void
work_note(struct host_work *work, const char *text)
{
	struct rollout_host *host = work->host;
	const char *words = shown_words(&host->arena, text, strlen(text)); /* a server's, too */

	for (size_t i = 0; i < host->way_count; i++) {
		if (strcmp(host->ways[i], words) == 0) {
			return;
		}
	}
	if (host->way_count < HOST_WAYS_MAX) {
		host->ways[host->way_count++] = words;
	}
}

void
work_note_shell(struct host_work *work)
{
	uint64_t took_ms = uv_now(work->owner->request->loop) - work->run_ms;
	char text[160];

	if (work->kind == WORK_PLAN && work->by != REMOTE_SUDO_PASSWORD &&
	    (took_ms > SLOW_SHELL_MS || work->records.before > 0)) {
		snprintf(text, sizeof(text),
		    "its login shell takes %.0f s and says %zu bytes before a command begins",
		    (double)took_ms / 1000, work->records.before);
		work_note(work, text);
	}
}

void
work_last_words(const struct host_work *work, const char *complaint, char *out, size_t size)
{
	struct buf all = { .limit_bytes = 0 };

	records_said(&work->records, &all);
	buf_printf(&all, "\n%s", complaint);
	shorten(out, size, buf_str(&all));
	buf_free(&all);
}
