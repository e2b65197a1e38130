/*
 * Judges what a host answers us over the network: the time (NTP mode 3), its status (mode 6) and
 * the list of its clients (mode 7).  site.yaml and the address that we ask from say what it should
 * answer.  What it answered before the change tells a firewall from a fault.  No I/O: the caller
 * hands in bytes and addresses.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_ACCESS_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_ACCESS_H

#include "common/ntp/exchange.h"
#include "daemons/daemon.h"
#include "orchestrator/topology/topology.h"

enum access_question {
	ACCESS_TIME,
	ACCESS_STATUS,
	ACCESS_CLIENTS,
	ACCESS_QUESTIONS, /* their number */
};

#define ACCESS_QUESTION_BYTES 48

enum access_answer {
	ACCESS_NOT_ASKED,
	ACCESS_SILENT,
	ACCESS_REFUSED, /* only answers that say no */
	ACCESS_ANSWERED,
};

/* What one address of a host answered. */
struct access_seen {
	const struct host *host;
	struct ip to, from; /* from: our address, as the socket had it */
	enum access_answer answers[ACCESS_QUESTIONS];
	bool has_sample; /* sample is a measurement that can be used */
	struct ntp_sample sample;
};

/* Write the question to @bytes, of ACCESS_QUESTION_BYTES; returns its length. */
size_t access_write(enum access_question question, uint64_t nonce, uint8_t *bytes);

/*
 * Take one datagram that came from the address that was asked; a datagram that answers none of our
 * questions is left out.
 *
 * @bytes: not trusted
 * @asked: the question for time
 * Returns whether it was an answer.
 */
bool access_take(struct access_seen *seen, const uint8_t *bytes, size_t len,
    const struct ntp_asked *asked, const struct clock_reading *received);

/* Whether a question should be answered. */
enum access_rule {
	ACCESS_EITHER,
	ACCESS_MUST,
	ACCESS_MUST_NOT,
};

/* Whether @host, with the daemon of @driver, should answer @question to @from. */
enum access_rule access_rule(const struct topology *topology, const struct host *host,
    const struct daemon_driver *driver, enum access_question question, const struct ip *from);

#define ACCESS_SEEN_MAX 12
#define ACCESS_WORDS_BYTES 256

struct access_case {
	const struct topology *topology;
	const struct host *host;
	const struct daemon_driver *driver;
	const struct access_seen *before; /* the same addresses, before the change */
	size_t before_count;
	const struct access_seen *now;
	size_t now_count;
	struct ip via; /* our address as the host's sshd saw it; IP_NONE: not known */
};

enum access_result {
	ACCESS_RIGHT,
	ACCESS_MISSING, /* it does not answer what it should; it may only be slow: look again */
	ACCESS_OPEN,    /* it answers what it should not */
};

/*
 * Judge what @input->host answers.  A missing answer counts only where one came before the change.
 * A forbidden answer counts unless the host may see another address of ours (NAT, a jump host), to
 * which it is allowed.
 *
 * @words: ACCESS_WORDS_BYTES bytes: what is wrong
 */
enum access_result access_judge(const struct access_case *input, char *words);

/* The clock of another server, relative to the host's (site_time.h). */
struct site_clock;

/*
 * Compare the clock of @host with those of the other servers that answered.  Fills nothing when
 * @host itself did not answer.
 *
 * Returns how many of @clocks were filled, at most @max.
 */
size_t access_clocks(const struct access_seen *seen, size_t count, const struct host *host,
    struct site_clock *clocks, size_t max);

#endif
