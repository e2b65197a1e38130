#include "orchestrator/ssh/system/words.h"

#include <stdio.h>
#include <string.h>

#define COMPLAINTS_BYTES 4096

void
system_words_init(struct system_words *words)
{
	*words = (struct system_words){ .step = LINK_RESOLVE };
	words->tried.limit_bytes = 300;
	words->complaints.limit_bytes = COMPLAINTS_BYTES;
}

void
system_words_done(struct system_words *words)
{
	buf_free(&words->tried);
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
take_debug(struct system_words *words, const char *said)
{
	const char *key;

	for (size_t i = 0; i < COUNT(marks); i++) {
		if (!after(said, marks[i].start)) {
			continue;
		}
		words->step = marks[i].step;
		if ((key = after(said, "Server host key: "))) {
			snprintf(words->key, sizeof(words->key), "%.159s", key);
		}
		if (words->step == LINK_CONNECT) {
			buf_reset(&words->tried); /* those were offered to a jump host */
		}
		return true;
	}
	if ((key = after(said, "Offering public key: "))) {
		buf_printf(&words->tried, "%s%.*s", words->tried.len ? ", " : "",
		    (int)strcspn(key, " "), key);
		return true;
	}
	return false;
}

static bool
take_line(struct system_words *words, const char *line)
{
	const char *said = after(line, "debug1: ");
	const char *file;

	if (said) {
		return take_debug(words, said);
	}
	if (after(line, "debug") || after(line, "OpenSSH_") || after(line, "Authenticated to ") ||
	    after(line, "Transferred: ") || after(line, "Bytes per second") || after(line, "@@@") ||
	    line[0] == '\0') {
		return false;
	}
	file = after(line, "Offending ");
	if (file && (file = strstr(file, "key in "))) {
		snprintf(words->offending, sizeof(words->offending), "%.255s", file + 7);
	}
	if (words->complaints.len + strlen(line) + 1 > COMPLAINTS_BYTES) {
		buf_drop(&words->complaints, words->complaints.len / 2);
	}
	buf_printf(&words->complaints, "%s\n", line);
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

static enum link_step
login_error(const struct system_words *words, const struct link_target *target, struct error *err)
{
	error_set(err,
	    "%s is refused; %s%s: load the right key into ssh-agent, or name it with "
	    "`ssh: {identity: FILE}`",
	    target->user ? target->user : "root",
	    words->tried.len ? "ssh tried " : "ssh has no key", buf_str(&words->tried));
	return LINK_LOGIN;
}

enum link_step
system_words_error(struct system_words *words, const struct link_target *target, struct error *err)
{
	static const struct {
		const char *part;
		enum link_step step;
	} known[] = {
		{ "Could not resolve hostname ", LINK_RESOLVE },
		{ "connect to host ", LINK_CONNECT },
		{ "Unable to negotiate with ", LINK_HANDSHAKE },
	};
	char line[SYSTEM_LINE_BYTES];
	const char *text;

	system_words_feed(words, "\n", 1);
	if (find(words, "Host key verification failed", line, sizeof(line))) {
		return host_key_error(words, target, err);
	}
	if (find(words, "Permission denied (", line, sizeof(line)) ||
	    find(words, "Too many authentication failures", line, sizeof(line))) {
		return login_error(words, target, err);
	}
	for (size_t i = 0; i < COUNT(known); i++) {
		if (find(words, known[i].part, line, sizeof(line))) {
			text = after(line, "ssh: ");
			error_set(err, "%.480s", text ? text : line);
			return known[i].step;
		}
	}
	text = buf_str(&words->complaints);
	error_set(err, "%.480s", *text ? text : "ssh failed without a message");
	for (char *at = err->text; *at; at++) {
		*at = *at != '\n' ? *at : at[1] ? ';' : '\0';
	}
	return words->step;
}

void
system_words_lost(struct system_words *words, struct error *err)
{
	char line[SYSTEM_LINE_BYTES];

	system_words_feed(words, "\n", 1);
	if (find(words, "Timeout, server", line, sizeof(line))) {
		error_set(err, "the connection was lost: the host does not answer any more");
	} else {
		error_set(err, "the connection was lost");
	}
}
