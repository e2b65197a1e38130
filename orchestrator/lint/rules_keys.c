/* KEY: symmetric keys.  No finding contains a secret. */
#include "common/nearest.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/partners.h"

#include <stdlib.h>
#include <string.h>

/* The `on` that accepts a finding about @key: the name of a host that has the key. */
static const char *
subject_of(struct lint *lint, const struct symmetric_key *key)
{
	return lint_subject(lint, key->hosts, key->host_count);
}

static void
add_names(struct name_list *names, const struct symmetric_key *key)
{
	for (size_t h = 0; h < key->host_count; h++) {
		name_list_add(names, key->hosts[h]->name);
	}
	for (size_t s = 0; s < key->stranger_count; s++) {
		name_list_add(names, key->strangers[s]);
	}
}

static void
check_weak_key(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->key_count; i++) {
		const struct symmetric_key *key = &lint->topology->keys[i];

		if (key->type == KEY_TYPE_MD5) {
			lint_report(lint, subject_of(lint, key), key->pos,
			    "key %u is of type MD5, which no longer proves who sent a packet",
			    key->id);
		}
	}
}

static int
compare_secrets(const void *a, const void *b)
{
	const struct symmetric_key *x = *(const struct symmetric_key *const *)a;
	const struct symmetric_key *y = *(const struct symmetric_key *const *)b;
	int secrets = strcmp(x->secret_hex, y->secret_hex);

	return secrets != 0 ? secrets : (x > y) - (x < y); /* in the order of the file */
}

static void
check_same_secrets(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	const struct symmetric_key **sorted =
	    arena_alloc(&lint->scratch, topology->key_count * sizeof(*sorted) + 1);
	const struct symmetric_key *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < topology->key_count; i++) {
		if (topology->keys[i].secret_hex) {
			sorted[count++] = &topology->keys[i];
		}
	}
	if (count > 1) {
		qsort(sorted, count, sizeof(*sorted), compare_secrets);
	}
	for (size_t i = 0; i < count; i++) {
		if (!first || strcmp(first->secret_hex, sorted[i]->secret_hex) != 0) {
			first = sorted[i];
			continue;
		}
		lint_report(lint, subject_of(lint, sorted[i]), sorted[i]->pos,
		    "keys %u and %u have the same secret", first->id, sorted[i]->id);
	}
}

static void
check_shared_key(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->key_count; i++) {
		const struct symmetric_key *key = &lint->topology->keys[i];
		size_t count = key->host_count + key->stranger_count;
		struct name_list names = { 0 };

		if (count <= 2) {
			continue;
		}
		add_names(&names, key);
		lint_report(lint, subject_of(lint, key), key->pos,
		    "%zu hosts share key %u (%s): each of them can pose as any other", count,
		    key->id, name_list_text(&names));
	}
	check_same_secrets(lint);
}

/* A name in `between` that no host has: a server that left, was renamed, or is misspelt. */
static void
report_stranger(struct lint *lint, const struct symmetric_key *key)
{
	const struct topology *topology = lint->topology;
	const char *name = key->strangers[0];
	struct nearest nearest = { .word = name };

	for (size_t h = 0; h < topology->server_count; h++) {
		nearest_offer(&nearest, topology->hosts[h].name);
	}
	lint_report(lint, subject_of(lint, key), key->pos,
	    "key %u is shared with %s, and the site has no host of that name%s%s%s", key->id, name,
	    nearest.best ? "; is " : "", nearest.best ? nearest.best : "",
	    nearest.best ? " meant?" : "");
}

static void
check_unneeded_key(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->key_count; i++) {
		const struct symmetric_key *key = &lint->topology->keys[i];
		struct name_list names = { 0 };

		if (key_is_needed(key)) {
			continue;
		}
		if (key->stranger_count > 0) {
			report_stranger(lint, key);
			continue;
		}
		add_names(&names, key);
		lint_report(lint, subject_of(lint, key), key->pos,
		    "nobody asks with key %u: %s do not ask each other", key->id,
		    name_list_text(&names));
	}
}

const struct lint_rule rules_keys[] = {
	{ .id = "weak-key",
	    .number = "KEY001",
	    .severity = SEVERITY_ERROR,
	    .summary = "a key is of a type that still proves who sent a packet",
	    .source = "RFC 8573; RFC 8633 section 4.1",
	    .remedy = "use AES128CMAC; `timetier keys new` writes such keys",
	    .check = check_weak_key },
	{ .id = "shared-key",
	    .number = "KEY002",
	    .severity = SEVERITY_ERROR,
	    .summary = "each pair of hosts has a key of its own",
	    .source = "RFC 8633 section 4.1",
	    .remedy = "a key per pair: `timetier keys new` writes them",
	    .check = check_shared_key },
	{ .id = "unneeded-key",
	    .number = "KEY008",
	    .once = "KEY003",
	    .severity = SEVERITY_WARNING,
	    .summary = "each key is of use: one of those who share it asks the other",
	    .source = "site.yaml(5), keys.yaml",
	    .remedy = "a server that left or changed its tier: `timetier apply`, then `timetier "
		      "keys prune`, then `timetier apply`; one that was renamed: write its new "
		      "name into `between`",
	    .needs_all = true,
	    .check = check_unneeded_key },
	{ .id = NULL },
};
