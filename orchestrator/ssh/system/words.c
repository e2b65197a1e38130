#include "orchestrator/ssh/system/words.h"

#include "common/shorten.h"

#include <stdio.h>
#include <string.h>

#define COMPLAINTS_BYTES 4096
#define COMPLAINT_TEXT_BYTES 480 /* of an error: the name of the host comes before it */

void
system_words_init(struct system_words *words)
{
	*words = (struct system_words){ .step = LINK_RESOLVE };
	refusal_init(&words->refusal, "");
	words->complaints.limit_bytes = COMPLAINTS_BYTES;
}

void
system_words_done(struct system_words *words)
{
	refusal_done(&words->refusal);
	buf_free(&words->complaints);
}

static const char *
after(const char *line, const char *start)
{
	size_t len = strlen(start);

	return strncmp(line, start, len) == 0 ? line + len : NULL;
}

/* What ssh -v prints at the beginning of each step. */
static const struct {
	const char *start;
	enum link_step step;
} marks[] = {
	{ "Connecting to ", LINK_CONNECT },
	{ "Executing proxy command", LINK_CONNECT },
	{ "Connection established", LINK_HANDSHAKE },
	{ "Local version string", LINK_HANDSHAKE },
	{ "Server host key: ", LINK_HOST_KEY },
	{ "Server host certificate: ", LINK_HOST_KEY },
	{ "SSH2_MSG_NEWKEYS received", LINK_LOGIN },
	{ "Authentications that can continue", LINK_LOGIN },
};

static bool
take_mark(struct system_words *words, const char *said, enum link_step step)
{
	const char *rest;

	words->step = step;
	if ((rest = after(said, "Server host key: "))) {
		snprintf(words->key, sizeof(words->key), "%.159s", rest);
	}
	if (step == LINK_HOST_KEY) { /* what was said before was said of, or by, a jump host */
		refusal_done(&words->refusal);
		refusal_init(&words->refusal, "");
		words->logged_in = false;
	}
	if ((rest = after(said, "Authentications that can continue: "))) {
		snprintf(words->refusal.methods, sizeof(words->refusal.methods), "%.159s", rest);
	}
	return true;
}

static bool
take_debug(struct system_words *words, const char *said)
{
	char name[sizeof(words->refusal.accepted)];
	const char *key;

	for (size_t i = 0; i < COUNT(marks); i++) {
		if (after(said, marks[i].start)) {
			return take_mark(words, said, marks[i].step);
		}
	}
	if ((key = after(said, "Offering public key: "))) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(key, " "), key);
		refusal_offer(&words->refusal, name);
		return true;
	}
	if ((key = after(said, "Server accepts key: "))) {
		snprintf(words->refusal.accepted, sizeof(words->refusal.accepted), "%.*s",
		    (int)strcspn(key, " "), key);
		return true;
	}
	/* "kex_exchange_identification: banner line 0: WORDS" */
	key = strstr(said, "exchange_identification: banner line ");
	if (key && (key = strstr(key + 37, ": "))) {
		snprintf(words->greeting, sizeof(words->greeting), "%.159s", key + 2);
	}
	return false;
}

/* What the host said at the end of a connection, in "Received disconnect from A port P:2: WHAT". */
static const char *
last_words(const char *line)
{
	const char *rest = after(line, "Received disconnect from ");

	rest = rest ? strstr(rest, " port ") : NULL;
	rest = rest ? strchr(rest, ' ') : NULL;
	rest = rest ? strstr(rest, ": ") : NULL;
	return rest ? rest + 2 : NULL;
}

/* Take a line that ssh prints while it logs in. */
static void
take_login_line(struct system_words *words, const char *line)
{
	const char *said = last_words(line);

	if (said || after(line, "Connection closed by ") || after(line, "Connection reset by ") ||
	    after(line, "Disconnected from ")) {
		words->refusal.hung_up = true;
		line = said;
	}
	if (line) {
		refusal_hear(&words->refusal, line, strlen(line));
	}
}

static void
take_complaint(struct system_words *words, const char *line)
{
	const char *file = after(line, "Offending ");

	if (file && (file = strstr(file, "key in "))) {
		snprintf(words->offending, sizeof(words->offending), "%.255s", file + 7);
	}
	if (words->step == LINK_LOGIN) {
		take_login_line(words, line);
	}
	if (words->complaints.len + strlen(line) + 1 > COMPLAINTS_BYTES) {
		buf_drop(&words->complaints, words->complaints.len / 2);
	}
	buf_printf(&words->complaints, "%s\n", line);
}

static bool
take_line(struct system_words *words, const char *line)
{
	static const char *const idle[] = { "debug", "OpenSSH_", "Authenticated ",
		"Transferred: ", "Bytes per second", "@@@" };
	const char *said = after(line, "debug1: ");

	if (said) {
		return take_debug(words, said);
	}
	if (after(line, "Authenticated ") && strstr(line, "partial success")) {
		words->refusal.partial = true;
		return true;
	}
	words->logged_in |= after(line, "Authenticated to ") != NULL;
	for (size_t i = 0; i < COUNT(idle); i++) {
		if (after(line, idle[i])) {
			return false;
		}
	}
	if (line[0]) {
		take_complaint(words, line);
	}
	return false;
}

bool
system_words_feed(struct system_words *words, const char *bytes, size_t len)
{
	bool further = false;

	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '\n') {
			words->line[words->line_len] = '\0';
			further |= take_line(words, words->line);
			words->line_len = 0;
		} else if (words->line_len + 1 < sizeof(words->line) && c != '\r') {
			words->line[words->line_len++] = (c >= ' ' && c < 127) ? c : '?';
		}
	}
	return further;
}

/* Copy the first line of complaints that contains @part to @out; false: there is none. */
static bool
find(const struct system_words *words, const char *part, char *out, size_t size)
{
	const char *at = buf_str(&words->complaints);

	while (*at) {
		size_t len = strcspn(at, "\n");

		snprintf(out, size, "%.*s", (int)len, at);
		if (strstr(out, part)) {
			return true;
		}
		at += len + (at[len] == '\n');
	}
	return false;
}

static enum link_step
host_key_error(
    const struct system_words *words, const struct link_target *target, struct error *err)
{
	char line[SYSTEM_LINE_BYTES] = "", name[256] = "";
	const char *hop;

	if (find(words, "REVOKED HOST KEY", line, sizeof(line))) {
		error_set(err, "the host shows a key that is revoked: %s", words->key);
	} else if (find(words, "IDENTIFICATION HAS CHANGED", line, sizeof(line))) {
		error_set(err,
		    "the host's key has changed: it shows %s, and is known by another (%s). "
		    "Somebody may stand between; if the host was installed anew, remove the line "
		    "by "
		    "`ssh-keygen -R` and add the new key",
		    words->key, words->offending);
	} else if (find(words, "host key is known for ", line, sizeof(line))) {
		hop = strstr(line, " is known for ") + 14;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(hop, " "), hop);
		error_set(err,
		    "the host is not known: %s shows %s. Compare that with `ssh-keygen -lf` on the "
		    "host, then add it by `ssh-keyscan`%s",
		    name, words->key,
		    strstr(name, target->host) ? ", or run with --accept-new"
					       : " to your ~/.ssh/known_hosts");
	} else {
		error_set(err, "the host's key is not accepted: %.400s",
		    find(words, "", line, sizeof(line)) ? line : "");
	}
	return LINK_HOST_KEY;
}

/* Whether @line is ssh's "USER@HOST: Permission denied (METHODS)."; a banner may say the like. */
static bool
is_denied(const char *line)
{
	const char *at = strchr(line, '@');
	const char *denied = at ? strstr(at, ": Permission denied (") : NULL;

	return denied && !memchr(line, ' ', (size_t)(denied - line)) && !strchr(denied + 21, ' ');
}

/* What a line that ssh itself prints at its end tells. */
struct last_line {
	const char *start;
	enum link_step step;
};

static const struct last_line last_lines[] = {
	{ "Host key verification failed.", LINK_HOST_KEY },
	{ "ssh: Could not resolve hostname ", LINK_RESOLVE },
	{ "ssh: connect to host ", LINK_CONNECT },
	{ "Unable to negotiate with ", LINK_HANDSHAKE },
};

/* Whether @line tells which step failed. */
static bool
tells(const char *line, enum link_step *step)
{
	if (is_denied(line)) {
		*step = LINK_LOGIN;
		return true;
	}
	for (size_t i = 0; i < COUNT(last_lines); i++) {
		if (after(line, last_lines[i].start)) {
			*step = last_lines[i].step;
			return true;
		}
	}
	return false;
}

/*
 * Find the last line of complaints that tells which step failed, and copy it to @out: banners come
 * before it.  Behind a jump host other lines follow it.
 */
static bool
find_last(const struct system_words *words, enum link_step *step, char *out, size_t size)
{
	const char *at = buf_str(&words->complaints);
	char line[SYSTEM_LINE_BYTES];
	bool found = false;

	while (*at) {
		size_t len = strcspn(at, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, at);
		if (tells(line, step)) {
			snprintf(out, size, "%s", line);
			found = true;
		}
		at += len + (at[len] == '\n');
	}
	return found;
}

/* Whether the host, or a jump host, ended the connection before it said its version. */
static bool
ended_at_once(const struct system_words *words)
{
	char line[SYSTEM_LINE_BYTES];

	/* else it is a jump host that says why it opens no connection to the host */
	if (find(words, "open failed: ", line, sizeof(line)) ||
	    find(words, "forwarding failed", line, sizeof(line)) ||
	    !find(words, "_exchange_identification: ", line, sizeof(line))) {
		return false;
	}
	return strstr(line, "closed by remote host") || strstr(line, "reset by peer");
}

/* @line: "USER@HOST: Permission denied (METHODS).", or "" */
static enum link_step
login_error(struct system_words *words, const struct link_target *target, const char *line,
    struct error *err)
{
	const char *host = strchr(line, '@');
	size_t len = host ? strcspn(++host, ":") : 0;
	char who[256];

	words->refusal.user = target->user ? target->user : "root";
	if (host && (len != strlen(target->host) || memcmp(host, target->host, len) != 0)) {
		/* a jump host, or the host behind an alias */
		snprintf(who, sizeof(who), "%.*s", (int)(host - line + (long)len), line);
		words->refusal.user = who;
	}
	refusal_words(&words->refusal, "", err);
	words->refusal.user = "";
	return LINK_LOGIN;
}

enum link_step
system_words_error(struct system_words *words, const struct link_target *target, struct error *err)
{
	char line[SYSTEM_LINE_BYTES];
	enum link_step step;
	const char *text;

	system_words_feed(words, "\n", 1);
	if (find_last(words, &step, line, sizeof(line))) {
		if (step == LINK_HOST_KEY) {
			return host_key_error(words, target, err);
		}
		if (step == LINK_LOGIN) {
			return login_error(words, target, line, err);
		}
		text = after(line, "ssh: ");
		error_set(err, "%.480s", text ? text : line);
		return step;
	}
	if (words->step == LINK_LOGIN && words->refusal.hung_up && !words->logged_in) {
		return login_error(words, target, "", err);
	}
	if (ended_at_once(words)) {
		words->turned_away = refusal_turned_away(words->greeting, err);
		return LINK_HANDSHAKE;
	}
	text = buf_str(&words->complaints);
	shorten(err->text, COMPLAINT_TEXT_BYTES, *text ? text : "ssh failed without a message");
	return words->step;
}

void
system_words_lost(struct system_words *words, struct error *err)
{
	char line[SYSTEM_LINE_BYTES];

	system_words_feed(words, "\n", 1);
	if (find(words, "Timeout, server", line, sizeof(line))) {
		error_set(err, "the connection was lost: the host does not answer any more");
	} else if (find(words, "Received disconnect from ", line, sizeof(line)) &&
	    last_words(line)) {
		error_set(err, "the connection was lost: %.400s", last_words(line));
	} else {
		error_set(err, "the connection was lost");
	}
}
