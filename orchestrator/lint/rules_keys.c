/* KEY: symmetric keys.  No finding contains a secret. */
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>

/* The `on` that accepts a finding about @key: the name of a host that has the key. */
static const char *
subject_of(struct lint *lint, const struct symmetric_key *key)
{
	return lint_subject(lint, key->hosts, key->host_count);
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
		struct name_list names = { 0 };

		for (size_t h = 0; key->host_count > 2 && h < key->host_count; h++) {
			name_list_add(&names, key->hosts[h]->name);
		}
		if (names.count > 0) {
			lint_report(lint, subject_of(lint, key), key->pos,
			    "%zu hosts share key %u (%s): each of them can pose as any other",
			    key->host_count, key->id, name_list_text(&names));
		}
	}
	check_same_secrets(lint);
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
	{ .id = NULL },
};
