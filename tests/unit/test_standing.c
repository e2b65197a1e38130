/* Files of the daemon that stand on a host, whoever wrote them: what plan says of them. */
#include "common/file.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/render/render.h"
#include "orchestrator/rollout/advice/lost.h"
#include "orchestrator/rollout/advice/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */

static const char site[] =
    "site: one\nupstreams:\n  - {name: a, address: 192.0.2.101}\n"
    "  - {name: b, address: 192.0.2.102}\n  - {name: c, address: 192.0.2.103}\n"
    "  - {name: d, address: 192.0.2.104}\n  - {name: e, address: 192.0.2.105}\n"
    "tiers:\n  - name: core\n    upstreams: all\n    peering: none\n    servers:\n"
    "      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
    "      - {name: time2, address: 192.0.2.2, daemon: ntp}\n"
    "      - {name: time3, address: 192.0.2.3, daemon: ntpsec}\n"
    "serve: [192.0.2.0/24]\n";

/* A host of a site: what it has, what it should have, and what is said of that. */
struct bed {
	struct topology topology;
	struct diags diags;
	struct arena arena;
	struct facts facts;
	const struct host *host;
	struct file_set want;
	struct plan_input input;
	struct host_plan plan;
	struct advice list[ADVICE_MAX];
	size_t count;
};

static void
render_to(const struct topology *topology, const char *templates, const struct host *host,
    struct arena *arena, struct file_set *files)
{
	struct error err = { "" };
	struct render *render = render_new(topology, templates, &err);

	if (!render ||
	    render_host(render, host, daemon_find(host->daemon), arena, files, &err) != 0) {
		fail_msg("%s: %s", host->name, err.text);
	}
	render_free(render);
}

/* Let the host tell of a file; a text NULL: it is not there. */
static struct fact_file *
put(struct bed *bed, const char *path, const char *text)
{
	struct fact_file *file = NULL;

	for (size_t i = 0; i < bed->facts.file_count; i++) {
		file = strcmp(bed->facts.files[i].path, path) == 0 ? &bed->facts.files[i] : file;
	}
	file = file ? file : &bed->facts.files[bed->facts.file_count++];
	*file = (struct fact_file){ .path = path,
		.state = text ? FACT_FILE_REGULAR : FACT_FILE_ABSENT,
		.content = text ? text : "",
		.len = text ? strlen(text) : 0,
		.mode = 0644,
		.owner = "root",
		.group = "root" };
	return file;
}

/* A host that has what these templates (NULL: the built-in ones) make of it. */
static void
begin(struct bed *bed, const char *name, const char *templates)
{
	struct file_set have = { .list = NULL };

	bed->host = topology_host(&bed->topology, name);
	assert_non_null(bed->host);
	render_to(&bed->topology, NULL, bed->host, &bed->arena, &bed->want);
	render_to(&bed->topology, templates, bed->host, &bed->arena, &have);
	bed->facts.systemd = true;
	for (size_t i = 0; i < bed->want.count; i++) {
		put(bed, bed->want.list[i].path, NULL);
	}
	for (size_t i = 0; i < have.count; i++) {
		const struct file_entry *entry = &have.list[i];
		struct fact_file *file =
		    put(bed, entry->path, entry->absent ? NULL : entry->content);

		file->mode = entry->mode;
		file->owner = entry->owner;
		file->group = entry->group;
	}
	bed->input = (struct plan_input){
		.facts = &bed->facts, .driver = daemon_find(bed->host->daemon), .files = &bed->want
	};
	bed->facts.units[bed->facts.unit_count++] = (struct fact_unit){
		.name = bed->input.driver->unit, .loaded = true, .active = true, .enabled = true
	};
}

static void
begin_text(struct bed *bed, const char *name, const char *more)
{
	char *yaml = NULL;

	*bed = (struct bed){ .count = 0 };
	assert_int_not_equal(asprintf(&yaml, "%s%s", site, more), -1);
	assert_int_equal(
	    topology_load_text(&bed->topology, "site.yaml", yaml, strlen(yaml), &bed->diags), 0);
	begin(bed, name, NULL);
	free(yaml);
}

static void
look(struct bed *bed)
{
	struct error err = { "" };

	if (plan_host(&bed->input, &bed->arena, &bed->plan, &err) != 0) {
		fail_msg("%s: %s", bed->host->name, err.text);
	}
	bed->count = plan_judge_files(&(struct advice_input){ .topology = &bed->topology,
					  .host = bed->host,
					  .plan = &bed->input,
					  .made = &bed->plan,
					  .now_ns = NOW_NS },
	    &bed->arena, bed->list, ADVICE_MAX);
}

static void
end(struct bed *bed)
{
	diags_free(&bed->diags);
	topology_free(&bed->topology);
	arena_free(&bed->arena);
}

/* All that is said, a line each: "now rule file:line: text", "stays ...", "accepted ...". */
static const char *
said(struct bed *bed)
{
	const char *text = "";

	for (size_t i = 0; i < bed->count; i++) {
		const struct advice *advice = &bed->list[i];

		text = arena_printf(&bed->arena, "%s%s%s %s %s:%u: %s\n", text,
		    advice->accepted ? "accepted " : "", advice->replaced ? "now" : "stays",
		    advice->rule->id, advice->file ? advice->file : "", advice->line, advice->text);
	}
	return text;
}

static void
says(struct bed *bed, const char *words)
{
	const char *text = said(bed);

	if (words[0] ? !strstr(text, words) : text[0] != '\0') {
		fail_msg("%s: said:\n%sand not:\n%s", bed->host->name, text, words);
	}
}

/* Whether the host is told of the rule, at places that @expected, what a check tells, has too. */
static bool
hears(const struct bed *bed, const struct lint_rule *rule, const char *expected)
{
	bool told = false;

	for (size_t i = 0; i < bed->count; i++) {
		const struct advice *advice = &bed->list[i];
		char place[256];

		snprintf(place, sizeof(place),
		    advice->line > 0 ? ":%s:%u: " : ":%s: ", advice->file ? advice->file : "",
		    advice->line);
		if (advice->rule != rule || !advice->replaced) {
			continue;
		}
		told = true;
		if (!strstr(expected, place)) {
			fail_msg("%s is told at %s, which no check tells:\n%s", rule->id, place,
			    expected);
		}
	}
	return told;
}

/* Whether one of the hosts of the site @file that have its bad templates is told of the rule. */
static bool
is_told(const struct lint_rule *rule, const char *file, const char *expected)
{
	struct topology topology;
	struct diags diags = { 0 };
	bool told = false;

	assert_int_equal(topology_load(&topology, file, &diags), 0);
	for (size_t i = 0; i < topology.host_count; i++) {
		struct bed bed = { .count = 0 };

		assert_int_equal(topology_load(&bed.topology, file, &bed.diags), 0);
		begin(&bed, topology.hosts[i].name, "bad.templates");
		look(&bed);
		told |= hears(&bed, rule, expected);
		end(&bed);
	}
	diags_free(&diags);
	topology_free(&topology);
	return told;
}

static void
every_rule_of_files_is_told_of_those_that_a_host_has(void **state UNUSED)
{
	size_t tried = 0;

	(void)chmod("tests/lint/files.keys.yaml", 0600);
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);
		struct buf expected = { 0 };
		struct error err;
		char folder[128];

		if (!(rule->where & JUDGED_FILES) || !(rule->where & JUDGED_PLAN)) {
			continue;
		}
		snprintf(folder, sizeof(folder), "tests/lint/%s", rule->id);
		assert_int_equal(chdir(folder), 0);
		assert_int_equal(file_read("files.expected", &expected, &err), 0);
		if (!is_told(rule, access("site.yaml", R_OK) == 0 ? "site.yaml" : "../files.yaml",
			buf_str(&expected))) {
			fail_msg("%s: a host with such files does not hear of it", rule->id);
		}
		buf_free(&expected);
		assert_int_equal(chdir("../../.."), 0);
		tried++;
	}
	assert_true(tried > 40);
}

/* What stands on a host beside our files, and stays there; and what it is told for. */
static void
what_the_plan_leaves_there_is_told_as_what_stays(void **state UNUSED)
{
	static const struct {
		const char *host, *path, *text;
		const char *words; /* "": nothing is said */
	} rows[] = {
		{ "time1", "/etc/chrony/sources.d/dhcp.sources", "# x\nserver 192.0.2.200 prefer\n",
		    "stays preferred-source /etc/chrony/sources.d/dhcp.sources:2: " },
		{ "time1", "/etc/chrony/sources.d/dhcp.sources", "server 192.0.2.200 iburst\n",
		    "stays foreign-source /etc/chrony/sources.d/dhcp.sources:1: " },
		{ "time1", "/etc/chrony/sources.d/own.sources",
		    "server 192.0.2.101 iburst\nserver 192.0.2.200 noselect minpoll 10\n",
		    "" }, /* the site's own, and one that nobody follows */
		{ "time1", "/etc/chrony/conf.d/x.conf", "makestep 1 -1\n",
		    "" }, /* nobody reads it */
		{ "time1", "/etc/systemd/system/chrony.service.d/zz.conf",
		    "[Service]\nExecStart=\nExecStart=/usr/sbin/chronyd -s -F 1\n",
		    "stays unlimited-step /etc/systemd/system/chrony.service.d/zz.conf:3: `-s` " },
		{ "time1", "/etc/systemd/system/chrony.service.d/zz.conf",
		    "[Service]\nExecStart=\nExecStart=/usr/sbin/chronyd -s\nExecStart=\n"
		    "ExecStart=/usr/sbin/chronyd $DAEMON_OPTS\n",
		    "" },
		{ "time2", "/etc/systemd/system/ntp.service.d/zz.conf",
		    "[Service]\nExecStart=\nExecStart=/usr/sbin/ntpd -g "
		    "$NTPD_OPTS\nRestart=always\n",
		    "stays restart-chain /etc/systemd/system/ntp.service.d/zz.conf:4: " },
		{ "time3", "/etc/ntpsec/ntp.d/site.conf", "tos minsane 1\n",
		    "stays low-quorum /etc/ntpsec/ntp.d/site.conf:1: " },
		{ "time3", "/etc/ntpsec/ntp.d/b.conf", "restrict default kod limited\n", "" },
		{ "time3", "/etc/ntpsec/ntp.d/site.conf", "includefile more/a\n", "" },
		{ "time3", "/etc/ntp.conf", "broadcastclient\n", "" }, /* another daemon's */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bed bed;

		begin_text(&bed, rows[i].host, "");
		put(&bed, rows[i].path, rows[i].text)->found = true;
		look(&bed);
		assert_int_equal(bed.plan.change_count, 0);
		says(&bed, rows[i].words);
		end(&bed);
	}
}

/* Of a file that the plan takes away, and that says the same as one that stays, one is told. */
static void
what_is_replaced_is_told_beside_what_stays_and_not_twice(void **state UNUSED)
{
	struct bed bed;

	begin_text(
	    &bed, "time3", "accept: [{rule: preferred-source, on: time3, because: \"b\"}]\n");
	put(&bed, "/etc/ntpsec/ntp.conf",
	    "driftfile /x\nserver 192.0.2.101 prefer\n"
	    "server 192.0.2.102\nincludefile ntp.d/site.conf\n");
	put(&bed, "/etc/ntpsec/ntp.d/site.conf", "broadcastclient\n");
	look(&bed);
	says(&bed, "now low-quorum /etc/ntpsec/ntp.conf:0: ");
	says(&bed, "accepted now preferred-source /etc/ntpsec/ntp.conf:2: ");
	says(&bed, "stays broadcast /etc/ntpsec/ntp.d/site.conf:1: ");
	assert_string_equal(bed.list[0].file, "/etc/ntpsec/ntp.d/site.conf"); /* it matters most */
	for (size_t i = 1; i < bed.count; i++) {
		assert_true(bed.list[i].replaced);
		assert_string_not_equal(bed.list[i].rule->id, "broadcast");
		assert_true(i == 1 || bed.list[i].rule->severity <= bed.list[i - 1].rule->severity);
	}
	end(&bed);
}

static void
lines_of_one_kind_are_one_finding(void **state UNUSED)
{
	struct bed bed;

	begin_text(&bed, "time3", "");
	put(&bed, "/etc/ntpsec/ntp.d/old.conf",
	    "discard average 3\ndiscard minimum 1\n\ntrap 192.0.2.7\nttl 1\nttl 2\nttl 3\nttl 4\n"
	    "ttl 5\nttl 6\n")
	    ->found = true;
	look(&bed);
	says(&bed,
	    "`discard average 3`: NTPsec does not know `discard`: it logs a syntax error and goes "
	    "on without the line; and line 2, 4, 5, 6, 7, 8\n");
	assert_int_equal(bed.count, 1);
	assert_int_equal(bed.list[0].more, 8);
	end(&bed);
}

/* The options are what systemd starts the daemon with, wherever that is written. */
static void
a_start_is_judged_as_systemd_tells_it(void **state UNUSED)
{
	static const struct {
		const char *host, *start, *restart;
		const char *words, *never;
	} rows[] = {
		{ "time1", "/usr/sbin/chronyd $DAEMON_OPTS -s", "no",
		    "now unlimited-step chrony.service:0: `-s` ", "restart-chain" },
		{ "time1", "/usr/sbin/chronyd -s", "no",
		    "now unlimited-step chrony.service:0: ", "restart-chain" },
		{ "time2", "/usr/lib/ntp/ntp-systemd-wrapper", "no",
		    "now dhcp-replaces /etc/ntp.conf:0: ", "start-may-step" },
		{ "time2", "/usr/sbin/ntpd -g -c /etc/ntp.conf", "on-failure",
		    "now restart-chain ntp.service:0: Restart=on-failure ", "dhcp-replaces" },
		{ "time2", "/usr/sbin/ntpd -g -c /etc/other.conf", "on-failure", "", "chain" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bed bed;

		begin_text(&bed, rows[i].host, "");
		put(&bed,
		    strcmp(rows[i].host, "time1") == 0 ? "/etc/chrony/chrony.conf"
						       : "/etc/ntp.conf",
		    "driftfile /x\n");
		bed.facts.units[0].start = rows[i].start;
		bed.facts.units[0].restart = rows[i].restart;
		look(&bed);
		says(&bed, rows[i].words);
		if (strstr(said(&bed), rows[i].never)) {
			fail_msg("%s: %s:\n%s", rows[i].start, rows[i].never, said(&bed));
		}
		end(&bed);
	}
}

static void
files_that_are_no_text_do_no_harm(void **state UNUSED)
{
	static const char *const texts[] = { "", "\n", "include /etc/chrony/chrony.conf\n",
		"#line 7 /etc/passwd\nmakestep 1 -1\n", "include\nconfdir\nsourcedir\n",
		"include /etc/chrony/*\nconfdir /etc/chrony /etc/chrony\n", "\r\r\n\x01\xff\n" };
	struct bed bed;

	for (size_t i = 0; i < COUNT(texts); i++) {
		begin_text(&bed, "time1", "");
		put(&bed, "/etc/chrony/chrony.conf", texts[i]);
		look(&bed);
		says(&bed, "now low-quorum /etc/chrony/chrony.conf:0: ");
		assert_null(strstr(said(&bed), "passwd"));
		end(&bed);
	}
	begin_text(&bed, "time1", "");
	put(&bed, "/etc/chrony/chrony.conf", "x");
	for (size_t i = 0; i < bed.facts.file_count; i++) {
		if (strcmp(bed.facts.files[i].path, "/etc/chrony/chrony.conf") == 0) {
			bed.facts.files[i].content = "minsources\0three\nlocal\n";
			bed.facts.files[i].len = 22;
		}
	}
	look(&bed);
	says(&bed, "now not-chrony /etc/chrony/chrony.conf:1: ");
	end(&bed);
}

/* All that the plan takes away, a line each: "refclock ... /etc/chrony/chrony.conf:1 (refclocks)".
 */
static const char *
lost(struct bed *bed)
{
	const char *text = "";

	plan_find_lost(&(struct advice_input){ .topology = &bed->topology,
			   .host = bed->host,
			   .plan = &bed->input,
			   .made = &bed->plan,
			   .now_ns = NOW_NS },
	    &bed->arena, &bed->plan);
	for (size_t i = 0; i < bed->plan.lost_count; i++) {
		const struct plan_lost *one = &bed->plan.lost[i];

		text = arena_printf(&bed->arena, "%s%s%s %s:%u (%s)\n", text,
		    one->source ? "source " : "", one->text, one->file, one->line,
		    one->where ? one->where : "");
	}
	return text;
}

static void
a_first_plan_names_what_it_takes_away(void **state UNUSED)
{
	struct bed bed;

	begin_text(&bed, "time1", "");
	put(&bed, "/etc/chrony/chrony.conf",
	    "refclock PPS /dev/pps0 lock NMEA\nserver 192.0.2.101 iburst xleave\n"
	    "pool 192.0.2.102\nserver TIME2.example iburst\nserver time2\nallow 10.0.0.0/8\nallow "
	    "192.0.2.0/24\n"
	    "confdir /etc/chrony/conf.d\ndriftfile /var/lib/chrony/x\nmakestep 1 3\n");
	put(&bed, "/etc/chrony/conf.d/log.conf", "log measurements\n")->found = true;
	look(&bed);
	assert_string_equal(lost(&bed),
	    "source time2.example /etc/chrony/chrony.conf:4 ()\n"
	    "source time2 /etc/chrony/chrony.conf:5 ()\n"
	    "refclock PPS /dev/pps0 lock NMEA /etc/chrony/chrony.conf:1 (refclocks)\n"
	    "xleave (192.0.2.101) /etc/chrony/chrony.conf:2 ()\n"
	    "allow 10.0.0.0/8 /etc/chrony/chrony.conf:6 (serve)\n"
	    "log measurements /etc/chrony/conf.d/log.conf:1 (extra)\n");
	end(&bed);
	begin_text(&bed, "time2", "");
	put(&bed, "/etc/ntp.conf",
	    "server 127.127.28.0 minpoll 4\nfudge 127.127.28.0 time1 0.1\nserver 192.0.2.102\n"
	    "restrict default nomodify notrap noquery\nrestrict 192.0.2.9 nomodify\n"
	    "restrict 127.0.0.1\nstatistics loopstats\n");
	look(&bed);
	assert_string_equal(lost(&bed),
	    "server 127.127.28.0 minpoll 4 /etc/ntp.conf:1 (refclocks)\n"
	    "fudge 127.127.28.0 time1 0.1 /etc/ntp.conf:2 (refclocks)\n"
	    "restrict default nomodify notrap noquery /etc/ntp.conf:4 (serve)\n"
	    "restrict 192.0.2.9 nomodify /etc/ntp.conf:5 (monitors)\n"
	    "statistics loopstats /etc/ntp.conf:7 (extra)\n");
	end(&bed);
}

static void
what_timetier_put_there_is_not_lost(void **state UNUSED)
{
	struct bed bed;

	begin_text(&bed, "time1", "");
	put(&bed, "/etc/chrony/chrony.conf", "log measurements\n");
	look(&bed);
	bed.plan.listed = true;
	assert_string_equal(lost(&bed), "");
	end(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_plan_names_what_it_takes_away),
		cmocka_unit_test(what_timetier_put_there_is_not_lost),
		cmocka_unit_test(every_rule_of_files_is_told_of_those_that_a_host_has),
		cmocka_unit_test(what_the_plan_leaves_there_is_told_as_what_stays),
		cmocka_unit_test(what_is_replaced_is_told_beside_what_stays_and_not_twice),
		cmocka_unit_test(lines_of_one_kind_are_one_finding),
		cmocka_unit_test(a_start_is_judged_as_systemd_tells_it),
		cmocka_unit_test(files_that_are_no_text_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
