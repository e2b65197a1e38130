/*
 * Becomes root by sudo.  `sudo -n` is tried first.  A host that wants a password gets it on stdin
 * when its prompt was seen.  It gets the script when the shell that sudo started has said that it
 * is there.  So an upload is never taken for a password, and a password never for an upload.
 */
#include "orchestrator/rollout/host/work.h"

#include <stdio.h>
#include <string.h>

#define SUDO_NS (60 * NS_PER_S) /* from the command to its shell: start-up files, PAM's delays */
#define HEARD_BYTES 2048

/* Add @bytes to @heard, the end of a stream so far; returns whether @mark is in it now. */
static bool
hears(struct buf *heard, const char *bytes, size_t len, const char *mark)
{
	if (heard->len > HEARD_BYTES) {
		buf_drop(heard, heard->len - HEARD_BYTES / 2);
	}
	for (size_t i = 0; i < len; i++) {
		buf_add(heard, bytes[i] ? &bytes[i] : "?", 1);
	}
	return strstr(buf_str(heard), mark);
}

static const char *
user_of(const struct host_work *work)
{
	return work->target.user ? work->target.user : "root";
}

static void
fail(struct host_work *work)
{
	sudo_leave(work->owner->request->sudo, &work->turn);
	work_fail(work, HOST_FAILED, "sudo");
}

static void
refused(struct host_work *work)
{
	const char *host = work->host->host->name;

	error_set(&work->host->err, "%s: the password of %s is refused", host, user_of(work));
	work->host->remedy = "it was tried once there";
	work->root = ROOT_OPEN;
	sudo_refused(work->owner->request->sudo, &work->turn, host);
	work_fail(work, HOST_FAILED, "sudo");
}

static void
on_turn(void *ctx, const struct error *err)
{
	struct host_work *work = ctx;
	const struct transport *transport = work->owner->request->transport;
	struct buf line = { 0 };

	if (err) {
		work->host->err = *err;
		work->root = ROOT_OPEN;
		work_fail(work, HOST_FAILED, "sudo");
		return;
	}
	work->root = ROOT_ASKED;
	buf_reset(&work->said);
	buf_reset(&work->printed);
	remote_with_password(&work->remote, &line);
	transport->run(work->link, buf_str(&line), SUDO_NS);
	buf_free(&line);
}

bool
work_sudo_begin(struct host_work *work)
{
	if (!work->wants_password) {
		return false;
	}
	work->root = ROOT_WAITS;
	work->turn.ctx = work;
	work->turn.come = on_turn;
	sudo_wait(work->owner->request->sudo, &work->turn, work->host->host->name);
	return true;
}

void
work_sudo_murmured(struct host_work *work, const char *bytes, size_t len)
{
	const struct transport *transport = work->owner->request->transport;
	const char *line;
	size_t line_len;

	if (work->over || (work->root != ROOT_ASKED && work->root != ROOT_GIVEN) ||
	    !hears(&work->said, bytes, len, REMOTE_SUDO_PROMPT)) {
		return;
	}
	buf_reset(&work->said);
	if (work->root == ROOT_GIVEN) {
		refused(work);
		return;
	}
	work->root = ROOT_GIVEN;
	line = sudo_line(work->owner->request->sudo, &line_len);
	transport->write(work->link, line, line_len);
}

bool
work_sudo_output(struct host_work *work, const char *bytes, size_t len)
{
	if (!hears(&work->printed, bytes, len, REMOTE_SUDO_READY)) {
		return false;
	}
	work->root = ROOT_OPEN;
	sudo_accepted(work->owner->request->sudo, &work->turn);
	return true;
}

/* Copy the last line of what sudo said to @line, without its prompt. */
static void
last_words(const char *complaint, char *line, size_t size)
{
	line[0] = '\0';
	while (*complaint) {
		size_t len = strcspn(complaint, "\n");
		const char *prompt = strstr(complaint, REMOTE_SUDO_PROMPT);
		size_t skip = prompt && prompt < complaint + len
		    ? (size_t)(prompt - complaint) + strlen(REMOTE_SUDO_PROMPT)
		    : 0;

		if (len > skip) {
			snprintf(line, size, "%.*s", (int)(len - skip), complaint + skip);
		}
		complaint += len + (complaint[len] == '\n');
	}
}

bool
work_sudo_ended(struct host_work *work, int exit_status, const char *complaint)
{
	struct rollout_host *host = work->host;
	char line[256];

	if (!host->host->ssh.sudo || work->answered) {
		return false;
	}
	last_words(complaint, line, sizeof(line));
	if (work->root == ROOT_GIVEN && !strstr(complaint, "not in the sudoers") &&
	    !strstr(complaint, "not allowed")) {
		refused(work);
		return true;
	}
	if (work->root != ROOT_OPEN) {
		error_set(&host->err, "%s: %s", host->host->name,
		    line[0] ? line : "sudo ended without a word");
		fail(work);
		return true;
	}
	if (!strstr(complaint, "sudo")) {
		return false;
	}
	/* sudo's words are in the host's language; if it refuses us anyway, it says so again */
	if (exit_status == 1 && work->owner->request->sudo) {
		work->wants_password = true;
		work_note(work, "root by sudo with a password");
		work_sudo_begin(work);
		return true;
	}
	error_set(&host->err, "%.*s: give %s a NOPASSWD rule in sudoers, or log in as root",
	    (int)strcspn(complaint, "\n"), complaint, user_of(work));
	work_fail(work, HOST_FAILED, "sudo");
	return true;
}

void
work_sudo_stop(struct host_work *work)
{
	if (work->owner && work->owner->request->sudo) {
		sudo_leave(work->owner->request->sudo, &work->turn);
	}
	work->root = ROOT_OPEN;
}
