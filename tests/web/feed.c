/*
 * feed SITE STATE ADDR:PORT SCENARIO [HOURS [EVERY_S]]: play the agents of a whole site.  Reports
 * go over TLS to a real collector: first one of now from every host, then HOURS of past as an
 * agent's spool would bring it; with EVERY_S it stays and reports so often.
 * Long, because all that may be wrong with a site is told in one place.
 */
#include "common/clock.h"
#include "orchestrator/collect/listen.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define PAST_STEP_S 64
#define SEQ_NOW 1000000 /* of the first report; those of the past have smaller ones */
#define UPTIME_NS (40 * 86400 * NS_PER_S) /* of every host */

struct feed {
	struct topology topology;
	struct identity identity;
	struct endpoint endpoint;
	const char *scenario;
	SSL *ssl;
	int64_t start_ns; /* by this machine's boot clock */
	uint64_t seed;
};

static volatile sig_atomic_t ended;

static void
fail(const char *what)
{
	fprintf(stderr, "feed: %s\n", what);
	exit(EXIT_FAILURE);
}

/* -1 to 1, the same in every run. */
static double
noise(struct feed *feed)
{
	feed->seed = feed->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(int64_t)(feed->seed >> 11) / (double)(INT64_C(1) << 52) - 1.0;
}

/* -1 to 1, smooth, in some five hours. */
static double
wave_at(int64_t at_s)
{
	double phase = (double)(at_s % 18000) / 9000.0 - 1.0;

	return 4.0 * phase * (1.0 - (phase < 0 ? -phase : phase));
}

static void
connect_to(struct feed *feed)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	memcpy(&address.sin_addr, feed->endpoint.ip.bytes, 4);
	address.sin_port = htons((uint16_t)feed->endpoint.port);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		fail("no collector there");
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	feed->ssl = SSL_new(context);
	SSL_set_fd(feed->ssl, fd);
	if (SSL_connect(feed->ssl) != 1) {
		fail("no TLS there");
	}
	SSL_CTX_free(context);
}

static void
post(struct feed *feed, const struct report *report)
{
	char head[1024], answer[4096], token[TOKEN_BYTES];
	char *body = report_encode(report);
	int len, got = 0;

	identity_token(&feed->identity, report->host, token);
	len = snprintf(head, sizeof(head),
	    "POST /api/v1/report HTTP/1.1\r\nHost: collector\r\nTimetier-Host: %s\r\n"
	    "Authorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n",
	    report->host, token, strlen(body));
	if (SSL_write(feed->ssl, head, len) != len ||
	    SSL_write(feed->ssl, body, (int)strlen(body)) != (int)strlen(body)) {
		fail("the collector does not read");
	}
	do {
		int more = SSL_read(feed->ssl, answer + got, (int)sizeof(answer) - 1 - got);

		if (more <= 0) {
			fail("the collector does not answer");
		}
		got += more;
		answer[got] = '\0';
	} while (!strstr(answer, "\r\n\r\n"));
	if (strncmp(answer, "HTTP/1.1 204", 12) != 0) {
		fail(answer);
	}
	free(body);
}

static bool
is(const struct feed *feed, const char *scenario)
{
	return strcmp(feed->scenario, scenario) == 0;
}

static void
add_source(struct report *report, const char *address, enum source_state state, int stratum)
{
	struct daemon_status *status = &report->status;
	struct source_status *source = &status->sources[status->source_count];

	if (status->source_count == DAEMON_SOURCES_MAX) {
		return;
	}
	status->source_count++;
	*source = (struct source_status){
		.state = state,
		.auth = strcmp(report->daemon, "chrony") == 0 ? AUTH_UNKNOWN
		    : stratum > 1                             ? AUTH_KEY
							      : AUTH_NONE,
		.declared_auth = stratum > 1 ? AUTH_KEY : AUTH_NONE,
		.stratum = state == SOURCE_SILENT ? 0 : stratum,
		.poll_log2 = 6,
		.reach = state == SOURCE_SILENT ? 0 : 0377,
		.age_ns = state == SOURCE_SILENT ? -1 : 12 * NS_PER_S,
		.offset_ns = state == SOURCE_FALSETICKER ? 2 * NS_PER_S : report->status.offset_ns,
		.delay_ns = 1800 * NS_PER_US,
		.error_ns = 900 * NS_PER_US,
	};
	snprintf(source->address, sizeof(source->address), "%s", address);
	if (state == SOURCE_SELECTED) {
		snprintf(status->selected, sizeof(status->selected), "%s", address);
	}
}

/* The last two upstreams of a site are no good, as in the demo. */
static enum source_state
upstream_state(const struct feed *feed, const struct upstream *upstream, size_t host)
{
	size_t index = (size_t)(upstream - feed->topology.upstreams);
	size_t count = feed->topology.upstream_count;

	if (!is(feed, "healthy") && index + 1 == count) {
		return SOURCE_SILENT;
	}
	if (!is(feed, "healthy") && index + 2 == count) {
		return SOURCE_FALSETICKER;
	}
	return index == host % (count > 2 ? count - 2 : 1) ? SOURCE_SELECTED : SOURCE_COMBINED;
}

static void
add_sources(struct feed *feed, const struct host *host, size_t index, struct report *report)
{
	const struct source_list *sources = host_sources(host);

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		if (source->upstream) {
			add_source(report, source->upstream->addresses.list[0].text,
			    upstream_state(feed, source->upstream, index), 1);
		} else {
			add_source(report, source->server->addresses.list[0].text,
			    i == index % sources->count ? SOURCE_SELECTED : SOURCE_COMBINED, 2);
		}
	}
	for (size_t i = 0; host->tier && i < host->tier->server_count; i++) {
		if (host->tier->servers[i] != host) {
			add_source(report, host->tier->servers[i]->addresses.list[0].text,
			    SOURCE_REJECTED, 2);
			report->status.sources[report->status.source_count - 1].noselect = true;
		}
	}
}

/* A step @at_s before the site began to be watched, when that is past; newest first. */
static void
add_step(struct report *report, int64_t at_s, int64_t amount_ns, enum step_cause cause,
    const char *words)
{
	int64_t boot_ns = UPTIME_NS - at_s * NS_PER_S;
	struct ledger_entry *entry = &report->ledger[report->ledger_count];

	if (boot_ns > report->boot_ns) {
		return;
	}
	report->ledger_count++;
	*entry = (struct ledger_entry){
		.boot_ns = boot_ns,
		.amount_ns = amount_ns,
		.after_real_ns = report->real_ns - (report->boot_ns - boot_ns),
		.cause = cause,
		.settled = true,
	};
	entry->before_real_ns = entry->after_real_ns - amount_ns;
	snprintf(entry->boot_id, sizeof(entry->boot_id), "%s", report->boot_id);
	snprintf(entry->words, sizeof(entry->words), "%s", words);
}

/* The daemon was started @at_s before the site began to be watched, when that is past. */
static void
start_daemon(struct report *report, int64_t at_s, int64_t stepped_ns)
{
	int64_t started_ns = UPTIME_NS - at_s * NS_PER_S;
	struct proof *proof = &report->proof;

	if (started_ns > report->boot_ns) {
		return;
	}
	*proof = (struct proof){
		.started_boot_ns = started_ns,
		.window_ns = 900 * NS_PER_S,
		.state = stepped_ns != 0                            ? PROOF_STEPPED
		    : report->boot_ns - started_ns > 900 * NS_PER_S ? PROOF_PROVED
								    : PROOF_WATCHING,
		.steps = stepped_ns != 0,
		.stepped_ns = stepped_ns,
		.moved_ns = stepped_ns + 3 * NS_PER_MS,
	};
	snprintf(proof->words, sizeof(proof->words),
	    stepped_ns != 0 ? "STEPPED, 8 s after ntpd started" : "no step since ntpd started");
}

/* What is wrong where, in the broken site. */
static void
break_host(size_t index, double ago_s, struct report *report)
{
	struct daemon_status *status = &report->status;

	switch (index) {
	case 1: /* stepped 40 minutes ago, and is far off since */
		start_daemon(report, 2408, ago_s < 2400 ? -212 * NS_PER_MS : 0);
		if (ago_s < 2400) {
			status->offset_ns += 212 * NS_PER_MS;
			report->steps.count = 1;
			report->steps.last_ns = report->steps.total_ns = -212 * NS_PER_MS;
			add_step(report, 2400, -212 * NS_PER_MS, CAUSE_START_UP,
			    "ntpd, 8.00 s after its start: so said 192.0.2.9");
		}
		report->verdict = (struct verdict){ VERDICT_STEP, false, 212 * NS_PER_MS, 0,
			{ "the offset of 212 ms is beyond the step threshold of 128 ms",
			    "ntpd was started with -g" },
			2 };
		break;
	case 3:
		report->answered = false;
		report->end = (struct daemon_end){ true, true, report->real_ns, 255, "exit-code",
			"ntpd exited: offset beyond its panic limit of 500 ms (last seen offset "
			"-12.0 s); the clock was left alone" };
		snprintf(report->error, sizeof(report->error), "%s", report->end.words);
		report->verdict = (struct verdict){ .kind = VERDICT_UNKNOWN,
			.reasons = { "the daemon does not answer" },
			.reason_count = 1 };
		break;
	case 4: /* restarted just now, and set by hand in the night */
		start_daemon(report, 200, 0);
		add_step(report, 9 * 3600, 3600 * NS_PER_S, CAUSE_BY_HAND,
		    "3 of 3 sources of chronyd want the step back");
		break;
	case 6: /* no update for an hour */
		status->update_age_ns = 3600 * NS_PER_S;
		break;
	case 7:
		snprintf(
		    report->rivals[0].words, sizeof(report->rivals[0].words), "systemd-timesyncd");
		report->rival_count = 1;
		add_source(report, "203.0.113.77", SOURCE_SELECTED, 3);
		report->verdict = (struct verdict){ .kind = VERDICT_UNKNOWN,
			.reasons = { "systemd-timesyncd also sets this clock" },
			.reason_count = 1 };
		break;
	default:
		break;
	}
}

/* A site of five minutes: one server is not heard yet, one has no drift file and too few sources.
 */
static void
make_young(size_t index, struct report *report)
{
	start_daemon(report, 280, 0);
	if (index == 1) {
		report->status.sources[0].state = SOURCE_REJECTED;
		report->status.sources[0].reach = 3;
		report->verdict = (struct verdict){ .kind = VERDICT_SLEW,
			.degraded = true,
			.reasons = { "no drift file: the frequency is measured anew",
			    "minsources 3: 2 of the 3 sources it needs agree" },
			.reason_count = 2 };
	}
}

/* One host of each kind that is neither good nor bad: time1 lost its hardware clock, time2 hears
 * its siblings alone, and the last host's daemon answers root alone, so that its agent measures. */
static void
make_kind(const struct feed *feed, size_t index, struct report *report)
{
	struct daemon_status *status = &report->status;

	for (size_t i = 0; i < status->source_count; i++) {
		struct source_status *source = &status->sources[i];

		if (index == 1) {
			source->state = source->stratum <= 1 ? SOURCE_SILENT : SOURCE_SELECTED;
			source->reach = source->stratum <= 1 ? 0 : 0377;
			source->noselect = false;
		} else if (index + 1 == feed->topology.host_count) {
			source->state = SOURCE_UNKNOWN;
			source->auth = source->declared_auth = AUTH_NONE;
			source->reach = 3;
			source->poll_log2 = 10;
		}
	}
	if (index == 0) {
		add_source(report, "GPS", SOURCE_SILENT, 0);
	}
	if (index + 1 == feed->topology.host_count) {
		report->answered = false;
		report->runs = report->measured = true;
		report->measured_age_ns = 400 * NS_PER_S;
		status->selected[0] = '\0';
		status->frequency_ppm = 0;
		status->update_age_ns = -1;
		snprintf(report->daemon, sizeof(report->daemon), "openntpd");
		snprintf(report->error, sizeof(report->error),
		    "only root may ask OpenNTPD, and the agent has no rights of root's (there: "
		    "sudo timetier-agent status)");
	}
}

/* Markup, quotes and newlines in every text that a host can choose. */
static void
poison(struct report *report)
{
	static const char bad[] = "<img src=x onerror=\"document.title='owned'\">\"\\\n'&amp;";

	snprintf(report->daemon, sizeof(report->daemon), "<b>chrony</b>");
	snprintf(report->error, sizeof(report->error), "%s", bad);
	snprintf(report->agent_version, sizeof(report->agent_version), "%.30s", bad);
	snprintf(report->status.version, sizeof(report->status.version), "%.30s", bad);
	snprintf(report->rivals[0].words, sizeof(report->rivals[0].words), "%s", bad);
	report->rival_count = 1;
	add_step(report, 600, 5 * NS_PER_S, CAUSE_UNKNOWN, bad);
	snprintf(report->proof.words, sizeof(report->proof.words), "%s", bad);
	add_source(report, bad, SOURCE_SELECTED, 3);
	report->verdict.kind = VERDICT_UNKNOWN;
	snprintf(report->verdict.reasons[0], VERDICT_REASON_BYTES, "%s", bad);
	report->verdict.reason_count = 1;
}

static void
make_report(struct feed *feed, size_t index, int64_t ago_ns, uint64_t seq, struct report *report)
{
	const struct host *host = &feed->topology.hosts[index];
	static const char *const daemons[] = { "chrony", "chrony", "ntpsec", "ntp" };
	double ago_s = (double)ago_ns / 1e9;
	double wave = wave_at(ago_ns / NS_PER_S + 900 * (int64_t)index);
	int64_t real_ns = clock_real_ns() - ago_ns;

	*report = (struct report){
		.agent_version = "0.1.0",
		.seq = seq,
		.boot_ns = UPTIME_NS + clock_boot_ns() - feed->start_ns - ago_ns,
		.real_ns = real_ns,
		.interval_ns = 300 * NS_PER_S, /* nobody falls silent while a slow browser looks */
		.answered = true,
		.status = {
			.version = "4.3",
			.stratum = host->role == HOST_SERVER ? 2 : 3,
			.offset_ns = (int64_t)(3e5 * wave + 1.5e5 * noise(feed)),
			.root_delay_ns = 2100 * NS_PER_US,
			.root_dispersion_ns =
			    (int64_t)(1.4e6 + 3e5 * noise(feed) + 2e5 * (double)(index % 5)),
			.update_age_ns = 20 * NS_PER_S,
			.update_interval_ns = 64 * NS_PER_S,
			.frequency_ppm = -7.0 + (double)index + 0.4 * wave,
		},
		.rtc_offset_ns = 320 * NS_PER_MS,
	};
	snprintf(report->host, sizeof(report->host), "%s", host->name);
	snprintf(report->daemon, sizeof(report->daemon), "%s",
	    strcmp(host->daemon, "auto") == 0 ? daemons[index % COUNT(daemons)] : host->daemon);
	snprintf(report->boot_id, sizeof(report->boot_id), "boot-%zu", index);
	snprintf(
	    report->session_id, sizeof(report->session_id), "run-%zu-%d", index, (int)getpid());
	start_daemon(report, 3 * 86400, 0);
	if (is(feed, "moments")) {
		report->real_ns = INT64_C(1483228800) * NS_PER_S - 7200 * NS_PER_S - ago_ns;
		report->status.leap = index == 5 ? LEAP_NONE : LEAP_INSERT;
		report->status.frequency_ppm = index == 6 ? -500 : report->status.frequency_ppm;
	}
	if (is(feed, "broken")) {
		break_host(index, ago_s, report);
		if (index == 8) { /* says no more, and promised to */
			report->interval_ns = NS_PER_S;
		}
	}
	if (report->answered) {
		add_sources(feed, host, index, report);
	}
	if (is(feed, "young")) {
		make_young(index, report);
	}
	if (is(feed, "kinds")) {
		make_kind(feed, index, report);
	}
	if (is(feed, "hostile") && index == 0) {
		poison(report);
	}
}

/* In the broken site one host falls silent, and one never spoke; in the young one, one did not
 * speak yet. */
static bool
speaks(const struct feed *feed, size_t index, uint64_t seq)
{
	if (is(feed, "young")) {
		return index != 3;
	}
	return !is(feed, "broken") || (index != 9 && (index != 8 || seq <= SEQ_NOW));
}

static void
report_all(struct feed *feed, int64_t ago_ns, uint64_t seq, useconds_t pause_us)
{
	struct report *report = malloc(sizeof(*report));

	for (size_t i = 0; i < feed->topology.host_count; i++) {
		if (!host_unmanaged(&feed->topology.hosts[i]) && speaks(feed, i, seq)) {
			make_report(feed, i, ago_ns, seq, report);
			post(feed, report);
		}
		if (pause_us > 0 && !ended) {
			usleep(pause_us);
		}
	}
	free(report);
}

static void
end(int number UNUSED)
{
	ended = 1;
}

int
main(int argc, char **argv)
{
	struct feed feed = { .seed = 42, .start_ns = clock_boot_ns() };
	struct diags diags = { 0 };
	struct error err;
	uint64_t seq = SEQ_NOW;
	useconds_t pause_us = 0;
	int64_t step_s;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, end);
	if (argc < 5) {
		fail("usage: feed SITE STATE ADDR:PORT SCENARIO [HOURS [EVERY_S]]");
	}
	if (topology_load(&feed.topology, argv[1], &diags) < 0) {
		diags_print(&diags, stderr, false);
		return EXIT_FAILURE;
	}
	if (identity_open(argv[2], &feed.identity, &err) < 0 ||
	    endpoint_parse(argv[3], &feed.endpoint, &err) < 0) {
		fail(err.text);
	}
	feed.scenario = argv[4];
	connect_to(&feed);
	report_all(&feed, 0, seq, 0);
	step_s = is(&feed, "young") ? 16 : PAST_STEP_S;
	for (int64_t ago_s = argc > 5 ? (int64_t)(strtod(argv[5], NULL) * 3600) : 0; ago_s > 0;
	     ago_s -= step_s) {
		report_all(&feed, ago_s * NS_PER_S, seq - (uint64_t)ago_s, 0);
	}
	if (argc > 6) { /* spread, as agents are */
		pause_us =
		    (useconds_t)(strtod(argv[6], NULL) * 1e6 / (double)feed.topology.host_count);
	}
	while (argc > 6 && !ended) {
		report_all(&feed, 0, ++seq, pause_us);
	}
	SSL_free(feed.ssl);
	identity_done(&feed.identity);
	topology_free(&feed.topology);
	diags_free(&diags);
	return EXIT_SUCCESS;
}
