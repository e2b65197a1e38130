/* Rules about rendered files: each trips on the templates in its folder, and on none of ours. */
#include "common/buf.h"
#include "common/file.h"
#include "orchestrator/lint/files/files.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/runs/shapes.h"
#include "orchestrator/topology/topology.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */

/* What is found in what @templates make of the site @file; NULL: the built-in ones. */
static char *
findings_of(const char *file, const char *templates)
{
	struct topology topology;
	struct arena places = { .blocks = NULL };
	struct diags diags = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct error err = { "" };

	assert_non_null(out);
	if (topology_load(&topology, file, &diags) != 0) {
		diags_print(&diags, stderr, false);
		fail_msg("%s does not load", file);
	}
	if (shapes_judge(
		&(struct shapes_wish){
		    .topology = &topology, .templates = templates, .now_ns = NOW_NS },
		&diags, &places, &err) != 0) {
		fail_msg("%s: %s", file, err.text);
	}
	diags_sort(&diags);
	diags_print(&diags, out, false);
	fclose(out);
	diags_free(&diags);
	topology_free(&topology);
	arena_free(&places);
	return text;
}

static void
protect(const char *keys)
{
	(void)chmod(keys, 0600);
}

static void
every_rule_tells_exactly_what_is_wrong_with_its_bad_templates(void **state UNUSED)
{
	size_t tried = 0;

	protect("tests/lint/files.keys.yaml");
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);
		char folder[128], tag[128];
		struct buf expected = { 0 };
		struct error err;
		char *found;

		snprintf(folder, sizeof(folder), "tests/lint/%s", rule->id);
		snprintf(tag, sizeof(tag), "[%s]", rule->id);
		if (!(rule->where & JUDGED_FILES)) {
			continue;
		}
		if (chdir(folder) != 0 || access("bad.templates", R_OK) != 0) {
			fail_msg("%s/bad.templates: there must be templates that break it", folder);
		}
		found = findings_of(access("site.yaml", R_OK) == 0 ? "site.yaml" : "../files.yaml",
		    "bad.templates");
		if (!strstr(found, tag)) {
			fail_msg("%s/bad.templates do not break the rule:\n%s", folder, found);
		}
		if (file_read("files.expected", &expected, &err) != 0 ||
		    strcmp(found, buf_str(&expected)) != 0) {
			fail_msg("%s/bad.templates: found\n%sand not, as files.expected says,\n%s",
			    folder, found, buf_str(&expected));
		}
		buf_free(&expected);
		free(found);
		assert_int_equal(chdir("../../.."), 0);
		tried++;
	}
	assert_true(tried > 40);
}

static void
our_own_templates_break_no_rule_on_any_site(void **state UNUSED)
{
	static const char *const sites[] = { "tests/golden/*/*/site.yaml",
		"tests/lint/files.yaml" };
	size_t tried = 0;

	for (size_t i = 0; i < COUNT(sites); i++) {
		glob_t found = { .gl_pathc = 0 };

		assert_int_equal(glob(sites[i], 0, NULL, &found), 0);
		for (size_t k = 0; k < found.gl_pathc; k++) {
			char keys[256];
			char *text;

			snprintf(keys, sizeof(keys), "%.*s/keys.yaml",
			    (int)(strrchr(found.gl_pathv[k], '/') - found.gl_pathv[k]),
			    found.gl_pathv[k]);
			protect(keys);
			text = findings_of(found.gl_pathv[k], NULL);
			if (text[0]) {
				fail_msg("%s:\n%s", found.gl_pathv[k], text);
			}
			free(text);
			tried++;
		}
		globfree(&found);
	}
	assert_true(tried > 15);
}

/* Judge @config as the whole configuration of time1, which runs @daemon in a tier of one. */
static char *
judge(const char *daemon, const char *accept, const char *config)
{
	static const char site[] =
	    "site: one\nupstreams:\n  - {name: a, address: 192.0.2.101}\n"
	    "  - {name: b, address: 192.0.2.102}\n  - {name: c, address: 192.0.2.103}\n"
	    "  - {name: d, address: 192.0.2.104}\ntiers:\n  - name: core\n    upstreams: all\n"
	    "    quorum: 1\n    peering: none\n    servers: [{name: time1, address: 192.0.2.1}]\n";
	const struct daemon_driver *driver = daemon_find(daemon);
	struct file_entry entry = {
		.path = driver->config_path, .content = config, .len = strlen(config)
	};
	struct file_set files = { &entry, 1 };
	char *yaml = NULL, *text = NULL;
	struct topology topology;
	struct arena places = { .blocks = NULL };
	struct diags diags = { 0 };
	struct files_lint *run;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_not_equal(asprintf(&yaml, "%s%s", site, accept), -1);
	assert_int_equal(topology_load_text(&topology, "site.yaml", yaml, strlen(yaml), &diags), 0);
	run = files_lint_new(&topology, NOW_NS, &diags, &places);
	files_lint(run,
	    &(struct files_case){
		.host = topology_host(&topology, "time1"), .driver = driver, .files = &files });
	files_lint_free(run);
	diags_print(&diags, out, false);
	fclose(out);
	diags_free(&diags);
	topology_free(&topology);
	arena_free(&places);
	free(yaml);
	return text;
}

/* Lines that look like a fault, and the rule that must not take them for one. */
static const struct {
	const char *daemon, *config, *rule;
} innocent[] = {
	{ "chrony", "server 192.0.2.101 prefer\nserver 192.0.2.102 prefer\n", "preferred-source" },
	{ "chrony", "refclock PPS /dev/pps0 prefer\nserver 192.0.2.102\n", "preferred-source" },
	{ "ntp", "server 127.127.22.0 prefer\nserver 192.0.2.102\n", "preferred-source" },
	{ "chrony", "local stratum 10\n", "local-clock" }, /* a tier of one */
	{ "chrony", "local stratum 10 orphan\n", "orphan-quorum" },
	{ "chrony", "maxchange 0.5 1 -1\nmaxchange 0.5 0 -1\n", "first-unguarded" },
	{ "chrony", "maxchange 0.5 0 3\n", "no-panic-limit" },
	{ "chrony", "makestep 1 0\n", "step-licence" },
	{ "chrony", "CmdAllow 127.0.0.1/8\ncmdallow ::1\n", "command-port" },
	{ "chrony", "bindcmdaddress /run/chrony/chronyd.sock\n", "command-port" },
	{ "chrony", "allow 0.0.0.0/1\n", "open-serve" },
	{ "chrony", "allow 0\nallow 10/8\n", "open-serve" }, /* 0.0.0.0/8 */
	{ "chrony", "! makestep 1 -1\n; local\n", "unlimited-step" },
	{ "chrony", "opencommands activity\nrefresh 10\n", "not-chrony" }, /* of 4.7, 4.4 */
	{ "ntp", "tinker step 0\n", "step-licence" },
	{ "ntp", "tinker step 1000\n", "step-licence" },
	{ "ntp", "tos orphan 16\n", "orphan-quorum" },
	{ "ntp", "tos basedate 2020-01-01\n", "basedate" },
	{ "ntp", "restrict default noquery\nrestrict default limited kod nomodify\n",
	    "open-status" }, /* the flags of both lines hold */
	{ "ntp", "restrict default ignore\nrestrict 127.0.0.1\n", "own-host-shut" },
	{ "ntp", "restrict default ignore\nrestrict ntp.example.net\n", "own-host-shut" },
	{ "ntp", "server 192.0.2.101\nrestrict default ignore\nrestrict 192.0.2.101\n",
	    "open-status" },
	{ "ntp", "restrict -4 default ignore\nrestrict -6 default ignore\n", "one-family-closed" },
	{ "ntp", "restrict 0.0.0.0 mask 0.0.0.0 ignore\nrestrict -6 default ignore\n",
	    "one-family-closed" },
	{ "ntp", "disable mode7\n", "monlist" },
	{ "ntp", "restrict default nopeer noquery\nrestrict source noquery\npool a.example\n",
	    "pool-nopeer" },
	{ "ntp", "pool a.example iburst\npool b.example iburst\n", "maxclock" },
	{ "ntp", "restrict 192.0.2.0 mask 255.255.255.0 ippeerlimit 3 noepeer\n", "not-ntp" },
	{ "ntp", "server -4 192.0.2.101 iburst # nts\n", "not-ntp" },
	{ "ntp", "disable monitor\nrestrict default noquery\n", "monitor-off" },
	{ "ntp", "trustedkey 1 (40 ... 60) 70\nkeys /etc/k\nserver 192.0.2.101 key 50\n",
	    "key-unknown" },
	{ "ntp", "peer 198.51.100.7\n", "one-sided-peer" }, /* nobody knows what it has */
	{ "ntp", "server 192.0.2.2\npeer 192.0.2.1\n", "one-sided-peer" },
	{ "ntpsec", "restrict default nomodify\n", "open-status" }, /* noquery is built in */
	{ "ntpsec", "restrict -4 default kod limited noquery\n", "one-family-closed" },
	{ "ntpsec", "restrict default kod limited\n", "no-rate-limit" },
	{ "ntpsec", "restrict 192.0.2.0/24 limited noquery\nnts enable\n", "not-ntpsec" },
	{ "ntpsec", "refclock shm unit 0 refid GPS\nserver 192.0.2.101 nts\n", "not-ntpsec" },
};

static void
what_only_looks_like_a_fault_is_none(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(innocent); i++) {
		char tag[64];
		char *found = judge(innocent[i].daemon, "", innocent[i].config);

		assert_non_null(lint_rule_find(innocent[i].rule, NULL));
		snprintf(tag, sizeof(tag), "[%s]", innocent[i].rule);
		if (strstr(found, tag)) {
			fail_msg("%s:\n%s\n%s", innocent[i].daemon, innocent[i].config, found);
		}
		free(found);
	}
}

/* Faults of the same kinds in another dress. */
static const struct {
	const char *daemon, *config, *rule;
} dressed[] = {
	{ "chrony", "  MAKESTEP   0   -1  \n", "unlimited-step" },
	{ "chrony", "initstepslew 30 192.0.2.101\n", "unlimited-step" },
	{ "chrony", "cmdallow\n", "command-port" },
	{ "chrony", "bindcmdaddress ::\n", "command-port" },
	{ "chrony", "allow all\n", "open-serve" },
	{ "chrony", "allow ::/0\n", "open-serve" },
	{ "chrony", "server 192.0.2.101\nserver 192.0.2.102 trust\n", "preferred-source" },
	{ "chrony", "server 192.0.2.101 prefer\nserver 192.0.2.102 prefer trust\n",
	    "preferred-source" },
	{ "chrony", "server 192.0.2.101 key 5\n", "key-unknown" },
	{ "chrony", "server 192.0.2.101 foo\n", "not-chrony" },
	{ "chrony", "minsources 2\nlocal stratum 5 orphan\n", "orphan-quorum" },
	{ "chrony", "allow 0/0\n", "open-serve" },
	{ "chrony", "allow all ::/0\n", "open-serve" },
	{ "chrony", "allow 0.0.0.0/0\n", "open-serve" },
	{ "chrony", "cmdallow 0/0\n", "command-port" },
	{ "chrony", "cmdallow all 192.0.2\n", "command-port" },
	{ "chrony", "bindcmdaddress 0.0.0.0\n", "command-port" },
	{ "chrony", "makestep 1 3\nmakestep 10 -1\n", "unlimited-step" },
	{ "chrony", "maxchange 1000 1 2\n", "first-unguarded" },
	{ "chrony", "local stratum 10 orphan\nlocal\nminsources 2\n", "orphan-quorum" },
	{ "chrony", "server 192.0.2.102 prefer\npool p.example\n", "preferred-source" },
	{ "chrony", "server 192.0.2.102 require trust\n", "preferred-source" },
	{ "chrony", "SOURCEDIR /run/chrony-dhcp\n", "dhcp-replaces" },
	{ "ntp", "restrict default nomodify\n", "open-status" },
	{ "ntp", "restrict 0.0.0.0 mask 0.0.0.0 nomodify\n", "open-status" },
	{ "ntp", "restrict -4 0.0.0.0 mask 0.0.0.0 ignore\n", "one-family-closed" },
	{ "ntp", "restrict -6 :: mask :: nomodify\n", "open-status" },
	{ "ntpsec", "restrict 0.0.0.0/0 ignore\n", "one-family-closed" },
	{ "ntpsec", "restrict ::/0 kod\n", "kod-alone" },
	{ "ntp", "disable kernel monitor\nrestrict default limited\n", "monitor-off" },
	{ "ntp", "tinker step 0.5 panic 0\n", "no-panic-limit" },
	{ "ntp", "tinker panic 0 step 0\n", "no-panic-limit" },
	{ "ntp", "server 127.127.1.0 prefer\nfudge 127.127.1.0 stratum 10\n", "local-clock" },
	{ "ntp", "enable mode7\n", "monlist" },
	{ "ntp", "tos orphan 5 minsane 3\n", "orphan-quorum" },
	{ "ntp", "tos minsane 2\ntos orphan 12\n", "orphan-quorum" },
	{ "ntp", "server 192.0.2.102 iburst prefer # mine\n", "preferred-source" },
	{ "ntp", "pool p.example prefer\nserver 192.0.2.102\n", "preferred-source" },
	{ "ntp", "server 192.0.2.102 key 9\n", "key-unknown" },
	{ "ntp", "includefile /etc/x\ntinker stepfwd 1\n", "step-licence" },
	{ "ntp", "restrict 192.0.2.9\n", "monitor-may-modify" },
	{ "ntp", "restrict -6 default ignore\n", "one-family-closed" },
	{ "ntp", "tinker stepback 2\n", "step-licence" },
	{ "ntp", "server\t127.127.1.0\n", "local-clock" },
	{ "ntp", "pool a.example\nrestrict default ignore\n", "pool-nopeer" },
	{ "ntp", "restrict default ignore\n", "own-sources-shut" },
	{ "ntp", "restrict default ignore\nserver 192.0.2.101\n", "own-sources-shut" },
	{ "ntp", "Server 192.0.2.101\n", "not-ntp" }, /* case counts */
	{ "ntp", "statistics loopstats usestats\n", "not-ntp" },
	{ "ntpsec", "driftfile /x\n", "own-host-shut" }, /* shut by itself */
	{ "ntpsec", "restrict 192.0.2.0/24 ignore ippeerlimit 4\n", "not-ntpsec" },
	{ "ntpsec", "leapfile /x ignorehash\n", "not-ntpsec" },
	{ "ntpsec", "rlimit memlock 32\n", "not-ntpsec" },
	{ "ntpsec", "restrict -4 default ignore\n", "one-family-closed" },
	{ "ntpsec", "refclock local unit 0\n", "local-clock" },
};

static void
a_fault_is_found_in_any_dress(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(dressed); i++) {
		char tag[64];
		char config[256];
		char *found;

		snprintf(config, sizeof(config), "server 192.0.2.101\n%s", dressed[i].config);
		snprintf(tag, sizeof(tag), "[%s]", dressed[i].rule);
		found = judge(dressed[i].daemon, "", config);
		if (!strstr(found, tag)) {
			fail_msg("%s:\n%s\n%s", dressed[i].daemon, config, found);
		}
		free(found);
	}
}

static void
what_the_site_accepts_is_a_note_with_the_reason(void **state UNUSED)
{
	static const char *const on[] = { "", ", on: time1", ", on: core" };

	for (size_t i = 0; i < COUNT(on); i++) {
		char accept[160];
		char *found;

		snprintf(accept, sizeof(accept),
		    "accept: [{rule: unlimited-step%s, because: \"a lab\"}]\n", on[i]);
		found = judge("chrony", accept, "makestep 1 -1\n");
		if (!strstr(found,
			"time1:/etc/chrony/chrony.conf:1: note: accepted: `makestep 1 -1` steps "
			"the "
			"clock at any time, not only at the start (a lab) [unlimited-step]\n")) {
			fail_msg("%s%s", accept, found);
		}
		free(found);
	}
}

static void
included_files_are_read_in_their_places(void **state UNUSED)
{
	static const char site[] =
	    "site: one\nupstreams: [{name: a, address: 192.0.2.101}]\ntiers:\n  - name: core\n"
	    "    upstreams: all\n    servers: [{name: time1, address: 192.0.2.1}]\n";
	static const char main_text[] = "driftfile /x\ninclude /etc/chrony/more.conf\nlocal\n"
					"confdir /etc/chrony/conf.d\nmanual\n";
	static const char more[] = "# nothing\nmakestep 1 -1\n";
	static const char loop[] = "include /etc/chrony/conf.d/*.conf\nnoclientlog\n";
	struct file_entry list[] = {
		{ .path = "/etc/chrony/chrony.conf",
		    .content = main_text,
		    .len = strlen(main_text) },
		{ .path = "/etc/chrony/more.conf", .content = more, .len = strlen(more) },
		{ .path = "/etc/chrony/conf.d/loop.conf", .content = loop, .len = strlen(loop) },
	};
	struct file_set files = { list, COUNT(list) };
	struct topology topology;
	struct arena places = { .blocks = NULL };
	struct diags diags = { 0 };
	struct files_lint *run;
	bool step = false, log = false;

	assert_int_equal(topology_load_text(&topology, "site.yaml", site, strlen(site), &diags), 0);
	run = files_lint_new(&topology, NOW_NS, &diags, &places);
	files_lint(run,
	    &(struct files_case){ .host = topology_host(&topology, "time1"),
		.driver = daemon_find("chrony"),
		.files = &files });
	files_lint_free(run);
	for (size_t i = 0; i < diags.count; i++) {
		const struct diag *diag = &diags.list[i];

		step |= strcmp(diag->pos.file, "time1:/etc/chrony/more.conf") == 0 &&
		    diag->pos.line == 2 && strcmp(diag->rule, "unlimited-step") == 0;
		log |= strcmp(diag->pos.file, "time1:/etc/chrony/conf.d/loop.conf") == 0 &&
		    diag->pos.line == 2 && strcmp(diag->rule, "no-client-log") == 0;
	}
	assert_true(step);
	assert_true(log);
	diags_free(&diags);
	topology_free(&topology);
	arena_free(&places);
}

/* 3,000 clients in 300 groups are a handful of shapes: their findings are told once. */
static void
hosts_that_are_alike_are_judged_once(void **state UNUSED)
{
	char *yaml = NULL, *at;
	size_t len;
	FILE *out = open_memstream(&yaml, &len);
	struct topology topology;
	struct arena places = { .blocks = NULL };
	struct diags diags = { 0 };
	struct error err;

	fputs(
	    "site: many\nupstreams: [{name: a, address: 192.0.2.101}]\ntiers:\n  - name: core\n"
	    "    upstreams: all\n    servers: [{name: time1, address: 192.0.2.1, daemon: chrony}]\n"
	    "clients:\n",
	    out);
	for (unsigned i = 0; i < 300; i++) {
		fprintf(out, "  - {name: g%u, hosts: \"g%u-[1-10]\", from: core, daemon: chrony}\n",
		    i, i);
	}
	fclose(out);
	assert_int_equal(topology_load_text(&topology, "site.yaml", yaml, len, &diags), 0);
	assert_int_equal(shapes_judge(&(struct shapes_wish){ .topology = &topology,
					  .templates = "tests/lint/client-serves/bad.templates",
					  .now_ns = NOW_NS },
			     &diags, &places, &err),
	    0);
	assert_int_equal(diags.count, 1);
	at = strstr(diags.list[0].text, "(and so on 2999 more hosts)");
	assert_non_null(at);
	diags_free(&diags);
	topology_free(&topology);
	arena_free(&places);
	free(yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_tells_exactly_what_is_wrong_with_its_bad_templates),
		cmocka_unit_test(our_own_templates_break_no_rule_on_any_site),
		cmocka_unit_test(what_only_looks_like_a_fault_is_none),
		cmocka_unit_test(a_fault_is_found_in_any_dress),
		cmocka_unit_test(what_the_site_accepts_is_a_note_with_the_reason),
		cmocka_unit_test(included_files_are_read_in_their_places),
		cmocka_unit_test(hosts_that_are_alike_are_judged_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
