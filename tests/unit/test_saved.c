/* A plan is kept, read again, and told apart from what would be done now. */
#include "orchestrator/runs/saved/saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONFIG "/etc/chrony/chrony.conf"
#define A "aaaa 0644 root:root"
#define B "bbbb 0644 root:root"

struct bed {
	struct saved_file files[3];
	const char *does[3];
	struct saved_host hosts[2];
	struct saved saved;
};

static void
make(struct bed *bed)
{
	*bed = (struct bed){
		.files = { { CONFIG, A, B }, { "/etc/default/chrony", "absent", A } },
		.does = { "restart chrony.service" },
		.hosts = { { .name = "time1",
			       .daemon = "chrony",
			       .action = "restart",
			       .verdict = "safe",
			       .agent = "cccc",
			       .wave = 1,
			       .does_count = 1,
			       .file_count = 2 },
		    { .name = "time2",
			.daemon = "ntpsec",
			.action = "nothing",
			.verdict = "",
			.agent = "" } },
		.saved = { .made_real_ns = 1795305600 * NS_PER_S,
		    .by = "root@admin",
		    .version = "1",
		    .site = "lab",
		    .site_file = "/srv/site.yaml",
		    .site_sha256 = "1234",
		    .agent = "",
		    .templates = "",
		    .state = "",
		    .agent_sha256 = "cccc",
		    .host_count = 2 },
	};
	bed->hosts[0].files = bed->files;
	bed->hosts[0].does = bed->does;
	bed->hosts[1].files = bed->files;
	bed->hosts[1].does = bed->does;
	bed->saved.hosts = bed->hosts;
}

struct told {
	char text[2048];
	size_t len;
};

static void
tell(void *ctx, const char *host, const char *text)
{
	struct told *told = ctx;

	told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
	    "%s%s: %s", told->len ? "\n" : "", host, text);
}

static const char *
compared(const struct bed *then, const struct bed *now)
{
	static struct told told;

	told = (struct told){ .len = 0 };
	saved_compare(&then->saved, &now->saved, tell, &told);
	return told.text;
}

static void
what_is_saved_is_read_again(void **state UNUSED)
{
	struct buf text = { .limit_bytes = 0 };
	struct arena arena = { 0 };
	struct bed then, read;
	struct error err;

	make(&then);
	read = then;
	saved_encode(&then.saved, &text);
	assert_true(saved_looks_so(text.data, text.len));
	assert_false(saved_looks_so("site: lab\n", 10));
	assert_int_equal(saved_decode(text.data, text.len, &arena, &read.saved, &err), 0);
	assert_int_equal(read.saved.host_count, 2);
	assert_int_equal(read.saved.made_real_ns, then.saved.made_real_ns);
	assert_string_equal(read.saved.hosts[0].files[0].wanted, B);
	assert_string_equal(read.saved.hosts[0].does[0], "restart chrony.service");
	assert_string_equal(compared(&then, &read), "");
	buf_free(&text);
	arena_free(&arena);
}

static void
what_is_no_saved_plan_is_refused_with_the_reason(void **state UNUSED)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "line 1" },
		{ "{}", "it is no plan that this timetier saved" },
		{ "[1]", "it is no plan that this timetier saved" },
		{ "{\"timetier_plan\":2}", "it is no plan that this timetier saved" },
		{ "{\"timetier_plan\":1,\"hosts\":[]}", "made" },
		{ "{\"timetier_plan\":1,\"made\":\"2026-11-22T00:00:00Z\",\"no_agent\":false,"
		  "\"disable_rivals\":false}",
		    "\"by\" is missing, or is no text" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct saved saved = { .host_count = 77 };
		struct error err;

		assert_int_equal(
		    saved_decode(cases[i].text, strlen(cases[i].text), &arena, &saved, &err), -1);
		if (!strstr(err.text, cases[i].why)) {
			fail_msg("%s: %s", cases[i].text, err.text);
		}
		assert_int_equal(saved.host_count, 77);
	}
	arena_free(&arena);
}

static void
a_file_that_is_another_now_is_named_and_why(void **state UNUSED)
{
	static const struct {
		const char *present, *wanted, *told;
	} cases[] = {
		{ "dddd 0644 root:root", B, "time1: " CONFIG " was changed there since" },
		{ "aaaa 0600 root:root", B, "time1: " CONFIG " was changed there since" },
		{ "absent", B, "time1: " CONFIG " was removed there since" },
		{ B, B, "time1: " CONFIG " is there already as it was to become" },
		{ A, "eeee 0644 root:root",
		    "time1: " CONFIG
		    " should be another now: keys, templates or timetier itself have changed" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bed then, now;

		make(&then);
		make(&now);
		now.files[0].present = cases[i].present;
		now.files[0].wanted = cases[i].wanted;
		now.does[0] = "restart ntp.service"; /* follows from it, and is not told */
		assert_string_equal(compared(&then, &now), cases[i].told);
	}
}

static void
what_would_be_done_now_is_held_against_what_was_planned(void **state UNUSED)
{
	struct bed then, now;

	make(&then);
	make(&now);
	now.does[1] = "enable chrony.service";
	now.hosts[0].does_count = 2;
	assert_string_equal(
	    compared(&then, &now), "time1: it would enable chrony.service now, too");
	assert_string_equal(
	    compared(&now, &then), "time1: there is no need to enable chrony.service any more");
	make(&now);
	now.hosts[0].wave = 2;
	assert_string_equal(compared(&then, &now), "time1: its turn would be 2 now, not 1");
	make(&now);
	now.hosts[0].agent = "";
	assert_string_equal(
	    compared(&then, &now), "time1: /usr/local/sbin/timetier-agent was removed there since");
}

static void
a_verdict_may_get_better_and_not_worse(void **state UNUSED)
{
	static const struct {
		const char *then, *now;
		bool told;
	} cases[] = {
		{ "safe", "slew", false },
		{ "slew", "safe", false },
		{ "unknown", "safe", false },
		{ "safe", "unknown", true },
		{ "safe", "step", true },
		{ "slew", "exit", true },
		{ "step", "step", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bed then, now;

		make(&then);
		make(&now);
		then.hosts[0].verdict = cases[i].then;
		now.hosts[0].verdict = cases[i].now;
		assert_int_equal(*compared(&then, &now) != '\0', cases[i].told);
	}
}

static void
a_site_an_agent_and_a_host_that_is_gone_are_told(void **state UNUSED)
{
	struct bed then, now;

	make(&then);
	make(&now);
	now.saved.site_sha256 = "5678";
	now.saved.agent_sha256 = "";
	now.saved.host_count = 1;
	now.hosts[0].daemon = "ntp";
	assert_string_equal(compared(&then, &now),
	    ": /srv/site.yaml was changed since\n"
	    ": the agent's program is another one now\n"
	    "time1: it runs ntp now, not chrony\n"
	    "time2: it cannot be planned now");
}

static void
what_came_beside_ours_counts(void **state UNUSED)
{
	struct bed then, now;

	make(&then);
	make(&now);
	now.files[2] = (struct saved_file){ "/etc/chrony/conf.d/x.conf", "of somebody else",
		"of somebody else" };
	now.hosts[0].file_count = 3;
	assert_string_equal(
	    compared(&then, &now), "time1: /etc/chrony/conf.d/x.conf has come there since");
	assert_string_equal(
	    compared(&now, &then), "time1: /etc/chrony/conf.d/x.conf was removed there since");
}

static void
a_plan_that_somebody_else_wrote_is_told_as_words(void **state UNUSED)
{
	static const char lie[] = "\\u001b[2J\\n12";
	struct buf text = { .limit_bytes = 0 };
	struct arena arena = { 0 };
	struct bed then;
	struct saved read;
	struct error err;
	char *at;

	make(&then);
	saved_encode(&then.saved, &text);
	at = strstr(text.data, "restart chrony");
	memcpy(at, lie, sizeof(lie) - 1);
	assert_int_equal(saved_decode(text.data, text.len, &arena, &read, &err), 0);
	assert_int_equal(strncmp(read.hosts[0].does[0], "\\x1b[2J\\n12", 11), 0);
	buf_free(&text);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_is_read_again),
		cmocka_unit_test(what_is_no_saved_plan_is_refused_with_the_reason),
		cmocka_unit_test(a_file_that_is_another_now_is_named_and_why),
		cmocka_unit_test(what_would_be_done_now_is_held_against_what_was_planned),
		cmocka_unit_test(a_verdict_may_get_better_and_not_worse),
		cmocka_unit_test(a_site_an_agent_and_a_host_that_is_gone_are_told),
		cmocka_unit_test(what_came_beside_ours_counts),
		cmocka_unit_test(a_plan_that_somebody_else_wrote_is_told_as_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
