#include "measure/spoof.h"

#include "common/json_fields.h"
#include "common/ntp/exchange.h"
#include "measure/volley.h"

#include <string.h>

#define NTP_PORT 123
#define NONCE_MAX ((INT64_C(1) << 48) - 1)
#define OWN_WAIT_NS (2 * NS_PER_S)

int
spoof_send(const struct spoof *spoof, int count,
    bool (*may_ask)(const void *ctx, const struct ip *to), const void *ctx, struct error *err)
{
	struct volley_question questions[SPOOF_PACKETS];
	struct volley_answer answers[SPOOF_PACKETS];
	struct volley volley = { questions, (size_t)count, may_ask, ctx };
	uint8_t bytes[NTP_HEADER_BYTES];
	char as[IP_TEXT_BYTES];

	ntp_question(spoof->nonce, bytes);
	for (int i = 0; i < count; i++) {
		questions[i] = (struct volley_question){ .to = spoof->to,
			.port = NTP_PORT,
			.as = spoof->as,
			.from_port = spoof->port,
			.bytes = bytes,
			.len = sizeof(bytes),
			.at_ns = i * SPOOF_SPACING_NS,
			.unless = -1 };
	}
	volley_run(&volley, answers);
	for (int i = 0; i < count; i++) {
		if (answers[i].errnum) {
			return error_errno(err, answers[i].errnum,
			    "a packet that bears the address %s cannot be sent (only root may)",
			    ip_text(&spoof->as, as));
		}
	}
	return 0;
}

static bool
takes(void *ctx, const struct ip *from, const uint8_t *bytes, size_t len)
{
	const struct spoof *spoof = ctx;
	struct ntp_asked asked = { spoof->nonce, clock_read() };
	struct ntp_refusal refusal;
	struct ntp_sample sample;

	return ip_equal(from, &spoof->to) &&
	    ntp_answer_read(bytes, len, &asked, &asked.sent, &sample, &refusal) != NTP_ANSWER_BOGUS;
}

int
spoof_hear(const struct spoof *spoof, bool (*may_ask)(const void *ctx, const struct ip *to),
    const void *ctx, struct error *err)
{
	struct spoof waited = *spoof;
	uint8_t bytes[NTP_HEADER_BYTES];
	struct volley_question question = { .to = spoof->to,
		.port = NTP_PORT,
		.bytes = bytes,
		.len = sizeof(bytes),
		.wait_ns = OWN_WAIT_NS,
		.unless = -1 };
	struct volley volley = { &question, 1, may_ask, ctx };
	struct volley_answer answer;
	struct volley_ear ear = { .at = spoof->as,
		.port = spoof->port,
		.wait_ns = SPOOF_WAIT_NS,
		.takes = takes,
		.ctx = &waited };
	int heard;

	/* if it does not answer us at all, silence says nothing about a border */
	ntp_question(~spoof->nonce, bytes);
	volley_run(&volley, &answer);
	heard = volley_listen(&ear, err);
	if (heard < 0) {
		return -1;
	}
	return heard ? SPOOF_CAME : answer.end == VOLLEY_ANSWERED ? SPOOF_NOTHING : SPOOF_NO_ANSWER;
}

/* --- as JSON --- */

struct numbers {
	int64_t port, nonce;
};

static const struct field number_fields[] = {
	{ "port", FIELD_INT64, true, FIELD_AT(numbers, port), .min = 1024, .max = 65535 },
	{ "nonce", FIELD_INT64, true, FIELD_AT(numbers, nonce), .min = 1, .max = NONCE_MAX },
	{ .name = NULL },
};

json_t *
spoof_json(const struct spoof *spoof)
{
	struct numbers numbers = { spoof->port, (int64_t)spoof->nonce };
	json_t *json = fields_encode(number_fields, &numbers);
	char text[IP_TEXT_BYTES];

	json_object_set_new(json, "as", json_string(ip_text(&spoof->as, text)));
	json_object_set_new(json, "to", json_string(ip_text(&spoof->to, text)));
	return json;
}

int
spoof_of_json(const json_t *json, struct spoof *spoof, struct error *err)
{
	const char *as = json_string_value(json_object_get(json, "as"));
	const char *to = json_string_value(json_object_get(json, "to"));
	struct numbers numbers;

	if (fields_decode(number_fields, json, "spoof", &numbers, err) < 0) {
		return -1;
	}
	if (!as || !to || !ip_parse(as, &spoof->as) || !ip_parse(to, &spoof->to) ||
	    spoof->as.family != spoof->to.family) {
		return error_set(err, "spoof: two addresses of one family are missing");
	}
	spoof->port = (unsigned)numbers.port;
	spoof->nonce = (uint64_t)numbers.nonce;
	return 0;
}
