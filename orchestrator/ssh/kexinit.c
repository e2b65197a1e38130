#include "orchestrator/ssh/kexinit.h"

#include "orchestrator/ssh/wire.h"

#include <stdio.h>
#include <string.h>

#define MSG_KEXINIT 20
#define COOKIE_BYTES 16
#define PACKET_MAX 35000 /* RFC 4253 section 6.1 */

const char *
kex_list_name(enum kex_list list)
{
	static const char *const names[] = {
		[KEX_EXCHANGE] = "key exchange",
		[KEX_HOST_KEY] = "host key",
		[KEX_CIPHER_OUT] = "cipher",
		[KEX_CIPHER_IN] = "cipher",
		[KEX_MAC_OUT] = "MAC",
		[KEX_MAC_IN] = "MAC",
	};

	return names[list];
}

/* Skip all lines up to the banner, which begins with "SSH-", and the banner. */
static bool
skip_banner(struct wire *wire)
{
	for (;;) {
		const uint8_t *end = wire->len ? memchr(wire->bytes, '\n', wire->len) : NULL;
		const uint8_t *line = wire->bytes;
		size_t len;

		if (!end) {
			return false;
		}
		len = (size_t)(end - line) + 1;
		wire->bytes += len;
		wire->len -= len;
		if (len > 4 && memcmp(line, "SSH-", 4) == 0) {
			return true;
		}
	}
}

bool
kexinit_read(const uint8_t *bytes, size_t len, struct kexinit *kexinit)
{
	struct wire wire = { bytes, len }, list;
	struct kexinit found = { .text = { NULL } };
	const uint8_t *skipped;
	uint32_t packet_len;

	if (!skip_banner(&wire) || !wire_u32(&wire, &packet_len) || packet_len > PACKET_MAX ||
	    packet_len > wire.len) {
		return false;
	}
	wire.len = packet_len;
	/* skip the length of the padding, the type of the message and the cookie */
	if (!wire_bytes(&wire, 2 + COOKIE_BYTES, &skipped) || skipped[1] != MSG_KEXINIT) {
		return false;
	}
	for (int i = 0; i < KEX_LISTS; i++) {
		if (!wire_string(&wire, &list)) {
			return false;
		}
		found.text[i] = (const char *)list.bytes;
		found.len[i] = list.len;
	}
	*kexinit = found;
	return true;
}

static bool
list_has(const char *list, size_t list_len, const char *name, size_t len)
{
	while (list_len > 0) {
		const char *comma = memchr(list, ',', list_len);
		size_t item = comma ? (size_t)(comma - list) : list_len;

		if (item == len && memcmp(list, name, len) == 0) {
			return true;
		}
		item += comma ? 1 : 0;
		list += item;
		list_len -= item;
	}
	return false;
}

bool
kexinit_agreed(const struct kexinit *kexinit, enum kex_list list, const char *ours,
    const char **name, size_t *len)
{
	while (*ours) {
		size_t item = strcspn(ours, ",");

		if (list_has(kexinit->text[list], kexinit->len[list], ours, item)) {
			*name = ours;
			*len = item;
			return true;
		}
		ours += item + (ours[item] == ',');
	}
	return false;
}

bool
kexinit_shares(const struct kexinit *kexinit, enum kex_list list, const char *ours)
{
	const char *name;
	size_t len;

	return kexinit_agreed(kexinit, list, ours, &name, &len);
}

bool
kex_has(const char *list, const char *name, size_t len)
{
	return list_has(list, strlen(list), name, len);
}

void
kex_common(const char *ours, const char *theirs, struct buf *both)
{
	while (*ours) {
		size_t len = strcspn(ours, ",");

		if (kex_has(theirs, ours, len)) {
			buf_printf(both, "%s%.*s", both->len ? "," : "", (int)len, ours);
		}
		ours += len + (ours[len] == ',');
	}
}

static const char certificate[] = "-cert-v01@openssh.com";

bool
kex_is_certificate(const char *algorithm, size_t len)
{
	size_t tail = sizeof(certificate) - 1;

	return len > tail && memcmp(algorithm + len - tail, certificate, tail) == 0;
}

void
kex_key_type(const char *algorithm, size_t len, char *type, size_t size)
{
	bool is_certificate = kex_is_certificate(algorithm, len);
	int bare = (int)(is_certificate ? len - (sizeof(certificate) - 1) : len);
	int wrote;

	if (len >= 9 && memcmp(algorithm, "rsa-sha2-", 9) == 0) {
		wrote = snprintf(type, size, "ssh-rsa");
	} else {
		wrote = snprintf(type, size, "%.*s%s", bare, algorithm,
		    is_certificate && len > 3 && memcmp(algorithm, "sk-", 3) == 0 ? "@openssh.com"
										  : "");
	}
	if (wrote < 0 || (size_t)wrote >= size) {
		type[0] = '\0';
	}
}
