#include "orchestrator/rollout/health/access.h"

#include "common/ntp/mode6.h"
#include "common/ntp/mode7.h"
#include "orchestrator/rollout/health/site_time.h"

#include <stdio.h>
#include <string.h>

#define MODE_MASK 0x07
#define MODE_SERVER 4
#define MODE_CONTROL 6
#define MODE_PRIVATE 7
#define SEQUENCE 0x7474 /* of our mode 6 questions */

size_t
access_write(enum access_question question, uint64_t nonce, uint8_t *bytes)
{
	switch (question) {
	case ACCESS_TIME:
		ntp_question(nonce, bytes);
		return NTP_HEADER_BYTES;
	case ACCESS_STATUS:
		mode6_request(bytes, MODE6_READ_VARIABLES, SEQUENCE, 0);
		return MODE6_HEADER_BYTES;
	case ACCESS_CLIENTS:
		mode7_question(false, bytes);
		return MODE7_QUESTION_BYTES;
	case ACCESS_QUESTIONS:
		break;
	}
	return 0;
}

static enum access_answer
read_time(struct access_seen *seen, const uint8_t *bytes, size_t len, const struct ntp_asked *asked,
    const struct clock_reading *received)
{
	struct ntp_refusal refusal;

	switch (ntp_answer_read(bytes, len, asked, received, &seen->sample, &refusal)) {
	case NTP_ANSWER_GOOD:
		seen->has_sample = true;
		return ACCESS_ANSWERED;
	case NTP_ANSWER_UNFIT: /* not synchronised (yet), or asked too often: but it answers */
	case NTP_ANSWER_KISS:
		return ACCESS_ANSWERED;
	case NTP_ANSWER_BOGUS:
		break;
	}
	return ACCESS_SILENT;
}

static enum access_answer
read_status(const uint8_t *bytes, size_t len)
{
	struct mode6_answer answer;

	mode6_expect(&answer, MODE6_READ_VARIABLES, SEQUENCE, 0);
	switch (mode6_feed(&answer, bytes, len)) {
	case MODE6_MORE:
	case MODE6_DONE:
		return ACCESS_ANSWERED;
	case MODE6_REFUSED:
		return ACCESS_REFUSED;
	case MODE6_IGNORED:
		break;
	}
	return ACCESS_SILENT;
}

static enum access_answer
read_clients(const uint8_t *bytes, size_t len)
{
	unsigned error;

	switch (mode7_read(bytes, len, &error)) {
	case MODE7_REFUSED:
		return ACCESS_REFUSED;
	case MODE7_ANSWERED:
		return ACCESS_ANSWERED;
	case MODE7_IGNORED:
		break;
	}
	return ACCESS_SILENT;
}

/* Which of our questions a datagram answers, if any; ACCESS_QUESTIONS: none. */
static enum access_question
question_of(const uint8_t *bytes, size_t len)
{
	switch (len > 0 ? bytes[0] & MODE_MASK : 0) {
	case MODE_SERVER:
		return ACCESS_TIME;
	case MODE_CONTROL:
		return ACCESS_STATUS;
	case MODE_PRIVATE:
		return ACCESS_CLIENTS;
	default:
		return ACCESS_QUESTIONS;
	}
}

bool
access_take(struct access_seen *seen, const uint8_t *bytes, size_t len,
    const struct ntp_asked *asked, const struct clock_reading *received)
{
	enum access_question question = question_of(bytes, len);
	enum access_answer answer = ACCESS_SILENT;

	if (question == ACCESS_QUESTIONS || seen->answers[question] == ACCESS_NOT_ASKED ||
	    seen->answers[question] == ACCESS_ANSWERED) {
		return false;
	}
	if (question == ACCESS_TIME) {
		answer = read_time(seen, bytes, len, asked, received);
	} else if (question == ACCESS_STATUS) {
		answer = read_status(bytes, len);
	} else {
		answer = read_clients(bytes, len);
	}
	if (answer == ACCESS_SILENT) {
		return false;
	}
	seen->answers[question] = answer;
	return true;
}

/* --- what should be --- */

static bool
has_address(const struct host *host, const struct ip *ip)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		if (ip_equal(&host->addresses.list[i].ip, ip)) {
			return true;
		}
	}
	return false;
}

/* Whether @from is @host itself: each daemon treats such packets in its own way. */
static bool
is_itself(const struct host *host, const struct ip *from)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	return has_address(host, from) || (from->family == IP_V4 && from->bytes[0] == 127) ||
	    (from->family == IP_V6 && memcmp(from->bytes, loopback, sizeof(loopback)) == 0);
}

static bool
is_monitor(const struct topology *topology, const struct ip *from)
{
	for (size_t i = 0; i < topology->monitor_count; i++) {
		if (ip_equal(&topology->monitors[i].ip, from)) {
			return true;
		}
	}
	return false;
}

static bool
takes_from(const struct source_list *sources, const struct host *server)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server == server) {
			return true;
		}
	}
	return false;
}

/* Whether @from is another server of the site that asks @host. */
static bool
is_asking_server(const struct topology *topology, const struct host *host, const struct ip *from)
{
	for (size_t t = 0; t < topology->tier_count; t++) {
		const struct tier *tier = &topology->tiers[t];
		bool asks = (tier == host->tier && tier->peering != PEERING_NONE) ||
		    takes_from(&tier->sources, host);

		for (size_t i = 0; asks && i < tier->server_count; i++) {
			if (has_address(tier->servers[i], from)) {
				return true;
			}
		}
	}
	return false;
}

/* Whether @from may see for a while, in @way, that @host means to be in the public pool. */
static bool
verifies(const struct topology *topology, const struct host *host, enum verify_way way,
    const struct ip *from)
{
	for (size_t i = 0; i < topology->verify_count; i++) {
		const struct verify *verify = &topology->verifies[i];

		if (verify->host == host && verify->way == way && verify->by.count > 0 &&
		    ip_equal(&verify->by.list[0].ip, from) &&
		    (way != VERIFY_SWITCH || !verify->answers)) {
			return true;
		}
	}
	return false;
}

static bool
is_served(const struct topology *topology, const struct host *host, const struct ip *from)
{
	if (topology_denied(topology, from, NULL) ||
	    verifies(topology, host, VERIFY_SWITCH, from)) {
		return false;
	}
	if (host->pool || is_monitor(topology, from)) {
		return true;
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		if (network_contains(&topology->serve[i].network, from)) {
			return true;
		}
	}
	return is_asking_server(topology, host, from);
}

/* Whether @host takes time from @from: ntpd answers its own sources. */
static bool
is_its_source(const struct host *host, const struct ip *from)
{
	const struct source_list *sources = host_sources(host);

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];
		const struct address_list *list =
		    source->server ? &source->server->addresses : &source->upstream->addresses;

		for (size_t k = 0; k < list->count; k++) {
			if (ip_equal(&list->list[k].ip, from)) {
				return true;
			}
		}
	}
	return false;
}

enum access_rule
access_rule(const struct topology *topology, const struct host *host,
    const struct daemon_driver *driver, enum access_question question, const struct ip *from)
{
	bool server = host->role == HOST_SERVER;

	if (from->family == IP_NONE || is_itself(host, from)) {
		return ACCESS_EITHER;
	}
	switch (question) {
	case ACCESS_TIME:
		if (server && is_served(topology, host, from)) {
			return ACCESS_MUST;
		}
		return is_its_source(host, from) ? ACCESS_EITHER : ACCESS_MUST_NOT;
	case ACCESS_STATUS:
		return server && driver->query == DAEMON_QUERY_MODE6 &&
			(is_monitor(topology, from) ||
			    verifies(topology, host, VERIFY_STATUS, from))
		    ? ACCESS_MUST
		    : ACCESS_MUST_NOT;
	case ACCESS_CLIENTS:
	case ACCESS_QUESTIONS:
		break;
	}
	return ACCESS_MUST_NOT;
}

/* --- what is --- */

/* The rule for both addresses by which the host may know us; ACCESS_EITHER where they differ. */
static enum access_rule
rule_of(const struct access_case *input, enum access_question question, const struct ip *from)
{
	enum access_rule rule =
	    access_rule(input->topology, input->host, input->driver, question, from);

	if (input->via.family != from->family) {
		return rule;
	}
	return rule ==
		access_rule(input->topology, input->host, input->driver, question, &input->via)
	    ? rule
	    : ACCESS_EITHER;
}

static bool
answered_before(const struct access_case *input, const struct ip *to, enum access_question question)
{
	for (size_t i = 0; i < input->before_count; i++) {
		const struct access_seen *seen = &input->before[i];

		if (seen->host == input->host && ip_equal(&seen->to, to)) {
			return seen->answers[question] == ACCESS_ANSWERED;
		}
	}
	return false;
}

static const char *
question_text(enum access_question question)
{
	static const char *const texts[] = {
		[ACCESS_TIME] = "the time",
		[ACCESS_STATUS] = "its status (mode 6)",
		[ACCESS_CLIENTS] = "the list of its clients (mode 7)",
	};

	return texts[question];
}

#define WHY_BYTES 96

/* Why @from should not have got an answer of a server; @out has WHY_BYTES bytes. */
static const char *
why_not(const struct topology *topology, enum access_question question, const struct ip *from,
    char *out)
{
	const struct network *denied = topology_denied(topology, from, NULL);
	char text[IP_TEXT_BYTES];

	switch (question) {
	case ACCESS_TIME:
		if (denied) {
			snprintf(out, WHY_BYTES, ", which is in %s of `deny`",
			    network_text(denied, text));
			return out;
		}
		return ", which is not in `serve`";
	case ACCESS_STATUS:
		return ", which is no monitor";
	case ACCESS_CLIENTS:
	case ACCESS_QUESTIONS:
		break;
	}
	return "";
}

static enum access_result
judge_one(const struct access_case *input, const struct access_seen *seen,
    enum access_question question, char *words)
{
	enum access_answer answer = seen->answers[question];
	enum access_rule rule = rule_of(input, question, &seen->from);
	char to[IP_TEXT_BYTES], from[IP_TEXT_BYTES], why[WHY_BYTES];

	if (rule == ACCESS_MUST_NOT && answer == ACCESS_ANSWERED) {
		snprintf(words, ACCESS_WORDS_BYTES, "%s tells %s to %s%s", ip_text(&seen->to, to),
		    question_text(question), ip_text(&seen->from, from),
		    input->host->role == HOST_SERVER
			? why_not(input->topology, question, &seen->from, why)
			: ": it is a client");
		return ACCESS_OPEN;
	}
	if (rule == ACCESS_MUST && (answer == ACCESS_SILENT || answer == ACCESS_REFUSED) &&
	    answered_before(input, &seen->to, question)) {
		snprintf(words, ACCESS_WORDS_BYTES, "%s does not tell %s to %s any more",
		    ip_text(&seen->to, to), question_text(question), ip_text(&seen->from, from));
		return ACCESS_MISSING;
	}
	return ACCESS_RIGHT;
}

enum access_result
access_judge(const struct access_case *input, char *words)
{
	enum access_result worst = ACCESS_RIGHT;

	words[0] = '\0';
	for (size_t i = 0; i < input->now_count; i++) {
		for (int k = 0; k < ACCESS_QUESTIONS && input->now[i].host == input->host; k++) {
			char text[ACCESS_WORDS_BYTES];
			enum access_result result =
			    judge_one(input, &input->now[i], (enum access_question)k, text);

			if (result > worst) {
				worst = result;
				snprintf(words, ACCESS_WORDS_BYTES, "%s", text);
			}
		}
	}
	return worst;
}

static const struct access_seen *
sample_of(const struct access_seen *seen, size_t count, const struct host *host)
{
	for (size_t i = 0; i < count; i++) {
		if (seen[i].host == host && seen[i].has_sample) {
			return &seen[i];
		}
	}
	return NULL;
}

size_t
access_clocks(const struct access_seen *seen, size_t count, const struct host *host,
    struct site_clock *clocks, size_t max)
{
	const struct access_seen *own = sample_of(seen, count, host);
	size_t filled = 0;

	for (size_t i = 0; own && i < count && filled < max; i++) {
		const struct ntp_sample *sample = &seen[i].sample;

		if (seen[i].host == host || !seen[i].has_sample) {
			continue;
		}
		clocks[filled++] = (struct site_clock){
			.name = seen[i].host->name,
			.offset_ns = sample->offset_ns - own->sample.offset_ns,
			.error_ns = sample->delay_ns / 2 + own->sample.delay_ns / 2 +
			    sample->dispersion_ns + own->sample.dispersion_ns +
			    sample->root_delay_ns / 2 + sample->root_dispersion_ns,
		};
	}
	return filled;
}
