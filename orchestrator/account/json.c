/* The account as JSON, host after host, so that a large one needs no more than its text. */
#include "orchestrator/account/account.h"

#include "common/json_fields.h"

#include <stdio.h>
#include <stdlib.h>

static void
set_instant(json_t *object, const char *name, int64_t real_ns)
{
	char text[CLOCK_TEXT_BYTES];

	json_object_set_new(object, name, json_string(account_instant(real_ns, text)));
}

static json_t *
worst_json(const struct worst *worst)
{
	char text[CLOCK_TEXT_BYTES];
	json_t *object;

	if (!worst->known) {
		return json_null();
	}
	object = json_object();
	json_object_set_new(object, "ns", json_integer(worst->ns));
	json_object_set_new(object, "at", json_string(account_moment(worst, text)));
	json_object_set_new(object, "within_ns", json_integer(worst->length_ns));
	return object;
}

static json_t *
share_json(const struct share *share)
{
	json_t *object = json_object();

	for (int i = 0; i < STANDING_COUNT; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s_ns", standing_name((enum standing)i));
		json_object_set_new(object, name, json_integer(share->ns[i]));
	}
	json_object_set_new(object, "worst_offset", worst_json(&share->offset));
	json_object_set_new(object, "worst_error_bound", worst_json(&share->error_bound));
	return object;
}

static json_t *
days_json(const struct account *account, const struct share *days)
{
	json_t *list = json_array();

	for (size_t i = 0; i < account->day_count; i++) {
		json_t *day = share_json(&days[i]);
		char text[CLOCK_DAY_BYTES];

		json_object_set_new(
		    day, "day", json_string(clock_day(span_day_ns(&account->span, i), text)));
		json_array_append_new(list, day);
	}
	return list;
}

static json_t *
limit_json(int64_t limit_ns)
{
	return limit_ns == INT64_MAX ? json_null() : json_integer(limit_ns);
}

static json_t *
steps_json(const struct account_host *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < host->step_count; i++) {
		const struct ledger_entry *entry = &host->steps[i]->entry;
		json_t *step = json_object();

		set_instant(step, "time", host->steps[i]->time_ns);
		json_object_set_new(step, "amount_ns", json_integer(entry->amount_ns));
		json_object_set_new(step, "cause", json_string(step_cause_name(entry->cause)));
		json_object_set_new(step, "words", fields_text(entry->words));
		json_array_append_new(list, step);
	}
	return list;
}

static json_t *
gaps_json(const struct tally *tally)
{
	json_t *list = json_array();

	for (size_t i = 0; i < tally->gap_count && i < TALLY_GAPS_MAX; i++) {
		json_t *gap = json_object();

		set_instant(gap, "from", tally->gaps[i].from_ns);
		set_instant(gap, "to", tally->gaps[i].to_ns);
		json_array_append_new(list, gap);
	}
	return list;
}

static json_t *
followed_json(const struct account_host *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < host->followed_count; i++) {
		const struct followed *row = &host->followed[i];
		json_t *object = json_object();

		set_instant(object, "since", row->time_ns);
		json_object_set_new(object, "source", fields_text(row->source));
		json_object_set_new(object, "address", fields_text(row->address));
		json_object_set_new(object, "stratum", json_integer(row->stratum));
		json_object_set_new(object, "auth", json_string(source_auth_name(row->auth)));
		json_object_set_new(object, "auth_told", json_boolean(row->auth_told));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *
host_json(const struct account *account, const struct account_host *host)
{
	json_t *object = json_object(), *budget = json_object();

	json_object_set_new(object, "host", fields_text(host->name));
	json_object_set_new(object, "group", host->group ? fields_text(host->group) : json_null());
	json_object_set_new(object, "reported_by", json_string(host->asked ? "collector" : "host"));
	json_object_set_new(budget, "offset_ns", limit_json(host->tally.budget.offset_ns));
	json_object_set_new(
	    budget, "error_bound_ns", limit_json(host->tally.budget.error_bound_ns));
	json_object_set_new(object, "budget", budget);
	json_object_set_new(object, "whole", share_json(&host->tally.whole));
	json_object_set_new(object, "days", days_json(account, host->tally.days));
	json_object_set_new(object, "steps", steps_json(host));
	json_object_set_new(object, "gap_count", json_integer((json_int_t)host->tally.gap_count));
	json_object_set_new(object, "gaps", gaps_json(&host->tally));
	json_object_set_new(object, "followed", followed_json(host));
	return object;
}

static json_t *
runs_json(const struct account *account)
{
	json_t *list = json_array();

	for (size_t i = 0; i < account->run_count; i++) {
		const struct journal_run *run = &account->runs[i];
		json_t *object = json_object();

		json_object_set_new(object, "run", json_integer(run->id));
		set_instant(object, "begun", run->begun_ns);
		if (run->ended_ns) {
			set_instant(object, "ended", run->ended_ns);
		}
		json_object_set_new(object, "kind", fields_text(run->kind));
		json_object_set_new(object, "who", fields_text(run->who));
		json_object_set_new(object, "words", fields_text(run->words));
		json_object_set_new(object, "hosts", json_integer((json_int_t)run->host_count));
		json_object_set_new(object, "status", json_integer(run->status));
		json_array_append_new(list, object);
	}
	return list;
}

/* Add @json and free it. */
static void
add(struct buf *out, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text) {
		abort();
	}
	buf_text(out, text);
	free(text);
	json_decref(json);
}

static json_t *
head_json(const struct account *account)
{
	json_t *object = json_object();

	json_object_set_new(object, "site", fields_text(account->site));
	set_instant(object, "from", account->span.from_ns);
	set_instant(object, "to", account->span.to_ns);
	set_instant(object, "made", account->made_ns);
	json_object_set_new(object, "version", json_string(account->version));
	json_object_set_new(
	    object, "budget", json_string(account->named ? account->named->name : "site"));
	json_object_set_new(object, "good", json_boolean(account_is_good(account)));
	json_object_set_new(object, "whole", share_json(&account->whole));
	json_object_set_new(object, "days", days_json(account, account->days));
	json_object_set_new(object, "runs", runs_json(account));
	json_object_set_new(object, "runs_forgotten", json_boolean(account->runs_forgotten));
	return object;
}

void
account_json(const struct account *account, struct buf *out)
{
	struct buf head = { .limit_bytes = 0 };

	add(&head, head_json(account));
	buf_add(out, head.data, head.len - 1); /* without its "}" */
	buf_free(&head);
	buf_text(out, ",\"hosts\":[");
	for (size_t i = 0; i < account->host_count; i++) {
		buf_text(out, i > 0 ? ",\n" : "\n");
		add(out, host_json(account, &account->hosts[i]));
	}
	buf_text(out, "\n]}\n");
}
