#include "verdict/proof.h"

#include "common/clock.h"

#include <string.h>

#define OFFSET_MAX (INT64_C(4500000000) * NS_PER_S) /* an NTP era is 136 years */
#define WINDOW_MAX (86400 * NS_PER_S)

const char *
proof_state_name(enum proof_state state)
{
	static const char *const names[] = {
		[PROOF_NONE] = "none",
		[PROOF_WATCHING] = "watching",
		[PROOF_PROVED] = "proved",
		[PROOF_STEPPED] = "stepped",
		[PROOF_BLIND] = "blind",
	};

	return names[state];
}

const char *
step_cause_name(enum step_cause cause)
{
	static const char *const names[] = {
		[CAUSE_UNKNOWN] = "unknown",
		[CAUSE_START_UP] = "start-up",
		[CAUSE_FIRST_SET] = "first-set",
		[CAUSE_SOURCE] = "source",
		[CAUSE_DAEMON] = "daemon",
		[CAUSE_BY_HAND] = "by hand",
		[CAUSE_PAUSED] = "machine paused",
		[CAUSE_LEAP] = "leap second",
	};

	return names[cause];
}

static const char *
state_text(int value)
{
	return proof_state_name((enum proof_state)value);
}

static const char *
cause_text(int value)
{
	return step_cause_name((enum step_cause)value);
}

int64_t
proof_runs_ns(const struct proof *proof, int64_t boot_ns)
{
	bool known = proof->state != PROOF_NONE && !proof->ended;

	return known && proof->started_boot_ns > 0 && proof->started_boot_ns <= boot_ns
	    ? boot_ns - proof->started_boot_ns
	    : -1;
}

bool
daemon_end_is_failure(const struct daemon_end *end)
{
	return end->ended &&
	    (end->refused || (end->result[0] && strcmp(end->result, "success") != 0));
}

#define AT FIELD_AT
#define OFFSET .min = -OFFSET_MAX, .max = OFFSET_MAX
#define INSTANT .min = INSTANT_MIN, .max = INSTANT_MAX

const struct field proof_fields[] = {
	{ "state", FIELD_NAME, true, AT(proof, state), .max = PROOF_BLIND, .name_of = state_text },
	{ "started_boot_ns", FIELD_INT64, false, AT(proof, started_boot_ns), .min = 0,
	    .max = BOOT_MAX },
	{ "started_at", FIELD_INSTANT, false, AT(proof, started_real_ns), INSTANT },
	{ "window_ns", FIELD_INT64, false, AT(proof, window_ns), .min = 0, .max = WINDOW_MAX },
	{ "proved_at", FIELD_INSTANT, false, AT(proof, proved_real_ns), INSTANT },
	{ "steps", FIELD_COUNT, false, AT(proof, steps), .min = 0, .max = INT64_MAX },
	{ "stepped_ns", FIELD_INT64, false, AT(proof, stepped_ns), OFFSET },
	{ "touched", FIELD_COUNT, false, AT(proof, touched), .min = 0, .max = INT64_MAX },
	{ "moved_ns", FIELD_INT64, false, AT(proof, moved_ns), OFFSET },
	{ "unwatched_ns", FIELD_INT64, false, AT(proof, unwatched_ns), .min = 0,
	    .max = OFFSET_MAX },
	{ "ended", FIELD_BOOL, false, AT(proof, ended) },
	{ "words", FIELD_TEXT, false, AT(proof, words) },
	{ .name = NULL },
};

const struct field ledger_fields[] = {
	{ "boot_id", FIELD_TEXT, true, AT(ledger_entry, boot_id) },
	{ "boot_ns", FIELD_INT64, true, AT(ledger_entry, boot_ns), .min = 0, .max = BOOT_MAX },
	{ "amount_ns", FIELD_INT64, true, AT(ledger_entry, amount_ns), OFFSET },
	{ "before", FIELD_INSTANT, true, AT(ledger_entry, before_real_ns), INSTANT },
	{ "after", FIELD_INSTANT, true, AT(ledger_entry, after_real_ns), INSTANT },
	{ "cause", FIELD_NAME, true, AT(ledger_entry, cause), .max = CAUSE_LEAP,
	    .name_of = cause_text },
	{ "settled", FIELD_BOOL, false, AT(ledger_entry, settled) },
	{ "words", FIELD_TEXT, false, AT(ledger_entry, words) },
	{ .name = NULL },
};

const struct field daemon_end_fields[] = {
	{ "refused", FIELD_BOOL, false, AT(daemon_end, refused) },
	{ "at", FIELD_INSTANT, true, AT(daemon_end, real_ns), INSTANT },
	{ "exit_status", FIELD_INT, true, AT(daemon_end, exit_status), .min = -1, .max = 255 },
	{ "result", FIELD_TEXT, false, AT(daemon_end, result) },
	{ "words", FIELD_TEXT, false, AT(daemon_end, words) },
	{ .name = NULL },
};

json_t *
ledger_encode(const struct ledger_entry *entries, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, fields_encode(ledger_fields, &entries[i]));
	}
	return list;
}

int
ledger_decode(
    const json_t *json, struct ledger_entry *entries, size_t max, size_t *count, struct error *err)
{
	if (json && (!json_is_array(json) || json_array_size(json) > max)) {
		return error_set(err, "ledger is no list of at most %zu", max);
	}
	for (size_t i = 0; i < json_array_size(json); i++) {
		if (fields_decode(
			ledger_fields, json_array_get(json, i), "ledger", &entries[i], err) < 0) {
			return -1;
		}
	}
	*count = json_array_size(json);
	return 0;
}
