#include "orchestrator/ssh/system/argv.h"

#include "common/buf.h"
#include "orchestrator/ssh/home.h"
#include "orchestrator/ssh/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(struct argv *argv, const char *fmt, ...) PRINTF(2, 3);

static void
add(struct argv *argv, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	if (argv->count + 1 >= ARGV_MAX) {
		abort();
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	argv->list[argv->count++] = strdup(text);
}

/* Add @path to @text, quoted so that no character of it is special. */
static void
quote(struct buf *text, const char *path)
{
	buf_text(text, "\"");
	for (const char *at = path; *at; at++) {
		if (*at == '"' || *at == '\\') {
			buf_text(text, "\\");
		} else if (*at == '%') {
			buf_text(text, "%");
		}
		buf_add(text, at, 1);
	}
	buf_text(text, "\"");
}

/* Add the option @name with the files @paths. */
static void
add_files(struct argv *argv, const char *name, const char *const *paths, size_t count)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < count; i++) {
		buf_text(&text, i ? " " : "");
		quote(&text, paths[i]);
	}
	add(argv, "-o");
	add(argv, "%s=%s", name, count ? buf_str(&text) : "none");
	buf_free(&text);
}

static void
add_file(struct argv *argv, const char *name, const char *path)
{
	add_files(argv, name, &path, 1);
}

void
argv_done(struct argv *argv)
{
	for (size_t i = 0; i < argv->count; i++) {
		free(argv->list[i]);
	}
	*argv = (struct argv){ .count = 0 };
}

/* Options that a rollout needs, whatever ssh_config says: ask nobody, forward nothing. */
static const char *const fixed[] = {
	"BatchMode=yes",
	"ControlMaster=yes",
	"ControlPersist=10",
	"ServerAliveInterval=10",
	"ServerAliveCountMax=2",
	"TCPKeepAlive=yes",
	"ConnectionAttempts=1",
	"UpdateHostKeys=no",
	"ClearAllForwardings=yes",
	"ForwardAgent=no",
	"ForwardX11=no",
	"PermitLocalCommand=no",
	"RemoteCommand=none",
	"RequestTTY=no",
};

/* Name the operator's ssh_config, when ssh would look for it in another home. */
static void
add_config(struct argv *argv)
{
	static const char system_wide[] = "/etc/ssh/ssh_config";
	char path[4096];

	if (!ssh_home_differs()) {
		return;
	}
	snprintf(path, sizeof(path), "%s/.ssh/config", ssh_home());
	add(argv, "-F");
	if (access(path, R_OK) == 0) {
		add(argv, "%s", path);
	} else {
		add(argv, "%s", access(system_wide, R_OK) == 0 ? system_wide : "none");
	}
}

/* Name the operator's keys and known_hosts, when ssh would look for them in another home. */
static void
add_home(struct argv *argv, const struct ssh_options *options, const struct link_target *target)
{
	static const char *const keys[] = { "id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk",
		"id_ecdsa_sk" };
	char path[4096];

	if (!ssh_home_differs()) {
		return;
	}
	if (!options->known_hosts && (!target->policy || target->policy->user_is_usual)) {
		char more[sizeof(path)];
		const char *const files[] = { path, more };

		snprintf(path, sizeof(path), "%s/.ssh/known_hosts", ssh_home());
		snprintf(more, sizeof(more), "%s/.ssh/known_hosts2", ssh_home());
		add_files(argv, "UserKnownHostsFile", files, COUNT(files));
	}
	for (size_t i = 0; i < COUNT(keys) && !target->identity; i++) {
		snprintf(path, sizeof(path), "%s/.ssh/%s", ssh_home(), keys[i]);
		if (access(path, R_OK) == 0) {
			add_file(argv, "IdentityFile", path);
		}
	}
}

void
argv_master(struct argv *argv, const struct ssh_options *options, const struct link_target *target,
    const char *socket, bool trust_new)
{
	int64_t timeout_s = options->timeout_ns / NS_PER_S;

	add(argv, "ssh");
	/* -v: ssh prints how far the login is, and so does the ssh to a jump host */
	add(argv, "-v");
	add(argv, "-N");
	add(argv, "-S");
	add(argv, "%s", socket);
	add_config(argv);
	for (size_t i = 0; i < COUNT(fixed); i++) {
		add(argv, "-o");
		add(argv, "%s", fixed[i]);
	}
	add(argv, "-o");
	add(argv, "ConnectTimeout=%lld", timeout_s > 0 ? (long long)timeout_s : 1);
	add(argv, "-o");
	add(argv, "StrictHostKeyChecking=%s", trust_new ? "accept-new" : "yes");
	if (options->known_hosts) {
		add_file(argv, "UserKnownHostsFile", options->known_hosts);
		add_file(argv, "GlobalKnownHostsFile", "/dev/null");
		add(argv, "-o");
		add(argv, "VerifyHostKeyDNS=no");
		if (target->policy && target->policy->known_command) { /* so ssh has this word */
			add(argv, "-o");
			add(argv, "KnownHostsCommand=none");
		}
	}
	add_home(argv, options, target);
	if (target->identity) {
		add_file(argv, "IdentityFile", target->identity);
		add(argv, "-o");
		add(argv, "IdentitiesOnly=yes");
	}
	add(argv, "-l");
	add(argv, "%s", target->user ? target->user : "root");
	if (target->port) {
		add(argv, "-p");
		add(argv, "%u", target->port);
	}
	add(argv, "--");
	add(argv, "%s", target->host);
}

void
argv_ask(struct argv *argv, const struct link_target *target)
{
	add(argv, "ssh");
	add(argv, "-G");
	add_config(argv);
	if (target->user) {
		add(argv, "-l");
		add(argv, "%s", target->user);
	}
	if (target->port) {
		add(argv, "-p");
		add(argv, "%u", target->port);
	}
	add(argv, "--");
	add(argv, "%s", target->host);
}

void
argv_session(struct argv *argv, const char *host, const char *socket, const char *command)
{
	add(argv, "ssh");
	add(argv, "-T");
	add(argv, "-F");
	add(argv, "none");
	add(argv, "-S");
	add(argv, "%s", socket);
	add(argv, "-o");
	add(argv, "ControlMaster=no");
	add(argv, "-o");
	add(argv, "BatchMode=yes");
	/* without the master, ssh would make a new connection, without our options */
	add(argv, "-o");
	add(argv, "ProxyCommand=exit 255");
	add(argv, "--");
	add(argv, "%s", host);
	if (argv->count + 1 >= ARGV_MAX) {
		abort();
	}
	argv->list[argv->count++] = strdup(command); /* of any length */
}
