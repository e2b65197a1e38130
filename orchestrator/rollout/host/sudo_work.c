/*
 * Becomes root by sudo.  `sudo -n` is tried first, and `doas -n` where there is no sudo.  A host
 * that wants a password gets it on stdin when its prompt was seen.  It gets the script when the
 * shell that sudo started has said that it is there.  So an upload is never taken for a password,
 * and a password never for an upload; and nothing but our own prompt is answered.
 */
#include "orchestrator/rollout/host/sudo_words.h"
#include "orchestrator/rollout/host/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUDO_NS (60 * NS_PER_S) /* from the command to its shell: start-up files, PAM's delays */
#define QUESTION_NS (10 * NS_PER_S) /* so long a line that is not over is taken for slow */
#define QUESTIONS_MAX 8
#define HEARD_BYTES 2048

/* Add @bytes to @heard, the end of a stream so far. */
static void
hear(struct buf *heard, const char *bytes, size_t len)
{
	if (heard->len > HEARD_BYTES) {
		buf_drop(heard, heard->len - HEARD_BYTES / 2);
	}
	for (size_t i = 0; i < len; i++) {
		buf_add(heard, bytes[i] ? &bytes[i] : "?", 1);
	}
}

static const char *
user_of(const struct host_work *work)
{
	return work->target.user ? work->target.user : "root";
}

/* The host has failed at becoming root; its err says why. */
static void
fail(struct host_work *work)
{
	work->root = ROOT_OPEN;
	if (work->owner->request->sudo) {
		sudo_leave(work->owner->request->sudo, &work->turn);
	}
	work_fail(work, HOST_FAILED, "sudo");
}

/* @said: what sudo said of the password that was given; "" : nothing more */
static void
refused(struct host_work *work, const char *said)
{
	const char *host = work->host->host->name;
	char line[200];

	sudo_words_line(said, line, sizeof(line));
	error_set(&work->host->err, "%s: the password of %s is refused%s%s", host,
	    work->whose[0] ? work->whose : user_of(work), line[0] ? ": " : "", line);
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
		error_set(&work->host->err, "%s (sudo said: %s)", err->text, work->sudo_said);
		work->root = ROOT_OPEN;
		work_fail(work, HOST_FAILED, "sudo");
		return;
	}
	work->root = ROOT_ASKED;
	work->questions = 0;
	work->whose[0] = '\0';
	buf_reset(&work->said);
	buf_reset(&work->printed);
	remote_line(&work->remote, work->by, &line);
	transport->run(work->link, buf_str(&line), SUDO_NS);
	buf_free(&line);
}

void
work_sudo_choose(struct host_work *work)
{
	if (work->by == REMOTE_LOGIN && work->host->host->ssh.sudo) {
		work->by = REMOTE_SUDO;
	}
}

bool
work_sudo_begin(struct host_work *work)
{
	if (work->by != REMOTE_SUDO_PASSWORD) {
		return false;
	}
	work->root = ROOT_WAITS;
	work->turn.ctx = work;
	work->turn.come = on_turn;
	sudo_wait(work->owner->request->sudo, &work->turn, work->host->host->name);
	return true;
}

/* Run the command again, in another way to become root. */
static void
run_by(struct host_work *work, enum remote_root by, const char *note)
{
	work->by = by;
	work_note(work, note);
	work_run(work);
}

/* --- while sudo asks --- */

/* sudo asks once more, after the password. */
static void
take_second_prompt(struct host_work *work, const char *between)
{
	char line[200];

	sudo_words_line(between, line, sizeof(line));
	if (line[0]) {
		refused(work, strstr(between, "Sorry, try again") ? "" : between);
		return;
	}
	/* nothing was refused: another module of PAM asks */
	error_set(&work->host->err,
	    "%s: sudo asks for more than the password of %s, which nobody here can answer",
	    work->host->host->name, work->whose[0] ? work->whose : user_of(work));
	fail(work);
}

/* Give a line that is not over less time: it may be a question that nobody here answers. */
static void
watch_question(struct host_work *work)
{
	bool question = sudo_question(buf_str(&work->said)) != NULL;

	if (question == work->questions % 2 || work->questions >= QUESTIONS_MAX) {
		return;
	}
	work->questions++;
	work->owner->request->transport->extend(work->link, question ? QUESTION_NS : SUDO_NS);
}

void
work_sudo_murmured(struct host_work *work, const char *bytes, size_t len)
{
	const struct transport *transport = work->owner->request->transport;
	struct sudo_prompt prompt;
	const char *line;
	char *between;
	size_t line_len, at;

	if (work->over || (work->root != ROOT_ASKED && work->root != ROOT_GIVEN)) {
		return;
	}
	hear(&work->said, bytes, len);
	while (sudo_prompt_find(buf_str(&work->said), &prompt)) {
		if (work->root == ROOT_GIVEN) {
			at = (size_t)(prompt.at - work->said.data);
			between = strndup(work->said.data, at);
			take_second_prompt(work, between ? between : "");
			free(between);
			return;
		}
		memcpy(work->whose, prompt.whose, sizeof(work->whose));
		buf_drop(&work->said, (size_t)(prompt.end - work->said.data));
		work->root = ROOT_GIVEN;
		line = sudo_line(work->owner->request->sudo, &line_len);
		transport->write(work->link, line, line_len);
	}
	watch_question(work);
}

bool
work_sudo_output(struct host_work *work, const char *bytes, size_t len)
{
	hear(&work->printed, bytes, len);
	if (!strstr(buf_str(&work->printed), REMOTE_SUDO_READY)) {
		return false;
	}
	work->root = ROOT_OPEN;
	sudo_accepted(work->owner->request->sudo, &work->turn);
	return true;
}

bool
work_sudo_failed(struct host_work *work)
{
	const char *said = buf_str(&work->said);
	const char *question = sudo_question(said);
	char line[300];

	if (work->root != ROOT_ASKED && work->root != ROOT_GIVEN) {
		return false;
	}
	sudo_words_line(question ? question : said, line, sizeof(line));
	if (!line[0]) {
		return false;
	}
	error_set(&work->host->err,
	    question ? "%s: sudo asks \"%s\", which nobody here can answer"
		     : "%s: sudo does not go on; it said: %s",
	    work->host->host->name, line);
	fail(work);
	return true;
}

/* --- when sudo has ended --- */

/* @said: what it said, instead of starting the shell */
static void
take_refusal(struct host_work *work, const char *said, const char *remedy)
{
	struct rollout_host *host = work->host;
	char line[400];

	sudo_words_line(said, line, sizeof(line));
	error_set(
	    &host->err, "%s: %s", host->host->name, line[0] ? line : "sudo ended without a word");
	host->remedy = remedy;
	fail(work);
}

static bool
take_first_end(struct host_work *work, int exit_status, const char *said)
{
	const char *remedy;
	enum sudo_verdict verdict = sudo_words_read(exit_status, said, &remedy);

	if (verdict == SUDO_NOT_HERE && work->by == REMOTE_SUDO) {
		run_by(work, REMOTE_DOAS, "root by doas, for there is no sudo");
		return true;
	}
	if (verdict == SUDO_NOT_HERE) {
		error_set(
		    &work->host->err, "%s: there is neither sudo nor doas", work->host->host->name);
		work->host->remedy = "install sudo, or log in as root";
		fail(work);
		return true;
	}
	if (verdict == SUDO_REFUSES) {
		take_refusal(work, said, remedy);
		return true;
	}
	if (verdict != SUDO_ASKS && !strstr(said, "sudo") && !strstr(said, "doas")) {
		return false; /* the command itself ended */
	}
	/* if sudo refuses us whatever the password is, it says so again */
	if (work->by == REMOTE_SUDO && exit_status == 1 && work->owner->request->sudo) {
		sudo_words_line(said, work->sudo_said, sizeof(work->sudo_said));
		run_by(work, REMOTE_SUDO_PASSWORD, "root by sudo with a password");
		return true;
	}
	take_refusal(work, said, "give the user a NOPASSWD rule in sudoers, or log in as root");
	return true;
}

bool
work_sudo_ended(struct host_work *work, int exit_status, const char *complaint)
{
	struct buf all = { .limit_bytes = 0 };
	const char *remedy;
	bool taken = true;

	if (work->by == REMOTE_LOGIN || work->answered) {
		return false;
	}
	buf_printf(
	    &all, "%s\n%s", work->root == ROOT_OPEN ? "" : buf_str(&work->printed), complaint);
	switch (work->root) {
	case ROOT_OPEN:
		taken = take_first_end(work, exit_status, buf_str(&all));
		break;
	case ROOT_GIVEN:
		if (sudo_words_read(exit_status, buf_str(&all), &remedy) != SUDO_REFUSES) {
			refused(work, buf_str(&work->said));
			break;
		}
		take_refusal(work, buf_str(&all), remedy);
		break;
	case ROOT_WAITS:
	case ROOT_ASKED:
		sudo_words_read(exit_status, buf_str(&all), &remedy);
		take_refusal(work, buf_str(&all), remedy);
		break;
	}
	buf_free(&all);
	return taken;
}

void
work_sudo_stop(struct host_work *work)
{
	if (work->owner && work->owner->request->sudo) {
		sudo_leave(work->owner->request->sudo, &work->turn);
	}
	work->root = ROOT_OPEN;
}
