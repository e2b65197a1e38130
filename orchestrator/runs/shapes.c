#include "orchestrator/runs/shapes.h"

#include "daemons/platforms/platform.h"
#include "orchestrator/lint/files/files.h"
#include "orchestrator/render/render.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/topology.h"

#include <stdlib.h>
#include <string.h>

/* All that the files of a host depend on, but for names and addresses. */
struct shape_key {
	const struct tier *tier; /* of a server */
	const struct daemon_driver *driver;
	size_t sources;
	const struct refclock *clocks;
	const struct extras *extras, *own_extras;
	unsigned families; /* of its addresses: a bit each */
	uint64_t keys;     /* their types, and the daemons of those who share them */
	bool nts, smeared, never_steps, proves, pool;
};

struct shape {
	struct shape_key key;
	const struct host *first;
	size_t others;
	struct shape *next; /* of the same bucket */
};

#define BUCKETS 1024

struct shapes {
	struct arena arena;
	const struct topology *topology;
	uint64_t *keys;                 /* per host of the topology: shape_key.keys */
	const struct source_list *last; /* the sources below are of these */
	bool last_nts;
	struct shape *buckets[BUCKETS];
	struct shape **list;
	size_t count, capacity;
};

#define HASH_START 14695981039346656037U

static uint64_t
hash(uint64_t from, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		from = (from ^ ((const unsigned char *)bytes)[i]) * 1099511628211U;
	}
	return from;
}

/* The order of the keys does not matter, so what is known of each is added up. */
static void
mark_keys(struct shapes *shapes)
{
	const struct topology *topology = shapes->topology;

	shapes->keys = arena_alloc(&shapes->arena, (topology->host_count + 1) * sizeof(uint64_t));
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t k = 0; key_is_known(key) && k < key->host_count; k++) {
			const char *other = key->hosts[key->host_count - 1 - k]->daemon;
			uint64_t what = hash(HASH_START, &key->type, sizeof(key->type));

			shapes->keys[key->hosts[k] - topology->hosts] +=
			    hash(what, other, strlen(other));
		}
	}
}

static bool
has_nts(struct shapes *shapes, const struct source_list *sources)
{
	if (shapes->last != sources) {
		shapes->last = sources;
		shapes->last_nts = false;
		for (size_t i = 0; i < sources->count; i++) {
			const struct upstream *upstream = sources->list[i].upstream;

			shapes->last_nts |= upstream && upstream->nts;
		}
	}
	return shapes->last_nts;
}

static void
key_of(struct shapes *shapes, const struct host *host, const struct daemon_driver *driver,
    struct shape_key *key)
{
	const struct source_list *sources = host_sources(host);

	memset(key, 0, sizeof(*key)); /* its bytes are hashed */
	key->tier = host->tier;
	key->driver = driver;
	key->sources = sources->count;
	for (size_t i = 0; i < host->addresses.count; i++) {
		key->families |= 1U << host->addresses.list[i].ip.family;
	}
	key->extras = host->tier ? host->tier->extras : host->group->extras;
	key->own_extras = host->extras;
	key->clocks = host->refclocks.list; /* a host with clocks is a shape of its own */
	key->nts = has_nts(shapes, sources);
	key->smeared = host_is_smeared(host);
	key->never_steps = host_never_steps(host);
	key->proves = host_proves_by_nts(shapes->topology, host);
	key->pool = host->pool;
	key->keys = shapes->keys[host - shapes->topology->hosts];
}

static bool
is_same(const struct shape_key *a, const struct shape_key *b)
{
	return a->tier == b->tier && a->driver == b->driver && a->sources == b->sources &&
	    a->families == b->families && a->keys == b->keys && a->nts == b->nts &&
	    a->smeared == b->smeared && a->never_steps == b->never_steps &&
	    a->proves == b->proves && a->clocks == b->clocks && a->extras == b->extras &&
	    a->own_extras == b->own_extras && a->pool == b->pool;
}

static void
add(struct shapes *shapes, const struct host *host, const struct daemon_driver *driver)
{
	struct shape_key key;
	struct shape **bucket, *shape;

	key_of(shapes, host, driver, &key);
	bucket = &shapes->buckets[hash(HASH_START, &key, sizeof(key)) % BUCKETS];
	for (shape = *bucket; shape; shape = shape->next) {
		if (is_same(&shape->key, &key)) {
			shape->others++;
			return;
		}
	}
	shape = arena_alloc(&shapes->arena, sizeof(*shape));
	*shape = (struct shape){ .key = key, .first = host, .next = *bucket };
	*bucket = shape;
	if (shapes->count == shapes->capacity) {
		shapes->capacity = shapes->capacity ? 2 * shapes->capacity : 64;
		shapes->list = reallocarray(shapes->list, shapes->capacity, sizeof(struct shape *));
		if (!shapes->list) {
			abort();
		}
	}
	shapes->list[shapes->count++] = shape;
}

static void
collect(struct shapes *shapes, const struct shapes_wish *wish)
{
	size_t count = wish->hosts ? wish->host_count : wish->topology->host_count;

	for (size_t i = 0; i < count; i++) {
		const struct host *host = wish->hosts ? wish->hosts[i] : &wish->topology->hosts[i];

		if (host_unmanaged(host)) {
			continue; /* it gets no files */
		}
		if (strcmp(host->daemon, "auto") != 0 || wish->of_auto) {
			const struct daemon_driver *driver = strcmp(host->daemon, "auto") == 0
			    ? wish->of_auto
			    : wish->platform ? platform_driver(wish->platform, host->daemon)
					     : daemon_find(host->daemon);

			if (driver) {
				add(shapes, host, driver);
			}
			continue;
		}
		for (size_t k = 0; daemon_drivers[k]; k++) {
			if (daemon_drivers[k]->features & DAEMON_SERVES) {
				add(shapes, host, daemon_drivers[k]);
			}
		}
	}
}

int
shapes_judge(
    const struct shapes_wish *wish, struct diags *diags, struct arena *places, struct error *err)
{
	struct shapes shapes = { .topology = wish->topology };
	struct render *render = render_new(wish->topology, wish->templates, err);
	struct files_lint *run;

	if (!render) {
		return -1;
	}
	mark_keys(&shapes);
	collect(&shapes, wish);
	run = files_lint_new(wish->topology, wish->now_ns, diags, places);
	for (size_t i = 0; i < shapes.count; i++) {
		const struct shape *shape = shapes.list[i];
		struct arena arena = { .blocks = NULL };
		struct file_set files;
		struct error skipped;

		if (render_host(
			render, shape->first, shape->key.driver, &arena, &files, &skipped) == 0) {
			files_lint(run,
			    &(struct files_case){ .rendered = true,
				.host = shape->first,
				.others = shape->others,
				.driver = shape->key.driver,
				.files = &files });
		}
		arena_free(&arena);
	}
	files_lint_free(run);
	free(shapes.list);
	arena_free(&shapes.arena);
	render_free(render);
	return 0;
}
