/* SRC: no server has two votes, under two of its names. */
#include "orchestrator/lint/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One address of a source. */
struct vote {
	char key[ADDRESS_KEY_BYTES];
	const struct source *source;
	const struct address *address;
	size_t order; /* of the source in its list */
};

struct votes {
	struct vote *list;
	size_t count;
};

static const char *
name_of(const struct source *source)
{
	return source->upstream ? source->upstream->name : source->server->name;
}

static int
by_key(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

static void
sort(struct votes *votes)
{
	if (votes->count > 1) {
		qsort(votes->list, votes->count, sizeof(*votes->list), by_key);
	}
}

static size_t
count_addresses(const struct source_list *sources)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		count += source->upstream ? source->upstream->addresses.count
					  : source->server->addresses.count;
	}
	return count;
}

/* The addresses of all sources, sorted. */
static struct votes
votes_of(struct arena *arena, const struct source_list *sources)
{
	struct votes votes = { .list = arena_alloc(
				   arena, (count_addresses(sources) + 1) * sizeof(*votes.list)) };

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];
		const struct address_list *addresses =
		    source->upstream ? &source->upstream->addresses : &source->server->addresses;

		for (size_t a = 0; a < addresses->count; a++) {
			struct vote *vote = &votes.list[votes.count++];

			address_key(&addresses->list[a], vote->key);
			vote->source = source;
			vote->address = &addresses->list[a];
			vote->order = i;
		}
	}
	sort(&votes);
	return votes;
}

static const struct vote *
find(const struct votes *votes, const char *key)
{
	size_t low = 0, high = votes->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(votes->list[middle].key, key) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < votes->count && strcmp(votes->list[low].key, key) == 0 ? &votes->list[low]
									    : NULL;
}

/* The site's servers, by their addresses and names, sorted. */
static struct votes
votes_of_site(struct lint *lint, struct arena *arena)
{
	const struct topology *topology = lint->topology;
	struct source *sources =
	    arena_alloc(arena, (topology->server_count + 1) * sizeof(*sources));
	struct address *names = arena_alloc(arena, (topology->server_count + 1) * sizeof(*names));
	struct source_list list = { sources, topology->server_count };
	struct votes votes, all;

	for (size_t i = 0; i < topology->server_count; i++) {
		sources[i].server = &topology->hosts[i];
		names[i] = (struct address){ .text = topology->hosts[i].name };
	}
	votes = votes_of(arena, &list);
	all.list =
	    arena_alloc(arena, (votes.count + topology->server_count + 1) * sizeof(*all.list));
	memcpy(all.list, votes.list, votes.count * sizeof(*all.list));
	all.count = votes.count;
	for (size_t i = 0; i < topology->server_count; i++) {
		struct vote *vote = &all.list[all.count++];

		*vote = (struct vote){ .source = &sources[i], .address = &names[i], .order = i };
		address_key(&names[i], vote->key);
	}
	sort(&all);
	return all;
}

/* Report an upstream that is one of the site's servers. */
static void
check_upstreams(struct lint *lint, const struct votes *site)
{
	char key[ADDRESS_KEY_BYTES];

	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		for (size_t a = 0; a < upstream->addresses.count; a++) {
			const struct address *address = &upstream->addresses.list[a];
			const struct vote *own;

			address_key(address, key);
			own = find(site, key);
			if (own) {
				lint_report(lint, upstream->name, address->pos,
				    "upstream \"%s\" is the site's own server %s: it would count "
				    "as a source from outside",
				    upstream->name, own->source->server->name);
				break;
			}
		}
	}
}

/* Which addresses are worth a search: nearly none of the clients of a large site. */
struct sieve {
	bool ips;                        /* an upstream is declared by its address */
	bool lengths[ADDRESS_KEY_BYTES]; /* an upstream has a name of this length */
};

static struct sieve
sieve_of(const struct votes *upstreams)
{
	struct sieve sieve = { .ips = false };

	for (size_t i = 0; i < upstreams->count; i++) {
		sieve.ips |= upstreams->list[i].address->ip.family != IP_NONE;
		sieve.lengths[strlen(upstreams->list[i].key)] = true;
	}
	return sieve;
}

static bool
stays_in(const struct sieve *sieve, const struct address *address)
{
	size_t len;

	if (address->ip.family != IP_NONE) {
		return sieve->ips;
	}
	len = strlen(address->text);
	/* a final dot does not count, and a name that is too long is cut */
	return len >= ADDRESS_KEY_BYTES || sieve->lengths[len] ||
	    (len > 0 && sieve->lengths[len - 1]);
}

/* The upstream that has an address of @host, too; NULL: none has. */
static const struct vote *
find_shared(const struct sieve *sieve, const struct votes *upstreams, const struct host *host)
{
	const struct vote *found = NULL;
	char key[ADDRESS_KEY_BYTES];

	for (size_t a = 0; a < host->addresses.count && !found; a++) {
		if (stays_in(sieve, &host->addresses.list[a])) {
			address_spell(&host->addresses.list[a], key);
			found = find(upstreams, key);
		}
	}
	return found;
}

/* A client's address that an upstream has, too: the upstream would follow the site. */
static const struct host *
find_client(const struct topology *topology, const struct votes *upstreams, const struct vote **of)
{
	struct sieve sieve = sieve_of(upstreams);

	for (size_t g = 0; g < topology->group_count; g++) {
		const struct client_group *group = &topology->groups[g];
		/* a group without servers of the site has its time from elsewhere */
		size_t count = count_servers(&group->sources) > 0 ? group->host_count : 0;

		for (size_t h = 0; h < count; h++) {
			*of = find_shared(&sieve, upstreams, group->hosts[h]);
			if (*of) {
				return group->hosts[h];
			}
		}
	}
	return NULL;
}

/* Report the first upstream that is one of the site's clients, and so has its time from the site.
 */
static void
check_clients(struct lint *lint, struct arena *arena)
{
	const struct topology *topology = lint->topology;
	struct source *sources =
	    arena_alloc(arena, (topology->upstream_count + 1) * sizeof(*sources));
	struct source_list list = { sources, topology->upstream_count };
	struct votes upstreams;
	const struct vote *vote;
	const struct host *client;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		sources[i].upstream = &topology->upstreams[i];
	}
	upstreams = votes_of(arena, &list);
	client = find_client(topology, &upstreams, &vote);
	if (client) {
		lint_report(lint, vote->source->upstream->name, vote->address->pos,
		    "upstream \"%s\" is %s of client group \"%s\", which has its time from this "
		    "site: the site would follow itself",
		    vote->source->upstream->name, client->name, client->group->name);
	}
}

/* Whether both are servers of the site: loading has refused two at one address already. */
static bool
is_refused(const struct vote *a, const struct vote *b)
{
	return a->source->server && b->source->server && a->address->ip.family != IP_NONE;
}

/* Report what @sources of @name count twice.  Returns whether there is nothing to report. */
static bool
check_list(struct lint *lint, const char *what, const char *name, const struct source_list *sources)
{
	struct arena arena = { 0 };
	struct votes votes = votes_of(&arena, sources);
	bool clean = true;

	for (size_t i = 0; i < votes.count; i++) {
		const struct vote *vote = &votes.list[i], *other = i > 0 ? vote - 1 : NULL;
		const char *zone = pool_zone(vote->key);

		if (other && strcmp(other->key, vote->key) == 0 && other->source != vote->source &&
		    !is_refused(other, vote)) {
			lint_report(lint, name, vote->address->pos,
			    "%s \"%s\" counts one server twice: \"%s\" and \"%s\" are both %s",
			    what, name, name_of(other->source), name_of(vote->source), vote->key);
			clean = false;
			continue;
		}
		other = zone ? find(&votes, zone) : NULL;
		if (other) {
			lint_report(lint, name, vote->address->pos,
			    "%s \"%s\" may count one server twice: \"%s\" is a part of the pool "
			    "that \"%s\" is",
			    what, name, name_of(vote->source), name_of(other->source));
			clean = false;
		}
	}
	arena_free(&arena);
	return clean;
}

static void
check_same_source(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	struct arena arena = { 0 };
	struct votes site = votes_of_site(lint, &arena);
	bool *clean = arena_alloc(&arena, topology->group_count + 1);

	check_upstreams(lint, &site);
	check_clients(lint, &arena);
	for (size_t i = 0; i < topology->tier_count; i++) {
		check_list(lint, "tier", topology->tiers[i].name, &topology->tiers[i].sources);
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];

		/* its list is judged once, and told at each group that has it */
		clean[i] = clean[lint->alike[i]] ||
		    check_list(lint, "client group", group->name, &group->sources);
	}
	arena_free(&arena);
}

const struct lint_rule rules_same[] = {
	{ .id = "same-source",
	    .number = "SRC008",
	    .where = JUDGED_CHECK | JUDGED_PROBE,
	    .severity = SEVERITY_ERROR,
	    .summary = "no server counts as two sources, under two names or addresses",
	    .source = "RFC 5905 section 11.2.1: every source has a vote; chrony.conf(5): a second "
		      "line with the same address is not used",
	    .remedy = "take one of the two out, and add another source in its place",
	    .why = "Selection counts votes, and this server would have two: if it is wrong, it "
		   "needs one accomplice less. Two names that lead to one machine are also one "
		   "outage.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: [ptbtime1.ptb.de, 192.53.103.108]}   # one "
		       "source, with its two spellings",
	    .check = check_same_source },
	{ .id = NULL },
};
