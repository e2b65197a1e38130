#include "tests/fake_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_sshd.h"

static struct tier tier = { .name = "core",
	.budget = { .offset_ns = NS_PER_MS, .error_bound_ns = NS_PER_S } };
static struct address address = { .text = "127.0.0.1", .ip = { IP_V4, { 127, 0, 0, 1 } } };
static struct host time1 = {
	.name = "time1", .role = HOST_SERVER, .addresses = { &address, 1 }, .tier = &tier
};
static const struct topology topology = { .site = "test",
	.rollout = { .confirm_within_ns = 2 * NS_PER_S } };

#define BLOB_FILE "/etc/ntp.keys" /* a file of another daemon: nothing on this host reads it */
#define BLOB "new \x81\n"

const char *bed_config;
bool bed_has_blob;
enum file_action bed_action;
unsigned bed_ntp_port;
const char *bed_daemon;

static int
wanted_files(void *ctx UNUSED, const struct host *host UNUSED, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err UNUSED)
{
	static const char *const paths[] = { "/etc/chrony/chrony.conf",
		"/etc/chrony/sources.d/timetier.sources", "/etc/chrony/chrony.keys",
		"/etc/systemd/system/chrony.service.d/timetier.conf", BLOB_FILE };
	size_t count = COUNT(paths) - !bed_has_blob;

	assert_string_equal(driver->name, "chrony");
	set->list = arena_alloc(arena, count * sizeof(*set->list));
	for (size_t i = 0; i < count; i++) {
		const char *content = i == 0 ? bed_config : i == COUNT(paths) - 1 ? BLOB : "new\n";

		set->list[i] = (struct file_entry){ .path = paths[i],
			.content = content,
			.len = strlen(content),
			.mode = 0644,
			.owner = "root",
			.group = "root",
			.action = bed_action };
	}
	set->count = count;
	return 0;
}

static void
open_rollout(struct bed *bed)
{
	static const struct host *const hosts[] = { &time1 };
	struct rollout_request request = {
		.loop = bed->fake.loop,
		.transport = &bed->fake.transport,
		.topology = &topology,
		.hosts = hosts,
		.host_count = 1,
		.parallel = 1,
		.kind = bed->kind,
		.force_unlock = bed->force_unlock,
		.errand = bed->errand,
		.programs = bed->kind == ROLLOUT_ERRAND ? bed->programs : NULL,
		.takes_back = bed->takes_back,
		.files = wanted_files,
		.top = bed->host.top,
		.holder = "a test",
		.run = bed->run,
		.asks_access = bed_ntp_port > 0,
		.ntp_port = bed_ntp_port,
	};
	size_t count;

	time1.daemon = bed_daemon;
	bed->rollout = rollout_new(&request);
	bed->result = rollout_hosts(bed->rollout, &count);
}

void
bed_begin(struct bed *bed)
{
	bed_config = "new\n";
	bed_daemon = "auto";
	bed_has_blob = false;
	bed->kind = ROLLOUT_FILES;
	bed->force_unlock = bed->takes_back = false;
	bed->run = NULL;
	bed->programs = NULL;
	bed_action = FILE_ACTION_RESTART;
	fake_host_make(&bed->host);
	fake_transport_init(&bed->fake);
	open_rollout(bed);
}

void
bed_begin_again(struct bed *bed)
{
	rollout_free(bed->rollout);
	open_rollout(bed);
}

void
bed_finish(struct bed *bed)
{
	rollout_free(bed->rollout);
	fake_transport_done(&bed->fake);
	fake_host_remove(&bed->host);
}

const char *
bed_state(const struct bed *bed)
{
	const struct fake_host *host = &bed->host;
	bool config = strcmp(fake_host_read(host, "/etc/chrony/chrony.conf"), "new\n") == 0;
	bool sources =
	    strcmp(fake_host_read(host, "/etc/chrony/sources.d/timetier.sources"), "new\n") == 0;
	bool keys = strcmp(fake_host_read(host, "/etc/chrony/chrony.keys"), "new\n") == 0;
	bool dropin =
	    strcmp(fake_host_read(host, "/etc/systemd/system/chrony.service.d/timetier.conf"),
		"new\n") == 0;
	bool blob = strcmp(fake_host_read(host, BLOB_FILE), BLOB) == 0;
	const char *running;

	if (config && sources && keys && dropin && blob == bed_has_blob) {
		running = fake_host_read(host, "/running");
		return strcmp(running, "new\nnew\n") == 0 ? "new" : "new files, not running";
	}
	if (config || sources || keys || dropin || blob) {
		return "neither old nor new";
	}
	if (strcmp(fake_host_read(host, "/etc/chrony/chrony.conf"), "old\n") != 0) {
		return "old file lost";
	}
	running = fake_host_read(host, "/running");
	return strcmp(running, "old\n") == 0 ? "old" : "old files, not running";
}

bool
bed_is_clean(const struct bed *bed)
{
	return !fake_host_leftover(&bed->host);
}

void
bed_assert_state(const struct bed *bed, const char *want)
{
	const char *state = bed_state(bed);

	if (strcmp(state, want) != 0 || !bed_is_clean(bed)) {
		fake_sshd_shell("cd %s && find etc var run -type f | head -40", bed->host.top);
		fail_msg("the host is %s (wanted %s), %s; outcome %s: %s: %s", state, want,
		    bed_is_clean(bed) ? "clean" : "with leftovers",
		    host_outcome_name(bed->result->outcome),
		    bed->result->where ? bed->result->where : "", bed->result->err.text);
	}
}

void
bed_assert_outcome(const struct bed *bed, enum host_outcome want)
{
	if (bed->result->outcome != want) {
		fail_msg("outcome %s, wanted %s: %s: %s", host_outcome_name(bed->result->outcome),
		    host_outcome_name(want), bed->result->where ? bed->result->where : "",
		    bed->result->err.text);
	}
}

void
bed_assert_told(const struct bed *bed, const char *line)
{
	const char *last = fake_host_read(&bed->host, "/var/lib/timetier/last");

	if (!strstr(last, line)) {
		fail_msg("wanted \"%s\" in:\n%s", line, last);
	}
}
