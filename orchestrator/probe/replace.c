#include "orchestrator/probe/replace.h"

#include "orchestrator/catalogue/catalogue.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WITHOUT_MAX 256
#define KEY_BYTES 256

/* Write the address as the catalogue spells its keys. */
static const char *
key_of(const struct address *address, char key[KEY_BYTES])
{
	size_t len;

	if (address->ip.family != IP_NONE) {
		return ip_text(&address->ip, key);
	}
	snprintf(key, KEY_BYTES, "%s", address->text);
	len = strlen(key);
	if (len > 0 && key[len - 1] == '.') {
		key[len - 1] = '\0';
	}
	for (char *at = key; *at; at++) {
		*at = (char)tolower((unsigned char)*at);
	}
	return key;
}

void
probe_recognise(struct probe_view *views, size_t count)
{
	char key[KEY_BYTES];

	for (size_t i = 0; i < count; i++) {
		struct probe_view *view = &views[i];

		view->service = catalogue_find(key_of(view->address, key));
		if (view->service && view->upstream->smear_pos.line == 0) {
			view->smears = view->service->smear == SERVICE_SMEAR_LINEAR_24H ||
			    view->service->smear == SERVICE_SMEAR_YES;
		}
	}
}

/* Where @view is, as far as the site or the catalogue say; NULL: nowhere that is known. */
static const char *
country_of(const struct probe_view *view)
{
	const char *country = view->upstream->country ? view->upstream->country
	    : view->service                           ? view->service->country
						      : NULL;

	return country && strcmp(country, "ZZ") != 0 ? country : NULL;
}

/* Where most of the views are. */
static const char *
usual_country(const struct probe_view *views, size_t count)
{
	const char *usual = NULL;
	size_t most = 0;

	for (size_t i = 0; i < count && i < WITHOUT_MAX; i++) {
		const char *country = country_of(&views[i]);
		size_t same = 0;

		for (size_t k = 0; country && k < count; k++) {
			const char *other = country_of(&views[k]);

			same += other && strcmp(country, other) == 0;
		}
		if (same > most) {
			most = same;
			usual = country;
		}
	}
	return usual;
}

static const char *
operator_of(const struct probe_view *view)
{
	char key[KEY_BYTES];

	return view->upstream->operator_name ? view->upstream->operator_name
					     : catalogue_operator(key_of(view->address, key));
}

static bool
wants_another(const struct probe_view *view)
{
	return source_worth_is_bad(view->worth) && view->worth != WORTH_UNDECIDED &&
	    view->worth != WORTH_ELSEWHERE;
}

/* Whether any of them was heard: else the fault is here, and not with all of them. */
static bool
anybody_heard(const struct probe_view *views, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (views[i].worth != WORTH_SILENT && views[i].worth != WORTH_UNRESOLVED &&
		    views[i].worth != WORTH_HELD) {
			return true;
		}
	}
	return false;
}

void
probe_replace(struct probe_view *views, size_t count)
{
	const char *without[WITHOUT_MAX], *usual = usual_country(views, count);
	size_t without_count = 0;
	bool heard = anybody_heard(views, count);

	for (size_t i = 0; i < count && without_count < WITHOUT_MAX / 2; i++) {
		const char *name = operator_of(&views[i]);

		if (name) {
			without[without_count++] = name;
		}
	}
	for (size_t i = 0; i < count && without_count < WITHOUT_MAX; i++) {
		const char *country = country_of(&views[i]);
		struct wish wish = { .country = country ? country : usual,
			.nts = views[i].upstream->nts,
			.without = without,
			.without_count = without_count };
		struct offer offer;

		views[i].instead = NULL;
		if (heard && wish.country && wants_another(&views[i]) &&
		    catalogue_offer(&wish, &offer, 1) == 1) {
			views[i].instead = offer.service;
			views[i].instead_name = offer.name;
			without[without_count++] = offer.service->operator_name;
		}
	}
}

const char *
probe_instead_words(const struct probe_view *view, char *out)
{
	const struct service *service = view->instead;
	char stratum[24] = "";

	if (service->stratum > 0) {
		snprintf(stratum, sizeof(stratum), ", stratum %u", service->stratum);
	}
	snprintf(out, PROBE_WORDS_BYTES, "%.64s (%.48s, %.8s%s%s); its terms: %.150s",
	    view->instead_name, service->operator_name, service->country, stratum,
	    service->nts ? ", NTS" : "", service->source);
	return out;
}
