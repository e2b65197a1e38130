/* Sites that are made of what configures their hosts: Ansible's inventory, Puppet's hiera. */
#include "common/file.h"
#include "orchestrator/import/roles.h"
#include "orchestrator/import/variables.h"
#include "tests/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */
#define DATA "tests/data/variables/"

/* What `timetier import PATH` prints, or why it is refused; in @out. */
static int
import_text(const char *path, struct buf *out)
{
	struct import import = { .host_count = 0 };
	struct diags diags = { .errors = 0 };
	struct import_host *hosts;
	struct error err = { "" };
	size_t count;
	int status;

	*out = (struct buf){ .limit_bytes = 1 << 20 };
	status = import_path(&import, path, &hosts, &count, &err) < 0 ||
		import_begin(&import, hosts, count, &err) < 0 ||
		import_compare(&import, "site", NOW_NS, &diags, &err) < 0
	    ? -1
	    : 0;
	if (status == 0) {
		import_emit(&import, "site", NULL, out);
	} else {
		buf_text(out, err.text);
	}
	diags_free(&diags);
	import_free(&import);
	return status;
}

static void
hold_against(const char *path, const char *expected_path)
{
	struct buf expected = { .limit_bytes = 1 << 20 }, got;
	struct error err;

	if (file_read(expected_path, &expected, &err) < 0) {
		fail_msg("%s", err.text);
	}
	import_text(path, &got);
	if (strcmp(buf_str(&got), buf_str(&expected)) != 0) {
		fail_msg("%s is not what `timetier import -q %s` prints:\n%s", expected_path, path,
		    buf_str(&got));
	}
	buf_free(&expected);
	buf_free(&got);
}

static void
an_inventory_amounts_to_its_site(void **state UNUSED)
{
	hold_against(DATA "inventory.json", DATA "inventory.yaml");
}

static void
hiera_amounts_to_its_site(void **state UNUSED)
{
	hold_against(DATA "hiera", DATA "hiera.yaml");
}

/* A value that nobody meant for the page is not repeated. */
static void
values_of_unknown_variables_are_not_shown(void **state UNUSED)
{
	struct buf got;

	assert_int_equal(import_text(DATA "inventory.json", &got), 0);
	assert_non_null(strstr(buf_str(&got), "timesync_secret"));
	assert_null(strstr(buf_str(&got), "hush"));
	assert_null(strstr(buf_str(&got), "allow all"));
	buf_free(&got);
}

/* What import says of the root's part @path with the files @files, names and texts in turn. */
static int
import_files(const char *const *files, const char *path, struct buf *got)
{
	char whole[128];
	int status;

	fake_root_make(NULL);
	for (size_t i = 0; files[i]; i += 2) {
		fake_root_put(files[i], files[i + 1]);
	}
	snprintf(whole, sizeof(whole), "%s%s", fake_root, path);
	status = import_text(whole, got);
	fake_root_remove(NULL);
	return status;
}

static void
what_is_none_is_refused(void **state UNUSED)
{
#define HIERA_5 "version: 5\nhierarchy:\n  - {name: a, path: \"%{trusted.certname}.yaml\"}\n"
	static const struct {
		const char *files[5];
		const char *path, *said;
	} cases[] = {
		{ { "/a", "x" }, "/a", "is neither a folder nor what `ansible-inventory --list`" },
		{ { "/a", "{}" }, "/a", "it has no _meta.hostvars" },
		{ { "/a", "{\"_meta\": {\"hostvars\": {\"h\": {\"x\": 1}}}}" }, "/a",
		    "has the variables of a role that is known: linux-system-roles.timesync, "
		    "geerlingguy.ntp, puppet-chrony, puppetlabs-ntp and puppet-systemd" },
		{ { "/group_vars/all.yml", "a: 1" }, "",
		    "ansible-inventory --list >inventory.json" },
		{ { "/ansible.cfg", "" }, "", "ansible-inventory --list >inventory.json" },
		{ { "/hiera.yaml", ":backends: [yaml]" }, "", "only version 5 of hiera" },
		{ { "/hiera.yaml", "a: [" }, "", "hiera.yaml:2: " },
		{ { "/hiera.yaml", "" }, "", "only version 5 of hiera" },
		{ { "/hiera.yaml", "version: 5\n", "/data/common.yaml", "chrony::servers: [a]" },
		    "", "names a host's own file that is there" },
		{ { "/hiera.yaml", HIERA_5, "/data/h.yaml", "- 1\n" }, "", "h.yaml is no map" },
		{ { "/hiera.yaml", HIERA_5, "/data/h.yaml", "a: &a [*a]\nb: [\n" }, "", "h.yaml:" },
		{ { "/hiera.yaml", HIERA_5, "/data/h.yaml", "a: 1\n" }, "",
		    "a role that is known" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf got;

		assert_int_equal(import_files(cases[i].files, cases[i].path, &got), -1);
		if (!strstr(buf_str(&got), cases[i].said)) {
			fail_msg("case %zu: \"%s\" is not in: %s", i, cases[i].said, buf_str(&got));
		}
		buf_free(&got);
	}
}

/* The first value counts; YAML's words, numbers and merges mean what Puppet takes them for. */
static void
hiera_looks_keys_up_in_order(void **state UNUSED)
{
	static const char *const files[] = { "/hiera.yaml",
		"version: 5\ndefaults: {datadir: d}\nhierarchy:\n"
		"  - {name: a, path: \"n/%{::facts.networking.fqdn}.yml\"}\n"
		"  - {name: b, paths: [one.yaml, two.yaml]}\n"
		"  - {name: c, glob: \"*.yaml\"}\n",
		"/d/n/t1.yml",
		"base: &base {chrony::local_stratum: off, chrony::rtcsync: No}\n"
		"<<: *base\n"
		"chrony::servers: {a.example: [iburst, 'minpoll 4'], b.example: []}\n"
		"chrony::queryhosts: [192.0.2.0/24]\n"
		"chrony::stratumweight: 1.5e-1\n",
		"/d/one.yaml", "chrony::rtcsync: true\nchrony::port: 123\n", "d/two.yaml",
		"chrony::port: 124\nchrony::lock_all: ~\n", NULL };
	static const char *const there[] = { "address: \"a.example\", minpoll: 4}",
		"address: \"b.example\", iburst: false}", "\"stratumweight 0.15\"",
		"lost: hiera.yaml: what depends on facts is not read: c" };
	static const char *const away[] = { "rtcsync", "local", "lock_all", "124" };
	struct buf got;

	assert_int_equal(import_files(files, "", &got), 0);
	for (size_t i = 0; i < COUNT(there); i++) {
		if (!strstr(buf_str(&got), there[i])) {
			fail_msg("\"%s\" is not in: %s", there[i], buf_str(&got));
		}
	}
	for (size_t i = 0; i < COUNT(away); i++) {
		if (strstr(buf_str(&got), away[i])) {
			fail_msg("\"%s\" is in: %s", away[i], buf_str(&got));
		}
	}
	buf_free(&got);
}

/* What site.yaml says in its own way is in the files that the roles write. */
static void
roles_write_the_lines_of_their_templates(void **state UNUSED)
{
	static const struct {
		const char *host, *line;
	} lines[] = { { "ntp1.example.net", "makestep 1.0 3\n" },
		{ "ntp1.example.net", "hwtimestamp eth0\n" },
		{ "ntp1.example.net", "minsources 2\n" },
		{ "web4.example.net", "makestep 0.5 3\n" },
		{ "web4.example.net", "server ntp2.example.net filter 3 prefer xleave\n" },
		{ "old1.example.net", "tinker step 0.5\n" },
		{ "old1.example.net", "server ntp1.example.net minpoll 4 iburst true\n" },
		{ "g1", "tinker panic 0\n" }, { "g2", "server 3.de.pool.ntp.org iburst\n" },
		{ "leaf", "NTP=a b\nFallbackNTP=c\n" } };
	struct import import = { .host_count = 0 };
	struct import_host *hosts, leaf = { .name = "leaf" };
	struct error err;
	size_t count;
	json_t *variables = json_pack("{s:b, s:[s, s], s:s}", "systemd::manage_timesyncd", 1,
	    "systemd::ntp_server", "a", "b", "systemd::fallback_ntp_server", "c");

	assert_int_equal(import_path(&import, DATA "inventory.json", &hosts, &count, &err), 0);
	assert_true(import_role(&import, &leaf, variables, variables));
	json_decref(variables);
	for (size_t i = 0; i < COUNT(lines); i++) {
		const struct import_host *host = &leaf;

		for (size_t k = 0; k < count; k++) {
			host = strcmp(hosts[k].name, lines[i].host) == 0 ? &hosts[k] : host;
		}
		if (!strstr(host->files.list[0].content, lines[i].line)) {
			fail_msg("%s: no %s in: %s", host->name, lines[i].line,
			    host->files.list[0].content);
		}
	}
	import_free(&import);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inventory_amounts_to_its_site),
		cmocka_unit_test(hiera_amounts_to_its_site),
		cmocka_unit_test(roles_write_the_lines_of_their_templates),
		cmocka_unit_test(values_of_unknown_variables_are_not_shown),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(hiera_looks_keys_up_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
