#include "orchestrator/topology/growth.h"

#include "orchestrator/topology/partners.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24 /* lines: a screen */

static void
tell(struct key_change *change, const struct symmetric_key *key)
{
	if (change->count++ < WORDS_MAX) {
		buf_printf(&change->words, "  key %u: ", key->id);
		key_names(key, &change->words);
		buf_text(&change->words, "\n");
	}
}

static void
tell_rest(struct key_change *change)
{
	if (change->count > WORDS_MAX) {
		buf_printf(&change->words, "  and %zu more\n", change->count - WORDS_MAX);
	}
}

struct growing {
	struct key_maker maker;
	struct key_change *change;
	struct error *err;
};

static bool
add_key(void *arg, const struct host *a, const struct host *b)
{
	struct growing *growing = arg;
	const struct host *pair[] = { a, b };
	struct symmetric_key key = {
		.type = KEY_TYPE_AES128CMAC,
		.hosts = pair,
		.host_count = COUNT(pair),
	};

	if (key_maker_add(&growing->maker, &key, &growing->change->text, growing->err) < 0) {
		return false;
	}
	tell(growing->change, &key);
	return true;
}

int
keys_grow(const struct topology *topology, key_random random, struct key_change *change,
    struct error *err)
{
	struct growing growing = { .change = change, .err = err };

	key_maker_init(&growing.maker, topology, random);
	buf_text(&change->text, "keys:\n");
	for (size_t i = 0; i < topology->key_count; i++) {
		key_line(&topology->keys[i], &change->text);
	}
	if (!unkeyed_pairs(topology, add_key, &growing)) {
		return -1;
	}
	tell_rest(change);
	return 0;
}

void
keys_shrink(const struct topology *topology, struct key_change *change)
{
	size_t kept = 0;

	for (size_t i = 0; i < topology->key_count; i++) {
		kept += key_is_needed(&topology->keys[i]);
	}
	buf_text(&change->text, kept > 0 ? "keys:\n" : "keys: []\n");
	for (size_t i = 0; i < topology->key_count; i++) {
		if (key_is_needed(&topology->keys[i])) {
			key_line(&topology->keys[i], &change->text);
		} else {
			tell(change, &topology->keys[i]);
		}
	}
	tell_rest(change);
}

/* Whether @key is shared with somebody whose name is gone: any server may have had that name. */
static bool
is_half(const struct symmetric_key *key)
{
	return key->host_count > 0 && key->stranger_count > 0;
}

void
keys_shrink_hosts(
    const struct topology *topology, struct arena *arena, const struct host ***hosts, size_t *count)
{
	bool *shares = arena_alloc(arena, topology->host_count + 1);

	*hosts = arena_alloc(arena, topology->host_count * sizeof(**hosts) + 1);
	*count = 0;
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		if (key_is_needed(key)) {
			continue;
		}
		for (size_t h = 0; h < key->host_count; h++) {
			shares[key->hosts[h] - topology->hosts] = true;
		}
		for (size_t h = 0; is_half(key) && h < topology->server_count; h++) {
			shares[h] = true;
		}
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		if (shares[i]) {
			(*hosts)[(*count)++] = &topology->hosts[i];
		}
	}
}

void
key_change_done(struct key_change *change)
{
	if (change->text.data) {
		explicit_bzero(change->text.data, change->text.len);
	}
	buf_free(&change->text);
	buf_free(&change->words);
}
