/* What each upstream is worth, by what it answered and by what the others say. */
#include "orchestrator/probe/worth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "orchestrator/probe/findings.h"

#define VIEWS_MAX 200
#define GPS 0x47505300
#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01: no leap second is near */

static struct upstream upstreams[VIEWS_MAX];
static struct address addresses[VIEWS_MAX];
static char names[VIEWS_MAX][16], texts[VIEWS_MAX][32];
static struct probe_view views[VIEWS_MAX];
static struct probe_sum sum;
static size_t count;

static int
begin(void **state UNUSED)
{
	memset(upstreams, 0, sizeof(upstreams));
	memset(views, 0, sizeof(views));
	count = 0;
	return 0;
}

/* Add an upstream with three samples, whose offset is @offset_ns. */
static struct probe_view *
add(int64_t offset_ns)
{
	struct probe_view *view = &views[count];

	snprintf(names[count], sizeof(names[count]), "u%zu", count);
	snprintf(texts[count], sizeof(texts[count]), "192.0.2.%zu", count);
	addresses[count] = (struct address){ .text = texts[count] };
	upstreams[count] =
	    (struct upstream){ .name = names[count], .addresses = { &addresses[count], 1 } };
	view->upstream = &upstreams[count];
	view->address = &addresses[count];
	snprintf(view->target.address, sizeof(view->target.address), "%s", texts[count]);
	view->target.same_as = -1;
	view->target.of_name = 1;
	view->target.sent = view->target.answered = 3;
	view->target.sample_count = 3;
	for (size_t i = 0; i < 3; i++) {
		view->target.samples[i] = (struct ntp_sample){ .offset_ns = offset_ns,
			.delay_ns = 10 * NS_PER_MS,
			.dispersion_ns = NS_PER_US,
			.boot_ns = 100 * NS_PER_S + (int64_t)i * 2 * NS_PER_S,
			.stratum = 1,
			.refid = GPS,
			.reference = (uint64_t)(3900000000u + count) << 32 |
			    (0x10000000u + (uint32_t)count * 0x1000000u) };
	}
	count++;
	return view;
}

/* Add one that gave no sample. */
static struct probe_view *
add_silent(void)
{
	struct probe_view *view = add(0);

	view->target.answered = 0;
	view->target.sample_count = 0;
	return view;
}

static void
add_good(size_t many)
{
	for (size_t i = 0; i < many; i++) {
		add((int64_t)i * NS_PER_US);
	}
}

static void
judge(void)
{
	probe_judge(views, count, NOW_NS, &sum);
}

static void
expect(const struct probe_view *view, enum source_worth worth, const char *words)
{
	if (view->worth != worth || strcmp(view->words, words) != 0) {
		fail_msg("%s: %s: \"%s\", not %s: \"%s\"", view->upstream->name,
		    source_worth_name(view->worth), view->words, source_worth_name(worth), words);
	}
}

static void
those_that_agree_are_good(void **state UNUSED)
{
	add_good(5);
	judge();
	for (size_t i = 0; i < count; i++) {
		expect(&views[i], WORTH_GOOD, "");
		assert_true(views[i].votes && views[i].states[PROBE_CHRONY] >= SELECT_OUTLIER);
	}
	assert_int_equal(sum.voters, 5);
	assert_int_equal(sum.agree, 5);
}

static void
who_is_outvoted_is_a_falseticker(void **state UNUSED)
{
	struct probe_view *ahead, *decades;

	add_good(4);
	ahead = add(2 * NS_PER_S);
	decades = add(-378691200 * NS_PER_S);
	judge();
	expect(ahead, WORTH_FALSETICKER, "2.00 s ahead of the 4 that agree");
	expect(decades, WORTH_FALSETICKER, "378691200 s behind the 4 that agree");
	expect(&views[0], WORTH_GOOD, "");
	assert_int_equal(sum.agree, 4);
}

static void
without_a_majority_nobody_is_right(void **state UNUSED)
{
	add_good(2);
	add(2 * NS_PER_S);
	add(-3 * NS_PER_S);
	judge();
	expect(&views[0], WORTH_UNDECIDED,
	    "no majority of the 4 that answer agrees: nobody can tell who is right");
}

static void
who_gave_no_time_is_named_for_why(void **state UNUSED)
{
	static const struct {
		struct measure_target target;
		enum source_worth worth;
	} rows[] = {
		{ { .address = "192.0.2.9", .why = "no answer" }, WORTH_SILENT },
		{ { .address = "192.0.2.9", .why = "no NTP server listens there" }, WORTH_SILENT },
		{ { .address = "192.0.2.9", .why = "it refuses", .kiss = "DENY", .answered = 1 },
		    WORTH_KISSED },
		{ { .address = "192.0.2.9", .why = "its stratum is 16", .answered = 3 },
		    WORTH_UNSYNCED },
		{ { .address = "192.0.2.9", .why = "garbage", .bogus = 3 }, WORTH_GARBLED },
		{ { .address = "192.0.2.9", .why = "another", .stranger = "192.0.2.8" },
		    WORTH_ELSEWHERE },
		{ { .address = "", .why = "it does not resolve" }, WORTH_UNRESOLVED },
		{ { .address = "192.0.2.9", .why = "not now", .held = true }, WORTH_HELD },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct probe_view *view;

		begin(NULL);
		add_good(3);
		view = add_silent();
		view->target = rows[i].target;
		judge();
		expect(view, rows[i].worth, rows[i].target.why);
		assert_int_equal(sum.voters, 3);
	}
}

static void
who_answers_and_then_refuses_is_told(void **state UNUSED)
{
	struct probe_view *view;

	add_good(3);
	view = add(0);
	view->target.answered = 2;
	view->target.sample_count = 1;
	memcpy(view->target.kiss, "RATE", 5);
	judge();
	expect(view, WORTH_KISSED, "it refuses to be asked a second time (RATE)");
}

static void
one_server_under_two_names_has_one_vote(void **state UNUSED)
{
	struct probe_view *twin;

	add_good(3);
	twin = add(0);
	memcpy(twin->target.address, views[1].target.address, sizeof(twin->target.address));
	judge();
	expect(twin, WORTH_TWIN, "the same server as u1: both are 192.0.2.1");
	assert_false(twin->votes);
	assert_int_equal(sum.voters, 3);
	/* at another address, and it tells the same correction of its clock */
	memcpy(twin->target.address, "192.0.2.77", 11);
	twin->target.samples[2].reference = views[1].target.samples[0].reference + 9;
	judge();
	expect(
	    twin, WORTH_TWIN, "the same server as u1, by what both say of their latest correction");
	/* not, when that is of another reference, or says nothing */
	twin->target.samples[2].refid++;
	judge();
	expect(twin, WORTH_GOOD, "");
	twin->target.samples[2].refid--;
	for (size_t i = 0; i < 3; i++) {
		twin->target.samples[i].reference = UINT64_C(3900000000) << 32;
		views[1].target.samples[i].reference = UINT64_C(3900000000) << 32;
	}
	judge();
	expect(twin, WORTH_GOOD, "");
}

static void
a_second_address_of_an_upstream_has_no_vote(void **state UNUSED)
{
	struct probe_view *second;

	add_good(3);
	second = add(0);
	second->upstream = views[2].upstream;
	judge();
	expect(second, WORTH_GOOD, "");
	assert_false(second->votes);
	for (size_t i = 0; i < 3; i++) {
		second->target.samples[i].offset_ns = NS_PER_S;
	}
	judge();
	expect(second, WORTH_FALSETICKER, "1.00 s ahead of the 3 that agree");
	/* the first one is silent: it has the vote now */
	views[2].target.sample_count = 0;
	judge();
	assert_true(second->votes);
}

static void
poor_sources_are_named(void **state UNUSED)
{
	struct probe_view *far, *deep, *lossy;

	add_good(3);
	deep = add(0);
	far = add(0);
	lossy = add(0);
	for (size_t i = 0; i < 3; i++) {
		deep->target.samples[i].stratum = 6;
		far->target.samples[i].root_dispersion_ns = 200 * NS_PER_MS;
	}
	lossy->target.answered = 1;
	lossy->target.sample_count = 1;
	judge();
	expect(deep, WORTH_POOR, "its stratum is 6: its time has come a long way");
	expect(far, WORTH_POOR, "its root distance is 205 ms: it may be wrong by so much");
	expect(lossy, WORTH_POOR, "it answered 1 of 3 questions");
}

static void
nts_and_smear_come_after_what_is_worse(void **state UNUSED)
{
	struct probe_view *broken, *smears, *wrong;

	add_good(3);
	broken = add(0);
	broken->nts =
	    (struct probe_nts){ .state = NTS_SILENT, .words = "NTS: nobody answers there" };
	smears = add(0);
	smears->smears = true;
	wrong = add(5 * NS_PER_S);
	wrong->smears = true;
	judge();
	expect(broken, WORTH_NTS_BROKEN, "NTS: nobody answers there");
	expect(smears, WORTH_SMEARS, "it smears leap seconds, by its operator's word");
	assert_int_equal(wrong->worth, WORTH_FALSETICKER);
}

/* Six hours after a smear began, three sources announce the leap second, and one is on its curve.
 */
static void
a_smear_is_seen_only_before_a_leap_second(void **state UNUSED)
{
	int64_t due_ns = INT64_C(1798761600) * NS_PER_S; /* 2027-01-01 */
	int64_t at_ns = due_ns - 6 * 3600 * NS_PER_S;
	struct probe_view *view;

	add_good(3);
	view = add(-NS_PER_S / 4);
	for (size_t i = 0; i < 9; i++) {
		views[i / 3].target.samples[i % 3].leap = NTP_LEAP_INSERT;
	}
	probe_judge(views, count, at_ns, &sum);
	expect(view, WORTH_SMEARS,
	    "it smears the leap second that the others announce: it is where a smear of 24 h is "
	    "now");
	probe_judge(views, count, at_ns + 3 * 3600 * NS_PER_S, &sum);
	assert_int_equal(view->worth, WORTH_FALSETICKER);
	views[0].target.samples[0].leap = views[1].target.samples[0].leap =
	    views[2].target.samples[0].leap = NTP_LEAP_NONE;
	probe_judge(views, count, at_ns, &sum);
	assert_int_equal(view->worth, WORTH_FALSETICKER);
}

/* Of any curve, as UTC-SLS, which does it in the last 1,000 s, or one that its operator invented.
 */
static void
a_declared_smear_may_have_any_curve(void **state UNUSED)
{
	static const struct {
		int64_t offset_ns;
		int64_t before_s; /* the leap second */
		int leap;         /* that the others announce */
		bool declared;
		enum source_worth worth;
		const char *words;
	} rows[] = {
		{ -800 * NS_PER_MS, 200, NTP_LEAP_INSERT, true, WORTH_SMEARS,
		    "it smears the leap second that the others announce, by its operator's word: "
		    "now it is 800 ms behind them" },
		{ NS_PER_S / 4, 250, NTP_LEAP_DELETE, true, WORTH_SMEARS,
		    "it smears the leap second that the others announce, by its operator's word: "
		    "now it is 250 ms ahead of them" },
		{ -800 * NS_PER_MS, 200, NTP_LEAP_INSERT, false, WORTH_FALSETICKER,
		    "800 ms behind the 3 that agree" },
		/* in the wrong direction, by too much, too early, or when none is announced */
		{ NS_PER_S / 2, 500, NTP_LEAP_INSERT, true, WORTH_FALSETICKER,
		    "500 ms ahead of the 3 that agree" },
		{ -3 * NS_PER_S, 500, NTP_LEAP_INSERT, true, WORTH_FALSETICKER,
		    "3.00 s behind the 3 that agree" },
		{ -NS_PER_S / 2, 2 * 86400, NTP_LEAP_INSERT, true, WORTH_FALSETICKER,
		    "500 ms behind the 3 that agree" },
		{ -NS_PER_S / 2, 500, NTP_LEAP_NONE, true, WORTH_FALSETICKER,
		    "500 ms behind the 3 that agree" },
		/* a whole second off before it: who has done it already is wrong */
		{ -NS_PER_S, 6 * 3600, NTP_LEAP_INSERT, false, WORTH_FALSETICKER,
		    "1.00 s behind the 3 that agree" },
		{ NS_PER_S, 6 * 3600, NTP_LEAP_INSERT, false, WORTH_FALSETICKER,
		    "1.00 s ahead of the 3 that agree" },
	};
	int64_t due_ns = INT64_C(1798761600) * NS_PER_S; /* 2027-01-01 */

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct probe_view *view;

		begin(NULL);
		add_good(3);
		for (size_t k = 0; k < 9; k++) {
			views[k / 3].target.samples[k % 3].leap = rows[i].leap;
		}
		view = add(rows[i].offset_ns);
		view->smears = rows[i].declared;
		probe_judge(views, count, due_ns - rows[i].before_s * NS_PER_S, &sum);
		expect(view, rows[i].worth, rows[i].words);
		for (size_t k = 0; k < 3; k++) {
			expect(&views[k], WORTH_GOOD, "");
		}
	}
}

static void
falsetickers_that_agree_with_each_other_are_outvoted_all_the_same(void **state UNUSED)
{
	struct probe_view *one, *two;

	add_good(3);
	one = add(-50 * NS_PER_S);
	two = add(-50 * NS_PER_S + NS_PER_US);
	judge();
	expect(one, WORTH_FALSETICKER, "50.0 s behind the 3 that agree");
	expect(two, WORTH_FALSETICKER, "50.0 s behind the 3 that agree");
	assert_int_equal(sum.agree, 3);
	/* one against one, nobody can tell */
	begin(NULL);
	add_good(2);
	add(-50 * NS_PER_S);
	add(-50 * NS_PER_S + NS_PER_US);
	judge();
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(views[i].worth, WORTH_UNDECIDED);
	}
	assert_false(sum.results[PROBE_CHRONY].majority);
}

static void
more_than_can_vote_are_judged_all_the_same(void **state UNUSED)
{
	add_good(SELECT_SOURCES_MAX + 20);
	add(3 * NS_PER_S);
	judge();
	expect(&views[SELECT_SOURCES_MAX + 19], WORTH_GOOD, "");
	assert_int_equal(views[count - 1].worth, WORTH_FALSETICKER);
}

/* --- findings --- */

static void
findings_name_their_rules_and_what_is_accepted(void **state UNUSED)
{
	struct source sources[4];
	struct tier tier = { .name = "core", .sources = { sources, 4 } };
	struct accept accept = { .rule = "kiss", .on = "u3", .because = "it is told" };
	struct topology topology = { .tiers = &tier, .tier_count = 1 };
	struct arena arena = { .blocks = NULL };
	struct probe_finding *list;
	struct probe_view *kissed;

	add_good(3);
	kissed = add_silent();
	memcpy(kissed->target.kiss, "DENY", 5);
	views[0].target.of_name = 4;
	for (size_t i = 0; i < 4; i++) {
		sources[i] = (struct source){ .upstream = views[i].upstream };
	}
	judge();
	assert_true(probe_find(&topology, views, count, NOW_NS, &arena, &list) >= 1);
	assert_string_equal(
	    list[0].rule->id, lint_rule_find("name-of-many", NULL) ? "name-of-many" : "kiss");
	/* one that did not answer may hang on something else than satellites */
	tier.sources.count = 3;
	topology.accepts = &accept;
	topology.accept_count = 1;
	for (size_t i = 0, n = probe_find(&topology, views, count, NOW_NS, &arena, &list); i < n;
	     i++) {
		if (strcmp(list[i].rule->id, "kiss") == 0) {
			assert_string_equal(list[i].on, "u3");
			assert_string_equal(list[i].because, "it is told");
		} else if (strcmp(list[i].rule->id, "one-reference") == 0) {
			assert_string_equal(list[i].on, "core");
			assert_string_equal(list[i].text,
			    "all 3 sources of tier core have their time from satellites");
			assert_null(list[i].because);
		}
	}
	arena_free(&arena);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_that_agree_are_good),
		TEST(who_is_outvoted_is_a_falseticker),
		TEST(without_a_majority_nobody_is_right),
		TEST(who_gave_no_time_is_named_for_why),
		TEST(who_answers_and_then_refuses_is_told),
		TEST(one_server_under_two_names_has_one_vote),
		TEST(a_second_address_of_an_upstream_has_no_vote),
		TEST(poor_sources_are_named),
		TEST(nts_and_smear_come_after_what_is_worse),
		TEST(a_smear_is_seen_only_before_a_leap_second),
		TEST(a_declared_smear_may_have_any_curve),
		TEST(falsetickers_that_agree_with_each_other_are_outvoted_all_the_same),
		TEST(more_than_can_vote_are_judged_all_the_same),
		TEST(findings_name_their_rules_and_what_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
