#include "orchestrator/ssh/words.h"

#include "common/digest.h"
#include "orchestrator/ssh/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
type_of(const void *blob, size_t len, char *out, size_t size)
{
	struct wire wire = { blob, len }, type = { NULL, 0 };

	if (!wire_string(&wire, &type)) {
		type.len = 0;
	}
	snprintf(out, size, "%.*s", (int)type.len, (const char *)type.bytes);
}

static int
refuse_unknown(
    const struct words_target *target, const char *type, const char *fingerprint, struct error *err)
{
	return error_set(err,
	    "the host is not known: it shows a %s key, %s. Compare that with `ssh-keygen -lf` on "
	    "the host, then add it by `ssh-keyscan -p %u %s >>%s`, or run with --accept-new",
	    type, fingerprint, target->port, target->host, target->known_path);
}

static int
refuse_changed(const struct known_hosts *known, const struct words_target *target, const char *type,
    const char *fingerprint, const struct known_line *line, struct error *err)
{
	char types[256], name[300];

	if (target->port == 22) {
		snprintf(name, sizeof(name), "%s", target->host);
	} else {
		snprintf(name, sizeof(name), "[%s]:%u", target->host, target->port);
	}
	known_hosts_types(known, target->host, target->port, types, sizeof(types));
	if (!strstr(types, type)) {
		return error_set(err,
		    "the host is known by another type of key (%s at %s:%u) and shows a %s key, "
		    "%s. Compare that with the host, then add it by `ssh-keyscan -p %u -t %s %s`",
		    types, line->file, line->line, type, fingerprint, target->port,
		    strncmp(type, "ecdsa", 5) == 0 ? "ecdsa" : "ed25519", target->host);
	}
	return error_set(err,
	    "the host's key has changed: it shows %s, %s, and is known by another (%s:%u). "
	    "Somebody may stand between; if the host was installed anew, remove the line by "
	    "`ssh-keygen -R '%s'` and add the new key",
	    type, fingerprint, line->file, line->line, name);
}

int
words_host_key(struct known_hosts *known, const struct words_target *target, const void *blob,
    size_t len, bool accept_new, struct error *err)
{
	char fingerprint[FINGERPRINT_BYTES], type[64];
	struct known_line line = { NULL, 0 };
	struct known_key key = { target->host, target->port, blob, len };

	key_fingerprint(blob, len, fingerprint);
	type_of(blob, len, type, sizeof(type));
	switch (known_hosts_check(known, &key, &line)) {
	case KNOWN_MATCH:
		return 0;
	case KNOWN_REVOKED:
		return error_set(err, "the host shows a key that is revoked (%s:%u): %s", line.file,
		    line.line, fingerprint);
	case KNOWN_CHANGED:
		return refuse_changed(known, target, type, fingerprint, &line, err);
	case KNOWN_UNKNOWN:
		break;
	}
	if (!accept_new) {
		return refuse_unknown(target, type, fingerprint, err);
	}
	return known_hosts_add(known, target->known_path, &key, err);
}

void
words_host_key_types(
    const struct known_hosts *known, const char *host, unsigned port, char *types, size_t size)
{
	size_t used;

	known_hosts_types(known, host, port, types, size);
	used = strlen(types);
	/* a type may be twice in the list: that does no harm */
	snprintf(types + used, size - used,
	    "%sssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-rsa",
	    used ? "," : "");
}

bool
words_unchecked(
    const struct known_hosts *known, const char *host, unsigned port, char *lack, size_t size)
{
	char types[256];

	known_hosts_types(known, host, port, types, sizeof(types));
	if (types[0] == '\0' && known_hosts_has_authority(known)) {
		snprintf(lack, size, "hosts are known by certificates (@cert-authority)");
		return true;
	}
	/* for RSA, libssh2 1.10 has only ssh-rsa with SHA-1, which sshd no longer offers */
	if (strcmp(types, "ssh-rsa") == 0) {
		snprintf(lack, size, "the host is known by its RSA key");
		return true;
	}
	return false;
}

bool
words_algorithms(const struct buf *heard, const struct buf *ours, const char *version, char *lack,
    size_t size, struct error *err)
{
	struct kexinit kexinit;

	if (!kexinit_read((const uint8_t *)buf_str(heard), heard->len, &kexinit)) {
		return false;
	}
	for (int i = 0; i < KEX_LISTS; i++) {
		enum kex_list list = (enum kex_list)i;

		if (kexinit_shares(&kexinit, list, buf_str(&ours[i]))) {
			continue;
		}
		error_set(err,
		    "no %s in common: the server offers %.*s; libssh2 %s has %.150s. Let the "
		    "server's sshd_config allow one of these",
		    kex_list_name(list), (int)(kexinit.len[i] < 150 ? kexinit.len[i] : 150),
		    kexinit.text[i], version, buf_str(&ours[i]));
		snprintf(lack, size, "no %s in common with libssh2 %s (the host offers %.*s)",
		    kex_list_name(list), version,
		    (int)(kexinit.len[i] < 100 ? kexinit.len[i] : 100), kexinit.text[i]);
		return true;
	}
	return false;
}

char *
words_known_path(const char *path)
{
	const char *home = getenv("HOME");
	struct buf full = { 0 };

	if (path) {
		buf_text(&full, path);
	} else {
		buf_printf(&full, "%s/.ssh/known_hosts", home ? home : "");
	}
	return full.data;
}
