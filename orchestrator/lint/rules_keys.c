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

#define KEY_BYTES_MIN 16
#define SECRET_BYTES 64

/* Bytes of @secret_hex, at most SECRET_BYTES.  Returns how many. */
static size_t
bytes_of(const char *secret_hex, unsigned char bytes[SECRET_BYTES])
{
	size_t count = 0;

	for (; count < SECRET_BYTES && secret_hex[2 * count] && secret_hex[2 * count + 1];
	     count++) {
		const char pair[3] = { secret_hex[2 * count], secret_hex[2 * count + 1], '\0' };

		bytes[count] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return count;
}

/* How many different values @count bytes have. */
static size_t
count_values(const unsigned char *bytes, size_t count)
{
	bool seen[256] = { false };
	size_t values = 0;

	for (size_t i = 0; i < count; i++) {
		values += !seen[bytes[i]];
		seen[bytes[i]] = true;
	}
	return values;
}

/*
 * What makes @secret_hex easy to guess, or NULL.  Of sixteen random bytes, at most eight different
 * ones come once in 10^10 keys, and none but letters, digits and signs once in 8 million.
 */
static const char *
why_guessable(const char *secret_hex)
{
	unsigned char bytes[SECRET_BYTES], steps[SECRET_BYTES];
	size_t count = bytes_of(secret_hex, bytes), printable = 0;

	for (size_t i = 0; i < count; i++) {
		printable += bytes[i] >= ' ' && bytes[i] <= '~';
		steps[i] = (unsigned char)(bytes[(i + 1) % count] - bytes[i]);
	}
	if (count < KEY_BYTES_MIN) {
		return "it has fewer than 128 bits";
	}
	if (printable == count) {
		return "all its bytes are letters, digits and signs";
	}
	if (2 * count_values(bytes, count) <= count || 2 * count_values(steps, count) <= count) {
		return "it is a pattern";
	}
	return NULL;
}

static void
check_guessable_key(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->key_count; i++) {
		const struct symmetric_key *key = &lint->topology->keys[i];
		const char *why = key->secret_hex ? why_guessable(key->secret_hex) : NULL;

		if (why) {
			lint_report(lint, subject_of(lint, key), key->pos,
			    "the secret of key %u can be guessed: %s", key->id, why);
		}
	}
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
	    .why = "The MD5 construction of NTP can be extended and collided; RFC 8573 "
		   "replaced it by AES-CMAC in 2019. All three daemons understand AES128CMAC.",
	    .instead = "keys: keys.yaml            # of type AES128CMAC: `timetier keys new` "
		       "writes such keys",
	    .check = check_weak_key },
	{ .id = "shared-key",
	    .number = "KEY002",
	    .severity = SEVERITY_ERROR,
	    .summary = "each pair of hosts has a key of its own",
	    .source = "RFC 8633 section 4.1",
	    .remedy = "a key per pair: `timetier keys new` writes them",
	    .why = "Whoever knows a key can pose as any host that has it. If one client of "
		   "twenty is broken into, it can speak for every server. Daemons made it "
		   "worse: chrony before 2.2.1 (CVE-2016-1567) and ntp before 4.2.8p6 "
		   "(CVE-2015-7974) took an answer that was signed with any trusted key, not "
		   "only with the one of that server.",
	    .instead = "keys: keys.yaml            # `between` has two names: `timetier keys new` "
		       "writes a key per pair",
	    .check = check_shared_key },
	/* The loader reports it: such a site cannot be used. */
	{ .id = "key-file-open",
	    .number = "KEY003",
	    .severity = SEVERITY_ERROR,
	    .summary = "the file of keys is for its owner alone",
	    .source = "RFC 8633 section 4.1",
	    .remedy = "chmod 600 keys.yaml; who may have read it knows the keys: `timetier keys "
		      "rotate`",
	    .why = "Whoever can read the file can speak for every server of the site, to every "
		   "host, and leaves no trace. It is refused as ssh refuses a private key.",
	    .instead = "keys: keys.yaml            # chmod 600 keys.yaml" },
	{ .id = "guessable-key",
	    .number = "KEY006",
	    .severity = SEVERITY_WARNING,
	    .summary = "a key is random, and has 128 bits or more",
	    .source = "chrony.conf(5), keyfile; CVE-2014-9294; CVE-2015-3405",
	    .remedy = "`timetier keys rotate` replaces the keys of a site by random ones",
	    .why = "A key that somebody typed can be typed by somebody else. NTP sends the MAC "
		   "in the clear, so guesses are tried at home, as many as the machine can. It "
		   "need not be a word: ntp-keygen seeded its generator from the clock until "
		   "4.2.7p230 (CVE-2014-9294), and its MD5 keys were guessable on big-endian "
		   "machines (CVE-2015-3405).",
	    .instead = "keys: keys.yaml            # random ones: `timetier keys rotate` replaces "
		       "what is there",
	    .check = check_guessable_key },
	{ .id = "unneeded-key",
	    .number = "KEY008",
	    .once = "KEY003",
	    .severity = SEVERITY_WARNING,
	    .summary = "each key is of use: one of those who share it asks the other",
	    .source = "site.yaml(5), keys.yaml",
	    .remedy = "a server that left or changed its tier: `timetier apply`, then `timetier "
		      "keys prune`, then `timetier apply`; one that was renamed: write its new "
		      "name into `between`",
	    .why = "A key that nobody uses is still a key that hosts accept. When a server "
		   "leaves, what it knew stays valid until somebody takes it away.",
	    .instead =
		"keys: keys.yaml            # `timetier keys prune` takes out what nobody needs",
	    .needs_all = true,
	    .check = check_unneeded_key },
	{ .id = NULL },
};
