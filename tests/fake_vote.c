#include "tests/fake_vote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char site[] =
    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
    "  - {name: u2, address: 192.0.2.102}\n  - {name: u3, address: 192.0.2.103}\n"
    "tiers:\n  - name: core\n    upstreams: all\n    budget: {offset: 5ms, error_bound: 50ms}\n"
    "    servers:\n"
    "      - {name: t1, address: 192.0.2.1}\n      - {name: t2, address: 192.0.2.2}\n"
    "      - {name: t3, address: [192.0.2.3, \"2001:db8::3\"]}\n"
    "  - {name: branch, from: core, servers: [{name: b1, address: 192.0.2.11}]}\n"
    "clients:\n  - {name: c, from: core, hosts: c1}\n";

void
fake_vote_status(struct report *report, const char *selected, int64_t offset_ns)
{
	*report = (struct report){ .boot_id = "b",
		.boot_ns = 100 * NS_PER_S,
		.real_ns = 1000 * NS_PER_S,
		.answered = true,
		.status = { .stratum = 2,
		    .offset_ns = offset_ns,
		    .update_interval_ns = 64 * NS_PER_S,
		    .source_count = 1,
		    .sources = { { .state = SOURCE_SELECTED,
			.reach = 1,
			.stratum = 1,
			.poll_log2 = 6,
			.offset_ns = offset_ns,
			.delay_ns = MS,
			.error_ns = MS } } } };
	snprintf(report->status.selected, SOURCE_NAME_BYTES, "%s", selected);
	snprintf(report->status.sources[0].address, SOURCE_NAME_BYTES, "%s", selected);
}

void
fake_vote_begin(struct fake_vote *bed, const char *host, int64_t offset_ns)
{
	struct diags diags = { 0 };

	memset(bed, 0, sizeof(*bed));
	if (topology_load_text(&bed->topology, "site.yaml", site, strlen(site), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	fake_vote_status(&bed->before, "192.0.2.101", 0);
	fake_vote_status(&bed->now, "192.0.2.201", offset_ns);
	bed->input = (struct site_time_case){ .topology = &bed->topology,
		.host = topology_host(&bed->topology, host),
		.before = &bed->before,
		.now = &bed->now,
		.elapsed_ns = 2 * NS_PER_S,
		.voters = bed->voters,
		.voter_count = bed->topology.server_count,
		.now_ns = 1000 * NS_PER_S };
	for (size_t i = 0; i < bed->topology.server_count; i++) {
		bed->voters[i] =
		    (struct site_voter){ &bed->topology.hosts[i], true, true, 0, INT64_MIN };
	}
}

struct site_voter *
fake_vote_tell(struct fake_vote *bed, const char *name, int64_t offset_ns)
{
	struct report report;

	for (size_t i = 0; i < bed->topology.server_count; i++) {
		struct site_voter *voter = &bed->voters[i];

		if (strcmp(voter->host->name, name) == 0) {
			fake_vote_status(&report, "192.0.2.101", offset_ns);
			voter->right = false;
			site_voter_look(voter, &report, true, bed->input.now_ns - 3 * NS_PER_S);
			return voter;
		}
	}
	fail_msg("no server %s", name);
	return NULL;
}

struct source_status *
fake_vote_source(struct fake_vote *bed, const char *address, int64_t offset_ns)
{
	struct daemon_status *status = &bed->now.status;
	struct source_status *source = &status->sources[status->source_count++];

	*source = status->sources[0];
	source->state = SOURCE_REJECTED;
	source->stratum = 2;
	source->offset_ns = offset_ns;
	snprintf(source->address, SOURCE_NAME_BYTES, "%s", address);
	return source;
}

void
fake_vote_expect(struct fake_vote *bed, enum site_time want)
{
	enum site_time got = site_time_judge(&bed->input, bed->words);

	if (got != want) {
		fail_msg("judged %d, wanted %d: %s", got, want, bed->words);
	}
	if (want != SITE_TIME_DISAGREES) {
		assert_string_equal(bed->words, "");
	}
}

void
fake_vote_finish(struct fake_vote *bed)
{
	topology_free(&bed->topology);
}

void
fake_vote_begin_first(struct fake_vote *bed, const char *host, int64_t offset_ns)
{
	fake_vote_begin(bed, host, offset_ns);
	bed->before.status.stratum = 16;
	bed->before.status.leap = LEAP_UNSYNC;
	bed->before.status.selected[0] = '\0';
	bed->before.status.source_count = 0;
}
