/* Looks up in a catalogue; the one that is built in is read when it is first asked for. */
#include "common/resource.h"
#include "orchestrator/catalogue/table.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* The catalogue of the program: constant data, which happens to be made while the program runs. */
static const struct catalogue *
built_in(void)
{
	static struct catalogue catalogue;
	const struct resource *servers, *operators;
	struct error err;

	if (catalogue.service_count == 0) {
		servers =
		    resource_find(catalogue_resources, catalogue_resource_count, "servers.tsv");
		operators =
		    resource_find(catalogue_resources, catalogue_resource_count, "operators.tsv");
		/* a test reads both tables: what does not parse is never built into a program */
		assert(catalogue_parse(&catalogue, servers->bytes, servers->len, operators->bytes,
			   operators->len, &err) == 0);
	}
	return &catalogue;
}

static int
compare_key(const void *key, const void *row)
{
	return strcmp(key, ((const struct catalogue_key *)row)->text);
}

static int
compare_domain(const void *name, const void *row)
{
	return strcmp(name, ((const struct catalogue_domain *)row)->name);
}

const struct service *
catalogue_find_in(const struct catalogue *catalogue, const char *key)
{
	const struct catalogue_key *found = bsearch(
	    key, catalogue->keys, catalogue->key_count, sizeof(*catalogue->keys), compare_key);

	for (size_t i = 0; !found && i < catalogue->pattern_count; i++) {
		if (fnmatch(catalogue->patterns[i].text, key, 0) == 0) {
			found = &catalogue->patterns[i];
		}
	}
	return found ? found->service : NULL;
}

const struct service *
catalogue_find(const char *key)
{
	return catalogue_find_in(built_in(), key);
}

const char *
catalogue_server(const char *key)
{
	const struct service *service = catalogue_find(key);

	if (service && (service->servers == SERVICE_ONE || service->servers == SERVICE_ANYCAST)) {
		return service->first;
	}
	return key;
}

const char *
catalogue_operator(const char *key)
{
	const struct catalogue *catalogue = built_in();
	const struct service *service = catalogue_find_in(catalogue, key);

	if (service) {
		return service->operator_name;
	}
	for (const char *at = key, *dot; at; at = dot ? dot + 1 : NULL) {
		const struct catalogue_domain *domain = bsearch(at, catalogue->domains,
		    catalogue->domain_count, sizeof(*catalogue->domains), compare_domain);

		if (domain) {
			return domain->operator_name;
		}
		dot = strchr(at, '.');
	}
	return NULL;
}

const struct service *
catalogue_all(size_t *count)
{
	*count = built_in()->service_count;
	return built_in()->services;
}
