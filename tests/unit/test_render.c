/* Long, because each family of lines is rendered for a small site of its own. */
/* Hosts to file sets: who asks whom, who is answered, and what a template may not do. */
#include "orchestrator/render/render.h"
#include "orchestrator/topology/nts.h"

#include "common/file.h"
#include "orchestrator/render/context.h"
#include "orchestrator/render/folder.h"
#include "tests/fake_rendered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A site written to a folder of its own, loaded, and the templates for it. */
struct world {
	char folder[64];
	struct topology topology;
	struct render *render;
	struct arena arena;
	struct file_set files;
};

static void
put_file(const struct world *world, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", world->folder, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600, NULL), 0);
}

static void
open_world(struct world *world, const char *site)
{
	struct diags diags = { 0 };
	struct error err = { "" };
	char path[128];

	*world = (struct world){ .folder = "/tmp/test_render.XXXXXX" };
	assert_non_null(mkdtemp(world->folder));
	put_file(world, "site.yaml", site);
	snprintf(path, sizeof(path), "%s/site.yaml", world->folder);
	if (topology_load(&world->topology, path, &diags) < 0) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	world->render = render_new(&world->topology, NULL, &err);
	assert_string_equal(err.text, "");
	assert_non_null(world->render);
}

static void
close_world(struct world *world)
{
	static const char *const names[] = { "site.yaml", "chrony.conf", "header" };
	char path[128];

	render_free(world->render);
	topology_free(&world->topology);
	arena_free(&world->arena);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", world->folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(world->folder), 0);
}

static const char *
text_of(struct world *world, const char *host, const char *daemon, const char *path)
{
	return rendered_text(world->render, topology_host(&world->topology, host), daemon, path,
	    &world->arena, &world->files);
}

static void
a_server_never_steps_and_keeps_its_quorum(void **state UNUSED)
{
	struct world world;
	const char *text;

	open_world(&world, UPSTREAMS THREE_SERVERS "restart: {limit: 128ms}\n");
	text = text_of(&world, "s1", "chrony", "/chrony.conf");
	assert_true(has_line(text, "maxchange 0.128 0 -1"));
	assert_true(has_line(text, "minsources 3"));
	assert_null(strstr(text, "\nmakestep"));
	assert_true(has_line(
	    text_of(&world, "s1", "chrony", "/default/chrony"), "DAEMON_OPTS=\"-F 1 -r\""));
	text = text_of(&world, "s2", "ntpsec", "/ntp.conf");
	assert_true(has_line(text, "tinker step 0.128 panic 0.128"));
	assert_true(has_line(text, "tos minsane 3 minclock 4"));
	text = text_of(&world, "s2", "ntpsec", "/default/ntpsec");
	assert_true(has_line(text, "NTPD_OPTS=\"-N\""));
	assert_true(has_line(text, "IGNORE_DHCP=\"yes\""));
	text = text_of(&world, "s3", "ntp", "/ntp.service.d/timetier.conf");
	assert_true(has_line(text, "Restart=no"));
	assert_true(has_line(text, "ExecStart="));
	close_world(&world);
}

/* ntp 4.2.8p15 tells everybody that it has no time 300 s after it lost its sources. */
static void
a_server_that_lost_its_sources_serves_on(void **state UNUSED)
{
	static const struct {
		const char *site, *host, *daemon;
		bool waits;
	} cases[] = {
		{ UPSTREAMS THREE_SERVERS, "s3", "ntp", true },
		{ UPSTREAMS THREE_SERVERS, "s2", "ntpsec", false },
		{ UPSTREAMS THREE_SERVERS "  - {name: low, from: core, servers: [{name: b1, "
					  "address: 192.0.2.7, daemon: ntp}]}\n",
		    "b1", "ntp", true },
		/* orphan mode begins when that time is over */
		{ UPSTREAMS THREE_SERVERS "    isolated: true\n", "s3", "ntp", false },
		{ UPSTREAMS THREE_SERVERS "clients:\n  - {name: c, from: core, hosts: c1}\n", "c1",
		    "ntp", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world world;

		open_world(&world, cases[i].site);
		if (has_line(text_of(&world, cases[i].host, cases[i].daemon, "/ntp.conf"),
			"tos orphanwait 86400") != cases[i].waits) {
			fail_msg("case %zu", i);
		}
		close_world(&world);
	}
}

static void
the_clock_of_a_server_is_set_before_its_daemon(void **state UNUSED)
{
	struct world world;
	const char *text;

	open_world(&world, UPSTREAMS THREE_SERVERS "restart: {limit: 128ms}\n");
	text = text_of(&world, "s3", "ntp", "/first-set.conf");
	assert_true(has_line(text, "daemon ntp.service"));
	assert_true(has_line(text, "quorum 3"));
	assert_true(has_line(text, "limit 0.128"));
	text = text_of(&world, "s3", "ntp", "/timetier-first-set.service");
	assert_true(has_line(text, "Before=ntp.service time-sync.target"));
	close_world(&world);
}

static void
siblings_ask_each_other_over_one_family_and_help_chronyd(void **state UNUSED)
{
	struct world world;
	const char *text;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	text = text_of(&world, "s1", "chrony", "/timetier.sources");
	assert_true(has_line(text, "server 192.0.2.2 minpoll 4 maxpoll 6 iburst maxsamples 8"));
	text = text_of(&world, "s1", "chrony", "/chrony.conf");
	assert_true(has_line(text, "authselectmode ignore"));
	assert_null(strstr(text, "peer "));
	assert_null(strstr(text, " noselect"));
	/* an ntpd would combine them with its sources, and only watches them */
	text = text_of(&world, "s2", "ntpsec", "/ntp.conf");
	assert_true(has_line(text, "server 192.0.2.1 minpoll 4 maxpoll 6 iburst noselect"));
	assert_true(has_line(text, "server 192.0.2.3 minpoll 4 maxpoll 6 iburst noselect"));
	assert_null(strstr(text, "peer "));
	close_world(&world);
}

/* Two upstreams, of which the second has @keys. */
#define TWO_UPSTREAMS(keys)                                                                        \
	"site: x\nupstreams:\n"                                                                    \
	"  - {name: u1, address: 192.0.2.101}\n"                                                   \
	"  - {name: u2, address: 192.0.2.102" keys "}\n"

static void
siblings_that_could_bar_its_sources_are_only_watched(void **state UNUSED)
{
	struct world world;
	const char *text;

	/* as many siblings as sources */
	open_world(&world, TWO_UPSTREAMS("") THREE_SERVERS);
	text = text_of(&world, "s1", "chrony", "/timetier.sources");
	assert_true(has_line(text, "server 192.0.2.2 minpoll 4 maxpoll 6 iburst noselect"));
	assert_null(strstr(text, " prefer"));
	text = text_of(&world, "s1", "chrony", "/chrony.conf");
	assert_null(strstr(text, "authselectmode"));
	close_world(&world);
	/* chronyd would rank them with the upstream that has NTS, above the others */
	open_world(&world,
	    TWO_UPSTREAMS(", nts: true") "  - {name: u3, address: 192.0.2.103}\n" THREE_SERVERS);
	text = text_of(&world, "s1", "chrony", "/timetier.sources");
	assert_true(has_line(text, "server 192.0.2.2 minpoll 4 maxpoll 6 iburst noselect"));
	close_world(&world);
}

static void
who_is_in_serve_gets_time_and_everybody_else_nothing(void **state UNUSED)
{
	struct world world;
	const char *text;

	open_world(&world,
	    UPSTREAMS THREE_SERVERS
	    "  - name: below\n"
	    "    from: core\n"
	    "    servers: [{name: b1, address: [198.51.100.1, 192.0.2.77], daemon: ntp}]\n"
	    "serve: [192.0.2.64/26]\n"
	    "monitors: [192.0.2.9]\n");
	text = text_of(&world, "s3", "ntp", "/ntp.conf");
	assert_true(has_line(text, "restrict -4 default ignore"));
	assert_true(has_line(text, "restrict -6 default ignore"));
	assert_true(has_line(text,
	    "restrict 192.0.2.64 mask 255.255.255.192 kod limited nomodify notrap nopeer noquery"));
	/* of the tier below, outside `serve`; its other address is inside */
	assert_true(has_line(text,
	    "restrict 198.51.100.1 mask 255.255.255.255 kod limited nomodify notrap nopeer "
	    "noquery"));
	assert_null(strstr(text, "192.0.2.77"));
	assert_true(
	    has_line(text, "restrict 192.0.2.9 mask 255.255.255.255 nomodify notrap nopeer"));
	text = text_of(&world, "s1", "chrony", "/chrony.conf");
	assert_true(has_line(text, "allow 192.0.2.64/26"));
	assert_true(has_line(text, "allow 198.51.100.1/32"));
	text = text_of(&world, "b1", "ntp", "/ntp.conf");
	assert_true(has_line(text, "server 192.0.2.3 minpoll 4 maxpoll 6 iburst"));
	assert_null(strstr(text, "198.51.100.1 ")); /* a tier does not ask itself for time */
	text = text_of(&world, "s1", "chrony", "/chrony.conf");
	assert_null(strstr(text, "\ncmdallow"));
	close_world(&world);
}

static void
a_client_serves_nobody_and_asks_a_majority(void **state UNUSED)
{
	struct world world;
	const char *text;

	open_world(&world,
	    UPSTREAMS THREE_SERVERS
	    "clients: [{name: web, from: core, hosts: \"web[1-3].example.net\"}]\n"
	    "serve: [192.0.2.0/24]\n"
	    "monitors: [192.0.2.9]\n");
	text = text_of(&world, "web2.example.net", "chrony", "/chrony.conf");
	assert_true(has_line(text, "port 0"));
	assert_true(has_line(text, "minsources 2"));
	assert_null(strstr(text, "\nallow"));
	text = text_of(&world, "web2.example.net", "ntpsec", "/ntp.conf");
	assert_true(has_line(text, "restrict -4 default ignore"));
	assert_true(has_line(text, "restrict source nomodify noquery"));
	assert_null(strstr(text, "192.0.2.0/24"));
	assert_null(strstr(text, "192.0.2.9"));
	assert_true(has_line(text, "server 192.0.2.3 minpoll 6 maxpoll 10 iburst"));
	close_world(&world);
}

#define BY_NTS                                                                                     \
	"site: test\n"                                                                             \
	"upstreams:\n"                                                                             \
	"  - {name: a, address: 192.0.2.101, nts: true}\n"                                         \
	"  - {name: b, address: 192.0.2.102, nts: true}\n"                                         \
	"  - {name: c, address: 192.0.2.103%s}\n"                                                  \
	"tiers:\n"                                                                                 \
	"  - name: core\n"                                                                         \
	"    upstreams: all\n"                                                                     \
	"    servers:\n"                                                                           \
	"      - {name: s1, address: 192.0.2.1, daemon: chrony}\n"                                 \
	"      - {name: s2, address: 192.0.2.2, daemon: chrony}\n"                                 \
	"clients: [{name: web, from: core, hosts: \"192.0.2.9\"}]\n"

static void
sources_that_all_have_nts_are_bounded_at_boot(void **state UNUSED)
{
	struct world world;
	const char *text;
	char site[2048];

	snprintf(site, sizeof(site), BY_NTS, ", nts: true");
	open_world(&world, site);
	assert_true(host_proves_by_nts(&world.topology, topology_host(&world.topology, "s1")));
	assert_false(
	    host_proves_by_nts(&world.topology, topology_host(&world.topology, "192.0.2.9")));
	text = text_of(&world, "s1", "chrony", "/first-set.conf");
	assert_true(has_line(text, "source 192.0.2.103 nts"));
	text = text_of(&world, "s1", "chrony", "/timetier-first-set.service");
	assert_true(has_line(text, "Wants=timetier-first-set-good.timer"));
	text = text_of(&world, "s1", "chrony", "/timetier-first-set-good.service");
	assert_true(has_line(text, "StateDirectory=timetier-first-set"));
	close_world(&world);
	snprintf(site, sizeof(site), BY_NTS, "");
	open_world(&world, site);
	assert_false(host_proves_by_nts(&world.topology, topology_host(&world.topology, "s1")));
	text = text_of(&world, "s1", "chrony", "/first-set.conf");
	assert_true(has_line(text, "source 192.0.2.102 nts"));
	assert_true(has_line(text, "source 192.0.2.103"));
	text = text_of(&world, "s1", "chrony", "/timetier-first-set.service");
	assert_null(strstr(text, "first-set-good"));
	close_world(&world);
}

static void
the_same_input_gives_the_same_bytes(void **state UNUSED)
{
	struct world world;
	const char *first, *second;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	first = text_of(&world, "s2", "ntpsec", "/ntp.conf");
	second = text_of(&world, "s2", "ntpsec", "/ntp.conf");
	assert_ptr_not_equal(first, second);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, " from site.yaml.\n"));
	assert_null(strstr(first, world.folder)); /* it must not matter where the site stands */
	close_world(&world);
}

static void
symmetric_mode_with_ntpsec_is_refused_by_name(void **state UNUSED)
{
	struct error err = { "" };
	struct world world;

	open_world(&world,
	    UPSTREAMS "tiers:\n"
		      "  - name: core\n"
		      "    upstreams: all\n"
		      "    peering: symmetric\n"
		      "    servers:\n"
		      "      - {name: s1, address: 192.0.2.1, daemon: chrony}\n"
		      "      - {name: s2, address: 192.0.2.2, daemon: ntpsec}\n");
	world.files.count = 77;
	assert_int_equal(render_host(world.render, topology_host(&world.topology, "s1"),
			     daemon_find("chrony"), &world.arena, &world.files, &err),
	    -1);
	assert_string_equal(
	    err.text, "host s2: NTPsec has no symmetric mode; write `peering: mesh` for tier core");
	assert_int_equal(world.files.count, 77);
	close_world(&world);
}

static void
a_template_of_the_operator_takes_the_place_of_one_file(void **state UNUSED)
{
	struct render *own;
	struct error err = { "" };
	struct world world;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	put_file(&world, "chrony.conf", "{{> header}}quorum {{quorum}}\n");
	put_file(&world, "header", "# ours\n");
	own = render_new(&world.topology, world.folder, &err);
	assert_non_null(own);
	render_free(world.render);
	world.render = own;
	assert_string_equal(text_of(&world, "s1", "chrony", "/chrony.conf"), "# ours\nquorum 3\n");
	assert_non_null(strstr(text_of(&world, "s1", "chrony", "/default/chrony"), "-F 1 -r"));
	close_world(&world);
}

static void
a_wrong_template_is_named_with_its_place(void **state UNUSED)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "a\n{{#serve}}\n",
		    "chrony.conf:2:1: section `serve` opened at line 2 is never closed" },
		{ "{{qourum}}", "chrony.conf:1:1: there is no name `qourum`; is `quorum` meant?" },
		{ "{{> ../../etc/passwd}}",
		    "chrony.conf:1:1: there is no template `../../etc/passwd`" },
	};
	struct error err = { "" };
	struct world world;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	for (size_t i = 0; i < COUNT(cases); i++) {
		put_file(&world, "chrony.conf", cases[i].text);
		assert_null(render_new(&world.topology, world.folder, &err));
		assert_string_equal(err.text, cases[i].error);
	}
	assert_null(render_new(&world.topology, "/nonexistent", &err));
	assert_string_equal(err.text, "/nonexistent is not a folder of templates");
	close_world(&world);
}

static void
a_name_outside_of_its_section_is_an_error_of_the_host(void **state UNUSED)
{
	struct render *own;
	struct error err = { "" };
	struct world world;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	put_file(&world, "chrony.conf", "\n{{address}}\n");
	own = render_new(&world.topology, world.folder, &err);
	assert_non_null(own);
	assert_int_equal(render_host(own, topology_host(&world.topology, "s1"),
			     daemon_find("chrony"), &world.arena, &world.files, &err),
	    -1);
	assert_string_equal(
	    err.text, "host s1: chrony.conf:2:1: `address` has no meaning outside of its section");
	render_free(own);
	close_world(&world);
}

static void
a_value_that_is_no_plain_word_is_refused(void **state UNUSED)
{
	struct agent_settings settings = { .service = agent_services,
		.pin = "sha256//x",
		.token = "00 daemon chrony",
		.daemon = "auto" };
	struct error err = { "" };
	struct world world;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	assert_int_equal(render_agent(world.render, topology_host(&world.topology, "s1"), &settings,
			     &world.arena, &world.files, &err),
	    -1);
	assert_non_null(strstr(err.text, "which is not one plain word"));
	close_world(&world);
}

static void
an_agent_is_told_where_to_report_and_by_which_token(void **state UNUSED)
{
	static const char *const collectors[] = { "https://192.0.2.9:8123",
		"https://[2001:db8::9]:8123" };
	const struct agent_settings settings = {
		.service = agent_services,
		.collectors = collectors,
		.collector_count = 2,
		.pin = "sha256//AAAA=",
		.token = "00ff",
		.daemon = "chrony",
		.interval_ns = 16 * NS_PER_S,
	};
	struct error err = { "" };
	struct world world;

	open_world(&world, UPSTREAMS THREE_SERVERS);
	assert_int_equal(render_agent(world.render, topology_host(&world.topology, "s1"), &settings,
			     &world.arena, &world.files, &err),
	    0);
	assert_string_equal(world.files.list[0].path, "/etc/timetier/agent.conf");
	assert_true(world.files.list[0].secret);
	assert_int_equal(world.files.list[0].mode, 0640);
	assert_non_null(strstr(world.files.list[0].content,
	    "\nhost s1\n"
	    "collector https://192.0.2.9:8123\n"
	    "collector https://[2001:db8::9]:8123\n"
	    "pin sha256//AAAA=\n"
	    "token 00ff\n"
	    "interval 16s\n"
	    "daemon chrony\n"));
	close_world(&world);
}

static void
seconds_have_no_more_digits_than_they_need(void **state UNUSED)
{
	struct arena arena = { NULL };

	assert_string_equal(context_seconds(&arena, 500 * NS_PER_MS), "0.5");
	assert_string_equal(context_seconds(&arena, NS_PER_S), "1");
	assert_string_equal(context_seconds(&arena, 10 * NS_PER_S), "10");
	assert_string_equal(context_seconds(&arena, 1), "0.000000001");
	assert_string_equal(context_seconds(&arena, 0), "0");
	arena_free(&arena);
}

static void
every_name_stands_in_the_manual(void **state UNUSED)
{
	struct buf manual = { .limit_bytes = 1 << 20 };
	struct arena arena = { NULL };

	assert_int_equal(file_read("doc/templates.7", &manual, NULL), 0);
	for (size_t i = 0; i < context_name_count; i++) {
		const struct context_name *row = &context_names[i];
		const char *lines = arena_printf(&arena, "\n.It Ic %s%s\n%s.\n",
		    row->name[0] == '.' ? "\\&" : "", row->name, row->doc);

		if (!strstr(buf_str(&manual), lines)) {
			fail_msg("doc/templates.7 lacks:%s", lines);
		}
	}
	arena_free(&arena);
	buf_free(&manual);
}

static void
a_folder_is_written_only_where_it_differs(void **state UNUSED)
{
	struct file_entry entries[] = {
		{ .path = "/etc/a", .content = "one\n", .len = 4 },
		{ .path = "/etc/sub/key", .content = "two\n", .len = 4, .secret = true },
	};
	const struct file_set set = { entries, COUNT(entries) };
	char folder[] = "/tmp/test_folder.XXXXXX", path[64];
	struct error err = { "" };
	size_t written = 0;
	struct stat info;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(folder_write(folder, "h", &set, &written, &err), 0);
	assert_int_equal(written, 2);
	written = 0;
	assert_int_equal(folder_write(folder, "h", &set, &written, &err), 0);
	assert_int_equal(written, 0);
	snprintf(path, sizeof(path), "%s/h/etc/sub/key", folder);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(folder_write(folder, "h", &set, &written, &err), 0);
	assert_int_equal(written, 1);
	assert_int_equal(folder_write(folder, "../h", &set, &written, &err), -1);
	assert_string_equal(err.text, "host \"../h\": not a name for a folder");
	unlink(path);
	snprintf(path, sizeof(path), "%s/h/etc/a", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/h/etc/sub", folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/h/etc", folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/h", folder);
	rmdir(path);
	assert_int_equal(rmdir(folder), 0);
}

/* The same settings, and the words of what starts the services. */
static void
the_agents_service_is_that_of_what_starts_the_services(void **state UNUSED)
{
	static const struct {
		enum platform_init init;
		const char *path;
		unsigned mode;
		const char *first, *start, *state;
	} rows[] = {
		{ INIT_SYSTEMD, "/etc/systemd/system/timetier-agent.service", 0644, "# s1, server ",
		    "\nExecStart=/usr/local/sbin/timetier-agent\n",
		    "\nStateDirectory=timetier-agent\n" },
		{ INIT_OPENRC, "/etc/init.d/timetier-agent", 0755,
		    "#!/sbin/openrc-run\n# s1, server ",
		    "\ncommand=/usr/local/sbin/timetier-agent\ncommand_args=--syslog\n",
		    " --mode 0750 --owner timetier-agent:timetier-agent "
		    "/var/lib/timetier-agent\n" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct agent_settings settings = { .service = agent_service(rows[i].init),
			.pin = "p",
			.token = "t",
			.daemon = "chrony" };
		const struct file_entry *entry;
		struct error err = { "" };
		struct world world;

		open_world(&world, UPSTREAMS THREE_SERVERS);
		assert_int_equal(render_agent(world.render, topology_host(&world.topology, "s1"),
				     &settings, &world.arena, &world.files, &err),
		    0);
		assert_int_equal(world.files.count, 2);
		entry = &world.files.list[1];
		assert_string_equal(entry->path, rows[i].path);
		assert_string_equal(entry->path, settings.service->file);
		assert_int_equal(entry->mode, rows[i].mode);
		assert_ptr_equal(strstr(entry->content, rows[i].first), entry->content);
		assert_non_null(strstr(entry->content, rows[i].start));
		assert_non_null(strstr(entry->content, rows[i].state));
		close_world(&world);
	}
}

/* Nobody may look at a plan that changes a file and wonder why nothing happens. */
static void
each_file_has_an_action_or_a_reason_why_none(void **state UNUSED)
{
	struct agent_settings settings = {
		.service = agent_services, .pin = "p", .token = "t", .daemon = "chrony"
	};
	struct error err = { "" };
	struct world world;
	char site[2048];

	snprintf(site, sizeof(site), BY_NTS, ", nts: true");
	open_world(&world, site);
	for (size_t d = 0; daemon_drivers[d]; d++) {
		const struct host *host = topology_host(&world.topology, "s1");
		struct file_set sets[2];

		assert_int_equal(render_host(world.render, host, daemon_drivers[d], &world.arena,
				     &sets[0], &err),
		    0);
		assert_int_equal(
		    render_agent(world.render, host, &settings, &world.arena, &sets[1], &err), 0);
		for (size_t i = 0; i < 2; i++) {
			for (size_t k = 0; k < sets[i].count; k++) {
				const struct file_entry *entry = &sets[i].list[k];

				if ((entry->action == FILE_ACTION_NONE) != (entry->idle != NULL)) {
					fail_msg("%s", entry->path);
				}
			}
		}
		assert_int_equal(sets[1].count, 2);
		for (size_t k = 0; k < sets[1].count; k++) {
			assert_int_equal(sets[1].list[k].action, FILE_ACTION_RESTART);
		}
	}
	close_world(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_never_steps_and_keeps_its_quorum),
		cmocka_unit_test(a_server_that_lost_its_sources_serves_on),
		cmocka_unit_test(the_clock_of_a_server_is_set_before_its_daemon),
		cmocka_unit_test(siblings_ask_each_other_over_one_family_and_help_chronyd),
		cmocka_unit_test(siblings_that_could_bar_its_sources_are_only_watched),
		cmocka_unit_test(who_is_in_serve_gets_time_and_everybody_else_nothing),
		cmocka_unit_test(a_client_serves_nobody_and_asks_a_majority),
		cmocka_unit_test(sources_that_all_have_nts_are_bounded_at_boot),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(symmetric_mode_with_ntpsec_is_refused_by_name),
		cmocka_unit_test(a_template_of_the_operator_takes_the_place_of_one_file),
		cmocka_unit_test(a_wrong_template_is_named_with_its_place),
		cmocka_unit_test(a_name_outside_of_its_section_is_an_error_of_the_host),
		cmocka_unit_test(a_value_that_is_no_plain_word_is_refused),
		cmocka_unit_test(an_agent_is_told_where_to_report_and_by_which_token),
		cmocka_unit_test(the_agents_service_is_that_of_what_starts_the_services),
		cmocka_unit_test(seconds_have_no_more_digits_than_they_need),
		cmocka_unit_test(every_name_stands_in_the_manual),
		cmocka_unit_test(a_folder_is_written_only_where_it_differs),
		cmocka_unit_test(each_file_has_an_action_or_a_reason_why_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
