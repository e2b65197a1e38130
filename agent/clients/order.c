#include "agent/clients/order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "timetier-clients 1"

static int
compare_ips(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family) {
		return a->family < b->family ? -1 : 1;
	}
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int
compare(const void *a, const void *b)
{
	const struct network *x = a, *y = b;
	int ips = compare_ips(&x->ip, &y->ip);

	if (ips != 0) {
		return ips;
	}
	return (x->prefix > y->prefix) - (x->prefix < y->prefix); /* the wider network first */
}

static void
add(struct network_set *set, const struct network *network)
{
	if (set->count == set->capacity) {
		set->capacity = 2 * set->capacity + 16;
		set->list = realloc(set->list, set->capacity * sizeof(*set->list));
		assert(set->list);
	}
	set->list[set->count++] = *network;
}

/* Sort, and leave out what is in another network of the set. */
static void
settle(struct network_set *set)
{
	size_t kept = 0;

	if (set->count > 1) {
		qsort(set->list, set->count, sizeof(*set->list), compare);
	}
	for (size_t i = 0; i < set->count; i++) {
		if (kept == 0 || !network_contains(&set->list[kept - 1], &set->list[i].ip)) {
			set->list[kept++] = set->list[i];
		}
	}
	set->count = kept;
}

bool
network_set_has(const struct network_set *set, const struct ip *ip)
{
	size_t low = 0, high = set->count;

	while (low < high) { /* low: the first network that begins after @ip */
		size_t middle = low + (high - low) / 2;

		if (compare_ips(&set->list[middle].ip, ip) <= 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low > 0 && network_contains(&set->list[low - 1], ip);
}

static int
take_line(struct order *order, char *line, struct error *err)
{
	const struct {
		const char *word;
		struct network_set *set;
	} words[] = {
		{ "serve", &order->served },
		{ "partner", &order->partners },
		{ "misplaced", &order->misplaced },
		{ "watch", &order->watched },
	};
	char *blank = strchr(line, ' '), *end;
	struct network network;

	if (!blank) {
		return error_set(err, "\"%.60s\" is no line of an order", line);
	}
	*blank = '\0';
	if (strcmp(line, "seconds") == 0) {
		unsigned long seconds = strtoul(blank + 1, &end, 10);

		if (*end || blank[1] < '0' || blank[1] > '9' || seconds > ORDER_SECONDS_MAX) {
			return error_set(err, "\"%.60s\" is no number of seconds up to %d",
			    blank + 1, ORDER_SECONDS_MAX);
		}
		order->seconds = (unsigned)seconds;
		return 0;
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(words[i].word, line) == 0) {
			if (network_parse(blank + 1, &network, err) < 0) {
				return -1;
			}
			add(words[i].set, &network);
			return 0;
		}
	}
	return error_set(err, "an order has no \"%.60s\"", line);
}

int
order_parse(struct order *order, const char *text, size_t len, struct error *err)
{
	const char *end = text + len;
	bool first = true;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		char line[80];
		size_t bytes = newline ? (size_t)(newline - text) : sizeof(line);

		if (bytes >= sizeof(line)) {
			return error_set(err, "a line of the order is too long, or not whole");
		}
		memcpy(line, text, bytes);
		line[bytes] = '\0';
		text = newline + 1;
		if (first && strcmp(line, FIRST_LINE) != 0) {
			return error_set(err,
			    "the order begins with \"%.60s\", not with \"" FIRST_LINE "\"", line);
		}
		if (strcmp(line, "end") == 0) {
			settle(&order->served);
			settle(&order->partners);
			settle(&order->misplaced);
			settle(&order->watched);
			return 0;
		}
		if (!first && take_line(order, line, err) < 0) {
			return -1;
		}
		first = false;
	}
	return error_set(err, "the order has no end");
}

void
order_free(struct order *order)
{
	free(order->served.list);
	free(order->partners.list);
	free(order->misplaced.list);
	free(order->watched.list);
	*order = (struct order){ .seconds = 0 };
}
