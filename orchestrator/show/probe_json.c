#include "orchestrator/show/probe_json.h"

#include "common/clock.h"
#include "common/json_fields.h"

#include <jansson.h>

static const char *
state_word(enum select_state state)
{
	static const char *const words[] = {
		[SELECT_UNFIT] = "no vote",
		[SELECT_FALSETICKER] = "falseticker",
		[SELECT_OUTLIER] = "outlier",
		[SELECT_SURVIVOR] = "survivor",
		[SELECT_PEER] = "selected",
	};

	return words[state];
}

static const char *const rules_names[] = {
	[PROBE_RFC5905] = "rfc5905",
	[PROBE_NTPD] = "ntpd",
	[PROBE_CHRONY] = "chrony",
};

static void
set_text(json_t *json, const char *name, const char *text)
{
	json_object_set_new(json, name, fields_text(text));
}

static void
set_number(json_t *json, const char *name, int64_t number)
{
	json_object_set_new(json, name, json_integer(number));
}

static json_t *
nts_json(const struct probe_nts *nts)
{
	json_t *json = json_object();

	json_object_set_new(json, "good", json_boolean(nts->state == NTS_GOOD));
	set_text(json, "state", nts_state_name(nts->state));
	if (nts->words[0]) {
		set_text(json, "words", nts->words);
	}
	if (nts->dated) {
		set_number(json, "certificate_days", nts->days);
	}
	if (nts->state == NTS_GOOD) {
		set_number(json, "cookies", nts->cookies);
	}
	if (nts->server[0]) {
		set_text(json, "server", nts->server);
	}
	if (nts->port > 0) {
		set_number(json, "port", nts->port);
	}
	return json;
}

static void
set_sample(json_t *json, const struct probe_view *view)
{
	json_t *selection = json_object();
	char refid[16];

	set_number(json, "stratum", view->best.stratum);
	set_text(json, "reference", probe_refid(&view->best, refid));
	set_number(json, "offset_ns", view->best.offset_ns);
	set_number(json, "jitter_ns", view->jitter_ns);
	set_number(json, "delay_ns", view->best.delay_ns);
	set_number(json, "root_distance_ns", view->distance_ns);
	set_text(json, "leap", probe_leap(view->best.leap));
	for (int who = 0; who < PROBE_RULES; who++) {
		set_text(selection, rules_names[who], state_word(view->states[who]));
	}
	json_object_set_new(json, "selection", selection);
}

static json_t *
view_json(const struct probe_view *view)
{
	const struct measure_target *target = &view->target;
	json_t *json = json_object();

	set_text(json, "name", view->upstream->name);
	set_text(json, "asked", view->address->text);
	if (target->address[0]) {
		set_text(json, "address", target->address);
	}
	set_text(json, "worth", source_worth_name(view->worth));
	if (view->words[0]) {
		set_text(json, "words", view->words);
	}
	set_number(json, "sent", target->sent);
	set_number(json, "answered", target->answered);
	if (target->bogus > 0) {
		set_number(json, "bogus", target->bogus);
	}
	if (target->kiss[0]) {
		set_text(json, "kiss", target->kiss);
	}
	if (view->twin) {
		set_text(json, "twin", view->twin->upstream->name);
	}
	if (view->instead) {
		set_text(json, "instead", view->instead_name);
	}
	if (view->answered) {
		set_sample(json, view);
	}
	if (view->nts.state != NTS_UNTRIED) {
		json_object_set_new(json, "nts", nts_json(&view->nts));
	}
	return json;
}

static json_t *
result_json(const struct probe_shown *shown, enum probe_rules who)
{
	const struct select_result *result = &shown->sum->results[who];
	json_t *json = json_object();

	json_object_set_new(json, "majority", json_boolean(result->majority));
	if (result->majority) {
		set_number(json, "offset_ns", result->offset_ns);
		set_number(json, "error_ns", result->error_ns);
	}
	if (result->synced) {
		set_text(json, "selected", shown->views[result->peer].upstream->name);
	}
	return json;
}

static json_t *
finding_json(const struct probe_finding *finding)
{
	json_t *json = json_object();

	set_text(json, "rule", finding->rule->id);
	set_text(json, "number", finding->rule->number);
	set_text(json, "on", finding->on);
	set_text(json, "text", finding->text);
	if (finding->because) {
		set_text(json, "accepted", finding->because);
	}
	return json;
}

json_t *
probe_json(const struct probe_shown *shown)
{
	json_t *json = json_object(), *list = json_array(), *findings = json_array();
	json_t *selection = json_object();
	char at[CLOCK_TEXT_BYTES];

	set_text(json, "site", shown->topology->site);
	if (shown->from) {
		set_text(json, "from", shown->from);
	}
	set_text(json, "asked_at", clock_text(shown->real_ns, at));
	for (size_t i = 0; i < shown->count; i++) {
		json_array_append_new(list, view_json(&shown->views[i]));
	}
	for (int who = 0; who < PROBE_RULES; who++) {
		json_object_set_new(
		    selection, rules_names[who], result_json(shown, (enum probe_rules)who));
	}
	for (size_t i = 0; i < shown->finding_count; i++) {
		json_array_append_new(findings, finding_json(&shown->findings[i]));
	}
	json_object_set_new(json, "upstreams", list);
	json_object_set_new(json, "selection", selection);
	json_object_set_new(json, "findings", findings);
	json_object_set_new(json, "bad", json_boolean(probe_is_bad(shown)));
	return json;
}
