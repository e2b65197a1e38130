/* KEY: do the daemon's lines and its file of keys belong together? */
#include "daemons/policy_text.h"
#include "daemons/status_text.h"
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 4096

/* A line of the file of keys. */
struct key_line {
	long id;
	const char *type;
};

struct key_file {
	const struct file_entry *entry;
	struct key_line *list;
	size_t count;
};

/* Read the file that `keys` or `keyfile` names, if it is among those that are judged. */
static bool
read_keys(struct judged *judged, const char *path, struct key_file *keys)
{
	struct arena *arena = &judged->run->arena;
	bool chrony = !judged->ntp && !judged->ntpsec;
	struct policy_text text;

	keys->entry = file_set_find(judged->input->files, path);
	if (!keys->entry || keys->entry->absent) {
		return false;
	}
	keys->list = arena_alloc(arena, KEYS_MAX * sizeof(*keys->list));
	policy_text_begin(
	    &text, arena_strndup(arena, keys->entry->content, keys->entry->len), path);
	while (keys->count < KEYS_MAX && policy_text_next(&text)) {
		char *words[POLICY_WORDS_MAX];
		size_t count = split_words(text.line, words, POLICY_WORDS_MAX);

		if (count < 2 || strchr("#!;%", words[0][0])) {
			continue;
		}
		keys->list[keys->count].id = strtol(words[0], NULL, 10);
		keys->list[keys->count++].type = arena_strdup(arena, words[1]);
		if (chrony && count > 3) {
			judged_report_at(judged, "key-columns",
			    (struct judged_place){ keys->entry->path, text.number - 1 },
			    "key %s has a fourth column: chronyd says \"Could not parse key\" and "
			    "is "
			    "without it",
			    words[0]);
		}
	}
	return true;
}

static const struct key_line *
find_key(const struct key_file *keys, long id)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->list[i].id == id) {
			return &keys->list[i];
		}
	}
	return NULL;
}

/* Whether a line `trustedkey 1 2 (5 ... 9)` has @id. */
static bool
is_trusted(const struct judged *judged, long id)
{
	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (!judged_is(judged, line->words[0], "trustedkey")) {
			continue;
		}
		for (size_t k = 1; k < line->count; k++) {
			bool range = strcmp(line->words[k], "(") == 0 && k + 3 < line->count;
			long low = strtol(line->words[k + range], NULL, 10);
			long high = range ? strtol(line->words[k + 3], NULL, 10) : low;

			if (id >= low && id <= high) {
				return true;
			}
			k += range ? 4 : 0;
		}
	}
	return false;
}

/* With a MAC of more than 160 bits, chrony asks in NTP version 3, which no ntpd answers with it. */
static bool
is_long(const char *type)
{
	static const char *const longs[] = { "SHA256", "SHA384", "SHA512", "SHA3-224", "SHA3-256",
		"SHA3-384", "SHA3-512", "TIGER", "WHIRLPOOL", "SHA224" };

	for (size_t i = 0; i < COUNT(longs); i++) {
		if (strcasecmp(type, longs[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void
judge_key(struct judged *judged, const struct config_line *line, const char *name,
    const struct key_file *keys)
{
	bool chrony = !judged->ntp && !judged->ntpsec;
	long id = judged_number(judged, line, "key", 0);
	const struct key_line *key = find_key(keys, id);
	const struct host *of = judged_host(judged, name);

	if (id <= 0) {
		return;
	}
	if (keys->entry && !key) {
		judged_report(judged, "key-unknown", line,
		    "`%s`: key %ld is not in %s, so no answer is ever believed", line->text, id,
		    keys->entry->path);
	} else if (!chrony && !is_trusted(judged, id)) {
		judged_report(judged, "key-unknown", line,
		    "`%s`: key %ld is in no `trustedkey`, so no answer is ever believed",
		    line->text, id);
	} else if (chrony && key && is_long(key->type) &&
	    judged_number(judged, line, "version", 0) != 4 &&
	    !(of && strcmp(of->daemon, "chrony") == 0)) {
		judged_report(judged, "key-version", line,
		    "`%s`: with a key of type %s chronyd asks in NTP version 3, and no ntpd "
		    "answers: "
		    "`version 4` is missing",
		    line->text, key->type);
	}
}

void
judge_keys(struct judged *judged)
{
	bool chrony = !judged->ntp && !judged->ntpsec;
	const struct config_line *file = judged_find(judged, chrony ? "keyfile" : "keys");
	struct key_file keys = { .entry = NULL };
	bool known = file && file->count > 1 && read_keys(judged, file->words[1], &keys);
	const char *name;

	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (!judged_source(judged, line, &name)) {
			continue;
		}
		if (!file && judged_number(judged, line, "key", 0) > 0) {
			judged_report(judged, "key-unknown", line,
			    "`%s`: no `%s` names a file of keys, so no answer is ever believed",
			    line->text, chrony ? "keyfile" : "keys");
		} else if (known) {
			judge_key(judged, line, name, &keys);
		}
	}
}

const struct lint_rule rules_files_keys[] = {
	{ .id = "key-unknown",
	    .number = "KEY004",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "each key that a line names is known to the daemon",
	    .source = "ntp.conf(5), keys, trustedkey; chrony.conf(5), keyfile",
	    .remedy = "{{#keys}} in your own templates of the keys and of `trustedkey`",
	    .why = "The daemon logs one line and runs on. Every answer of that source then "
		   "fails its check: the source looks silent, and the quorum has one less." },
	{ .id = "key-version",
	    .number = "KEY005",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "chronyd asks an ntpd with a long key in NTP version 4",
	    .source = "chrony.conf(5), version; RFC 7822",
	    .remedy = "`version 4` behind {{#version4}}, as in the built-in template",
	    .why = "The longest MAC that fits version 4 has 192 bits; chronyd goes back to "
		   "version 3 for longer ones by itself, and ntpd and NTPsec answer no "
		   "such question." },
	{ .id = "key-columns",
	    .number = "KEY007",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "the file of keys has three columns",
	    .source = "chrony.conf(5), keyfile; ntp.keys(5)",
	    .remedy = "your own template of the file of keys without addresses",
	    .why = "ntp 4.2.8 takes a list of addresses as a fourth column. chronyd says "
		   "\"Could not parse key\" and is without that key; NTPsec ignores the "
		   "column, and with it the limit that it meant." },
	{ .id = NULL },
};
