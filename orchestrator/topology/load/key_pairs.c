/* Pairs each key with the key that replaces it: both are between the same hosts. */
#include "orchestrator/topology/load/loader.h"

#include <stdlib.h>
#include <string.h>

/* A key and who shares it, sorted, so that the order in keys.yaml does not matter. */
struct shared_key {
	const struct host **hosts;
	const char **strangers;
	size_t count, stranger_count;
	struct symmetric_key *key;
};

static int
by_address(const void *a, const void *b)
{
	const struct host *x = *(const struct host *const *)a, *y = *(const struct host *const *)b;

	return (x > y) - (x < y);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
compare_hosts(const struct shared_key *x, const struct shared_key *y)
{
	if (x->count != y->count) {
		return x->count < y->count ? -1 : 1;
	}
	if (x->stranger_count != y->stranger_count) {
		return x->stranger_count < y->stranger_count ? -1 : 1;
	}
	for (size_t i = 0; i < x->count; i++) {
		if (x->hosts[i] != y->hosts[i]) {
			return x->hosts[i] < y->hosts[i] ? -1 : 1;
		}
	}
	for (size_t i = 0; i < x->stranger_count; i++) {
		int names = strcmp(x->strangers[i], y->strangers[i]);

		if (names != 0) {
			return names;
		}
	}
	return 0;
}

static int
by_hosts(const void *a, const void *b)
{
	const struct shared_key *x = a, *y = b;
	int hosts = compare_hosts(x, y);

	return hosts != 0 ? hosts : (x->key > y->key) - (x->key < y->key);
}

/* Link the keys of the same hosts: one is used, and at most one other has another state. */
static void
link_group(struct loader *loader, const struct shared_key *group, size_t count)
{
	struct symmetric_key *used = NULL, *other = NULL, *second = NULL;

	for (size_t i = 0; i < count; i++) {
		struct symmetric_key *key = group[i].key;

		if (key->state == KEY_USED) {
			second = used && !second ? key : second;
			used = used ? used : key;
		} else if (other) {
			problem(loader, "key-state", key->pos,
			    "keys %u and %u both stand beside the key that the same hosts use: "
			    "only one may",
			    other->id, key->id);
		} else {
			other = key;
		}
	}
	if (!other) {
		return;
	}
	if (!used) {
		problem(loader, "key-state", other->pos,
		    "no key between the hosts of key %u has the state `used`", other->id);
	} else if (second) {
		problem(loader, "key-state", second->pos,
		    "keys %u and %u are both used between the same hosts: it is not clear beside "
		    "which of them key %u stands",
		    used->id, second->id, other->id);
	} else {
		used->other = other;
		other->other = used;
	}
}

/* A sorted copy of @list. */
static void *
sorted(struct loader *loader, const void *list, size_t count, size_t stride,
    int (*compare)(const void *, const void *))
{
	void *copy = arena_alloc(&loader->arena, count * stride + 1);

	if (count > 0) {
		memcpy(copy, list, count * stride);
		qsort(copy, count, stride, compare);
	}
	return copy;
}

static void
take(struct loader *loader, struct symmetric_key *key, struct shared_key *shared)
{
	*shared = (struct shared_key){
		.hosts =
		    sorted(loader, key->hosts, key->host_count, sizeof(*key->hosts), by_address),
		.strangers = sorted(
		    loader, key->strangers, key->stranger_count, sizeof(*key->strangers), by_name),
		.count = key->host_count,
		.stranger_count = key->stranger_count,
		.key = key,
	};
}

void
link_rotations(struct loader *loader)
{
	const struct topology *topology = loader->topology;
	size_t count = topology->key_count;
	struct shared_key *keys = arena_alloc(&loader->arena, count * sizeof(*keys) + 1);

	for (size_t i = 0; i < count; i++) {
		take(loader, &topology->keys[i], &keys[i]);
	}
	if (count > 1) {
		qsort(keys, count, sizeof(*keys), by_hosts);
	}
	for (size_t begin = 0, end; begin < count; begin = end) {
		end = begin + 1;
		while (end < count && compare_hosts(&keys[begin], &keys[end]) == 0) {
			end++;
		}
		link_group(loader, &keys[begin], end - begin);
	}
}
