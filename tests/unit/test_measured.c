/* What the collector's own questions tell of hosts that nobody logs in to. */
#include "common/clock.h"
#include "common/ntp/packet.h"
#include "measure/target.h"
#include "orchestrator/collect/fleet.h"
#include "orchestrator/measured/asker.h"
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS NS_PER_MS
#define BEGIN (1000 * NS_PER_S)

static struct topology site;

static const char text[] =
    "site: x\n"
    "upstreams: [{name: a, address: 192.0.2.101}]\n"
    "tiers:\n"
    "  - name: core\n"
    "    upstreams: all\n"
    "    servers:\n"
    "      - {name: t1, address: 192.0.2.1}\n"
    "      - {name: box, address: 127.0.0.1, manage: false}\n"
    "clients:\n"
    "  - {name: net, from: core, hosts: [{name: cam, address: 192.0.2.9}], manage: false}\n"
    "budget: {offset: 5ms, error_bound: 50ms}\n";

static int
load(void **state UNUSED)
{
	struct diags diags = { 0 };
	int status = topology_load_text(&site, "site.yaml", text, strlen(text), &diags);

	diags_print(&diags, stderr, false);
	diags_free(&diags);
	return status;
}

static int
unload(void **state UNUSED)
{
	topology_free(&site);
	return 0;
}

/* A round of a host whose clock is ahead by @ahead_ns, as two samples tell. */
static struct measure_target
answered(int64_t ahead_ns)
{
	return (struct measure_target){ .sent = 2,
		.answered = 2,
		.samples = { { .offset_ns = 9 * ahead_ns, .delay_ns = 20 * MS, .stratum = 2 },
		    { .offset_ns = ahead_ns, .delay_ns = MS, .stratum = 2 } },
		.sample_count = 2 };
}

static struct measure_target
failed(const char *why, unsigned answers)
{
	struct measure_target target = { .sent = 2, .answered = answers };

	snprintf(target.why, sizeof(target.why), "%s", why);
	return target;
}

static enum health
health_of(const struct measured *measured, const char *name, char *reason)
{
	return measured_judge(measured, topology_host(&site, name), reason);
}

static void
the_sample_with_the_least_delay_counts_and_behind_is_positive(void **state UNUSED)
{
	struct measured measured = { .rounds = 0 };
	struct measure_target target = answered(3 * MS);
	char reason[HEALTH_REASON_BYTES];

	assert_int_equal(health_of(&measured, "box", reason), HEALTH_NEVER);
	measured_take(&measured, &target, BEGIN);
	assert_int_equal(measured.offset_ns, -3 * MS);
	assert_int_equal(measured.delay_ns, MS);
	assert_int_equal(measured.stratum, 2);
	assert_true(measured_is_fresh(&measured));
	assert_int_equal(health_of(&measured, "box", reason), HEALTH_GOOD);
	assert_string_equal(reason, "");
	target = answered(-6 * MS);
	measured_take(&measured, &target, BEGIN);
	assert_int_equal(measured.offset_ns, 6 * MS);
	assert_int_equal(health_of(&measured, "box", reason), HEALTH_OVER_BUDGET);
	assert_string_equal(reason,
	    "its clock is 6.00 ms behind ours (budget 5.00 ms), over a round trip of 1.00 ms");
}

static void
who_says_that_it_is_not_synchronised_is_believed(void **state UNUSED)
{
	struct measured measured = { .rounds = 0 };
	struct measure_target target = failed("its clock is not synchronised", 2);
	char reason[HEALTH_REASON_BYTES];

	measured_take(&measured, &target, BEGIN);
	assert_int_equal(health_of(&measured, "cam", reason), HEALTH_UNSYNCED);
	assert_string_equal(reason, "its clock is not synchronised");
	assert_false(measured_is_fresh(&measured));
}

static void
a_client_that_never_answered_is_not_measurable_and_a_server_silent(void **state UNUSED)
{
	struct measured measured = { .rounds = 0 };
	struct measure_target target = failed("no NTP server listens there", 0);
	char reason[HEALTH_REASON_BYTES];

	measured_take(&measured, &target, BEGIN);
	assert_int_equal(health_of(&measured, "cam", reason), HEALTH_UNMEASURABLE);
	assert_int_equal(health_of(&measured, "box", reason), HEALTH_SILENT);
	assert_non_null(strstr(reason, "no NTP server listens there"));
}

static void
who_answered_before_is_silent_after_three_rounds_without(void **state UNUSED)
{
	struct measured measured = { .rounds = 0 };
	struct measure_target good = answered(0), none = failed("no answer within 2 s", 0);
	char reason[HEALTH_REASON_BYTES];

	measured_take(&measured, &good, BEGIN);
	for (int i = 0; i < 2; i++) {
		measured_take(&measured, &none, BEGIN);
		assert_int_equal(health_of(&measured, "cam", reason), HEALTH_GOOD);
	}
	measured_take(&measured, &none, BEGIN);
	assert_int_equal(health_of(&measured, "cam", reason), HEALTH_SILENT);
	assert_int_equal(measured.reach, 0x8);
	for (int i = 0; i < 20; i++) {
		measured_take(&measured, &good, BEGIN);
	}
	assert_int_equal(measured.rounds, 8);
	assert_int_equal(measured.reach, 0xff);
}

/* A report that comes all the same is of an agent that should not be there. */
static void
the_fleet_judges_them_by_what_is_measured(void **state UNUSED)
{
	struct fleet fleet;
	struct fleet_host *box, *row;
	struct measure_target target = answered(MS);
	struct report *report = calloc(1, sizeof(*report));
	struct headline headline;
	struct arena arena = { 0 };
	int64_t read_ns;

	assert_non_null(report);
	fleet_init(&fleet, &site, BEGIN);
	box = fleet_find(&fleet, "box");
	assert_int_equal(box->health, HEALTH_NEVER);
	snprintf(report->host, sizeof(report->host), "box");
	assert_int_equal(fleet_take(&fleet, report, BEGIN, &row, &read_ns), FLEET_UNKNOWN);
	fleet_measure(&fleet, box, &target, BEGIN);
	assert_int_equal(box->health, HEALTH_GOOD);
	assert_true(fleet_is_fresh(box) && is_measured(box) && !is_heard(box));
	target = failed("no NTP server listens there", 0);
	fleet_measure(&fleet, fleet_find(&fleet, "cam"), &target, BEGIN);
	summarise(&fleet, &arena, &headline);
	assert_int_equal(headline.host_count, 3);
	assert_int_equal(headline.known_count, 2);
	assert_int_equal(headline.managed_count, 1);
	assert_ptr_equal(headline.worst, fleet_find(&fleet, "t1")); /* not the one without a time */
	arena_free(&arena);
	fleet_done(&fleet);
	free(report);
}

/* --- the questions themselves, to a server on the loop --- */

static struct {
	uv_loop_t loop;
	uv_udp_t socket;
	struct asker *asker;
	unsigned questions, taken;
	struct measured measured;
	char datagram[512];
} net;

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	*buf = uv_buf_init(net.datagram, sizeof(net.datagram));
}

/* The time of a clock that is 20 ms ahead, in 2^-32 s since 1900. */
static ntp_time
ahead(void)
{
	int64_t ns = clock_real_ns() + 20 * MS;

	return (uint64_t)(ns / NS_PER_S + INT64_C(2208988800)) << 32 |
	    ((uint64_t)(ns % NS_PER_S) << 32) / NS_PER_S;
}

static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct ntp_packet packet;
	uint8_t bytes[NTP_HEADER_BYTES];
	uv_buf_t out = uv_buf_init((char *)bytes, sizeof(bytes));

	if (got <= 0 ||
	    ntp_packet_decode((const uint8_t *)buf->base, (size_t)got, &packet, NULL) < 0) {
		return;
	}
	net.questions++;
	packet = (struct ntp_packet){ .version = 4,
		.mode = 4,
		.stratum = 1,
		.precision_log2 = -20,
		.origin = packet.transmit,
		.reference = ahead(),
		.receive = ahead(),
		.transmit = ahead() };
	ntp_packet_encode(&packet, bytes);
	uv_udp_try_send(socket, &out, 1, from);
}

static void
on_taken(void *ctx UNUSED, size_t host, const struct measure_target *target)
{
	if (strcmp(site.hosts[host].name, "box") == 0) {
		measured_take(&net.measured, target, clock_boot_ns());
		net.taken++;
		asker_stop(net.asker);
		uv_close((uv_handle_t *)&net.socket, NULL);
	}
}

static void
only_hosts_that_are_not_managed_are_asked_and_their_time_is_taken(void **state UNUSED)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	uv_loop_init(&net.loop);
	uv_udp_init(&net.loop, &net.socket);
	uv_ip4_addr("127.0.0.1", 0, &address);
	assert_int_equal(uv_udp_bind(&net.socket, (const struct sockaddr *)&address, 0), 0);
	uv_udp_getsockname(&net.socket, (struct sockaddr *)&address, &len);
	uv_udp_recv_start(&net.socket, on_alloc, on_question);
	net.asker = asker_new(&net.loop, ntohs(address.sin_port), on_taken, NULL);
	asker_use(net.asker, &site);
	asker_tick(net.asker, clock_boot_ns());
	asker_tick(net.asker, clock_boot_ns()); /* nothing more is due */
	uv_run(&net.loop, UV_RUN_DEFAULT);
	assert_int_equal(net.taken, 1);
	assert_int_equal(net.questions, 3);
	assert_int_equal(net.measured.stratum, 1);
	assert_in_range(-net.measured.offset_ns, 20 * MS - net.measured.delay_ns - MS / 10,
	    20 * MS + net.measured.delay_ns + MS / 10);
	asker_free(net.asker);
	assert_int_equal(uv_loop_close(&net.loop), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_with_the_least_delay_counts_and_behind_is_positive),
		cmocka_unit_test(who_says_that_it_is_not_synchronised_is_believed),
		cmocka_unit_test(
		    a_client_that_never_answered_is_not_measurable_and_a_server_silent),
		cmocka_unit_test(who_answered_before_is_silent_after_three_rounds_without),
		cmocka_unit_test(the_fleet_judges_them_by_what_is_measured),
		cmocka_unit_test(only_hosts_that_are_not_managed_are_asked_and_their_time_is_taken),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
