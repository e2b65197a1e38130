#include "tests/fake_fleet.h"

#include "common/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char site_yaml[] = "site: test\n"
				"upstreams:\n"
				"  - {name: alder, address: 192.0.2.101, operator: A}\n"
				"  - {name: birch, address: 192.0.2.102, operator: B}\n"
				"  - {name: cedar, address: 192.0.2.103, operator: C}\n"
				"tiers:\n"
				"  - name: core\n"
				"    upstreams: all\n"
				"    peering: mesh\n"
				"    servers:\n"
				"      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
				"      - {name: time2, address: \"2001:db8::2\", daemon: ntpsec}\n"
				"clients:\n"
				"  - {name: web, from: core, hosts: \"web[1-2]\"}\n"
				"budget: {offset: 5ms, error_bound: 50ms}\n";

static void
write_text(const char *path, const char *text)
{
	struct error err;

	assert_int_equal(file_replace(path, text, strlen(text), 0600, &err), 0);
}

int
fake_fleet_set_up(void **state)
{
	struct fake_fleet *world = calloc(1, sizeof(*world));
	struct diags diags = { 0 };
	struct error err;
	int fd;

	*state = world;
	snprintf(world->folder, sizeof(world->folder), "/tmp/timetier-publish.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->site, sizeof(world->site), "%s/site.yaml", world->folder);
	snprintf(world->history, sizeof(world->history), "%s/history.db", world->folder);
	write_text(world->site, site_yaml);
	assert_int_equal(topology_load(&world->topology, world->site, &diags), 0);
	diags_print(&diags, stderr, false);
	diags_free(&diags);
	world->collector.topology = &world->topology;
	fleet_init(&world->collector.fleet, &world->topology, FAKE_FLEET_NOW);
	watch_init(&world->collector.watch, &world->topology, FAKE_FLEET_NOW);
	names_init(&world->collector.names, &world->topology);
	assert_int_equal(store_open(world->history, &world->collector.store, &err), 0);
	assert_true(endpoint_parse("127.0.0.1:0", &world->collector.listen, &err) == 0);
	assert_int_equal(identity_open(world->folder, &world->collector.identity, &err), 0);
	world->collector.loop = malloc(sizeof(*world->collector.loop));
	assert_int_equal(uv_loop_init(world->collector.loop), 0);
	assert_int_equal(listen_at(&world->collector.listen, "--listen", &fd, &err), 0);
	assert_int_equal(receiver_start(world->collector.loop, fd, &world->collector.identity,
			     &world->collector.receiver, &err),
	    0);
	return 0;
}

int
fake_fleet_tear_down(void **state)
{
	static const char *const files[] = { "site.yaml", "history.db", "history.db-wal",
		"history.db-shm", "secret", "collector.key", "collector.crt" };
	struct fake_fleet *world = *state;

	receiver_stop(world->collector.receiver);
	uv_run(world->collector.loop, UV_RUN_DEFAULT);
	uv_loop_close(world->collector.loop);
	free(world->collector.loop);
	store_close(world->collector.store);
	watch_done(&world->collector.watch);
	names_done(&world->collector.names);
	fleet_done(&world->collector.fleet);
	identity_done(&world->collector.identity);
	topology_free(&world->topology);
	for (size_t i = 0; i < COUNT(files); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", world->folder, files[i]);
		unlink(path);
	}
	rmdir(world->folder);
	free(world);
	return 0;
}

void
fake_fleet_add_source(struct report *report, const char *address, enum source_state state)
{
	struct source_status *source = &report->status.sources[report->status.source_count++];

	snprintf(source->address, sizeof(source->address), "%s", address);
	source->state = state;
	source->age_ns = state == SOURCE_SILENT ? -1 : NS_PER_S;
	source->offset_ns = state == SOURCE_FALSETICKER ? 2 * NS_PER_S : 1000;
	if (state == SOURCE_SELECTED) {
		snprintf(report->status.selected, sizeof(report->status.selected), "%s", address);
	}
}

struct report
fake_fleet_report(const char *host)
{
	struct report report = {
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.boot_ns = NS_PER_S,
		.interval_ns = 16 * NS_PER_S,
		.answered = true,
		.daemon = "chrony",
		.status = { .stratum = 2, .offset_ns = -1500, .root_dispersion_ns = 1000 },
		.rtc_offset_ns = INT64_MAX,
	};

	snprintf(report.host, sizeof(report.host), "%s", host);
	fake_fleet_add_source(&report, "192.0.2.101", SOURCE_SELECTED);
	fake_fleet_add_source(&report, "192.0.2.102", SOURCE_FALSETICKER);
	fake_fleet_add_source(&report, "192.0.2.103", SOURCE_SILENT);
	return report;
}

void
fake_fleet_take(struct fake_fleet *world, const struct report *report)
{
	struct fleet_host *row;
	int64_t read_ns;

	assert_int_equal(
	    fleet_take(&world->collector.fleet, report, FAKE_FLEET_NOW, &row, &read_ns),
	    FLEET_LATEST);
}
