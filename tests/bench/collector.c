/*
 * collector SITE STATE ADDR:PORT CONNECTIONS ROUNDS: play the agents of a site towards a collector,
 * or towards whatever takes what they send.  Each round brings one report of every host, over
 * connections that stay open, as fast as they are taken.  Prints how many were sent, and how long
 * that took.
 */
#include "common/buf.h"
#include "common/clock.h"
#include "orchestrator/collect/listen.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define SOURCES 5
#define CONNECTIONS_MAX 4096

static struct topology topology;
static struct identity identity;
static struct endpoint endpoint;
static SSL *links[CONNECTIONS_MAX];
static size_t link_count;

static void
fail(const char *what)
{
	fprintf(stderr, "collector: %s\n", what);
	exit(EXIT_FAILURE);
}

static SSL *
connect_one(SSL_CTX *context)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	SSL *made = SSL_new(context);

	memcpy(&address.sin_addr, endpoint.ip.bytes, 4);
	address.sin_port = htons((uint16_t)endpoint.port);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		fail("nobody listens there");
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	SSL_set_fd(made, fd);
	if (SSL_connect(made) != 1) {
		fail("no TLS there");
	}
	return made;
}

/* What a chronyd with five sources tells; the offset differs from report to report. */
static void
make_report(size_t index, uint64_t seq, struct report *report)
{
	const struct host *host = &topology.hosts[index];

	*report = (struct report){
		.agent_version = "0.1.0",
		.seq = seq,
		.boot_ns = clock_boot_ns() + (int64_t)seq,
		.real_ns = clock_real_ns(),
		.interval_ns = 64 * NS_PER_S,
		.answered = true,
		.daemon = "chrony",
		.status = {
			.version = "4.3",
			.stratum = 3,
			.selected = "192.0.2.101",
			.offset_ns = (int64_t)(index * 7919 + seq * 104729) % 200000 - 100000,
			.root_delay_ns = 2100 * NS_PER_US,
			.root_dispersion_ns = 1400 * NS_PER_US,
			.update_age_ns = 20 * NS_PER_S,
			.update_interval_ns = 64 * NS_PER_S,
			.frequency_ppm = -7.25,
			.source_count = SOURCES,
		},
		.verdict = { .kind = VERDICT_SAFE },
		.proof = { .state = PROOF_PROVED,
			.started_boot_ns = NS_PER_S,
			.window_ns = 900 * NS_PER_S,
			.words = "no step since chronyd started" },
		.rtc_offset_ns = 320 * NS_PER_MS,
	};
	snprintf(report->host, sizeof(report->host), "%s", host->name);
	snprintf(report->boot_id, sizeof(report->boot_id), "boot-%zu", index);
	snprintf(
	    report->session_id, sizeof(report->session_id), "run-%zu-%d", index, (int)getpid());
	for (size_t i = 0; i < SOURCES; i++) {
		struct source_status *source = &report->status.sources[i];

		*source = (struct source_status){ .state = i ? SOURCE_COMBINED : SOURCE_SELECTED,
			.declared_auth = AUTH_NONE,
			.stratum = 2,
			.poll_log2 = 6,
			.reach = 0377,
			.age_ns = 12 * NS_PER_S,
			.offset_ns = report->status.offset_ns + (int64_t)i * 1000,
			.delay_ns = 1800 * NS_PER_US,
			.error_ns = 900 * NS_PER_US };
		snprintf(source->address, sizeof(source->address), "192.0.2.%zu", 101 + i);
	}
}

static void
send_report(SSL *ssl, size_t index, uint64_t seq)
{
	char head[1024], token[TOKEN_BYTES];
	struct buf request = { 0 };
	struct report report;
	char *body;

	make_report(index, seq, &report);
	body = report_encode(&report);
	identity_token(&identity, report.host, token);
	snprintf(head, sizeof(head),
	    "POST /api/v1/report HTTP/1.1\r\nHost: collector\r\nTimetier-Host: %s\r\n"
	    "Authorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n",
	    report.host, token, strlen(body));
	buf_text(&request, head);
	buf_text(&request, body);
	if (SSL_write(ssl, request.data, (int)request.len) != (int)request.len) {
		fail("it does not read");
	}
	buf_free(&request);
	free(body);
}

/* Returns whether the report was taken; one that found the queue full is sent again. */
static bool
read_answer(SSL *ssl)
{
	char answer[4096];
	int got = 0;

	do {
		int more = SSL_read(ssl, answer + got, (int)sizeof(answer) - 1 - got);

		if (more <= 0) {
			fail("it does not answer");
		}
		got += more;
		answer[got] = '\0';
	} while (!strstr(answer, "\r\n\r\n"));
	if (strncmp(answer, "HTTP/1.1 204", 12) != 0 && strncmp(answer, "HTTP/1.1 503", 12) != 0) {
		fail(answer);
	}
	return answer[9] == '2';
}

/* One report of every host, one a connection at a time; returns how many had to be sent again. */
static size_t
play_round(uint64_t seq)
{
	size_t again = 0;

	for (size_t first = 0; first < topology.host_count; first += link_count) {
		size_t end = first + link_count;

		end = end < topology.host_count ? end : topology.host_count;
		for (size_t i = first; i < end; i++) {
			send_report(links[i - first], i, seq);
		}
		for (size_t i = first; i < end; i++) {
			while (!read_answer(links[i - first])) {
				usleep(20000);
				send_report(links[i - first], i, seq);
				again++;
			}
		}
	}
	return again;
}

int
main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct diags diags = { 0 };
	size_t rounds, again = 0;
	int64_t began_ns;
	struct error err;

	if (argc != 6 || endpoint_parse(argv[3], &endpoint, &err) < 0) {
		fail("collector SITE STATE ADDR:PORT CONNECTIONS ROUNDS");
	}
	if (topology_load(&topology, argv[1], &diags) < 0 ||
	    identity_open(argv[2], &identity, &err) < 0) {
		fail("the site or the identity cannot be read");
	}
	link_count = strtoul(argv[4], NULL, 10);
	link_count = link_count < CONNECTIONS_MAX ? link_count : CONNECTIONS_MAX;
	for (size_t i = 0; i < link_count; i++) {
		links[i] = connect_one(context);
	}
	began_ns = clock_boot_ns();
	rounds = strtoul(argv[5], NULL, 10);
	for (size_t round = 0; round < rounds; round++) {
		again += play_round((uint64_t)(clock_real_ns() / NS_PER_MS));
	}
	printf("%zu reports, %zu sent again, %.3f s\n", rounds * topology.host_count, again,
	    (double)(clock_boot_ns() - began_ns) / 1e9);
	return 0;
}
