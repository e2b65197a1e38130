/* The JSON of plan and apply. */
#include "common/json_fields.h"
#include "orchestrator/rollout/advice/lost.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/show/result.h"

#include <jansson.h>

static json_t *
list_json(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, fields_lines(texts[i]));
	}
	return list;
}

static json_t *
changes_json(const struct host_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->change_count; i++) {
		const struct file_change *change = &plan->changes[i];
		json_t *item = json_pack("{s:s, s:s, s:s, s:b, s:b, s:b}", "path",
		    change->entry->path, "change", change_kind_name(change->kind), "origin",
		    change_origin_name(change->origin), "secret", change->entry->secret,
		    "comments_only", change->comments_only, "of_agent", change->of_agent);

		if (*change->mode_text) {
			json_object_set_new(item, "mode", fields_lines(change->mode_text));
		}
		if (*change->diff) {
			json_object_set_new(item, "diff", fields_lines(change->diff));
		}
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *
hand_json(const struct host_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->hand_count; i++) {
		json_array_append_new(list,
		    json_pack("{s:o, s:o}", "what", fields_lines(plan->hand[i].what), "how",
			fields_lines(plan->hand[i].how)));
	}
	return list;
}

static json_t *
verdict_json(const struct verdict *verdict)
{
	json_t *reasons = json_array();

	for (size_t i = 0; i < verdict->reason_count; i++) {
		json_array_append_new(reasons, fields_lines(verdict->reasons[i]));
	}
	return json_pack("{s:s, s:o}", "kind", verdict_name(verdict->kind), "reasons", reasons);
}

static json_t *
advice_json(const struct host_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->advice_count; i++) {
		const struct advice *advice = &plan->advice[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b}", "rule", advice->rule->id,
			"number", advice->rule->number, "severity",
			severity_name(advice->rule->severity), "text", fields_lines(advice->text),
			"accepted", advice->accepted ? fields_lines(advice->accepted) : json_null(),
			"file", advice->file ? fields_lines(advice->file) : json_null(), "line",
			advice->line > 0 ? json_integer(advice->line) : json_null(), "replaced",
			advice->replaced));
	}
	return list;
}

/* What the present files of the host do, and the plan would not. */
static json_t *
lost_json(const struct host_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->lost_count; i++) {
		const struct plan_lost *lost = &plan->lost[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:o, s:i, s:o}", "kind",
			lost->source ? "source" : "directive", "text", fields_lines(lost->text),
			"file", fields_lines(lost->file), "line", (int)lost->line, "declared_by",
			lost->where ? json_string(lost->where) : json_null()));
	}
	return list;
}

static void
add_plan(json_t *object, const struct rollout_host *host)
{
	const struct host_plan *plan = &host->plan;

	json_object_set_new(object, "wave", json_integer(host->wave));
	json_object_set_new(object, "action", json_string(file_action_name(plan_action(plan))));
	json_object_set_new(
	    object, "migrates_from", plan->leaves ? json_string(plan->leaves->name) : json_null());
	json_object_set_new(object, "reasons", list_json(plan->reasons, plan->reason_count));
	json_object_set_new(object, "notes", list_json(plan->notes, plan->note_count));
	json_object_set_new(object, "findings", advice_json(plan));
	json_object_set_new(object, "lost", lost_json(plan));
	json_object_set_new(object, "files", changes_json(plan));
	json_object_set_new(object, "by_hand", hand_json(plan));
	json_object_set_new(object, "agent_upload", json_boolean(plan->agent_upload));
	json_object_set_new(object, "agent_restart", json_boolean(plan->agent_restart));
	if (plan->judged) {
		json_object_set_new(object, "verdict", verdict_json(&plan->verdict));
	}
}

static json_t *
host_json(const struct rollout_host *host)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:b}", "name", host->host->name, "outcome",
	    host_outcome_name(host->outcome), "step", host_step_name(host->step), "skipped",
	    host->skipped);

	if (host->driver) {
		json_object_set_new(object, "daemon", json_string(host->driver->name));
	}
	if (host->watched) {
		json_object_set_new(object, "watched", fields_lines(host->watched));
	}
	if (host->facts.complete) {
		json_object_set_new(object, "os", fields_lines(host->facts.os));
		add_plan(object, host);
	}
	if (host->where) {
		json_object_set_new(object, "error",
		    json_pack(
			"{s:s, s:o}", "step", host->where, "text", fields_lines(host->err.text)));
	}
	if (host->way_count > 0) {
		json_object_set_new(object, "reached", list_json(host->ways, host->way_count));
	}
	if (host->note) {
		json_object_set_new(object, "note", fields_lines(host->note));
	}
	if (host->after.told) {
		json_object_set_new(object, "time",
		    json_pack("{s:o, s:I, s:I}", "selected", fields_lines(host->after.selected),
			"offset_ns", (json_int_t)host->after.offset_ns, "error_bound_ns",
			(json_int_t)host->after.error_bound_ns));
	}
	return object;
}

json_t *
rollout_json(const struct rollout *rollout, const char *site)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);
	json_t *list = json_array(), *summary = json_object();

	for (size_t i = 0; i < count; i++) {
		const char *outcome = host_outcome_name(hosts[i].outcome);
		json_int_t so_far = json_integer_value(json_object_get(summary, outcome));

		json_array_append_new(list, host_json(&hosts[i]));
		json_object_set_new(summary, outcome, json_integer(so_far + 1));
	}
	return json_pack("{s:s, s:I, s:o, s:o}", "site", site, "waves",
	    (json_int_t)rollout_waves(rollout), "hosts", list, "summary", summary);
}

json_t *
rollout_outcome_json(const struct rollout *rollout, const char *site)
{
	json_t *json = rollout_json(rollout, site);
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	json_object_set_new(json, "result", json_string(rollout_result_name(hosts, count)));
	return json;
}
