#include "orchestrator/topology/pick.h"

#include "common/nearest.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 100000 /* names in one range */

enum name_kind {
	NAME_HOST = 1 << 0,
	NAME_TIER = 1 << 1,
	NAME_GROUP = 1 << 2,
};

static const struct {
	enum name_kind kind;
	const char *prefix;
} prefixes[] = {
	{ NAME_HOST, "host:" },
	{ NAME_TIER, "tier:" },
	{ NAME_GROUP, "group:" },
};

#define ANY_KIND (NAME_HOST | NAME_TIER | NAME_GROUP)

/* What a name stands for; the pointers of other kinds are NULL. */
struct named {
	unsigned kinds;
	const struct host *host;
	const struct tier *tier;
	const struct client_group *group;
};

static struct named
look_up(const struct topology *topology, const char *name, unsigned kinds)
{
	struct named named = { .kinds = 0 };

	if (kinds & NAME_HOST && (named.host = topology_host(topology, name))) {
		named.kinds |= NAME_HOST;
	}
	for (size_t i = 0; kinds & NAME_TIER && i < topology->tier_count; i++) {
		if (strcmp(topology->tiers[i].name, name) == 0) {
			named.tier = &topology->tiers[i];
			named.kinds |= NAME_TIER;
		}
	}
	for (size_t i = 0; kinds & NAME_GROUP && i < topology->group_count; i++) {
		if (strcmp(topology->groups[i].name, name) == 0) {
			named.group = &topology->groups[i];
			named.kinds |= NAME_GROUP;
		}
	}
	return named;
}

static void
mark(const struct topology *topology, const struct named *named, bool *picked)
{
	if (named->host) {
		picked[named->host - topology->hosts] = true;
	}
	for (size_t i = 0; named->tier && i < named->tier->server_count; i++) {
		picked[named->tier->servers[i] - topology->hosts] = true;
	}
	for (size_t i = 0; named->group && i < named->group->host_count; i++) {
		picked[named->group->hosts[i] - topology->hosts] = true;
	}
}

/* The first host whose name is @name, a dot and more: "web001" finds web001.example.net. */
static const char *
by_first_label(const struct topology *topology, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < topology->host_count; i++) {
		const char *host = topology->hosts[i].name;

		if (strncmp(host, name, len) == 0 && host[len] == '.') {
			return host;
		}
	}
	return NULL;
}

static const char *
nearest_name(const struct topology *topology, const char *name, unsigned kinds)
{
	struct nearest nearest = { .word = name };
	const char *longer = kinds & NAME_HOST ? by_first_label(topology, name) : NULL;

	if (longer) {
		return longer;
	}
	for (size_t i = 0; kinds & NAME_TIER && i < topology->tier_count; i++) {
		nearest_offer(&nearest, topology->tiers[i].name);
	}
	for (size_t i = 0; kinds & NAME_GROUP && i < topology->group_count; i++) {
		nearest_offer(&nearest, topology->groups[i].name);
	}
	for (size_t i = 0; kinds & NAME_HOST && i < topology->host_count; i++) {
		nearest_offer(&nearest, topology->hosts[i].name);
	}
	return nearest.best;
}

static int
refuse_name(const struct topology *topology, const char *name, unsigned kinds, struct error *err)
{
	const char *near = nearest_name(topology, name, kinds);

	return error_set(err, "no %s \"%.100s\" in the site%s%.100s%s",
	    kinds == NAME_HOST        ? "host"
		: kinds == NAME_TIER  ? "tier"
		: kinds == NAME_GROUP ? "client group"
				      : "host, tier or client group",
	    name, near ? "; is \"" : "", near ? near : "", near ? "\" meant?" : "");
}

/* Whether @kinds has at most one bit set. */
static bool
is_clear(unsigned kinds)
{
	return (kinds & (kinds - 1)) == 0;
}

static int
refuse_ambiguous(const char *name, unsigned kinds, struct error *err)
{
	char ways[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (kinds & prefixes[i].kind && len < sizeof(ways)) {
			len += (size_t)snprintf(ways + len, sizeof(ways) - len, "%s%s%.100s",
			    len ? " or " : "", prefixes[i].prefix, name);
		}
	}
	return error_set(
	    err, "\"%.100s\" is more than one thing in the site: write %s", name, ways);
}

static int
pick_range(struct topology *topology, const char *range, bool *picked, struct error *err)
{
	const char *text = range, **names;
	unsigned kinds = ANY_KIND;
	size_t count;

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (strncmp(text, prefixes[i].prefix, strlen(prefixes[i].prefix)) == 0) {
			text += strlen(prefixes[i].prefix);
			kinds = prefixes[i].kind;
			break;
		}
	}
	if (names_expand(&topology->arena, text, NAMES_MAX, &names, &count, err)) {
		return error_wrap(err, "\"%.100s\"", range);
	}
	for (size_t i = 0; i < count; i++) {
		struct named named = look_up(topology, names[i], kinds);

		if (named.kinds == 0) {
			return refuse_name(topology, names[i], kinds, err);
		}
		if (!is_clear(named.kinds)) {
			return refuse_ambiguous(names[i], named.kinds, err);
		}
		mark(topology, &named, picked);
	}
	return 0;
}

int
topology_pick(struct topology *topology, const char *word, bool *picked, struct error *err)
{
	char *rest = arena_strdup(&topology->arena, word);

	if (!*word) {
		return error_set(err, "\"\" names no host");
	}
	while (rest) {
		char *range = rest;
		bool inside = false;

		while (*rest && (inside || *rest != ',')) {
			inside = *rest == '[' || (inside && *rest != ']');
			rest++;
		}
		if (*rest) {
			*rest++ = '\0';
		} else {
			rest = NULL;
		}
		if (pick_range(topology, range, picked, err)) {
			return -1;
		}
	}
	return 0;
}
