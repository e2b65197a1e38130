#include "orchestrator/collect/names.h"

#include "orchestrator/topology/topology.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct question {
	uv_getaddrinfo_t request;
	struct names *names;
	uint64_t generation;
	struct name_entry entry;
};

static int
compare_ips(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family) {
		return a->family < b->family ? -1 : 1;
	}
	return memcmp(a->bytes, b->bytes, a->family == IP_V6 ? 16 : 4);
}

/* Where @ip stands in the list, or would stand. */
static size_t
place_of(const struct names *names, const struct ip *ip)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_ips(&names->list[middle].ip, ip) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

void
names_add(struct names *names, const struct name_entry *entry)
{
	size_t place = place_of(names, &entry->ip);

	if (place < names->count && ip_equal(&names->list[place].ip, &entry->ip)) {
		return;
	}
	if (names->count == names->capacity) {
		names->capacity = names->capacity > 0 ? 2 * names->capacity : 64;
		names->list = realloc(names->list, names->capacity * sizeof(*names->list));
		if (!names->list) {
			abort();
		}
	}
	memmove(&names->list[place + 1], &names->list[place],
	    (names->count - place) * sizeof(*names->list));
	names->list[place] = *entry;
	names->count++;
}

const struct name_entry *
names_find(const struct names *names, const char *text)
{
	struct ip ip;
	size_t place;

	if (!ip_parse(text, &ip)) {
		return NULL;
	}
	place = place_of(names, &ip);
	return place < names->count && ip_equal(&names->list[place].ip, &ip) ? &names->list[place]
									     : NULL;
}

static void
add_numeric(struct names *names, const struct address_list *addresses, struct name_entry entry)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (addresses->list[i].ip.family != IP_NONE) {
			entry.ip = addresses->list[i].ip;
			names_add(names, &entry);
		}
	}
}

void
names_init(struct names *names, const struct topology *topology)
{
	*names = (struct names){ 0 };
	names_replace(names, topology);
}

void
names_replace(struct names *names, const struct topology *topology)
{
	names->count = 0;
	names->generation++;
	names->topology = topology;
	for (size_t i = 0; i < topology->upstream_count; i++) {
		add_numeric(names, &topology->upstreams[i].addresses,
		    (struct name_entry){ .upstream = &topology->upstreams[i] });
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		add_numeric(names, &topology->hosts[i].addresses,
		    (struct name_entry){ .host = &topology->hosts[i] });
	}
}

static void
answered(uv_getaddrinfo_t *request, int status, struct addrinfo *result)
{
	struct question *question = request->data;

	/* A name without an answer is asked for again later; the page shows what is known. */
	if (status == 0 && question->generation == question->names->generation) {
		for (const struct addrinfo *one = result; one; one = one->ai_next) {
			if (ip_of_sockaddr(one->ai_addr, &question->entry.ip)) {
				names_add(question->names, &question->entry);
			}
		}
	}
	uv_freeaddrinfo(result);
	free(question);
}

static void
ask(struct names *names, uv_loop_t *loop, const char *name, struct name_entry entry)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct question *question = calloc(1, sizeof(*question));

	if (!question) {
		abort();
	}
	question->names = names;
	question->generation = names->generation;
	question->entry = entry;
	question->request.data = question;
	if (uv_getaddrinfo(loop, &question->request, answered, name, NULL, &hints) != 0) {
		free(question);
	}
}

static void
ask_all(struct names *names, uv_loop_t *loop, const struct address_list *addresses,
    struct name_entry entry)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (addresses->list[i].ip.family == IP_NONE) {
			ask(names, loop, addresses->list[i].text, entry);
		}
	}
}

void
names_resolve(struct names *names, uv_loop_t *loop)
{
	const struct topology *topology = names->topology;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		ask_all(names, loop, &topology->upstreams[i].addresses,
		    (struct name_entry){ .upstream = &topology->upstreams[i] });
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		ask_all(names, loop, &topology->hosts[i].addresses,
		    (struct name_entry){ .host = &topology->hosts[i] });
	}
}

void
names_done(struct names *names)
{
	free(names->list);
	names->list = NULL;
	names->count = names->capacity = 0;
	names->generation++;
}
