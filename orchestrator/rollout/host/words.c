/* The names of a host's steps, and notes on how it is reached. */
#include "common/shown.h"
#include "orchestrator/rollout/host/work.h"

#include "common/shorten.h"

#include <stdio.h>
#include <string.h>

#define SLOW_SHELL_NS (2 * NS_PER_S)

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

const char *
host_outcome_words(const struct rollout_host *host)
{
	const struct outcome *row = outcome_row(host->outcome);

	return host->takes_back && row->back_name ? row->back_name : row->name;
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

/*
 * The host's own clock tells how long its shell took: what we see includes the way there, and our
 * own work for other hosts.  But a host that was quick to answer has no slow shell, whatever it
 * says.
 */
void
work_note_shell(struct host_work *work)
{
	int64_t took_ns = work->host->facts.shell_ns;
	size_t said = work->records.before;
	bool slow = took_ns > SLOW_SHELL_NS && work->begun_ms > work->run_ms &&
	    (int64_t)(work->begun_ms - work->run_ms) * NS_PER_MS > SLOW_SHELL_NS;
	/* the time in which sudo waits for a password is not the shell's */
	bool waits = work->by == REMOTE_SUDO_PASSWORD;
	char takes[80] = "", says[80] = "", text[200];

	if (slow && !waits) {
		snprintf(takes, sizeof(takes), "takes %.0f s", (double)took_ns / 1e9);
	}
	if (said > 0) {
		snprintf(says, sizeof(says), "says %zu byte%s", said, said == 1 ? "" : "s");
	}
	if (*takes || *says) {
		snprintf(text, sizeof(text), "its login shell%s %s%s%s before a command begins",
		    *takes && work->by != REMOTE_LOGIN ? ", with sudo or doas," : "", takes,
		    *takes && *says ? " and " : "", says);
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
