/*
 * Whom to trust: each case is decided by the real ssh and by each transport, with the same files,
 * and all decide the same.  (With sanitizers the real ssh is not asked again: it has none.)  Only
 * libssh2 asked for by name may stop where it cannot decide; it never goes where ssh does not go.
 * Long, because the cases are one table.
 */
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/file.h"
#include "orchestrator/ssh/auto/auto.h"
#include "tests/fake_visit.h"
#include "tests/sanitized.h"

/* The servers, and what is special about each. */
enum server {
	PLAIN,   /* keys of ed25519, ECDSA and RSA */
	ED25519, /* only that key */
	RSA,     /* only that key */
	CERT,    /* a certificate of "ca" for its ed25519 key */
	STRICT,  /* only aes128-ctr and hmac-sha2-256 */
	SERVERS,
};

static const char *const server_configs[SERVERS] = {
	[PLAIN] = "HostKey @/ssh_host_ed25519_key\nHostKey @/ssh_host_ecdsa_key\n"
		  "HostKey @/ssh_host_rsa_key",
	[ED25519] = "HostKey @/ssh_host_ed25519_key",
	[RSA] = "HostKey @/ssh_host_rsa_key",
	[CERT] = "HostKey @/ssh_host_ed25519_key\n"
		 "HostCertificate @/ssh_host_ed25519_key-cert.pub",
	[STRICT] = "HostKey @/ssh_host_ed25519_key\nCiphers aes128-ctr\nMACs hmac-sha2-256",
};

/* What libssh2 may do by itself where ssh accepts. */
enum alone {
	DECIDES, /* the same as ssh */
	STOPS,   /* it says that it cannot decide */
};

/*
 * In texts {home} is the home, {port} the server's port, {name} its name in known_hosts, {ed},
 * {ec}, {rsa}, {ca} and {wrong} a type and a key.
 */
struct trust_case {
	const char *what;
	const char *known;  /* ~/.ssh/known_hosts */
	const char *config; /* ~/.ssh/config */
	const char *more;   /* ~/more */
	const char *make;   /* a command in the home, before each visit */
	const char *host;   /* NULL: 127.0.0.1 */
	enum server server;
	bool accept_new;
	bool accepts; /* what ssh does */
	enum alone alone;
	bool stricter; /* ssh accepts, and we do not */
};

#define LIST(files) "UserKnownHostsFile " files "\n"

static const struct trust_case cases[] = {
	/* names */
	{ "a plain name with its port", .known = "{name} {ed}", .accepts = true },
	{ "nobody is known", .known = "" },
	{ "another host is known", .known = "[127.0.0.2]:{port} {ed}" },
	{ "another port is known", .known = "[127.0.0.1]:1 {ed}" },
	{ "the key has changed", .known = "{name} {wrong}" },
	{ "no port in the line", .known = "127.0.0.1 {ed}", .accepts = true },
	{ "no port in the line, another key", .known = "127.0.0.1 {wrong}" },
	{ "the port has another key", .known = "127.0.0.1 {ed}\n{name} {wrong}" },
	{ "a pattern without a port", .known = "127.0.0.* {ed}", .accepts = true },
	{ "a pattern with any port", .known = "[127.0.0.?]:* {ed}", .accepts = true },
	{ "a pattern that is denied", .known = "127.0.0.*,!127.0.0.1 {ed}" },
	{ "a pattern that denies the port's name only", .known = "*,!{name} {ed}",
	    .accepts = true },
	{ "a list of names", .known = "x,{name},y {ed}", .accepts = true },
	{ "hashed", .known = "{name} {ed}", .make = "ssh-keygen -q -H -f .ssh/known_hosts",
	    .accepts = true },
	{ "hashed, without the port", .known = "127.0.0.1 {ed}",
	    .make = "ssh-keygen -q -H -f .ssh/known_hosts", .accepts = true },
	{ "hashed, another key", .known = "{name} {wrong}",
	    .make = "ssh-keygen -q -H -f .ssh/known_hosts" },
	{ "a name in capitals", .known = "[LocalHost]:{port} {ed}", .host = "LOCALHOST",
	    .accepts = true },
	{ "an address that is spelt in short", .known = "{name} {ed}", .host = "127.1",
	    .accepts = true },
	{ "an address that is spelt in hex", .known = "127.0.0.1 {ed}", .host = "0x7f000001",
	    .accepts = true },
	{ "an IPv4 address in IPv6", .known = "[::ffff:127.0.0.1]:{port} {ed}",
	    .host = "0:0:0:0:0:FFFF:7f00:1", .accepts = true },
	{ "an IPv4 address in IPv6 is not the one in IPv4", .known = "{name} {ed}",
	    .host = "::ffff:127.0.0.1" },

	/* several keys */
	{ "one of two keys", .known = "{name} {wrong}\n{name} {ed}", .accepts = true },
	{ "another type comes first, and fits", .known = "{name} {ec}\n{name} {ed}",
	    .accepts = true },
	{ "only the second type is known", .known = "{name} {ec}", .accepts = true },
	{ "the best type is wrong, another one right", .known = "{name} {wrong}\n{name} {ec}" },
	{ "only the RSA key is known", .known = "{name} {rsa}", .accepts = true, .alone = STOPS },
	{ "the RSA key, and the host has no other", .known = "{name} {rsa}", .server = RSA,
	    .accepts = true, .alone = STOPS },
	{ "the RSA key is known, the host has only ed25519", .known = "{name} {rsa}",
	    .server = ED25519 },
	{ "a type that is known without the port is not asked for", .known = "127.0.0.1 {ec}" },

	/* revoked keys */
	{ "a revoked key", .known = "{name} {ed}\n@revoked {name} {ed}" },
	{ "revoked everywhere", .known = "@revoked * {ed}\n{name} {ed}" },
	{ "revoked without the port", .known = "@revoked 127.0.0.1 {ed}" },
	{ "revoked without the port, known with it",
	    .known = "{name} {ed}\n@revoked 127.0.0.1 {ed}", .accepts = true },
	{ "another key is revoked", .known = "{name} {ed}\n@revoked * {wrong}", .accepts = true },
	{ "revoked elsewhere", .known = "{name} {ed}\n@revoked [127.0.0.2]:{port} {ed}",
	    .accepts = true },
	{ "revoked, hashed", .known = "@revoked {name} {ed}\n127.0.0.* {ed}",
	    .make = "ssh-keygen -q -H -f .ssh/known_hosts" },
	{ "revoked in another file", .known = "{name} {ed}",
	    .config = LIST("{home}/.ssh/known_hosts {home}/more"), .more = "@revoked {name} {ed}" },
	{ "revoked for all", .known = "{name} {ed}", .config = "GlobalKnownHostsFile {home}/more",
	    .more = "@revoked * {ed}" },
	{ "revoked in known_hosts2", .known = "{name} {ed}",
	    .make = "sed 's/^/@revoked /' .ssh/known_hosts >.ssh/known_hosts2" },
	{ "RevokedHostKeys has the key", .known = "{name} {ed}",
	    .config = "RevokedHostKeys {home}/more", .more = "# stolen\n{ed} of web1\n" },
	{ "RevokedHostKeys has another key", .known = "{name} {ed}",
	    .config = "RevokedHostKeys {home}/more", .more = "{wrong}\n\n{rsa}\n",
	    .accepts = true },
	{ "RevokedHostKeys cannot be read", .known = "{name} {ed}",
	    .config = "RevokedHostKeys {home}/none" },
	{ "RevokedHostKeys with a line that is no key", .known = "{name} {ed}",
	    .config = "RevokedHostKeys {home}/more", .more = "rubbish\n" },
	{ "RevokedHostKeys in binary form has the key", .known = "{name} {ed}",
	    .config = "RevokedHostKeys {home}/krl", .more = "{ed}",
	    .make = "ssh-keygen -q -k -f krl more" },
	{ "RevokedHostKeys in binary form has another key", .known = "{name} {ed}",
	    .config = "RevokedHostKeys {home}/krl", .more = "{wrong}",
	    .make = "ssh-keygen -q -k -f krl more", .accepts = true, .alone = STOPS },

	/* certificates */
	{ "a certificate of the authority", .known = "@cert-authority 127.0.0.* {ca}",
	    .server = CERT, .host = "127.0.0.1", .accepts = true, .alone = STOPS },
	{ "the authority of other hosts", .known = "@cert-authority 192.0.2.* {ca}",
	    .server = CERT },
	{ "a certificate, and the plain key is known", .known = "{name} {ed}", .server = CERT,
	    .accepts = true, .alone = STOPS },
	{ "an authority that is revoked", .known = "{name} {ed}\n@revoked * {ca}", .server = CERT },
	{ "an authority beside the plain key", .known = "@cert-authority {name} {ca}\n{name} {ed}",
	    .accepts = true },
	{ "an authority beside a wrong key",
	    .known = "@cert-authority {name} {ca}\n{name} {wrong}" },
	{ "an authority alone, and no certificate", .known = "@cert-authority {name} {ca}" },
	{ "an authority whose algorithm is not allowed", .known = "@cert-authority {name} {ca}",
	    .config = "CASignatureAlgorithms rsa-sha2-512", .server = CERT },

	/* files */
	{ "the second file knows it", .known = "",
	    .config = LIST("{home}/.ssh/known_hosts {home}/more"), .more = "{name} {ed}",
	    .accepts = true },
	{ "another file alone knows it", .known = "{name} {wrong}", .config = LIST("{home}/more"),
	    .more = "{name} {ed}", .accepts = true },
	{ "another file alone has another key", .known = "{name} {ed}",
	    .config = LIST("{home}/more"), .more = "{name} {wrong}" },
	{ "a file whose name begins as the usual one", .known = "{name} {ed}",
	    .config = LIST("{home}/.ssh/known_hosts_site"), .make = ": >.ssh/known_hosts_site" },
	{ "known_hosts2", .known = "", .make = "echo '{name} {ed}' >.ssh/known_hosts2",
	    .accepts = true },
	{ "a file whose name has a space", .known = "{name} {wrong}",
	    .config = LIST("\"{home}/my hosts\""), .make = "echo '{name} {ed}' >'my hosts'",
	    .accepts = true, .alone = STOPS },
	{ "two names in one pair of quotes", .known = "{name} {wrong}",
	    .config = LIST("\"{home}/my {home}/hosts\""), .make = "echo '{name} {wrong}' >hosts" },
	{ "a file for each host", .known = "", .config = LIST("{home}/%h"),
	    .make = "echo '{name} {ed}' >127.0.0.1", .accepts = true },
	{ "no file of the user's", .known = "{name} {ed}", .config = LIST("none") },
	{ "no file of the user's, but one for all", .known = "",
	    .config = LIST("none") "GlobalKnownHostsFile "
				   "{home}/more",
	    .more = "{name} {ed}", .accepts = true },
	{ "the file for all", .known = "", .config = "GlobalKnownHostsFile {home}/none {home}/more",
	    .more = "{name} {ed}", .accepts = true },
	{ "the user's file and the one for all differ", .known = "{name} {ed}",
	    .config = "GlobalKnownHostsFile {home}/more", .more = "{name} {wrong}",
	    .accepts = true },
	{ "/dev/null knows nobody", .known = "{name} {ed}", .config = LIST("/dev/null") },

	/* words */
	{ "an alias for the key", .known = "other {ed}", .config = "HostKeyAlias other",
	    .accepts = true, .alone = STOPS },
	{ "an alias that has another key", .known = "{name} {ed}\nother {wrong}",
	    .config = "HostKeyAlias other" },
	{ "no cipher in common", .known = "{name} {ed}", .config = "Ciphers aes256-ctr",
	    .server = STRICT },
	{ "one cipher in common", .known = "{name} {ed}", .config = "Ciphers aes256-ctr,aes128-ctr",
	    .server = STRICT, .accepts = true },
	{ "a cipher that libssh2 lacks", .known = "{name} {ed}",
	    .config = "Ciphers aes256-gcm@openssh.com", .accepts = true, .alone = STOPS },
	{ "no MAC in common", .known = "{name} {ed}", .config = "MACs hmac-sha2-512",
	    .server = STRICT },
	{ "no key exchange in common", .known = "{name} {ed}",
	    .config = "KexAlgorithms ecdh-sha2-nistp256" },
	{ "no type of key that is allowed", .known = "{name} {ed}",
	    .config = "HostKeyAlgorithms rsa-sha2-512", .server = ED25519 },
	{ "another order of types", .known = "{name} {ed}\n{name} {ec}",
	    .config = "HostKeyAlgorithms ecdsa-sha2-nistp256,ssh-ed25519", .accepts = true },
	{ "another order of types, and its first is wrong", .known = "{name} {ec}",
	    .config = "HostKeyAlgorithms ssh-ed25519,ecdsa-sha2-nistp256" },
	{ "types less one", .known = "{name} {ec}", .config = "HostKeyAlgorithms -rsa-sha2-256",
	    .accepts = true, .alone = STOPS },
	{ "an RSA key that is too short", .known = "{name} {rsa}", .config = "RequiredRSASize 3000",
	    .server = RSA },
	{ "whoever logs in decides", .known = "{name} {ed}",
	    .config = "Match user {user}\n UserKnownHostsFile {home}/more",
	    .more = "{name} {wrong}" },
	{ "another user's words", .known = "{name} {ed}",
	    .config = "Match user nobody-else\n UserKnownHostsFile {home}/more",
	    .more = "{name} {wrong}", .accepts = true },
	{ "another host's words", .known = "{name} {ed}",
	    .config = "Host 127.0.0.2\n ProxyCommand false", .accepts = true },
	{ "a host behind a command", .known = "{name} {ed}", .config = "ProxyCommand false" },
	{ "a key of this machine is not asked for", .known = "",
	    .config = "NoHostAuthenticationForLocalhost yes", .accepts = true, .alone = STOPS },
	{ "a command knows the key", .known = "",
	    .config = "KnownHostsCommand /bin/echo {name} {ed}", .accepts = true, .alone = STOPS },
	{ "the address is checked, too", .known = "[localhost]:{port} {ed}",
	    .config = "CheckHostIP yes", .host = "localhost", .accepts = true, .alone = STOPS },
	{ "an address is no other name of itself", .known = "{name} {ed}",
	    .config = "CheckHostIP yes", .accepts = true },
	{ "DNS may say which key is right", .known = "{name} {ed}",
	    .config = "VerifyHostKeyDNS yes", .accepts = true, .alone = STOPS },
	{ "more types than usual", .known = "{name} {ec}", .config = "HostKeyAlgorithms +ssh-rsa",
	    .accepts = true, .alone = STOPS },
	{ "types of keys to log in with", .known = "{name} {ed}",
	    .config = "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256" },
	{ "no login by key", .known = "{name} {ed}", .config = "PubkeyAuthentication no" },
	{ "a word that does not exist", .known = "{name} {ed}", .config = "UseKeychain yes" },
	{ "a condition", .known = "{name} {ed}",
	    .config = "Match exec true\n UserKnownHostsFile {home}/more",
	    .more = "{name} {wrong}" },

	/* new keys */
	{ "new", .known = "", .accept_new = true, .accepts = true },
	{ "new, in a file of another name", .known = "{name} {wrong}",
	    .config = LIST("{home}/more"), .accept_new = true, .accepts = true },
	{ "new, in the first of two files", .known = "", .config = LIST("{home}/first {home}/more"),
	    .accept_new = true, .accepts = true },
	{ "new, hashed", .known = "", .config = "HashKnownHosts yes", .accept_new = true,
	    .accepts = true },
	{ "new, though a pattern knows others", .known = "127.0.1.* {wrong}", .accept_new = true,
	    .accepts = true },
	{ "new at this port", .known = "127.0.0.1 {wrong}", .accept_new = true, .accepts = true },
	{ "changed, not new", .known = "{name} {wrong}", .accept_new = true },
	{ "another type, not new", .known = "{name} {rsa}", .accept_new = true, .server = ED25519 },
	{ "new, but revoked", .known = "@revoked * {ed}", .accept_new = true },
	{ "new, but revoked for all", .known = "", .config = "RevokedHostKeys {home}/more",
	    .more = "{ed}", .accept_new = true },
	{ "new, but revoked without the port", .known = "@revoked 127.0.0.1 {ed}",
	    .accept_new = true, .accepts = true, .stricter = true },
	{ "new, but no file can keep it", .known = "", .config = LIST("none"), .accept_new = true },
	{ "new, but /dev/null cannot keep it", .known = "", .config = LIST("/dev/null"),
	    .accept_new = true, .accepts = true, .stricter = true },
	{ "new, but a folder cannot keep it", .known = "", .config = LIST("{home}/more/less"),
	    .more = "", .accept_new = true, .accepts = true, .stricter = true },
};

#define WORKERS 6

static struct fake_sshd servers[SERVERS];
static char home[FAKE_FOLDER_BYTES];

/* --- files --- */

/* The type and the key in the file @name of a public key; static, and never freed. */
static const char *
key(const char *name)
{
	static struct {
		const char *name;
		char text[1024];
	} keys[8];
	struct buf text = { .limit_bytes = 2000 };
	struct error err;
	size_t i = 0, len;

	while (keys[i].name && strcmp(keys[i].name, name) != 0) {
		i++;
	}
	if (!keys[i].name) {
		keys[i].name = name;
		assert_int_equal(file_read(fake_sshd_path(&servers[0], name), &text, &err), 0);
		len = strcspn(buf_str(&text), " ") + 1;
		len += strcspn(buf_str(&text) + len, " \n");
		snprintf(keys[i].text, sizeof(keys[i].text), "%.*s", (int)len, buf_str(&text));
		buf_free(&text);
	}
	return keys[i].text;
}

static void
expand(const struct trust_case *of, const char *text, struct buf *out)
{
	char port[16], name[32];
	const struct {
		const char *word, *means;
	} words[] = { { "{home}", home }, { "{port}", port }, { "{name}", name },
		{ "{user}", getpwuid(getuid())->pw_name },
		{ "{ed}", key("ssh_host_ed25519_key.pub") },
		{ "{ec}", key("ssh_host_ecdsa_key.pub") }, { "{rsa}", key("ssh_host_rsa_key.pub") },
		{ "{ca}", key("ca.pub") }, { "{wrong}", key("id.pub") } };

	snprintf(port, sizeof(port), "%u", servers[of->server].port);
	snprintf(name, sizeof(name), "[127.0.0.1]:%s", port);
	while (*text) {
		size_t i = 0;

		while (
		    i < COUNT(words) && strncmp(text, words[i].word, strlen(words[i].word)) != 0) {
			i++;
		}
		if (i < COUNT(words)) {
			buf_text(out, words[i].means);
			text += strlen(words[i].word);
		} else {
			buf_add(out, text++, 1);
		}
	}
}

static void
write_file(const struct trust_case *of, const char *name, const char *text, const char *end)
{
	struct buf whole = { 0 };
	struct error err;
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	expand(of, text ? text : "", &whole);
	expand(of, end, &whole);
	assert_int_equal(file_replace(path, buf_str(&whole), whole.len, 0600, &err), 0);
	buf_free(&whole);
}

/* What ssh takes by itself from the home of the passwd database. */
#define OF_HOME "\nMatch all\nUserKnownHostsFile {home}/.ssh/known_hosts {home}/.ssh/known_hosts2\n"

static void
lay_out(const struct trust_case *of)
{
	struct buf make = { 0 };

	fake_sshd_shell("cd %s && rm -rf .ssh * && mkdir -m 700 .ssh", home);
	write_file(of, ".ssh/known_hosts", of->known, "\n");
	write_file(of, ".ssh/config", of->config, "\n");
	if (of->more) {
		write_file(of, "more", of->more, "\n");
	}
	write_file(of, ".ssh/for_ssh", of->config, OF_HOME);
	if (of->make) {
		expand(of, of->make, &make);
		assert_int_equal(
		    fake_sshd_shell("cd %s && { %s; } >/dev/null 2>&1", home, buf_str(&make)), 0);
		if (strstr(of->make, "chmod")) {
			fake_sshd_shell(
			    "chmod --reference=%s/.ssh/config %s/.ssh/for_ssh", home, home);
		}
		buf_free(&make);
	}
}

/* How many lines the files that may get new keys have. */
static size_t
count_lines(void)
{
	static const char *const files[] = { ".ssh/known_hosts", ".ssh/known_hosts2", "more",
		"first" };
	size_t count = 0;

	for (size_t i = 0; i < COUNT(files); i++) {
		struct buf text = { .limit_bytes = 1u << 20 };
		struct error err;
		char path[160];
		size_t lines = 0, hashes = 0;

		snprintf(path, sizeof(path), "%s/%s", home, files[i]);
		if (access(path, R_OK) == 0 && file_read(path, &text, &err) == 0) {
			for (size_t k = 0; k < text.len; k++) {
				lines += text.data[k] == '\n' && k > 0 && text.data[k - 1] != '\n';
				hashes += text.data[k] == '|';
			}
		}
		buf_free(&text);
		count = count * 10 + lines + (hashes ? 5 : 0);
	}
	return count;
}

/* --- visits --- */

#define NOT_ASKED SIZE_MAX

struct result {
	bool accepted;
	size_t lines; /* as count_lines(), or NOT_ASKED */
	char said[600];
};

static struct result
by_ssh(const struct trust_case *of)
{
	struct result result = { .accepted = false };

	result.accepted =
	    fake_sshd_shell(
		"exec ssh -F %s/.ssh/for_ssh -o BatchMode=yes "
		"-o StrictHostKeyChecking=%s -o UpdateHostKeys=no -o IdentitiesOnly=yes "
		"-i %s/id -l %s -p %u %s true </dev/null >/dev/null 2>&1",
		home, of->accept_new ? "accept-new" : "yes", servers[0].folder,
		getpwuid(getuid())->pw_name, servers[of->server].port,
		of->host ? of->host : "127.0.0.1") == 0;
	result.lines = count_lines();
	return result;
}

static struct result
by_us(const struct trust_case *of, enum link_way way)
{
	struct visit visit = { .command = "true", .by_config = true };
	struct link_target target = { .host = of->host, .way = way };
	struct ssh_options options = { .accept_new = of->accept_new };
	struct result result;

	if (of->accept_new) { /* the one before may have written the key */
		lay_out(of);
	}
	target.identity = fake_sshd_path(&servers[0], "id");
	visit_host(&visit, &servers[of->server], &target, &options);
	result.accepted = !visit.failed;
	result.lines = count_lines();
	snprintf(result.said, sizeof(result.said), "%s: %s", link_step_name(visit.step),
	    visit.failed ? visit.err.text : visit.note);
	buf_free(&visit.output);
	return result;
}

static const char *const way_names[] = {
	[LINK_WAY_AUTO] = "auto", [LINK_WAY_LIBSSH2] = "libssh2", [LINK_WAY_SSH] = "ssh"
};

/* Whether @ours is what is wanted of @way; else print it. */
static bool
is_right(const struct trust_case *of, enum link_way way, const struct result *real,
    const struct result *ours)
{
	bool may_stop = way == LINK_WAY_LIBSSH2 && of->alone == STOPS;
	bool wanted = of->accepts && !of->stricter && !may_stop;

	if (ours->accepted == wanted &&
	    (!wanted || ours->lines == real->lines || real->lines == NOT_ASKED)) {
		return true;
	}
	print_error("%s, by %s: %s (ssh: %s), lines %zu (ssh: %zu): %s\n", of->what, way_names[way],
	    ours->accepted ? "accepted" : "refused", real->accepted ? "accepted" : "refused",
	    ours->lines, real->lines, ours->said);
	return false;
}

/* How many of the ways decide @of as they should not. */
static unsigned
try_case(const struct trust_case *of)
{
	struct result real = { .accepted = of->accepts, .lines = NOT_ASKED }, automatic, other;
	unsigned wrong = 0;
	enum link_way way;

	lay_out(of);
	if (!is_sanitized()) {
		real = by_ssh(of);
	}
	if (real.accepted != of->accepts) {
		print_error("%s: ssh %s\n", of->what, real.accepted ? "accepts" : "refuses");
		wrong++;
	}
	automatic = by_us(of, LINK_WAY_AUTO);
	wrong += !is_right(of, LINK_WAY_AUTO, &real, &automatic);
	/* the one that auto did not take */
	way = strstr(automatic.said, "by ssh: ") ? LINK_WAY_LIBSSH2 : LINK_WAY_SSH;
	other = by_us(of, way);
	return wrong + !is_right(of, way, &real, &other);
}

/* A folder that is nobody else's HOME. */
static void
move_in(void)
{
	fake_folder_make(home, "trust");
	setenv("HOME", home, 1);
	setenv("XDG_RUNTIME_DIR", home, 1); /* ssh's sockets */
}

/* Most of a login is waiting, so that some take turns. */
static void
each_case_is_decided_as_ssh_decides_it(void **state UNUSED)
{
	pid_t workers[WORKERS];
	unsigned failed = 0;

	for (size_t i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		assert_true(workers[i] >= 0);
		if (workers[i] == 0) {
			unsigned wrong = 0;

			move_in();
			for (size_t k = i; k < COUNT(cases); k += WORKERS) {
				wrong += try_case(&cases[k]);
			}
			fake_sshd_shell("rm -rf %s", home);
			_exit(wrong > 0);
		}
	}
	for (size_t i = 0; i < WORKERS; i++) {
		int status;

		assert_int_equal(waitpid(workers[i], &status, 0), workers[i]);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
}

static int
set_up(void **state UNUSED)
{
	unsetenv("SSH_AUTH_SOCK");
	if (!fake_sshd_available()) {
		print_message("skipped: no sshd here (package openssh-server)\n");
		exit(EXIT_SUCCESS);
	}
	move_in();
	for (size_t i = 0; i < SERVERS; i++) {
		fake_sshd_start(&servers[i], server_configs[i]);
	}
	fake_sshd_shell("cd %s && ssh-keygen -q -t ecdsa -N '' -f ssh_host_ecdsa_key && "
			"ssh-keygen -q -t ed25519 -N '' -f ca",
	    servers[PLAIN].folder);
	fake_sshd_shell("cd %s && ssh-keygen -q -s %s/ca -h -I host -n 127.0.0.1 "
			"ssh_host_ed25519_key.pub",
	    servers[CERT].folder, servers[PLAIN].folder);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	for (size_t i = 0; i < SERVERS; i++) {
		fake_sshd_stop(&servers[i]);
	}
	return fake_sshd_shell("rm -rf %s", home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_is_decided_as_ssh_decides_it),
	};
	static const struct visit_way way = { auto_transport_new, auto_transport_free };

	visit_by(&way);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
