#include "agent/witness/ledger.h"

#include "common/file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_VERSION 1
#define MODE 0600
/* While a window is open the service writes every 15 s. */
#define STALE_NS (60 * NS_PER_S)

#define AT FIELD_AT
#define ANY .min = -INT64_MAX, .max = INT64_MAX
#define MOMENT .min = 0, .max = INT64_MAX / 4 /* so that sums and differences fit */

static const struct field fields[] = {
	{ "boot_id", FIELD_TEXT, true, AT(ledger, boot_id) },
	{ "writer_pid", FIELD_INT, false, AT(ledger, writer_pid), .min = 0, .max = INT32_MAX },
	{ "writer_start_id_ns", FIELD_INT64, false, AT(ledger, writer_start_id_ns), MOMENT },
	{ "watched_since_ns", FIELD_INT64, true, AT(ledger, watched_since_ns), MOMENT },
	{ "watched_to_ns", FIELD_INT64, true, AT(ledger, watched_to_ns), MOMENT },
	{ "gap_ns", FIELD_INT64, true, AT(ledger, gap_ns), .min = -INT64_MAX / 4,
	    .max = INT64_MAX / 4 },
	{ "raw_ns", FIELD_INT64, true, AT(ledger, raw_ns), .min = -INT64_MAX / 4,
	    .max = INT64_MAX / 4 },
	{ "program", FIELD_TEXT, false, AT(ledger, program) },
	{ "pid", FIELD_INT, false, AT(ledger, pid), .min = 0, .max = INT32_MAX },
	{ "start_id_ns", FIELD_INT64, false, AT(ledger, start_id_ns), MOMENT },
	{ "started_ns", FIELD_INT64, false, AT(ledger, started_ns), MOMENT },
	{ "started_raw_ns", FIELD_INT64, false, AT(ledger, started_raw_ns), .min = -INT64_MAX / 4,
	    .max = INT64_MAX / 4 },
	{ "window_ns", FIELD_INT64, false, AT(ledger, window_ns), .min = 0,
	    .max = 86400 * NS_PER_S },
	{ "moved_ns", FIELD_INT64, false, AT(ledger, moved_ns), ANY },
	{ "unwatched_ns", FIELD_INT64, false, AT(ledger, unwatched_ns), MOMENT },
	{ "touched", FIELD_COUNT, false, AT(ledger, touched), .min = 0, .max = INT64_MAX },
	{ .name = NULL },
};

void
ledger_add(struct ledger *ledger, const struct ledger_entry *entry)
{
	size_t kept = ledger->count < LEDGER_ENTRIES_MAX ? ledger->count : LEDGER_ENTRIES_MAX - 1;

	memmove(&ledger->entries[1], &ledger->entries[0], kept * sizeof(*entry));
	ledger->entries[0] = *entry;
	ledger->count = kept + 1;
}

struct ledger_entry *
ledger_find(struct ledger *ledger, const char *boot_id, int64_t boot_ns)
{
	for (size_t i = 0; i < ledger->count; i++) {
		if (ledger->entries[i].boot_ns == boot_ns &&
		    strcmp(ledger->entries[i].boot_id, boot_id) == 0) {
			return &ledger->entries[i];
		}
	}
	return NULL;
}

char *
ledger_encode_file(const struct ledger *ledger)
{
	json_t *json = fields_encode(fields, ledger);
	char *text;

	json_object_set_new(json, "version", json_integer(FILE_VERSION));
	json_object_set_new(json, "proof", fields_encode(proof_fields, &ledger->proof));
	json_object_set_new(json, "ledger", ledger_encode(ledger->entries, ledger->count));
	if (ledger->end.ended) {
		json_object_set_new(json, "end", fields_encode(daemon_end_fields, &ledger->end));
	}
	text = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	if (!text) {
		abort();
	}
	return text;
}

static int
decode(const json_t *json, struct ledger *ledger, struct error *err)
{
	const json_t *version = json_object_get(json, "version");
	const json_t *end = json_object_get(json, "end");

	if (json_integer_value(version) != FILE_VERSION) {
		return error_set(err, "it is of another version");
	}
	if (fields_decode(fields, json, "ledger", ledger, err) < 0 ||
	    fields_decode(
		proof_fields, json_object_get(json, "proof"), "proof", &ledger->proof, err) < 0 ||
	    (end && fields_decode(daemon_end_fields, end, "end", &ledger->end, err) < 0)) {
		return -1;
	}
	ledger->end.ended = end != NULL;
	return ledger_decode(json_object_get(json, "ledger"), ledger->entries, LEDGER_ENTRIES_MAX,
	    &ledger->count, err);
}

int
ledger_decode_file(const char *bytes, size_t len, struct ledger *ledger, struct error *err)
{
	struct ledger *decoded;
	json_error_t wrong;
	json_t *json;
	int status;

	if (len > LEDGER_BYTES_MAX) {
		return error_set(err, "it is larger than %d bytes", LEDGER_BYTES_MAX);
	}
	json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &wrong);
	if (!json) {
		return error_set(err, "it is not JSON (byte %d)", wrong.position);
	}
	decoded = calloc(1, sizeof(*decoded));
	if (!decoded) {
		abort();
	}
	status = decode(json, decoded, err);
	if (status == 0) {
		*ledger = *decoded;
	}
	free(decoded);
	json_decref(json);
	return status;
}

int
ledger_load(const char *folder, struct ledger *ledger, struct error *err)
{
	struct buf text = { .limit_bytes = LEDGER_BYTES_MAX };
	char path[PATH_MAX];
	int status;

	snprintf(path, sizeof(path), "%s/" LEDGER_FILE, folder);
	if (access(path, F_OK) < 0) {
		*ledger = (struct ledger){ .count = 0 };
		return 0;
	}
	status = file_read_plain(path, O_NOFOLLOW, &text, err);
	if (status == 0 && ledger_decode_file(buf_str(&text), text.len, ledger, err) < 0) {
		status = error_wrap(err, "%s is damaged", path);
	}
	buf_free(&text);
	return status;
}

int
ledger_save(const char *folder, const struct ledger *ledger, struct error *err)
{
	char *text = ledger_encode_file(ledger);
	char path[PATH_MAX];
	int status;

	snprintf(path, sizeof(path), "%s/" LEDGER_FILE, folder);
	status = file_replace(path, text, strlen(text), MODE, err);
	free(text);
	return status;
}

void
ledger_merge(const struct ledger *ledger, const struct ledger_now *now, struct report *report)
{
	struct proof *proof = &report->proof;
	int64_t silent_ns = now->boot_ns - ledger->watched_to_ns;

	report->ledger_count =
	    ledger->count < LEDGER_REPORTED_MAX ? ledger->count : LEDGER_REPORTED_MAX;
	memcpy(report->ledger, ledger->entries, report->ledger_count * sizeof(*report->ledger));
	if (!now->writer_runs && strcmp(ledger->boot_id, report->boot_id) != 0) {
		snprintf(proof->words, sizeof(proof->words),
		    "the agent's service did not run in this boot");
		return;
	}
	*proof = ledger->proof;
	if (now->pid == 0) {
		report->end = ledger->end;
		return;
	}
	if (ledger->program[0] &&
	    (ledger->pid != now->pid || ledger->start_id_ns != now->start_id_ns)) {
		*proof = (struct proof){ .state = PROOF_NONE };
		snprintf(proof->words, sizeof(proof->words),
		    "the agent's service has not noticed the latest start yet");
	} else if (proof->state == PROOF_WATCHING && silent_ns > STALE_NS) {
		proof->state = PROOF_BLIND;
		snprintf(proof->words, sizeof(proof->words),
		    "the agent's service has not watched for %lld s: is it running?",
		    (long long)(silent_ns / NS_PER_S));
	}
}
