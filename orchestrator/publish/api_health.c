/* GET /api/v1/health: what is wrong now, from orchestrator/health/ alone. */
#include "common/clock.h"
#include "common/json_fields.h"
#include "orchestrator/publish/api.h"
#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *
encode_counts(const struct conditions *conditions)
{
	json_t *json =
	    json_pack("{s:I, s:I}", "expected", (json_int_t)conditions->topology->host_count,
		"reporting", (json_int_t)conditions->reporting);

	for (int i = 0; i < STATE_COUNT; i++) {
		json_object_set_new(json, health_state_name((enum health_state)i),
		    json_integer((json_int_t)conditions->hosts[i]));
	}
	return json;
}

static json_t *
encode_tier(const struct conditions *conditions, size_t tier)
{
	const struct condition *worst;
	enum health_state state = conditions_tier_state(conditions, tier, &worst);
	const char *name = conditions->topology->tiers[tier].name;
	char words[CONDITION_REASON_BYTES + 256] = "";

	if (worst && condition_scope(worst->code) == SCOPE_HOST) {
		snprintf(words, sizeof(words), "%s: %s", worst->name, worst->reason);
	} else if (worst) {
		snprintf(words, sizeof(words), "%s", worst->reason);
	}
	return json_pack("{s:s, s:s, s:o}", "name", name, "state", health_state_name(state),
	    "reason", fields_text(words));
}

static json_t *
encode_condition(const struct condition *condition, int64_t real_ns, int64_t now_ns)
{
	char since[CLOCK_TEXT_BYTES];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "code",
	    condition_name(condition->code), "scope",
	    condition_scope_name(condition_scope(condition->code)), "subject", condition->name,
	    "state", health_state_name(condition->state), "title", condition_title(condition->code),
	    "since", clock_text(real_ns - (now_ns - condition->since_ns), since), "reason",
	    fields_text(condition->reason));
}

char *
api_health(const struct conditions *conditions, unsigned limit, int64_t real_ns, int64_t now_ns)
{
	struct arena arena = { 0 };
	const struct condition **sorted = conditions_sorted(conditions, &arena);
	json_t *list = json_array(), *tiers = json_array(), *json;
	char *text;

	for (size_t i = 0; i < conditions->topology->tier_count; i++) {
		json_array_append_new(tiers, encode_tier(conditions, i));
	}
	for (size_t i = 0; i < conditions->count && i < limit; i++) {
		json_array_append_new(list, encode_condition(sorted[i], real_ns, now_ns));
	}
	arena_free(&arena);
	json = json_pack("{s:s, s:o, s:o, s:I, s:o}", "state",
	    health_state_name(conditions_site_state(conditions)), "hosts",
	    encode_counts(conditions), "tiers", tiers, "condition_count",
	    (json_int_t)conditions->count, "conditions", list);
	fields_make_fit(json);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (!text) {
		abort();
	}
	return text;
}
