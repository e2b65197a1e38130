#include "orchestrator/audit/letter.h"

#include "orchestrator/render/mustache.h"

#include <stdlib.h>
#include <string.h>

/* The names of the template. */
enum { NAME_SITE, NAME_NETWORKS, NAME_NETWORK, NAME_TESTED };
static const char *const names[] = { [NAME_SITE] = "site",
	[NAME_NETWORKS] = "networks",
	[NAME_NETWORK] = "network",
	[NAME_TESTED] = "tested" };

struct letter {
	const struct topology *topology;
	const char *tested;
	const void **items; /* networks */
	char text[IP_TEXT_BYTES];
};

static int
resolve(void *arg, const char *name, size_t len, struct error *err)
{
	(void)arg;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
			return (int)i;
		}
	}
	return error_set(err, "no name is called `%.*s`; there are site, networks, network, tested",
	    (int)(len < 60 ? len : 60), name);
}

static const char *
no_partial(void *arg, const char *name, size_t *len)
{
	(void)arg, (void)name;
	*len = 0;
	return NULL;
}

static int
value_of(void *arg, int id, const struct mustache_frame *frame, struct mustache_value *value,
    struct error *err)
{
	struct letter *letter = arg;

	*value = (struct mustache_value){ .kind = MUSTACHE_TEXT };
	switch (id) {
	case NAME_SITE:
		value->text = letter->topology->site;
		return 0;
	case NAME_NETWORKS:
		value->kind = MUSTACHE_LIST;
		value->items = letter->items;
		value->count = letter->topology->serve_count;
		return 0;
	case NAME_NETWORK:
		if (!frame) {
			return error_set(err, "`network` stands outside of `networks`");
		}
		value->text = network_text(frame->item, letter->text);
		return 0;
	default:
		value->text = letter->tested ? letter->tested : "";
		return 0;
	}
}

int
letter_write(const struct topology *topology, const char *text, size_t len, const char *tested,
    struct buf *out, struct error *err)
{
	const struct mustache_names known = { resolve, no_partial, NULL };
	struct letter letter = { .topology = topology, .tested = tested };
	const struct mustache_data data = { value_of, &letter };
	struct arena arena = { 0 };
	struct mustache_template *template;
	int status = -1;

	letter.items = calloc(topology->serve_count + 1, sizeof(*letter.items));
	if (!letter.items) {
		abort();
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		letter.items[i] = &topology->serve[i].network;
	}
	template = mustache_parse(&arena, LETTER_TEMPLATE, text, len, &known, err);
	if (template) {
		status = mustache_render(template, MUSTACHE_LINE, &data, out, err);
	}
	free(letter.items);
	arena_free(&arena);
	return status;
}
