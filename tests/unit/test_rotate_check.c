/* When a phase of a rotation is in effect on the hosts. */
#include "orchestrator/runs/keys/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char site_text[] =
    "site: s\n"
    "upstreams: [{name: u1, address: 192.0.2.101}]\n"
    "tiers:\n"
    "  - {name: core, upstreams: all, servers: [{name: t1, address: 192.0.2.1},\n"
    "     {name: t2, address: [\"2001:db8::2\", 192.0.2.2]}, {name: t3, address: t3.example}]}\n"
    "  - {name: below, from: core, servers: [{name: t4, address: 192.0.2.4}]}\n";

static struct bed {
	struct topology site;
	struct diags diags;
	struct symmetric_key keys[3];
	const struct host *between[3][2];
	struct report reports[4];
	const struct report *told[4];
	struct rollout_host hosts[4];
	struct key_question question;
	size_t question_count;
	char words[ROTATE_WORDS_BYTES];
} bed;

static void
share(size_t at, size_t a, size_t b)
{
	bed.between[at][0] = &bed.site.hosts[a];
	bed.between[at][1] = &bed.site.hosts[b];
	bed.keys[at] = (struct symmetric_key){ .id = (unsigned)at + 1,
		.secret_hex = "00",
		.hosts = bed.between[at],
		.host_count = 2 };
}

static struct source_status *
add_source(size_t host, const char *address, unsigned reach, enum source_auth auth)
{
	struct daemon_status *status = &bed.reports[host].status;
	struct source_status *source = &status->sources[status->source_count++];

	*source = (struct source_status){ .reach = reach, .auth = auth };
	snprintf(source->address, sizeof(source->address), "%s", address);
	return source;
}

/* All is well: t1 and t2 hear each other, t4 hears t1, and nobody is asked by a name. */
static int
lay(void **state UNUSED)
{
	memset(&bed, 0, sizeof(bed));
	assert_int_equal(
	    topology_load_text(&bed.site, "site.yaml", site_text, strlen(site_text), &bed.diags),
	    0);
	share(0, 0, 1);
	share(1, 0, 3);
	share(2, 0, 2);
	bed.site.keys = bed.keys;
	bed.site.key_count = COUNT(bed.keys);
	topology_index_keys(&bed.site);
	for (size_t i = 0; i < COUNT(bed.hosts); i++) {
		bed.reports[i].answered = true;
		bed.hosts[i].host = &bed.site.hosts[i];
		bed.hosts[i].outcome = HOST_UNCHANGED;
		bed.hosts[i].facts.agent_hash = "x";
		bed.told[i] = &bed.reports[i];
	}
	add_source(0, "2001:db8::2", 0377, AUTH_KEY);
	add_source(1, "192.0.2.1", 1, AUTH_UNKNOWN);
	add_source(2, "192.0.2.1", 1, AUTH_KEY);
	add_source(3, "192.0.2.1", 1, AUTH_KEY);
	return 0;
}

static int
clear(void **state UNUSED)
{
	topology_free(&bed.site);
	diags_free(&bed.diags);
	return 0;
}

static void
is_judged(enum rotate_answer answer, const char *words)
{
	const struct rotate_view view = { &bed.site, bed.hosts, bed.told, &bed.question,
		COUNT(bed.hosts), bed.question_count };

	assert_int_equal(rotate_check(&view, bed.words), answer);
	assert_string_equal(bed.words, words);
}

static void
a_phase_is_in_effect_when_all_hear_each_other_authenticated(void **state UNUSED)
{
	is_judged(ROTATE_IN_EFFECT, "");
	assert_null(rotate_find_busy(bed.hosts, COUNT(bed.hosts)));
}

static void
an_association_that_is_not_as_it_should_be_is_waited_for(void **state UNUSED)
{
	struct source_status *source = &bed.reports[3].status.sources[0];

	source->reach = 0;
	is_judged(ROTATE_NOT_YET, "t4 does not hear t1 (key 2)");
	source->reach = 1;
	source->auth = AUTH_BAD;
	is_judged(ROTATE_NOT_YET, "t4 hears, and not authenticated, t1 (key 2)");
	source->auth = AUTH_NONE;
	is_judged(ROTATE_NOT_YET, "t4 hears, and not authenticated, t1 (key 2)");
	bed.reports[3].status.source_count = 0;
	is_judged(ROTATE_NOT_YET, "t4 does not ask t1 (key 2)");
	bed.reports[3].answered = false;
	snprintf(bed.reports[3].error, sizeof(bed.reports[3].error), "it is away");
	is_judged(ROTATE_NOT_YET, "the daemon of t4 does not answer: it is away");
	bed.told[3] = NULL;
	is_judged(ROTATE_NOT_YET, "the daemon of t4 does not answer: its agent tells nothing");
	bed.hosts[3].facts.agent_hash = NULL;
	is_judged(ROTATE_IN_EFFECT, "");
}

static void
a_host_that_has_other_files_or_a_change_under_way_is_waited_for(void **state UNUSED)
{
	bed.hosts[1].facts.unfinished.there = true;
	is_judged(ROTATE_NOT_YET, "a change of t2 is under way");
	assert_ptr_equal(rotate_find_busy(bed.hosts, COUNT(bed.hosts)), &bed.hosts[1]);
	bed.hosts[1].outcome = HOST_CHANGES;
	is_judged(ROTATE_NOT_YET, "t2 is not as this phase wants it");
}

static void
a_host_that_cannot_be_asked_ends_the_wait(void **state UNUSED)
{
	bed.hosts[0].outcome = HOST_CHANGES;
	bed.hosts[2].outcome = HOST_FAILED;
	bed.hosts[2].where = "connect";
	error_set(&bed.hosts[2].err, "no route to host");
	is_judged(ROTATE_FAILED, "t3: connect: no route to host");
}

static void
a_server_answers_with_the_keys_that_it_should_know_alone(void **state UNUSED)
{
	bed.question = (struct key_question){ .host = &bed.site.hosts[1], .key = &bed.keys[0] };
	bed.question_count = 1;
	bed.keys[0].state = KEY_COMING;
	share(1, 0, 1); /* that is used */
	topology_index_keys(&bed.site);
	bed.question.answer = KEY_ANSWER_UNKNOWN;
	is_judged(ROTATE_NOT_YET, "t2 does not answer with key 1");
	bed.question.answer = KEY_ANSWER_KNOWN;
	is_judged(ROTATE_IN_EFFECT, "");
	bed.keys[0].state = KEY_GONE;
	is_judged(ROTATE_NOT_YET, "t2 still answers with key 1");
	bed.question.answer = KEY_ANSWER_UNKNOWN;
	is_judged(ROTATE_IN_EFFECT, "");
	bed.question.answer = KEY_ANSWER_NONE;
	is_judged(ROTATE_IN_EFFECT, "");
	bed.keys[0].state = KEY_COMING;
	is_judged(ROTATE_IN_EFFECT, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lay, clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_phase_is_in_effect_when_all_hear_each_other_authenticated),
		TEST(an_association_that_is_not_as_it_should_be_is_waited_for),
		TEST(a_host_that_has_other_files_or_a_change_under_way_is_waited_for),
		TEST(a_host_that_cannot_be_asked_ends_the_wait),
		TEST(a_server_answers_with_the_keys_that_it_should_know_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
