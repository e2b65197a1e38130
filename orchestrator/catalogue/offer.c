/* Chooses servers for a site: of several operators, from near to far. */
#include "orchestrator/catalogue/catalogue.h"

#include <string.h>
#include <strings.h>

/* A candidate, and what speaks for it: the lowest numbers are taken first, in this order. */
struct rank {
	bool anycast; /* which server answers changes with the weather of routing */
	enum nearness nearness;
	bool crowded; /* its country has half of what is wanted already */
	bool told;    /* the operator wants to be told */
	unsigned stratum;
};

static bool
is_smeared(const struct service *service)
{
	return service->smear == SERVICE_SMEAR_LINEAR_24H || service->smear == SERVICE_SMEAR_YES;
}

/* Whether @word is one of the words of @list, which blanks separate. */
static bool
has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word)) {
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}

/* Whether a site of @wish (in @region, or NULL) may use @service at all. */
static bool
is_fit(const struct wish *wish, const char *region, const struct service *service)
{
	if ((service->access != SERVICE_OPEN && service->access != SERVICE_TOLD) ||
	    service->name_count == 0 || is_smeared(service) || (wish->nts && !service->nts)) {
		return false;
	}
	return service->area[0] == '\0' || (region && has_word(service->area, region)) ||
	    (wish->country && has_word(service->area, wish->country));
}

static bool
is_taken(const struct wish *wish, const struct offer *offers, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(offers[i].service->operator_name, name) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < wish->without_count; i++) {
		if (strcasecmp(wish->without[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static enum nearness
nearness_of(const struct wish *wish, const char *region, const struct service *service)
{
	if (wish->country && strcmp(service->country, wish->country) == 0) {
		return NEAR_COUNTRY;
	}
	/* without a region, the whole world is the site's own */
	return !region || strcmp(service->region, region) == 0 ? NEAR_REGION : NEAR_WORLD;
}

/* How many of @offers stand in @country. */
static size_t
count_country(const struct offer *offers, size_t count, const char *country)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		found += strcmp(offers[i].service->country, country) == 0;
	}
	return found;
}

static bool
is_better(const struct rank *a, const struct rank *b)
{
	if (a->anycast != b->anycast) {
		return !a->anycast;
	}
	if (a->crowded != b->crowded) {
		return !a->crowded;
	}
	if (a->nearness != b->nearness) {
		return a->nearness < b->nearness;
	}
	if (a->told != b->told) {
		return !a->told;
	}
	return a->stratum < b->stratum;
}

size_t
catalogue_offer(const struct wish *wish, struct offer *offers, size_t max)
{
	const char *region = wish->region ? wish->region
	    : wish->country               ? catalogue_region(wish->country)
					  : NULL;
	size_t service_count, count = 0;
	const struct service *services = catalogue_all(&service_count);

	while (count < max) {
		const struct service *best = NULL;
		struct rank best_rank = { 0 };

		for (size_t i = 0; i < service_count; i++) {
			const struct service *service = &services[i];
			struct rank rank = { service->servers == SERVICE_ANYCAST,
				nearness_of(wish, region, service),
				2 * count_country(offers, count, service->country) + 2 > max,
				service->access == SERVICE_TOLD,
				service->stratum > 0 ? service->stratum : 16 };

			if (is_fit(wish, region, service) &&
			    !is_taken(wish, offers, count, service->operator_name) &&
			    (!best || is_better(&rank, &best_rank))) {
				best = service;
				best_rank = rank;
			}
		}
		if (!best) {
			break;
		}
		offers[count++] = (struct offer){ best, best->names[0], best_rank.nearness };
	}
	return count;
}
