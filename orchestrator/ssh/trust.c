#include "orchestrator/ssh/trust.h"

#include "common/digest.h"
#include "orchestrator/ssh/wire.h"

#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* The address @host as getnameinfo() spells it, in @name; false: it is none. */
static bool
spell(const char *host, char *name, size_t size)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;
	bool is_address = getaddrinfo(host, NULL, &hints, &found) == 0 && found &&
	    getnameinfo(found->ai_addr, found->ai_addrlen, name, (socklen_t)size, NULL, 0,
		NI_NUMERICHOST) == 0;

	if (found) {
		freeaddrinfo(found);
	}
	return is_address;
}

bool
trust_is_address(const char *host)
{
	char name[TRUST_NAME_BYTES];

	return spell(host, name, sizeof(name));
}

void
trust_init(
    struct trust_host *trust, const char *host, unsigned port, const struct ssh_policy *policy)
{
	*trust = (struct trust_host){ .port = port ? port : policy->port, .policy = policy };
	if (trust->port == 0 || policy->alias) {
		trust->port = 22; /* an alias is looked up without a port */
	}
	host = policy->host ? policy->host : host;
	if (policy->alias) {
		snprintf(trust->name, sizeof(trust->name), "%s", policy->alias);
	} else if (!spell(host, trust->name, sizeof(trust->name))) {
		snprintf(trust->name, sizeof(trust->name), "%s", host);
	}
}

static struct known_host
known_host_of(const struct trust_host *trust)
{
	return (struct known_host){ trust->name, trust->port, &trust->policy->user,
		&trust->policy->global, trust->policy->revoked };
}

int
trust_load(
    struct known_hosts *known, const struct ssh_policy *policy, bool required, struct error *err)
{
	const struct policy_files *const lists[] = { &policy->user, &policy->global };

	for (size_t k = 0; k < COUNT(lists); k++) {
		for (size_t i = 0; i < lists[k]->count; i++) {
			if (known_hosts_load(
				known, lists[k]->list[i], required && k == 0 && i == 0, err)) {
				return -1;
			}
		}
	}
	return 0;
}

int
trust_load_revoked(struct known_hosts *known, const struct ssh_policy *policy, struct error *err)
{
	if (!policy->revoked || known_hosts_load_revoked(known, policy->revoked, err) == 0) {
		return 0;
	}
	return error_wrap(err, "RevokedHostKeys");
}

void
trust_order(const struct known_hosts *known, const struct trust_host *trust, struct buf *order)
{
	struct known_host host = known_host_of(trust);

	known_hosts_order(known, &host, trust->policy->host_keys, order);
}

static void
type_of(const void *blob, size_t len, char *out, size_t size)
{
	struct wire wire = { blob, len }, type = { NULL, 0 };

	if (!wire_string(&wire, &type)) {
		type.len = 0;
	}
	snprintf(out, size, "%.*s", (int)type.len, (const char *)type.bytes);
}

/* Whether ssh, which agrees with the server on @algorithm, gets a key of type @type. */
static bool
is_of_type(const char *algorithm, size_t len, const char *type, char *lack, size_t size)
{
	char its[64];

	if (strlen(type) == len && memcmp(algorithm, type, len) == 0) {
		return true;
	}
	kex_key_type(algorithm, len, its, sizeof(its));
	if (kex_is_certificate(algorithm, len)) {
		snprintf(lack, size, "the host shows a certificate (%.*s)", (int)len, algorithm);
	} else if (strcmp(its, "ssh-rsa") == 0) {
		snprintf(lack, size, "the host is known by its RSA key");
	} else {
		snprintf(lack, size, "ssh asks the host for another type of key (%.*s)", (int)len,
		    algorithm);
	}
	return false;
}

bool
trust_differs(const struct trust_host *trust, const char *order, const struct buf *heard,
    const struct known_key *key, char *lack, size_t size)
{
	const char *listed = trust->policy->host_keys, *by_order = "", *by_list = "";
	size_t order_len = 0, list_len = 0;
	struct kexinit kexinit;
	char type[64];
	bool differs = true;

	type_of(key->blob, key->len, type, sizeof(type));
	if (!kexinit_read((const uint8_t *)buf_str(heard), heard->len, &kexinit) ||
	    !kexinit_agreed(&kexinit, KEX_HOST_KEY, order, &by_order, &order_len) ||
	    !kexinit_agreed(&kexinit, KEX_HOST_KEY, listed, &by_list, &list_len)) {
		snprintf(lack, size, "the algorithms that the host offers were not understood");
	} else if (strcmp(listed, policy_usual_host_keys) != 0 &&
	    (order_len != list_len || memcmp(by_order, by_list, list_len) != 0)) {
		/* ssh goes by known keys only if HostKeyAlgorithms is not set, or by + or - */
		snprintf(lack, size,
		    "ssh_config sets HostKeyAlgorithms, and the host is known by "
		    "another type of key");
	} else {
		differs = !is_of_type(by_order, order_len, type, lack, size);
	}
	return differs;
}

/* The file that new keys are added to, or NULL, with @err set. */
static const char *
new_keys_file(const struct ssh_policy *policy, struct error *err)
{
	const char *path = policy->user.count ? policy->user.list[0] : NULL;
	struct stat about;

	if (!path) {
		error_set(err, "UserKnownHostsFile is none: no file can remember a new key");
	} else if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
		error_set(err, "UserKnownHostsFile %s cannot remember a new key", path);
		path = NULL;
	}
	return path;
}

static int
refuse_unknown(
    const struct trust_host *trust, const char *type, const char *fingerprint, struct error *err)
{
	const struct ssh_policy *policy = trust->policy;

	return error_set(err,
	    "the host is not known: it shows a %s key, %s. Compare that with `ssh-keygen -lf` on "
	    "the host, then add it by `ssh-keyscan -p %u %s >>%s`, or run with --accept-new",
	    type, fingerprint, trust->port, trust->name,
	    policy->user.count         ? policy->user.list[0]
		: policy->global.count ? policy->global.list[0]
				       : "FILE");
}

static int
refuse_changed(const struct known_hosts *known, const struct trust_host *trust, const char *type,
    const char *fingerprint, const struct known_line *line, struct error *err)
{
	struct known_host host = known_host_of(trust);
	char types[256], name[TRUST_NAME_BYTES + 16];

	if (trust->port == 22) {
		snprintf(name, sizeof(name), "%s", trust->name);
	} else {
		snprintf(name, sizeof(name), "[%s]:%u", trust->name, trust->port);
	}
	known_hosts_types(known, &host, types, sizeof(types));
	if (!strstr(types, type)) {
		return error_set(err,
		    "the host is known by another type of key (%s at %s:%u) and shows a %s key, "
		    "%s. Compare that with the host, then add it by `ssh-keyscan -p %u -t %s %s`",
		    types, line->file, line->line, type, fingerprint, trust->port,
		    strncmp(type, "ecdsa", 5) == 0 ? "ecdsa" : "ed25519", trust->name);
	}
	return error_set(err,
	    "the host's key has changed: it shows %s, %s, and is known by another (%s:%u). "
	    "Somebody may stand between; if the host was installed anew, remove the line by "
	    "`ssh-keygen -f %s -R '%s'` and add the new key",
	    type, fingerprint, line->file, line->line, line->file, name);
}

/*
 * Whether @key is written in the one way that ssh writes it: written in another way, a revoked key
 * would not be recognised.
 */
static bool
is_canonical(const struct known_key *key)
{
	struct wire wire = { key->blob, key->len }, type, part, point = { NULL, 0 };
	static const struct {
		const char *type, *curve;
		size_t point_len;
	} rows[] = { { "ssh-ed25519", NULL, 32 }, { "ecdsa-sha2-nistp256", "nistp256", 65 },
		{ "ecdsa-sha2-nistp384", "nistp384", 97 },
		{ "ecdsa-sha2-nistp521", "nistp521", 133 } };

	if (!wire_string(&wire, &type)) {
		return false;
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!wire_is(&type, rows[i].type)) {
			continue;
		}
		if (rows[i].curve &&
		    (!wire_string(&wire, &part) || !wire_is(&part, rows[i].curve))) {
			return false;
		}
		return wire_string(&wire, &point) && point.len == rows[i].point_len &&
		    wire.len == 0 && (!rows[i].curve || point.bytes[0] == 4);
	}
	return false;
}

static int
add_new(struct known_hosts *known, const struct trust_host *trust, const struct known_key *key,
    struct error *err)
{
	struct known_host host = known_host_of(trust);
	const char *path = new_keys_file(trust->policy, err);

	if (!path) {
		return -1;
	}
	return known_hosts_add(known, path, &host, key, trust->policy->hashes_names, err);
}

int
trust_check(struct known_hosts *known, const struct trust_host *trust, const struct known_key *key,
    bool accept_new, struct error *err)
{
	struct known_host host = known_host_of(trust);
	char fingerprint[FINGERPRINT_BYTES], type[64];
	struct known_line line = { NULL, 0 };

	if (!is_canonical(key)) {
		return error_set(err, "the host's key is malformed");
	}
	key_fingerprint(key->blob, key->len, fingerprint);
	type_of(key->blob, key->len, type, sizeof(type));
	switch (known_hosts_check(known, &host, key, &line)) {
	case KNOWN_MATCH:
		return 0;
	case KNOWN_REVOKED:
		return error_set(err, "the host shows a key that is revoked (%s:%u): %s", line.file,
		    line.line, fingerprint);
	case KNOWN_CHANGED:
		return refuse_changed(known, trust, type, fingerprint, &line, err);
	case KNOWN_UNKNOWN:
		break;
	}
	if (!accept_new || known_hosts_names(known, &host)) {
		return refuse_unknown(trust, type, fingerprint, err);
	}
	return add_new(known, trust, key, err);
}

bool
trust_may_add(const struct known_hosts *known, const struct trust_host *trust)
{
	struct known_host host = known_host_of(trust);
	struct error err;
	const char *path = new_keys_file(trust->policy, &err);

	return path && !known_hosts_names(known, &host) && known_hosts_prepare(path, &err) == 0;
}
