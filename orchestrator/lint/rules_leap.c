/* LEAP: what happens to time around a leap second. */
#include "orchestrator/lint/rule.h"

/* One smeared and one unsmeared source of a list, to name them in a finding. */
struct mix {
	const char *smeared, *plain; /* names; NULL: none */
};

static void
add_source(struct lint *lint, const struct source *source, struct mix *mix)
{
	if (source->upstream) {
		if (upstream_smears(source->upstream)) {
			mix->smeared = source->upstream->name;
		} else {
			mix->plain = source->upstream->name;
		}
	} else {
		const struct tier *tier = source->server->tier;
		const struct tier_facts *facts = &lint->tiers[tier - lint->topology->tiers];

		if (facts->smears && !facts->plain) {
			mix->smeared = tier->name;
		} else if (facts->plain && !facts->smears) {
			mix->plain = tier->name;
		} /* both: the finding is about that tier */
	}
}

static void
check_list(struct lint *lint, const char *what, const char *name, struct pos pos,
    const struct source_list *sources)
{
	struct mix mix = { NULL, NULL };

	for (size_t i = 0; i < sources->count; i++) {
		add_source(lint, &sources->list[i], &mix);
	}
	if (mix.smeared && mix.plain) {
		lint_report(lint, name, pos,
		    "%s \"%s\" mixes smeared time (%s) with unsmeared (%s): around a leap second, "
		    "for a day, the two differ by up to half a second",
		    what, name, mix.smeared, mix.plain);
	}
}

static void
check_mixed_smear(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		check_list(lint, "tier", tier->name, tier->pos, &tier->sources);
	}
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		check_list(lint, "client group", group->name, group->pos, &group->sources);
	}
}

const struct lint_rule rules_leap[] = {
	{ .id = "mixed-smear",
	    .number = "LEAP001",
	    .severity = SEVERITY_ERROR,
	    .summary = "all sources of a host treat leap seconds alike: all smear them, or none",
	    .source = "RFC 8633 section 3.7.1; developers.google.com/time/smear",
	    .remedy = "keep one kind; set `smear: linear-24h` or `smear: none` where the name of "
		      "an upstream does not tell",
	    .check = check_mixed_smear },
	{ .id = NULL },
};
