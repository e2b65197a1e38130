#include "orchestrator/rollout/host/sudo.h"

#include "common/buf.h"

#include <stdlib.h>
#include <string.h>

/*
 * When so many hosts have refused the password, and none has accepted it, no other gets it: behind
 * all of them may be one account of a directory, which is locked after some wrong passwords.
 */
#define REFUSALS_MAX 3
#define HOSTS_BYTES 120

enum sudo_state {
	SUDO_UNASKED,
	SUDO_ASKING,
	SUDO_READY,
	SUDO_OVER, /* no other host gets it */
};

struct sudo {
	sudo_ask ask;
	void *ctx;
	enum sudo_state state;
	char *line;
	size_t len;
	bool trusted; /* a host has accepted it */
	const struct sudo_turn *trying;
	const char **refused; /* the hosts that have refused it */
	size_t refused_count;
	struct error why; /* why the state is SUDO_OVER */
	struct sudo_turn *waiting, **last;
};

struct sudo *
sudo_new(sudo_ask ask, void *ctx)
{
	struct sudo *sudo = calloc(1, sizeof(*sudo));

	if (!sudo) {
		abort();
	}
	sudo->ask = ask;
	sudo->ctx = ctx;
	sudo->last = &sudo->waiting;
	return sudo;
}

void
sudo_free(struct sudo *sudo)
{
	if (!sudo) {
		return;
	}
	if (sudo->line) {
		explicit_bzero(sudo->line, sudo->len);
		free(sudo->line);
	}
	free((void *)sudo->refused);
	free(sudo);
}

static bool
may_come(const struct sudo *sudo)
{
	return sudo->waiting &&
	    (sudo->state == SUDO_OVER ||
		(sudo->state == SUDO_READY && (sudo->trusted || !sudo->trying)));
}

static void
advance(struct sudo *sudo)
{
	while (may_come(sudo)) {
		struct sudo_turn *turn = sudo->waiting;

		sudo->waiting = turn->next;
		if (!sudo->waiting) {
			sudo->last = &sudo->waiting;
		}
		turn->next = NULL;
		turn->waiting = false;
		if (sudo->state == SUDO_OVER) {
			turn->come(turn->ctx, &sudo->why);
			continue;
		}
		if (!sudo->trusted) {
			sudo->trying = turn;
		}
		turn->come(turn->ctx, NULL);
	}
}

void
sudo_answer(struct sudo *sudo, const char *password, const struct error *why)
{
	if (password) {
		sudo->len = strlen(password) + 1;
		sudo->line = malloc(sudo->len + 1);
		if (!sudo->line) {
			abort();
		}
		memcpy(sudo->line, password, sudo->len - 1);
		memcpy(sudo->line + sudo->len - 1, "\n", 2);
		sudo->state = SUDO_READY;
	} else {
		sudo->why = *why;
		sudo->state = SUDO_OVER;
	}
	advance(sudo);
}

static bool
has_refused(const struct sudo *sudo, const char *host)
{
	for (size_t i = 0; i < sudo->refused_count; i++) {
		if (strcmp(sudo->refused[i], host) == 0) {
			return true;
		}
	}
	return false;
}

void
sudo_wait(struct sudo *sudo, struct sudo_turn *turn, const char *host)
{
	struct error err;

	if (has_refused(sudo, host)) {
		error_set(
		    &err, "sudo of %s has refused the password: it was not tried again", host);
		turn->come(turn->ctx, &err);
		return;
	}
	turn->waiting = true;
	turn->next = NULL;
	*sudo->last = turn;
	sudo->last = &turn->next;
	if (sudo->state == SUDO_UNASKED) {
		sudo->state = SUDO_ASKING;
		sudo->ask(sudo->ctx, sudo, host);
		return;
	}
	advance(sudo);
}

const char *
sudo_line(const struct sudo *sudo, size_t *len)
{
	*len = sudo->len;
	return sudo->line;
}

void
sudo_accepted(struct sudo *sudo, const struct sudo_turn *turn)
{
	sudo->trusted = true;
	if (sudo->trying == turn) {
		sudo->trying = NULL;
	}
	advance(sudo);
}

static void
remember_refusal(struct sudo *sudo, const char *host)
{
	const char **more =
	    realloc((void *)sudo->refused, (sudo->refused_count + 1) * sizeof(*sudo->refused));

	if (!more) {
		abort();
	}
	sudo->refused = more;
	sudo->refused[sudo->refused_count++] = host;
}

static void
end_refused(struct sudo *sudo)
{
	struct buf hosts = { .limit_bytes = HOSTS_BYTES };

	for (size_t i = 0; i < sudo->refused_count; i++) {
		buf_printf(&hosts, "%s%s", i ? ", " : "", sudo->refused[i]);
	}
	sudo->state = SUDO_OVER;
	error_set(&sudo->why,
	    "sudo of %u hosts has refused the password (%s), and of none accepted it: it was not "
	    "tried here",
	    (unsigned)sudo->refused_count, buf_str(&hosts));
	buf_free(&hosts);
}

void
sudo_refused(struct sudo *sudo, const struct sudo_turn *turn, const char *host)
{
	remember_refusal(sudo, host);
	if (sudo->trying == turn) {
		sudo->trying = NULL;
	}
	if (!sudo->trusted && sudo->refused_count >= REFUSALS_MAX) {
		end_refused(sudo);
	}
	advance(sudo);
}

void
sudo_leave(struct sudo *sudo, struct sudo_turn *turn)
{
	if (turn->waiting) {
		for (struct sudo_turn **at = &sudo->waiting; *at; at = &(*at)->next) {
			if (*at == turn) {
				*at = turn->next;
				sudo->last = *at ? sudo->last : at;
				break;
			}
		}
		turn->waiting = false;
	} else if (sudo->trying == turn) {
		sudo->trying = NULL;
		advance(sudo);
	}
}
