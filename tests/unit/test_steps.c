/* The cause of a step that a daemon makes at its start before it hears a source. */
#include "agent/witness/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemons/daemon.h"

#define S NS_PER_S
#define STEP_AT (1000 * S) /* CLOCK_BOOTTIME */
#define NOW_NS (INT64_C(1795325613) * S)

static struct witness witness;
static struct sample sample;

/* Let a step happen, so long after the start of the daemon that this configuration gives. */
static const struct ledger_entry *
entry_of(
    const char *daemon, const char *config, const char *options, int64_t amount_ns, int64_t age_ns)
{
	struct step_seen seen = { .amount_ns = amount_ns,
		.at = { .boot_ns = STEP_AT, .real_ns = NOW_NS },
		.unwatched_ns = S };

	witness = (struct witness){ .began_ns = STEP_AT + S };
	sample.pid = 100;
	snprintf(witness.ledger.program, sizeof(witness.ledger.program), "%s", daemon);
	witness.ledger.started_ns = STEP_AT - age_ns;
	daemon_find(daemon)->read_policy(config, options, &witness.policy);
	assert_true(witness.policy.known);
	witness_note_step(&witness, &seen, false);
	witness_judge_steps(&witness, &sample);
	return ledger_find(&witness.ledger, witness.ledger.boot_id, STEP_AT);
}

static void
what_a_preset_set_happened_at_the_start(void **state UNUSED)
{
	static const struct {
		const char *daemon, *config, *options;
		int64_t amount_ns, age_ns;
		enum step_cause cause;
		const char *words; /* NULL: any */
	} rows[] = {
		{ "chrony", "server a\ninitstepslew 1 b\n", "", 5 * S, 3 * S, CAUSE_START_UP,
		    "chrony.conf:2: initstepslew 1 b" },
		{ "chrony", "server a\ninitstepslew 10 b\n", "", 5 * S, 3 * S, CAUSE_BY_HAND,
		    "never steps as it was configured" },
		{ "chrony", "server a\ninitstepslew 1 b\n", "-R", 5 * S, 3 * S, CAUSE_BY_HAND,
		    NULL },
		{ "chrony", "server a\ninitstepslew 1 b\n", "", 5 * S, 500 * S, CAUSE_UNKNOWN,
		    NULL },
		{ "chrony", "server a\nrtcfile /r\n", "-s", -7 * S, S / 10, CAUSE_START_UP,
		    "after its start: -s" },
		{ "chrony", "server a\nrtcfile /r\n", "-s", S / 2, S / 10, CAUSE_BY_HAND, NULL },
		{ "chrony", "server a\n", "", 5 * S, 3 * S, CAUSE_BY_HAND, NULL },
		{ "ntp", "server a\ntinker step 0\ntos basedate 2027-01-01\n", "", 9000 * S, S / 10,
		    CAUSE_START_UP, "basedate" },
		{ "ntp", "server a\ntinker step 0\ntos basedate 2024-01-01\n", "", 9000 * S, S / 10,
		    CAUSE_BY_HAND, NULL },
		{ "ntp", "server a\ntinker step 0\ntos basedate 2027-01-01\n", "", -9000 * S,
		    S / 10, CAUSE_BY_HAND, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ledger_entry *entry = entry_of(rows[i].daemon, rows[i].config,
		    rows[i].options, rows[i].amount_ns, rows[i].age_ns);

		if (entry->cause != rows[i].cause ||
		    (rows[i].words && !strstr(entry->words, rows[i].words))) {
			fail_msg("row %zu: %s: %s", i, step_cause_name(entry->cause), entry->words);
		}
	}
}

static void
what_the_unit_set_before_the_start_belongs_to_the_start(void **state UNUSED)
{
	static const char line[] = "/etc/systemd/system/x.service:3: ExecStartPre=/sbin/ntpdate a";
	const struct ledger_entry *entry;

	sample.start.preset = line;
	entry = entry_of("chrony", "server a\n", "", 5 * S, -2 * S);
	assert_int_equal(entry->cause, CAUSE_START_UP);
	assert_non_null(strstr(entry->words, "2.00 s before the start of chrony"));
	assert_non_null(strstr(entry->words, line));

	/* it has not started yet: a later look tells */
	entry = entry_of("chrony", "server a\n", "", 5 * S, 300 * S);
	assert_false(entry->settled);
	witness.began_ns = STEP_AT + 100 * S;
	witness_judge_steps(&witness, &sample);
	assert_int_equal(entry->cause, CAUSE_BY_HAND);
	assert_true(entry->settled);

	entry = entry_of("chrony", "server a\n", "", 5 * S, -200 * S);
	assert_int_equal(entry->cause, CAUSE_BY_HAND);
	sample.start.preset = NULL;
	entry = entry_of("chrony", "server a\n", "", 5 * S, -2 * S);
	assert_int_equal(entry->cause, CAUSE_BY_HAND);
}

static int
end(void **state UNUSED)
{
	sample.start.preset = NULL;
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_preset_set_happened_at_the_start),
		TEST(what_the_unit_set_before_the_start_belongs_to_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
