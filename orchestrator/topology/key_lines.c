#include "orchestrator/topology/key_lines.h"

#include "common/digest.h"

#include <errno.h>
#include <string.h>

#define SECRET_BYTES_MAX 32

static void
add_names(const struct symmetric_key *key, const char *quote, struct buf *text)
{
	size_t count = 0;

	for (size_t h = 0; h < key->host_count; h++) {
		buf_printf(
		    text, "%s%s%s%s", count++ > 0 ? ", " : "", quote, key->hosts[h]->name, quote);
	}
	for (size_t s = 0; s < key->stranger_count; s++) {
		buf_printf(
		    text, "%s%s%s%s", count++ > 0 ? ", " : "", quote, key->strangers[s], quote);
	}
}

void
key_names(const struct symmetric_key *key, struct buf *text)
{
	add_names(key, "", text);
}

void
key_line(const struct symmetric_key *key, struct buf *text)
{
	static const char *const types[] = {
		[KEY_TYPE_AES128CMAC] = "AES128CMAC",
		[KEY_TYPE_SHA1] = "SHA1",
		[KEY_TYPE_SHA256] = "SHA256",
		[KEY_TYPE_MD5] = "MD5",
	};
	static const char *const states[] = {
		[KEY_USED] = NULL, /* the default: not written */
		[KEY_COMING] = "coming",
		[KEY_LEAVING] = "leaving",
		[KEY_GONE] = "gone",
		[KEY_WITHDRAWN] = "withdrawn",
	};
	const char *state = states[key->state];

	buf_printf(text, "  - {id: %u, type: %s, secret: \"%s\", between: [", key->id,
	    types[key->type], key->secret_hex);
	add_names(key, "\"", text);
	buf_printf(text, "]%s%s}\n", state ? ", state: " : "", state ? state : "");
}

void
key_maker_init(struct key_maker *maker, const struct topology *topology, key_random random)
{
	*maker = (struct key_maker){ .random = random };
	for (size_t i = 0; i < topology->key_count; i++) {
		unsigned id = topology->keys[i].id;

		maker->taken[id] = true;
		maker->last = id > maker->last ? id : maker->last;
	}
}

static unsigned
next_number(struct key_maker *maker)
{
	for (unsigned i = 1; i <= KEY_ID_MAX; i++) {
		unsigned id = (maker->last + i - 1) % KEY_ID_MAX + 1;

		if (!maker->taken[id]) {
			maker->taken[id] = true;
			maker->last = id;
			return id;
		}
	}
	return 0;
}

static int
random_secret(key_random random, enum key_type type, char *hex, struct error *err)
{
	static const size_t sizes[] = {
		[KEY_TYPE_AES128CMAC] = 16, /* RFC 8573 section 3 */
		[KEY_TYPE_SHA1] = 20,
		[KEY_TYPE_SHA256] = 32,
		[KEY_TYPE_MD5] = 16,
	};
	uint8_t raw[SECRET_BYTES_MAX];

	if (random(raw, sizes[type]) < 0) {
		return error_errno(err, errno, "no random numbers");
	}
	hex_text(raw, sizes[type], hex);
	explicit_bzero(raw, sizeof(raw));
	return 0;
}

int
key_maker_add(
    struct key_maker *maker, struct symmetric_key *key, struct buf *text, struct error *err)
{
	char secret[2 * SECRET_BYTES_MAX + 1];

	key->id = next_number(maker);
	if (key->id == 0) {
		return error_set(err, "there are more than %d keys", KEY_ID_MAX);
	}
	if (random_secret(maker->random, key->type, secret, err) < 0) {
		return -1;
	}
	key->secret_hex = secret;
	key_line(key, text);
	key->secret_hex = NULL;
	explicit_bzero(secret, sizeof(secret));
	return 0;
}
