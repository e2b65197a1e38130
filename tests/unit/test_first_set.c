/* Long, because the cases of one verdict stand side by side. */
#include "agent/first_set/conf.h"
#include "agent/first_set/judge.h"
#include "agent/first_set/note.h"
#include "agent/host/host.h"
#include "agent/host/notify.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/version.h"
#include "daemons/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "000102030405060708090a0b0c0d0e0f"
#define GOOD                                                                                       \
	"# made by timetier\n"                                                                     \
	"daemon chrony.service\n"                                                                  \
	"quorum 2\n"                                                                               \
	"limit 0.5\n"                                                                              \
	"key 7 AES128CMAC " SECRET "\n"                                                            \
	"\n"                                                                                       \
	"source 192.0.2.1 key 7 \r\n"                                                              \
	"source  ptbtime1.ptb.de\n"                                                                \
	"source 2001:db8::3"

static struct first_set_conf conf;

static void
a_file_as_it_is_rendered_is_read(void **state UNUSED)
{
	struct error err = { "" };

	if (first_set_conf_parse("f", GOOD, strlen(GOOD), &conf, &err) < 0) {
		fail_msg("%s", err.text);
	}
	assert_ptr_equal(conf.driver, daemon_find("chrony"));
	assert_int_equal(conf.quorum, 2);
	assert_int_equal(conf.limit_ns, 500 * NS_PER_MS);
	assert_int_equal(conf.source_count, 3);
	assert_string_equal(conf.sources[0].name, "192.0.2.1");
	assert_ptr_equal(conf.sources[0].key, &conf.keys[0]);
	assert_int_equal(conf.keys[0].id, 7);
	assert_int_equal(conf.keys[0].secret_len, 16);
	for (uint8_t i = 0; i < 16; i++) {
		assert_int_equal(conf.keys[0].secret[i], i);
	}
	assert_string_equal(conf.sources[1].name, "ptbtime1.ptb.de");
	assert_null(conf.sources[1].key);
	assert_string_equal(conf.sources[2].name, "2001:db8::3");
	assert_int_equal(conf.voter_count, 3);
}

static void
each_server_of_a_pool_has_a_vote(void **state UNUSED)
{
	static const char text[] =
	    "daemon chrony.service\nquorum 5\nlimit 1\nsource a pool 4 nts\nsource b\n";
	static const char bad[] = "quorum 2\nsource a pool 33\n";
	struct error err = { "" };

	if (first_set_conf_parse("f", text, strlen(text), &conf, &err) < 0) {
		fail_msg("%s", err.text);
	}
	assert_int_equal(conf.voter_count, 5);
	assert_int_equal(conf.sources[0].pool, 4);
	assert_true(conf.sources[0].nts && !conf.sources[1].nts);
	assert_int_equal(conf.sources[1].pool, 0);
	assert_int_equal(first_set_conf_parse("f", bad, strlen(bad), &conf, &err), -1);
	assert_string_equal(err.text, "f:2: \"33\" is no number of a pool's servers");
}

static void
the_daemon_stands_as_the_named_family_of_systems_has_it(void **state UNUSED)
{
	static const char wrong[] = "platform rhel\ndaemon chrony.service\n";
	static const char text[] =
	    "platform suse\ndaemon ntpd.service\nquorum 1\nlimit 1\nsource a\n";
	struct error err = { "" };

	if (first_set_conf_parse("f", text, strlen(text), &conf, &err) < 0) {
		fail_msg("%s", err.text);
	}
	assert_string_equal(conf.driver->name, "ntp");
	assert_string_equal(conf.driver->drift_path, "/var/lib/ntp/drift/ntp.drift");
	assert_int_equal(first_set_conf_parse("f", wrong, strlen(wrong), &conf, &err), -1);
	assert_string_equal(err.text, "f:2: no daemon has the unit \"chrony.service\"");
}

#define HEAD "daemon chrony.service\nlimit 1\n"

static void
each_wrong_line_is_named_and_nothing_is_written(void **state UNUSED)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "f: \"daemon\" is missing" },
		{ HEAD, "f: \"quorum\" is missing" },
		{ HEAD "quorum 0\n", "f:3: \"0\" is no number from 1 to 32" },
		{ HEAD "quorum -1\n", "f:3: \"-1\" is no number from 1 to 32" },
		{ HEAD "quorum 1\nquorum 1\n", "f:4: \"quorum\" stands here twice" },
		{ HEAD "quorum 2\nsource a\n", "f: of 1 source, 2 can never agree" },
		{ HEAD "quorum 1 2\n", "f:3: the line is not \"quorum NUMBER\"" },
		{ HEAD "qurom 1\n", "f:3: no key \"qurom\" is known; did you mean \"quorum\"?" },
		{ HEAD "source a\nsource a\n", "f:4: a is a source already: it would vote twice" },
		{ HEAD "source a key\n", "f:3: only \"nts\" or \"key ID\" may stand behind a" },
		{ HEAD "source a kye 7\n", "f:3: only \"nts\" or \"key ID\" may stand behind a" },
		{ HEAD "source a key 70000\n", "f:3: \"70000\" is no key from 1 to 65535" },
		{ HEAD "source a nts key 7\n",
		    "f:3: only \"nts\" or \"key ID\" may stand behind a" },
		{ HEAD "source a ntp\n", "f:3: only \"nts\" or \"key ID\" may stand behind a" },
		{ HEAD "witness a\n", "f:3: the line is not \"witness ADDRESS key ID\"" },
		{ HEAD "witness a nts 7\n", "f:3: the line is not \"witness ADDRESS key ID\"" },
		{ HEAD "witness a key 0\n", "f:3: \"0\" is no key from 1 to 65535" },
		{ HEAD "quorum 1\nwitness a key 8\n", "f:4: there is no key 8" },
		{ HEAD "source a\nwitness a key 8\n",
		    "f:4: a is a source already: it would vote twice" },
		{ HEAD "quorum 2\nkey 7 SHA1 00\nsource a\nwitness b key 7\n",
		    "f: of 1 source, 2 can never agree" },
		{ HEAD "quorum 1\nsource a key 8\n", "f:4: there is no key 8" },
		{ HEAD "key 1 SHA1 0\n",
		    "f:3: the secret is not 2 to 128 hexadecimal digits, two "
		    "a byte" },
		{ HEAD "key 1 SHA1 zz\n",
		    "f:3: the secret has a character that is not hexadecimal" },
		{ HEAD "key 1 AES128CMAC 00\n",
		    "f:3: a secret of AES128CMAC has 32 hexadecimal digits" },
		{ HEAD "key 1 SHA1 00\nkey 1 SHA1 00\n", "f:4: key 1 stands here twice" },
		{ HEAD "key 1 SHA3 00\n",
		    "f:3: \"SHA3\" is no type of key; AES128CMAC, SHA1, SHA256 and MD5 are" },
		{ "limit 0\n", "f:1: \"0\" is no number of seconds from 0.001 to 1000" },
		{ "limit 1.\n", "f:1: \"1.\" is no number of seconds from 0.001 to 1000" },
		{ "limit 1e3\n", "f:1: \"1e3\" is no number of seconds from 0.001 to 1000" },
		{ "limit 1000.000000001\n",
		    "f:1: \"1000.000000001\" is no number of seconds from 0.001 to 1000" },
		{ "platform slackware\n", "f:1: no platform is called \"slackware\"" },
		{ HEAD "platform rhel\n", "f:3: \"platform\" stands behind \"daemon\"" },
		{ "daemon ntpd.service\n", "f:1: no daemon has the unit \"ntpd.service\"" },
	};
	struct error err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		conf.quorum = 77;
		err.text[0] = '\0';
		assert_int_equal(
		    first_set_conf_parse("f", cases[i].text, strlen(cases[i].text), &conf, &err),
		    -1);
		assert_string_equal(err.text, cases[i].error);
		assert_int_equal(conf.quorum, 77);
	}
}

/* Read this behind HEAD. */
static void
read_conf(const char *lines)
{
	char text[500];
	struct error err;

	snprintf(text, sizeof(text), HEAD "quorum 1\nkey 7 AES128CMAC " SECRET "\n%s", lines);
	if (first_set_conf_parse("f", text, strlen(text), &conf, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static void
sources_that_should_all_prove_themselves_are_bounded(void **state UNUSED)
{
	static const struct {
		const char *lines;
		bool bounded;
		size_t voters;
	} cases[] = {
		{ "source a nts\nsource b nts\n", true, 2 },
		{ "source a nts\nwitness b key 7\n", true, 1 },
		{ "source a nts\nsource b key 7\n", true, 2 },
		{ "source a nts\nsource b\n", false, 2 },
		{ "source a\nwitness b key 7\n", false, 1 },
		{ "source a key 7\n", false, 1 },
		{ "witness b key 7\n", false, 0 },
		{ "", false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		read_conf(cases[i].lines);
		assert_int_equal(conf.bounded, cases[i].bounded);
		assert_int_equal(conf.voter_count, cases[i].voters);
	}
}

static int64_t
instant(const char *text)
{
	int64_t real_ns;

	if (!clock_parse(text, &real_ns)) {
		fail_msg("%s is no instant", text);
	}
	return real_ns;
}

/* The case of most tests: made in 2026, three must agree. */
static struct first_set_case
at(const char *clock)
{
	return (struct first_set_case){
		.quorum = 3,
		.limit_ns = 500 * NS_PER_MS,
		.real_ns = instant(clock),
		.built_ns = instant("2026-06-01T00:00:00Z"),
	};
}

/* Judge sources that say these times; "" is silent. */
static struct first_set_verdict
judge(const struct first_set_case *input, const char *const *times, size_t count)
{
	struct select_source sources[8] = { { .fit = false } };
	struct first_set_verdict verdict;

	for (size_t i = 0; i < count; i++) {
		sources[i] = (struct select_source){
			.fit = times[i][0],
			.stratum = 1,
			.offset_ns = times[i][0] ? instant(times[i]) - input->real_ns : 0,
			.distance_ns = 10 * NS_PER_MS,
		};
	}
	first_set_judge(input, sources, count, &verdict);
	return verdict;
}

#define NOW "2026-11-22T08:00:00Z"
#define TWELVE_YEARS_BACK "2014-11-22T08:00:00Z"

static void
a_clock_within_the_limit_is_left_alone(void **state UNUSED)
{
	struct first_set_case input = at("2026-11-22T08:00:00.1Z");
	const char *times[] = { NOW, NOW, NOW, "" };
	struct first_set_verdict verdict = judge(&input, times, 4);

	assert_int_equal(verdict.kind, FIRST_SET_KEEP);
	assert_int_equal(verdict.offset_ns, -100 * NS_PER_MS);
	assert_string_equal(
	    verdict.words, "3 of 3 sources agree: the clock is 100 ms fast, good to 50.0 ms");
}

static void
a_clock_near_the_limit_is_set_when_the_daemon_might_find_it_beyond(void **state UNUSED)
{
	struct first_set_case input = at("2026-11-22T08:00:00.49Z");
	const char *times[] = { NOW, NOW, NOW };

	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_SET);
}

static void
what_an_ntpd_would_slew_badly_is_set(void **state UNUSED)
{
	const struct {
		const char *clock;
		enum first_set_kind kind;
	} cases[] = {
		{ "2026-11-22T08:00:00.12Z", FIRST_SET_KEEP },
		{ "2026-11-22T07:59:59.88Z", FIRST_SET_KEEP },
		{ "2026-11-22T08:00:00.13Z", FIRST_SET_SET },
		{ "2026-11-22T07:59:59.8Z", FIRST_SET_SET },
		{ "2026-11-22T08:00:00.24Z", FIRST_SET_SET },
		{ "2026-11-22T07:59:59.55Z", FIRST_SET_SET },
	};
	const char *times[] = { NOW, NOW, NOW };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct first_set_case input = at(cases[i].clock);

		assert_int_equal(judge(&input, times, 3).kind, cases[i].kind);
		input.limit_ns = 100 * NS_PER_S; /* however far the daemon may slew */
		assert_int_equal(judge(&input, times, 3).kind, cases[i].kind);
	}
}

static void
a_clock_in_1987_or_2000_is_set(void **state UNUSED)
{
	static const char *const clocks[] = { "1970-01-01T00:00:05Z", "1987-01-01T00:00:00Z",
		"2000-01-01T00:00:00Z" };
	const char *times[] = { NOW, NOW, NOW, NOW, TWELVE_YEARS_BACK };

	for (size_t i = 0; i < COUNT(clocks); i++) {
		struct first_set_case input = at(clocks[i]);
		struct first_set_verdict verdict = judge(&input, times, 5);

		assert_int_equal(verdict.kind, FIRST_SET_SET);
		assert_true(input.real_ns + verdict.offset_ns == instant(NOW));
		assert_int_equal(verdict.agree, 4);
	}
}

static void
a_time_before_the_program_was_made_is_refused(void **state UNUSED)
{
	static const char *const clocks[] = { "1987-01-01T00:00:00Z", NOW, TWELVE_YEARS_BACK };
	const char *times[] = { TWELVE_YEARS_BACK, TWELVE_YEARS_BACK, TWELVE_YEARS_BACK, NOW, NOW };

	for (size_t i = 0; i < COUNT(clocks); i++) {
		struct first_set_case input = at(clocks[i]);
		struct first_set_verdict verdict = judge(&input, times, 5);

		assert_int_equal(verdict.kind, FIRST_SET_REFUSE);
		assert_string_equal(verdict.words,
		    "3 of 5 sources agree on 2014-11-22, which was before this program was made "
		    "(2026-06-01)");
		input.force = true;
		assert_int_not_equal(judge(&input, times, 5).kind, FIRST_SET_REFUSE);
	}
}

static void
a_time_far_from_a_clock_that_may_be_right_is_refused(void **state UNUSED)
{
	struct first_set_case input = at("2031-01-01T00:00:00Z");
	const char *times[] = { NOW, NOW, NOW };
	struct first_set_verdict verdict = judge(&input, times, 3);

	assert_int_equal(verdict.kind, FIRST_SET_REFUSE);
	assert_string_equal(verdict.words,
	    "3 of 3 sources agree on 2026-11-22, and the clock, which may be right, says "
	    "2031-01-01: more than 7 days apart");
	input.force = true;
	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_SET);
	input = at("2026-11-16T08:00:00Z");
	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_SET);
}

static void
a_time_before_the_daemon_last_ran_is_refused_for_two_hours(void **state UNUSED)
{
	struct first_set_case input = at("1987-01-01T00:00:00Z");
	const char *times[] = { NOW, NOW, NOW };

	input.synced_ns = instant("2026-11-22T20:00:00Z");
	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_SET);
	input.synced_ns = instant("2031-11-24T08:00:00Z");
	input.agreed_ns = 7199 * NS_PER_S;
	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_REFUSE);
	input.agreed_ns = 7200 * NS_PER_S;
	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_SET);
}

static void
without_a_quorum_that_is_a_majority_nothing_is_judged(void **state UNUSED)
{
	struct first_set_case input = at("1987-01-01T00:00:00Z");
	const char *two[] = { NOW, NOW, "", "", "" };
	const char *tie[] = { NOW, NOW, TWELVE_YEARS_BACK, TWELVE_YEARS_BACK };
	const char *half[] = { NOW, NOW, NOW, TWELVE_YEARS_BACK, TWELVE_YEARS_BACK,
		TWELVE_YEARS_BACK };
	struct first_set_verdict verdict = judge(&input, two, 5);

	assert_int_equal(verdict.kind, FIRST_SET_WAIT);
	assert_string_equal(verdict.words, "2 sources answer, and 3 must agree");
	verdict = judge(&input, tie, 4);
	assert_int_equal(verdict.kind, FIRST_SET_WAIT);
	assert_string_equal(
	    verdict.words, "4 sources answer, and no majority of at least 3 agrees");
	input.quorum = 2;
	assert_int_equal(judge(&input, tie, 4).kind, FIRST_SET_WAIT);
	input.quorum = 3;
	assert_int_equal(judge(&input, half, 6).kind, FIRST_SET_WAIT);
	assert_int_equal(judge(&input, half, 0).kind, FIRST_SET_WAIT);
}

static struct select_source
witness(const struct first_set_case *input, const char *time)
{
	return (struct select_source){
		.fit = time[0],
		.stratum = 2,
		.offset_ns = time[0] ? instant(time) - input->real_ns : 0,
		.distance_ns = 10 * NS_PER_MS,
	};
}

/* Three sources that should have NTS say @says, while the clock is at @clock. */
static enum first_set_kind
judge_bounded(const char *clock, const char *good, const char *says, const char *witnesses[3])
{
	struct first_set_case input = at(clock);
	const char *times[] = { says, says, says };
	struct select_source sources[3];

	input.bounded = true;
	input.good_ns = good[0] ? instant(good) : 0;
	for (size_t i = 0; witnesses && i < COUNT(sources); i++) {
		sources[i] = witness(&input, witnesses[i]);
		input.witness_count++;
	}
	input.witnesses = sources;
	return judge(&input, times, 3).kind;
}

static void
sources_without_their_proof_stay_near_the_last_good_time(void **state UNUSED)
{
	static const struct {
		const char *clock, *good, *says;
		enum first_set_kind kind;
	} cases[] = {
		/* a clock that forgot the time */
		{ "1987-01-01T00:00:00Z", "2026-11-20T08:00:00Z", NOW, FIRST_SET_SET },
		{ "1987-01-01T00:00:00Z", "2026-11-15T08:00:00Z", NOW, FIRST_SET_SET },
		{ "1987-01-01T00:00:00Z", "2026-11-15T07:59:59Z", NOW, FIRST_SET_REFUSE },
		{ "1987-01-01T00:00:00Z", "2026-11-22T08:00:01Z", NOW, FIRST_SET_REFUSE },
		{ "1987-01-01T00:00:00Z", "2026-11-20T08:00:00Z", "2031-01-01T00:00:00Z",
		    FIRST_SET_REFUSE },
		/* without a file, the program is the last that is known */
		{ "1987-01-01T00:00:00Z", "", "2026-06-03T00:00:00Z", FIRST_SET_SET },
		{ "1987-01-01T00:00:00Z", "", NOW, FIRST_SET_REFUSE },
		/* a clock that ran on through the night, or through half a year */
		{ "2026-11-22T08:00:05Z", "2026-11-22T07:00:00Z", NOW, FIRST_SET_SET },
		{ "2026-11-22T08:00:05Z", "2026-06-02T00:00:00Z", NOW, FIRST_SET_SET },
		{ "2026-11-22T08:00:05Z", "2026-11-22T08:00:03Z", NOW, FIRST_SET_REFUSE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (judge_bounded(cases[i].clock, cases[i].good, cases[i].says, NULL) !=
		    cases[i].kind) {
			fail_msg("case %zu", i);
		}
	}
}

static void
siblings_that_prove_themselves_confirm_any_time(void **state UNUSED)
{
	static const char *const then = "1987-01-01T00:00:00Z";
	static const struct {
		const char *witnesses[3];
		enum first_set_kind kind;
	} cases[] = {
		{ { NOW, NOW, NOW }, FIRST_SET_SET },
		{ { NOW, "", "" }, FIRST_SET_SET },
		{ { NOW, NOW, "2026-11-22T08:00:02Z" }, FIRST_SET_SET },
		{ { NOW, "2026-11-22T08:00:02Z", "" }, FIRST_SET_REFUSE },
		{ { "2026-11-22T08:00:02Z", "", "" }, FIRST_SET_REFUSE },
		{ { "", "", "" }, FIRST_SET_REFUSE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *witnesses[3];

		memcpy(witnesses, cases[i].witnesses, sizeof(witnesses));
		if (judge_bounded(then, "2026-09-01T00:00:00Z", NOW, witnesses) != cases[i].kind) {
			fail_msg("case %zu", i);
		}
	}
}

static void
an_operator_moves_a_bounded_clock_all_the_same(void **state UNUSED)
{
	struct first_set_case input = at("1987-01-01T00:00:00Z");
	const char *times[] = { NOW, NOW, NOW };
	struct first_set_verdict verdict;

	input.bounded = true;
	input.good_ns = instant("2026-09-01T00:00:00Z");
	verdict = judge(&input, times, 3);
	assert_string_equal(verdict.words,
	    "3 of 3 sources agree on 2026-11-22, none of them with a proof: more than 7 days after "
	    "2026-09-01");
	input.force = true;
	assert_int_equal(judge(&input, times, 3).kind, FIRST_SET_SET);
}

static void
the_era_is_that_of_the_program(void **state UNUSED)
{
	struct first_set_case input = at("1970-01-01T00:00:00Z");
	struct select_source sources[3];
	struct first_set_verdict verdict;
	const int64_t era_ns = (INT64_C(1) << 32) * NS_PER_S;

	/* 70 years ahead of the clock is read as 66 years behind it */
	for (size_t i = 0; i < COUNT(sources); i++) {
		sources[i] = (struct select_source){
			.fit = true,
			.stratum = 1,
			.offset_ns = instant("2040-01-01T00:00:00Z") - era_ns,
			.distance_ns = NS_PER_MS,
		};
	}
	first_set_judge(&input, sources, COUNT(sources), &verdict);
	assert_int_equal(verdict.kind, FIRST_SET_SET);
	assert_true(verdict.offset_ns == instant("2040-01-01T00:00:00Z"));
}

static void
two_names_of_one_address_are_one_vote(void **state UNUSED)
{
	struct measure_target target = { .same_as = -1, .sample_count = 1 };
	struct select_source source;

	target.samples[0] = (struct ntp_sample){ .offset_ns = 5, .stratum = 2, .boot_ns = 100 };
	first_set_vote(&target, 200, &source);
	assert_true(source.fit);
	assert_int_equal(source.offset_ns, 5);
	target.same_as = 0;
	first_set_vote(&target, 200, &source);
	assert_false(source.fit);
	target.same_as = -1;
	target.sample_count = 0;
	first_set_vote(&target, 200, &source);
	assert_false(source.fit);
}

static void
what_is_left_below_run_is_read_again(void **state UNUSED)
{
	struct first_set_note note = { .set_ns = -378691200 * NS_PER_S,
		.offset_ns = 12,
		.at_ns = instant(NOW),
		.boot_ns = 77,
		.words = "3 of 5" };
	struct first_set_note read = { .boot_ns = 1 };
	char root[] = "/tmp/test_first_set.XXXXXX", command[128];
	struct first_set_report report;

	assert_non_null(mkdtemp(root));
	assert_false(first_set_note_read(root, FIRST_SET_STAMP, &read));
	assert_false(first_set_note_exists(root, FIRST_SET_STAMP));
	assert_int_equal(first_set_note_write(root, FIRST_SET_STAMP, &note, NULL), 0);
	assert_true(first_set_note_exists(root, FIRST_SET_STAMP));
	assert_false(first_set_note_exists(root, FIRST_SET_REFUSED));
	assert_true(first_set_note_read(root, FIRST_SET_STAMP, &read));
	assert_true(read.set_ns == note.set_ns && read.offset_ns == 12);
	assert_true(read.at_ns == note.at_ns && read.boot_ns == 77);
	assert_string_equal(read.words, "3 of 5");
	first_set_note_report(root, &report);
	assert_int_equal(report.state, FIRST_SET_DONE);
	assert_string_equal(report.words, "3 of 5");
	first_set_note_drop(root, FIRST_SET_STAMP);
	assert_false(first_set_note_exists(root, FIRST_SET_STAMP));
	for (size_t len = strlen("/run/timetier"); len > 0; len -= len > 4 ? 9 : 4) {
		snprintf(command, sizeof(command), "%s%.*s", root, (int)len, "/run/timetier");
		assert_int_equal(rmdir(command), 0);
	}
	assert_int_equal(rmdir(root), 0);
}

static void
what_systemd_keeps_of_a_unit_tells_whether_it_runs(void **state UNUSED)
{
	char root[] = "/tmp/timetier-units-XXXXXX", folder[80], link[120];

	assert_non_null(mkdtemp(root));
	assert_true(host_unit_runs(root, "chrony.service")); /* nobody can tell */
	snprintf(folder, sizeof(folder), "%s/run/systemd/units", root);
	assert_int_equal(file_make_folder(folder, 0755, NULL), 0);
	assert_false(host_unit_runs(root, "chrony.service"));
	snprintf(link, sizeof(link), "%s/invocation:chrony.service", folder);
	assert_int_equal(symlink("2b1f0e", link), 0);
	assert_true(host_unit_runs(root, "chrony.service"));
	assert_false(host_unit_runs(root, "ntpsec.service"));
	unlink(link);
	for (size_t len = strlen(folder); len >= strlen(root); len = strlen(folder)) {
		rmdir(folder);
		*strrchr(folder, '/') = '\0';
	}
}

static void
the_service_manager_is_told_where_there_is_one(void **state UNUSED)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);
	char name[sizeof(address.sun_path) + 1] = "@", text[64] = "";

	/* bound to a name that the kernel finds, in the abstract namespace */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	memcpy(name + 1, address.sun_path + 1, len - offsetof(struct sockaddr_un, sun_path) - 1);
	unsetenv("NOTIFY_SOCKET");
	assert_false(notify_is_wanted());
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", name, 1);
	assert_true(notify_is_wanted());
	notify_send("READY=1");
	assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), 7);
	assert_string_equal(text, "READY=1");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

static void
the_program_knows_when_it_was_made(void **state UNUSED)
{
	assert_true(version_built_ns() >= instant("2026-11-22T00:00:00Z"));
	assert_true(version_built_ns() <= clock_real_ns());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_as_it_is_rendered_is_read),
		cmocka_unit_test(each_server_of_a_pool_has_a_vote),
		cmocka_unit_test(the_daemon_stands_as_the_named_family_of_systems_has_it),
		cmocka_unit_test(each_wrong_line_is_named_and_nothing_is_written),
		cmocka_unit_test(a_clock_within_the_limit_is_left_alone),
		cmocka_unit_test(what_an_ntpd_would_slew_badly_is_set),
		cmocka_unit_test(
		    a_clock_near_the_limit_is_set_when_the_daemon_might_find_it_beyond),
		cmocka_unit_test(a_clock_in_1987_or_2000_is_set),
		cmocka_unit_test(a_time_before_the_program_was_made_is_refused),
		cmocka_unit_test(a_time_far_from_a_clock_that_may_be_right_is_refused),
		cmocka_unit_test(a_time_before_the_daemon_last_ran_is_refused_for_two_hours),
		cmocka_unit_test(without_a_quorum_that_is_a_majority_nothing_is_judged),
		cmocka_unit_test(sources_that_should_all_prove_themselves_are_bounded),
		cmocka_unit_test(sources_without_their_proof_stay_near_the_last_good_time),
		cmocka_unit_test(siblings_that_prove_themselves_confirm_any_time),
		cmocka_unit_test(an_operator_moves_a_bounded_clock_all_the_same),
		cmocka_unit_test(the_era_is_that_of_the_program),
		cmocka_unit_test(two_names_of_one_address_are_one_vote),
		cmocka_unit_test(what_is_left_below_run_is_read_again),
		cmocka_unit_test(what_systemd_keeps_of_a_unit_tells_whether_it_runs),
		cmocka_unit_test(the_service_manager_is_told_where_there_is_one),
		cmocka_unit_test(the_program_knows_when_it_was_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
