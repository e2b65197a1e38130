#include "orchestrator/ssh/auto/config.h"

#include "common/buf.h"
#include "common/file.h"
#include "orchestrator/ssh/home.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES_MAX (1u << 20)
#define INCLUDES_DEEP 8

/* An option, and the values that `ssh -G` prints when ssh_config does not set it. */
struct reach_row {
	const char *name;  /* as ssh_config(5) spells it */
	const char *usual; /* a comma list; NULL: names of files, which take_row() knows */
	bool of_known_hosts;
};

/*
 * The options that say how to reach a host and which host keys to trust, and that libssh2 does not
 * have.
 */
static const struct reach_row rows[] = {
	{ "ProxyJump", "none", false },
	{ "ProxyCommand", "none", false },
	{ "CertificateFile", "none", false },
	{ "HostKeyAlias", "none", false },
	{ "BindAddress", "none", false },
	{ "BindInterface", "none", false },
	{ "IdentityAgent", "SSH_AUTH_SOCK", false },
	{ "PKCS11Provider", "none", false },
	{ "SecurityKeyProvider", "internal,$SSH_SK_PROVIDER", false },
	{ "AddressFamily", "any", false },
	{ "CanonicalizeHostname", "false,no", false },
	{ "VerifyHostKeyDNS", "false,no", true },
	{ "KnownHostsCommand", "none", true },
	{ "UserKnownHostsFile", NULL, true },
	{ "GlobalKnownHostsFile", NULL, true },
};

/* The options that take_word() reads: libssh2 can do what they say. */
static const char *const read_words[] = { "HostName", "Port", "User", "IdentityFile" };

static bool
in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at && *at; at += strcspn(at, ",") + (strchr(at, ',') != NULL)) {
		if (strcspn(at, ",") == len && strncasecmp(at, word, len) == 0) {
			return true;
		}
	}
	return false;
}

/* Split a line "Name value", "Name=value" or "Name = value"; false: it is none of these. */
static bool
split(const char *line, size_t len, char *name, size_t name_size, char *value, size_t value_size)
{
	const char *end = line + len;
	size_t size;

	while (line < end && (*line == ' ' || *line == '\t')) {
		line++;
	}
	size = 0;
	while (line + size < end && !strchr(" \t=#\r\f", line[size])) {
		size++;
	}
	if (size == 0 || size >= name_size) {
		return false;
	}
	memcpy(name, line, size);
	name[size] = '\0';
	line += size;
	while (line < end && strchr(" \t=", *line)) {
		line++;
	}
	while (end > line && strchr(" \t\r\f", end[-1])) {
		end--;
	}
	snprintf(value, value_size, "%.*s", (int)(end - line), line);
	return true;
}

static bool
says_how(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcasecmp(name, rows[i].name) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < COUNT(read_words); i++) {
		if (strcasecmp(name, read_words[i]) == 0) {
			return true;
		}
	}
	return false;
}

bool
ssh_config_text_matters(
    const char *text, void (*include)(void *ctx, const char *patterns), void *ctx)
{
	char name[64], value[512];

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (split(text, len, name, sizeof(name), value, sizeof(value))) {
			if (says_how(name)) {
				return true;
			}
			if (include && strcasecmp(name, "Include") == 0) {
				include(ctx, value);
			}
		}
		text += len + (text[len] == '\n');
	}
	return false;
}

/* --- files --- */

struct scan {
	const char *folder; /* relative names in an Include are in this folder */
	int depth;
	bool matters;
};

static void scan_file(struct scan *scan, const char *path);

static void
scan_pattern(struct scan *scan, const char *pattern, size_t len)
{
	bool tilde = pattern[0] == '~' && pattern[1] == '/';
	const char *base = pattern[0] == '/' ? "" : tilde ? ssh_home() : scan->folder;
	char path[1024];
	glob_t found;

	if (tilde) {
		pattern += 2;
		len -= 2;
	}
	snprintf(path, sizeof(path), "%s/%.*s", base, (int)len, pattern);
	if (glob(path, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			scan_file(scan, found.gl_pathv[i]);
		}
		globfree(&found);
	}
}

static void
scan_include(void *ctx, const char *patterns)
{
	while (*patterns) {
		size_t len = strcspn(patterns, " \t\"");

		if (len > 0) {
			scan_pattern(ctx, patterns, len);
		}
		patterns += len + (patterns[len] != '\0');
	}
}

static void
scan_file(struct scan *scan, const char *path)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	struct error err;

	if (scan->matters || scan->depth >= INCLUDES_DEEP) {
		return;
	}
	scan->depth++;
	if (file_read(path, &text, &err) == 0 &&
	    ssh_config_text_matters(buf_str(&text), scan_include, scan)) {
		scan->matters = true;
	}
	scan->depth--;
	buf_free(&text);
}

bool
ssh_config_matters(void)
{
	char folder[512], path[600];
	struct scan own = { .folder = folder }, system = { .folder = "/etc/ssh" };

	snprintf(folder, sizeof(folder), "%.500s/.ssh", ssh_home());
	snprintf(path, sizeof(path), "%s/config", folder);
	scan_file(&own, path);
	scan_file(&system, "/etc/ssh/ssh_config");
	return own.matters || system.matters;
}

/* --- ssh -G --- */

/* Whether @value is a key file that ssh tries by default. */
static bool
is_usual_identity(const char *value)
{
	static const char usual[] =
	    "id_rsa,id_ecdsa,id_ecdsa_sk,id_ed25519,id_ed25519_sk,id_xmss,id_dsa";

	return strncmp(value, "~/.ssh/", 7) == 0 && in_list(usual, value + 7);
}

static void
take_row(struct ssh_config *config, const struct reach_row *row, const char *value)
{
	char first[300];

	if (config->need[0] || (row->usual && in_list(row->usual, value))) {
		return;
	}
	/* only the first of several files is compared with the usual ones */
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(value, " "), value);
	if (!row->usual &&
	    (strstr(first, "/.ssh/known_hosts") ||
		strcmp(first, "/etc/ssh/ssh_known_hosts") == 0)) {
		return;
	}
	snprintf(config->need, sizeof(config->need), "ssh_config says %s %.150s", row->name, value);
}

static void
take_rows(struct ssh_config *config, const char *name, const char *value, bool own_known_hosts)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcasecmp(name, rows[i].name) == 0 &&
		    !(own_known_hosts && rows[i].of_known_hosts)) {
			take_row(config, &rows[i], value);
		}
	}
}

static void
take_word(struct ssh_config *config, const char *name, const char *value,
    const struct link_target *target, const char *me)
{
	if (strcmp(name, "hostname") == 0 && strcasecmp(value, target->host) != 0) {
		snprintf(config->host, sizeof(config->host), "%.253s", value);
	} else if (strcmp(name, "port") == 0 && target->port == 0 && strcmp(value, "22") != 0) {
		config->port = (unsigned)strtoul(value, NULL, 10) & 0xffffu;
	} else if (strcmp(name, "user") == 0 && !target->user && strcmp(value, me) != 0) {
		snprintf(config->user, sizeof(config->user), "%.63s", value);
	} else if (strcmp(name, "identityfile") == 0 && !target->identity &&
	    !is_usual_identity(value) && strcmp(value, "none") != 0) {
		if (!config->need[0] && (config->identity[0] || strpbrk(value, "%$"))) {
			snprintf(config->need, sizeof(config->need),
			    "ssh_config says IdentityFile %.150s", value);
		}
		snprintf(config->identity, sizeof(config->identity), "%.255s", value);
	}
}

void
ssh_config_read(struct ssh_config *config, const char *text, const struct link_target *target,
    const char *me, bool own_known_hosts)
{
	char name[64], value[512];

	*config = (struct ssh_config){ .port = 0 };
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (split(text, len, name, sizeof(name), value, sizeof(value))) {
			take_rows(config, name, value, own_known_hosts);
			take_word(config, name, value, target, me);
		}
		text += len + (text[len] == '\n');
	}
}
