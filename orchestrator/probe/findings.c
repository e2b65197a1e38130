#include "orchestrator/probe/findings.h"

#include <string.h>

struct finder {
	const struct topology *topology;
	int64_t now_ns;
	struct arena *arena;
	struct probe_finding *list;
	size_t count, room;
};

/* Add a finding of the rule @id; @text is kept. */
static void
add(struct finder *finder, const char *id, const char *on, const char *text)
{
	const struct lint_rule *rule = lint_rule_find(id, NULL);
	struct probe_finding *finding = &finder->list[finder->count];

	if (!rule || finder->count == finder->room) {
		return;
	}
	finder->count++;
	*finding = (struct probe_finding){ .rule = rule, .on = on, .text = text };
	if (!lint_accepts(finder->topology, rule, on, finder->now_ns, &finding->because)) {
		finding->because = NULL;
	}
}

static void
find_of_one(struct finder *finder, const struct probe_view *view)
{
	const char *name = view->upstream->name;

	if (view->worth == WORTH_KISSED) {
		add(finder, "kiss", name, view->words);
	} else if (view->worth == WORTH_TWIN) {
		add(finder, "same-source", name, view->words);
	} else if (view->worth == WORTH_POOR) {
		add(finder, "poor-source", name, view->words);
	}
	if (view->target.of_name > 1) {
		add(finder, "name-of-many", name,
		    arena_printf(finder->arena,
			"its name has %u addresses: a daemon takes one of them, another one at its "
			"next start",
			view->target.of_name));
	}
}

/*
 * What the reference ids of stratum 1 that mean satellites are.  PPS and PHC say nothing: a pulse
 * comes from receivers of all kinds.  Source: RFC 5905 figure 12; the drivers of ntpd and gpsd.
 */
static bool
is_satellites(uint32_t refid)
{
	static const char *const ids[] = { "GPS", "GNSS", "GAL", "GLO", "GLON", "BDS", "NAVS",
		"GPSD", "NMEA", "UBX" };
	struct ntp_sample sample = { .stratum = 1, .refid = refid };
	char text[16];

	probe_refid(&sample, text);
	for (size_t i = 0; i < COUNT(ids); i++) {
		if (strcmp(text, ids[i]) == 0) {
			return true;
		}
	}
	return false;
}

static const struct probe_view *
find_view(const struct probe_view *views, size_t count, const struct upstream *upstream)
{
	for (size_t i = 0; i < count; i++) {
		if (views[i].upstream == upstream && views[i].answered) {
			return &views[i];
		}
	}
	return NULL;
}

/* Whether a tier has three sources of stratum 1 or more, and all of them hang on satellites. */
static void
find_one_reference(
    struct finder *finder, const struct probe_view *views, size_t count, const struct tier *tier)
{
	unsigned first = 0, satellites = 0, others = 0;

	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct upstream *upstream = tier->sources.list[i].upstream;
		const struct probe_view *view = upstream ? find_view(views, count, upstream) : NULL;

		if (view && view->best.stratum == 1) {
			first++;
			satellites += is_satellites(view->best.refid);
		} else {
			others++; /* nobody knows on what that hangs */
		}
	}
	if (first > 2 && satellites == first && others == 0) {
		add(finder, "one-reference", tier->name,
		    arena_printf(finder->arena,
			"all %u sources of tier %s have their time from satellites", first,
			tier->name));
	}
}

size_t
probe_find(const struct topology *topology, const struct probe_view *views, size_t count,
    int64_t now_ns, struct arena *arena, struct probe_finding **list)
{
	struct finder finder = { .topology = topology,
		.now_ns = now_ns,
		.arena = arena,
		.room = 2 * count + topology->tier_count };

	finder.list = arena_alloc(arena, (finder.room + 1) * sizeof(*finder.list));
	for (size_t i = 0; i < count; i++) {
		find_of_one(&finder, &views[i]);
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		find_one_reference(&finder, views, count, &topology->tiers[i]);
	}
	*list = finder.list;
	return finder.count;
}
