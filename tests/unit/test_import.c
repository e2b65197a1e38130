/* Sites that are made of the files of running hosts: tests/data/import, and files that do harm. */
#include "agent/collect.h"
#include "common/file.h"
#include "orchestrator/import/folder.h"
#include "orchestrator/import/told.h"
#include "orchestrator/render/render.h"
#include "orchestrator/topology/topology.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */

struct made {
	struct import import;
	struct diags diags;
	struct buf site;
};

static void
finish(struct made *made, const char *of)
{
	struct error err = { "" };

	if (import_compare(&made->import, "site", NOW_NS, &made->diags, &err) < 0) {
		fail_msg("%s: %s", of, err.text);
	}
	import_emit(
	    &made->import, "site", made->import.keys.len > 0 ? "keys.yaml" : NULL, &made->site);
}

static void
make(struct made *made, const char *folder)
{
	struct import_host *hosts;
	struct error err = { "" };
	size_t count;

	*made = (struct made){ .site.limit_bytes = 1 << 20 };
	if (import_folder(&made->import.arena, folder, &hosts, &count, &err) < 0 ||
	    import_begin(&made->import, hosts, count, &err) < 0) {
		fail_msg("%s: %s", folder, err.text);
	}
	finish(made, folder);
}

static void
made_free(struct made *made)
{
	diags_free(&made->diags);
	buf_free(&made->site);
	import_free(&made->import);
}

static size_t
each_folder(void (*try)(const char *folder))
{
	glob_t found;
	size_t tried = 0;

	assert_int_equal(glob("tests/data/import/*/", GLOB_ONLYDIR, NULL, &found), 0);
	for (; tried < found.gl_pathc; tried++) {
		found.gl_pathv[tried][strlen(found.gl_pathv[tried]) - 1] = '\0';
		try(found.gl_pathv[tried]);
	}
	globfree(&found);
	return tried;
}

/* DIR.yaml is what `timetier import DIR` prints; where it should change, that writes it anew. */
static void
compare_with_expected(const char *folder)
{
	struct buf expected = { .limit_bytes = 1 << 20 };
	struct error err = { "" };
	char path[256];
	struct made made;

	make(&made, folder);
	snprintf(path, sizeof(path), "%s.yaml", folder);
	if (file_read(path, &expected, &err) < 0) {
		fail_msg("%s", err.text);
	}
	if (strcmp(buf_str(&expected), buf_str(&made.site)) != 0) {
		fail_msg("%s is not what `timetier import -q %s` prints:\n%s", path, folder,
		    buf_str(&made.site));
	}
	buf_free(&expected);
	made_free(&made);
}

static void
each_folder_amounts_to_its_site(void **state UNUSED)
{
	assert_true(each_folder(compare_with_expected) >= 31);
}

static bool
is_named(const struct made *made, const struct import_host *host, const char *text)
{
	for (size_t i = 0; i < host->remark_count; i++) {
		if (strstr(host->remarks[i], text)) {
			return true;
		}
	}
	return strstr(buf_str(&made->site), text) && host->server && strchr(text, ':');
}

/* What @host asked, and does not ask any more, is named; so is each line whose answers change. */
static void
hold_against(const struct made *made, const struct import_host *host, const struct config *after)
{
	const struct config *before = &host->config;
	char place[256];

	for (size_t i = 0; i < before->source_count; i++) {
		const struct config_source *source = &before->sources[i];
		size_t asked = host->asks[i];
		bool there = config_source(after, source->name) != NULL;

		for (size_t k = 0; asked != IMPORT_NONE && k < after->source_count; k++) {
			there |= import_find(&made->import, after->sources[k].name) == asked;
		}
		snprintf(place, sizeof(place), "%s:%u", source->file, source->number);
		if (!there && !(source->flags & RESTART_INIT) && !is_named(made, host, place)) {
			fail_msg("%s: %s is asked no longer, and nobody says so", host->name,
			    source->name);
		}
	}
	for (size_t i = 0; i < before->answers.count; i++) {
		const struct config_answer *row = &before->answers.list[i];

		if (!row->line || config_is_loopback(&row->network) ||
		    import_is_own_source(host, &row->network) ||
		    !config_answers_differ_in(
			&before->answers, &after->answers, &row->network, ANSWER_TIME)) {
			continue;
		}
		snprintf(place, sizeof(place), "%s:%u", row->line->file, row->line->number);
		if (!is_named(made, host, place) && !is_named(made, host, "it would answer")) {
			fail_msg(
			    "%s: %s: others are answered, and nobody says so", host->name, place);
		}
	}
}

static void
render_and_hold(const char *folder)
{
	struct topology topology;
	struct diags diags = { .errors = 0 };
	struct error err = { "" };
	struct arena arena = { .blocks = NULL };
	struct render *render;
	struct made made;
	const char *keys;

	make(&made, folder);
	/* keys.yaml is not there: without its name the rest of the site loads */
	keys = strstr(buf_str(&made.site), "keys: ");
	if (keys) {
		made.site.data[keys - made.site.data] = '#';
	}
	assert_int_equal(
	    topology_load_text(&topology, "site.yaml", buf_str(&made.site), made.site.len, &diags),
	    0);
	render = render_new(&topology, NULL, &err);
	assert_non_null(render);
	for (size_t i = 0; i < made.import.host_count; i++) {
		const struct import_host *host = &made.import.hosts[i];
		const struct host *of = topology_host(&topology, host->name);
		const struct daemon_driver *driver =
		    of && host->driver ? daemon_find(host->driver->name) : NULL;
		struct file_set files;
		struct config after;

		if (!driver || !(driver->features & DAEMON_SERVES)) {
			continue;
		}
		assert_int_equal(render_host(render, of, driver, &arena, &files, &err), 0);
		assert_true(config_read(&arena, driver, driver->config_path, &files, "", &after));
		hold_against(&made, host, &after);
	}
	render_free(render);
	arena_free(&arena);
	topology_free(&topology);
	diags_free(&diags);
	made_free(&made);
}

static void
what_is_rendered_asks_and_answers_the_same_or_it_is_named(void **state UNUSED)
{
	assert_true(each_folder(render_and_hold) >= 31);
}

/* --- files made here --- */

static struct file_entry
file(const char *path, const char *content)
{
	return (struct file_entry){ .path = path, .content = content, .len = strlen(content) };
}

static void
make_of(struct made *made, struct import_host *hosts, size_t count)
{
	struct error err = { "" };

	*made = (struct made){ .site.limit_bytes = 1 << 20 };
	if (import_begin(&made->import, hosts, count, &err) < 0) {
		fail_msg("%s", err.text);
	}
	finish(made, "hosts");
}

static void
secrets_stand_in_keys_yaml_alone(void **state UNUSED)
{
	struct made made;

	make(&made, "tests/data/import/grown");
	assert_non_null(
	    strstr(buf_str(&made.import.keys), "000102030405060708090a0b0c0d0e0f10111213"));
	assert_null(strstr(buf_str(&made.site), "000102030405060708"));
	assert_null(strstr(buf_str(&made.import.keys), "ffeeddcc")); /* the two ends differ */
	made_free(&made);
}

/* An ntpd shares what `maxclock` leaves among its pools: how many that is, nobody knows. */
static void
a_pool_stays_as_large_as_its_line_says(void **state UNUSED)
{
	struct file_entry files[] = {
		file("/etc/chrony/chrony.conf",
		    "pool a.example.net maxsources 8\npool b.example.net\n"
		    "pool c.example.net maxsources 99\n"),
		file("/etc/ntp.conf", "pool d.example.net\n"),
	};
	struct import_host hosts[2] = { { .name = "x" }, { .name = "y" } };
	struct made made;

	for (size_t i = 0; i < 2; i++) {
		hosts[i].files = (struct file_set){ &files[i], 1 };
	}
	make_of(&made, hosts, 2);
	assert_non_null(strstr(buf_str(&made.site), "address: \"a.example.net\", maxsources: 8,"));
	assert_non_null(strstr(buf_str(&made.site), "address: \"b.example.net\", maxsources: 4,"));
	assert_non_null(strstr(buf_str(&made.site), "address: \"c.example.net\", maxsources: 16,"));
	assert_non_null(strstr(buf_str(&made.site), "address: \"d.example.net\", maxsources: 4,"));
	made_free(&made);
}

static void
servers_that_ask_each_other_in_a_circle_are_one_tier(void **state UNUSED)
{
	struct file_entry files[] = {
		file("/etc/ntp.conf", "server b\nserver out.example.net\n"),
		file("/etc/ntp.conf", "server c\n"),
		file("/etc/ntp.conf", "server a\n"),
	};
	struct import_host hosts[3] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };
	struct made made;

	for (size_t i = 0; i < 3; i++) {
		hosts[i].files = (struct file_set){ &files[i], 1 };
	}
	make_of(&made, hosts, 3);
	assert_int_equal(made.import.tier_count, 1);
	assert_string_equal(made.import.tiers[0].peering, "mesh");
	made_free(&made);
}

static void
hosts_called_by_addresses_have_their_own_names(void **state UNUSED)
{
	struct file_entry files[][2] = {
		{ file("/etc/hostname", "ntp1\n"),
		    file("/etc/ntp.conf", "server a.example.net\n") },
		{ file("/etc/hostname", "web1\n"), file("/etc/ntp.conf", "server 192.0.2.1\n") },
		{ file("/etc/hostname", "web\n"), file("/etc/ntp.conf", "server 192.0.2.1\n") },
		{ file("/etc/hostname", "web\n"), file("/etc/ntp.conf", "server ntp1\n") },
	};
	struct import_host hosts[4] = { { .name = "192.0.2.1", .ssh = "{user: \"a\", sudo: true}" },
		{ .name = "192.0.2.11" }, { .name = "192.0.2.12" }, { .name = "192.0.2.13" } };
	struct made made;
	const char *site;

	for (size_t i = 0; i < 4; i++) {
		hosts[i].files = (struct file_set){ files[i], 2 };
	}
	make_of(&made, hosts, 4);
	site = buf_str(&made.site);
	assert_non_null(strstr(site,
	    "- {name: \"ntp1\", address: [\"192.0.2.1\"], daemon: ntp, "
	    "ssh: {user: \"a\", sudo: true}}"));
	assert_non_null(strstr(site, "- {name: \"web1\", address: \"192.0.2.11\"}"));
	assert_non_null(strstr(site, "- \"192.0.2.12\"\n")); /* two have its name */
	assert_non_null(strstr(site, "- \"192.0.2.13\"\n"));
	made_free(&made);
}

static void
names_that_no_site_takes_are_left_out_and_named(void **state UNUSED)
{
	struct file_entry conf = file("/etc/chrony/chrony.conf",
	    "server good.example.net\nserver \"bad\\\":{}[]\nserver 300.1.2.3\n"
	    "server -bad-.example\nallow 10.0.0.0/8\nlog \xff\xfe\x1b[31m tracking\n");
	struct import_host host = { .name = "h", .files = { &conf, 1 } };
	struct made made;

	make_of(&made, &host, 1);
	assert_int_equal(made.import.upstream_count, 1);
	assert_non_null(strstr(buf_str(&made.site), "asks no longer"));
	assert_null(strchr(buf_str(&made.site), '\x1b'));
	made_free(&made);
}

static void
what_is_no_host_is_refused_by_its_name(void **state UNUSED)
{
	struct file_entry conf = file("/etc/ntp.conf", "server a.example\n");
	struct import_host hosts[2] = { { .name = "a b", .files = { &conf, 1 } },
		{ .name = "a b", .files = { &conf, 1 } } };
	struct import import = { .host_count = 0 };
	struct error err = { "" };

	assert_int_equal(import_begin(&import, hosts, 1, &err), -1);
	assert_non_null(strstr(err.text, "\"a b\" is no name of a host"));
	hosts[0].name = hosts[1].name = "a";
	assert_int_equal(import_begin(&import, hosts, 2, &err), -1);
	assert_string_equal(err.text, "two hosts are called a");
	assert_int_equal(import_begin(&import, hosts, 0, &err), -1);
	conf.path = "/etc/motd";
	assert_int_equal(import_begin(&import, hosts, 1, &err), -1);
	assert_string_equal(err.text, "no host has the configuration of a time daemon");
	import_free(&import);
}

/* What the agent prints of a folder that stands for "/". */
static char *
collected(const char *root)
{
	char path[] = "/tmp/test_import.XXXXXX";
	int fd = mkstemp(path), saved = dup(STDOUT_FILENO);
	struct buf text = { .limit_bytes = 1 << 20 };
	struct error err;
	char *copy;

	assert_true(fd >= 0 && saved >= 0);
	fflush(stdout);
	assert_true(dup2(fd, STDOUT_FILENO) >= 0);
	assert_int_equal(collect_run(root), 0);
	fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	close(fd);
	assert_int_equal(file_read(path, &text, &err), 0);
	unlink(path);
	copy = strdup(buf_str(&text));
	buf_free(&text);
	return copy;
}

/* Each host of the grown site by its agent's words amounts to what its folder amounts to. */
static void
what_agents_tell_amounts_to_the_same_as_a_folder(void **state UNUSED)
{
	struct import_host *hosts;
	struct error err = { "" };
	struct made folder, told = { .site.limit_bytes = 1 << 20 };
	size_t count;

	make(&folder, "tests/data/import/grown");
	assert_int_equal(
	    import_folder(&told.import.arena, "tests/data/import/grown", &hosts, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		char root[128], *text;

		snprintf(root, sizeof(root), "tests/data/import/grown/%s", hosts[i].name);
		text = collected(root);
		hosts[i].files = (struct file_set){ .count = 0 };
		assert_int_equal(
		    import_told(&told.import.arena, text, strlen(text), &hosts[i], &err), 0);
		free(text);
		/* this machine's own addresses are none of theirs */
		for (size_t k = 0; k < hosts[i].files.count; k++) {
			if (strcmp(hosts[i].files.list[k].path, "/addresses") == 0) {
				hosts[i].files.list[k].content = "";
				hosts[i].files.list[k].len = 0;
			}
		}
	}
	assert_int_equal(import_begin(&told.import, hosts, count, &err), 0);
	finish(&told, "grown");
	assert_string_equal(buf_str(&told.site), buf_str(&folder.site));
	made_free(&told);
	made_free(&folder);
}

static void
what_no_agent_tells_is_refused(void **state UNUSED)
{
	static const char *const texts[] = { "", "x", "{}", "[]", "{\"files\": []}",
		"{\"files\": {\"/etc/ntp.conf\": \"server a\"" };
	static const char good[] = "{\"files\":{\"etc\":\"a\",\"/b\":1,\"/c\":\"d\"}}";
	struct arena arena = { .blocks = NULL };
	struct import_host host = { .files.count = 77 };
	struct error err;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(import_told(&arena, texts[i], strlen(texts[i]), &host, &err), -1);
		assert_int_equal(host.files.count, 77);
	}
	assert_int_equal(import_told(&arena, good, strlen(good), &host, &err), 0);
	assert_int_equal(host.files.count, 2); /* with the addresses */
	assert_string_equal(host.files.list[0].path, "/c");
	arena_free(&arena);
}

static void
a_folder_of_nothing_is_refused(void **state UNUSED)
{
	struct arena arena = { .blocks = NULL };
	struct import_host *hosts;
	struct error err = { "" };
	size_t count;

	assert_int_equal(import_folder(&arena, "tests/unit", &hosts, &count, &err), -1);
	assert_string_equal(
	    err.text, "tests/unit has no folder HOST/etc (see `timetier import --help`)");
	assert_int_equal(import_folder(&arena, "tests/nosuch", &hosts, &count, &err), -1);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_folder_amounts_to_its_site),
		cmocka_unit_test(what_is_rendered_asks_and_answers_the_same_or_it_is_named),
		cmocka_unit_test(secrets_stand_in_keys_yaml_alone),
		cmocka_unit_test(a_pool_stays_as_large_as_its_line_says),
		cmocka_unit_test(servers_that_ask_each_other_in_a_circle_are_one_tier),
		cmocka_unit_test(hosts_called_by_addresses_have_their_own_names),
		cmocka_unit_test(names_that_no_site_takes_are_left_out_and_named),
		cmocka_unit_test(what_is_no_host_is_refused_by_its_name),
		cmocka_unit_test(what_agents_tell_amounts_to_the_same_as_a_folder),
		cmocka_unit_test(what_no_agent_tells_is_refused),
		cmocka_unit_test(a_folder_of_nothing_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
