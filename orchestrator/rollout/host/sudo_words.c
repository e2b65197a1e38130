#include "orchestrator/rollout/host/sudo_words.h"

#include "common/buf.h"
#include "common/shorten.h"
#include "orchestrator/rollout/host/remote.h"

#include <stdio.h>
#include <string.h>

#define NOT_FOUND 127 /* the exit status of env when there is no such program */

static const char allow[] = "let sudoers allow it to run /bin/sh as root, best with NOPASSWD";
static const char tty[] =
    "write `Defaults:USER !requiretty` into sudoers, for the user who logs in";

struct sudo_row {
	const char *part;
	enum sudo_verdict verdict;
	const char *remedy;
};

/*
 * The first row that fits counts: sudo says why before it says that a password is required.
 * Source: sudo 1.9.13 asked (1.8 says the same), sudo-rs 0.2, opendoas 6.8.
 */
static const struct sudo_row rows[] = {
	{ "must have a tty", SUDO_REFUSES, tty },
	{ "is not in the sudoers file", SUDO_REFUSES, allow },
	{ "may not run sudo", SUDO_REFUSES, allow },
	{ "is not allowed to execute", SUDO_REFUSES, allow },
	{ "is not allowed to run sudo", SUDO_REFUSES, allow },
	{ "I'm sorry ", SUDO_REFUSES, allow }, /* sudo-rs */
	{ "account validation failure", SUDO_REFUSES, NULL },
	{ "Account expired", SUDO_REFUSES, NULL },
	{ "password is expired", SUDO_REFUSES, NULL },
	{ "no valid sudoers sources", SUDO_REFUSES, NULL },
	{ "must be owned by uid 0", SUDO_REFUSES, NULL },
	{ "effective uid is not 0", SUDO_REFUSES, NULL },
	{ "\"no new privileges\" flag", SUDO_REFUSES, NULL },
	{ "doas: Authentication required", SUDO_REFUSES,
	    "doas takes a password from a terminal alone: write `permit nopass USER as root` into "
	    "doas.conf" },
	{ "doas: Operation not permitted", SUDO_REFUSES,
	    "write `permit nopass USER as root` into doas.conf" },
	{ "doas: doas is not enabled", SUDO_REFUSES,
	    "write `permit nopass USER as root` into doas.conf" },
	{ "incorrect password attempt", SUDO_WRONG, NULL },
	{ "incorrect authentication attempt", SUDO_WRONG, NULL },
	{ "Sorry, try again", SUDO_WRONG, NULL },
	{ "password is required", SUDO_ASKS, NULL },
	{ "authentication is required", SUDO_ASKS, NULL },
};

enum sudo_verdict
sudo_words_read(int exit_status, const char *said, const char **remedy)
{
	*remedy = NULL;
	if (exit_status == NOT_FOUND && strstr(said, "env: ")) {
		return SUDO_NOT_HERE;
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strstr(said, rows[i].part)) {
			*remedy = rows[i].remedy;
			return rows[i].verdict;
		}
	}
	return SUDO_UNCLEAR;
}

bool
sudo_prompt_find(const char *said, struct sudo_prompt *prompt)
{
	const char *at = strstr(said, REMOTE_PROMPT_START);
	const char *whose = at ? at + sizeof(REMOTE_PROMPT_START) - 1 : NULL;
	const char *end = whose ? strstr(whose, REMOTE_PROMPT_END) : NULL;

	if (!end) {
		return false;
	}
	prompt->at = at;
	prompt->end = end + sizeof(REMOTE_PROMPT_END) - 1;
	/* an old sudo that does not know %p leaves it as it is */
	snprintf(prompt->whose, sizeof(prompt->whose), "%.*s",
	    strncmp(whose, "%p", 2) == 0 ? 0 : (int)(end - whose), whose);
	return true;
}

void
sudo_words_line(const char *said, char *out, size_t size)
{
	struct buf text = { .limit_bytes = 0 };
	struct sudo_prompt prompt;

	while (sudo_prompt_find(said, &prompt)) {
		buf_add(&text, said, (size_t)(prompt.at - said));
		buf_text(&text, "\n");
		said = prompt.end;
	}
	buf_text(&text, said);
	shorten(out, size, buf_str(&text));
	buf_free(&text);
}

const char *
sudo_question(const char *said)
{
	const char *end = strrchr(said, '\n');
	const char *line = end ? end + 1 : said;

	line += strspn(line, " \t\r");
	return *line ? line : NULL;
}
