#include "measure/doors.h"

#include "common/clock.h"
#include "common/json_fields.h"
#include "common/ntp/exchange.h"
#include "common/ntp/mode6.h"
#include "common/ntp/mode7.h"
#include "common/shown.h"
#include "daemons/chrony/command.h"
#include "measure/volley.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NTP_PORT 123
#define SEQUENCE 0x7474 /* of our mode 6 questions */
#define TRIES 2
#define QUESTIONS (DOOR_COUNT * TRIES + 1) /* of one address: the last is that from port 123 */
#define LOW (QUESTIONS - 1)
#define QUESTION_BYTES 128

/*
 * An ntpd that limits rates lets a question for the time pass every 2 s (`discard minimum`); it
 * counts no others.
 */
#define SPACING_NS (150 * NS_PER_MS)
#define AGAIN_NS (3 * NS_PER_S)
#define WAIT_NS (1500 * NS_PER_MS)

/* So many addresses begin together, the next ones so much later. */
#define WAVE 40
#define WAVE_NS (2 * NS_PER_S)

/* A change that changes nothing: a server without any restriction must not be harmed by it. */
static const char config_text[] = "# timetier audit";

/* What is asked at one address. */
struct packets {
	uint8_t bytes[DOOR_COUNT][QUESTION_BYTES];
	size_t len[DOOR_COUNT];
	uint8_t old_clients[MODE7_QUESTION_BYTES]; /* the second try of DOOR_CLIENTS */
	uint64_t nonce;
};

const char *
door_name(int door)
{
	static const char *const names[] = {
		[DOOR_STATUS] = "status",
		[DOOR_CLIENTS] = "clients",
		[DOOR_CONFIG] = "config",
		[DOOR_COMMANDS] = "commands",
		[DOOR_TIME] = "time",
	};

	return names[door];
}

const char *
door_answer_name(int answer)
{
	static const char *const names[] = {
		[DOOR_NOT_TRIED] = "not tried",
		[DOOR_SILENT] = "silent",
		[DOOR_CLOSED] = "closed",
		[DOOR_REFUSED] = "refused",
		[DOOR_ANSWERED] = "answered",
		[DOOR_GARBAGE] = "garbage",
	};

	return names[answer];
}

static void
write_packets(struct packets *packets)
{
	uint8_t *config = packets->bytes[DOOR_CONFIG];
	size_t config_len = sizeof(config_text) - 1;

	memset(packets, 0, sizeof(*packets));
	mode6_request(packets->bytes[DOOR_STATUS], MODE6_READ_VARIABLES, SEQUENCE, 0);
	packets->len[DOOR_STATUS] = MODE6_HEADER_BYTES;
	mode7_question(false, packets->bytes[DOOR_CLIENTS]);
	packets->len[DOOR_CLIENTS] = MODE7_QUESTION_BYTES;
	mode7_question(true, packets->old_clients);
	mode6_request(config, MODE6_CONFIGURE, SEQUENCE, 0);
	config[11] = (uint8_t)config_len;
	memcpy(config + MODE6_HEADER_BYTES, config_text, config_len);
	packets->len[DOOR_CONFIG] = MODE6_HEADER_BYTES + (config_len + 3) / 4 * 4;
	chrony_command_question(SEQUENCE, packets->bytes[DOOR_COMMANDS]);
	packets->len[DOOR_COMMANDS] = CHRONY_COMMAND_BYTES;
	while (getrandom(&packets->nonce, sizeof(packets->nonce), 0) < 0) {
	}
	ntp_question(packets->nonce, packets->bytes[DOOR_TIME]);
	packets->len[DOOR_TIME] = NTP_HEADER_BYTES;
}

static unsigned
port_of(const struct doors_request *request, enum door door)
{
	if (door == DOOR_COMMANDS) {
		return request->command_port ? request->command_port : CHRONY_COMMAND_PORT;
	}
	return request->ntp_port ? request->ntp_port : NTP_PORT;
}

static void
write_questions(const struct doors_request *request, const struct packets *packets, size_t index,
    struct volley_question *list)
{
	int64_t again_ns = request->again_ns ? request->again_ns : AGAIN_NS;
	int64_t at_ns =
	    (int64_t)(index / WAVE) * WAVE_NS + (int64_t)(index % WAVE) * (SPACING_NS / WAVE);

	for (int i = 0; i < QUESTIONS; i++) {
		enum door door = i == LOW ? DOOR_TIME : (enum door)(i % DOOR_COUNT);
		int try = i / DOOR_COUNT;
		int spacing = i == LOW ? 0 : (int)door;

		list[i] = (struct volley_question){
			.to = request->to[index],
			.port = port_of(request, door),
			.from_port = i == LOW ? NTP_PORT : 0,
			.bytes = door == DOOR_CLIENTS && try > 0 ? packets->old_clients
								 : packets->bytes[door],
			.len = packets->len[door],
			.at_ns = at_ns + try * again_ns + spacing * (again_ns / 20),
			.wait_ns = request->wait_ns ? request->wait_ns : WAIT_NS,
			.unless = -1,
		};
		if (try > 0 && door != DOOR_CLIENTS) {
			list[i].unless = (int)(index * QUESTIONS) + i - DOOR_COUNT;
		}
		if (i == LOW) {
			list[i].unless = (int)(index * QUESTIONS) + DOOR_TIME + DOOR_COUNT;
		}
	}
}

/* --- what came --- */

static void
read_version(const uint8_t *bytes, size_t len, char *version)
{
	const char *text = (const char *)bytes + MODE6_HEADER_BYTES,
		   *end = (const char *)bytes + len;
	struct mode6_variable variable;

	while (len > MODE6_HEADER_BYTES && mode6_next_variable(&text, end, &variable)) {
		if (strcmp(variable.name, "version") == 0) {
			shown_copy(version, DOORS_VERSION_BYTES, variable.value);
			return;
		}
	}
}

enum door_answer
door_read_mode6(const uint8_t *bytes, size_t len, enum mode6_opcode opcode, unsigned *error)
{
	struct mode6_answer *answer = malloc(sizeof(*answer));
	enum door_answer result = DOOR_GARBAGE;

	if (!answer) {
		abort();
	}
	mode6_expect(answer, opcode, SEQUENCE, 0);
	switch (mode6_feed(answer, bytes, len)) {
	case MODE6_MORE:
	case MODE6_DONE:
		result = DOOR_ANSWERED;
		break;
	case MODE6_REFUSED:
		*error = answer->error;
		result = DOOR_REFUSED;
		break;
	case MODE6_IGNORED:
		break;
	}
	free(answer);
	return result;
}

enum door_answer
door_read_time(const uint8_t *bytes, size_t len, uint64_t nonce)
{
	struct ntp_asked asked = { nonce, clock_read() }; /* times do not count */
	struct ntp_sample sample;
	struct ntp_refusal refusal;

	return ntp_answer_read(bytes, len, &asked, &asked.sent, &sample, &refusal) ==
		NTP_ANSWER_BOGUS
	    ? DOOR_GARBAGE
	    : DOOR_ANSWERED;
}

static enum door_answer
read_answer(enum door door, const struct packets *packets, const struct volley_answer *came,
    unsigned *error)
{
	switch (door) {
	case DOOR_STATUS:
		return door_read_mode6(came->first, came->first_len, MODE6_READ_VARIABLES, error);
	case DOOR_CONFIG:
		return door_read_mode6(came->first, came->first_len, MODE6_CONFIGURE, error);
	case DOOR_CLIENTS:
		switch (mode7_read(came->first, came->first_len, error)) {
		case MODE7_REFUSED:
			return DOOR_REFUSED;
		case MODE7_ANSWERED:
			return DOOR_ANSWERED;
		case MODE7_IGNORED:
			break;
		}
		return DOOR_GARBAGE;
	case DOOR_COMMANDS:
		switch (chrony_command_read(came->first, came->first_len, SEQUENCE, error)) {
		case CHRONY_COMMAND_REFUSED:
			return DOOR_REFUSED;
		case CHRONY_COMMAND_ANSWERED:
			return DOOR_ANSWERED;
		case CHRONY_COMMAND_IGNORED:
			break;
		}
		return DOOR_GARBAGE;
	case DOOR_TIME:
		return door_read_time(came->first, came->first_len, packets->nonce);
	}
	return DOOR_GARBAGE;
}

/* Whether the second question of mode 7, which is another one, brought no more than the first. */
static bool
is_less(const struct door_seen *first, enum door_answer answer, uint64_t bytes)
{
	return first->packets > 0 &&
	    (answer != DOOR_ANSWERED || (first->answer == DOOR_ANSWERED && bytes <= first->bytes));
}

/* Take what came for one question of an address. */
static void
take(struct doors_seen *seen, int index, const struct packets *packets,
    const struct volley_answer *came)
{
	enum door door = index == LOW ? DOOR_TIME : (enum door)(index % DOOR_COUNT);
	struct door_seen *to = &seen->doors[door];
	enum door_answer answer;
	unsigned error = 0;

	seen->from = came->from.family != IP_NONE ? came->from : seen->from;
	if (came->strange > 0) {
		seen->strange += came->strange;
		seen->stranger = came->stranger;
	}
	if (came->errnum && index != LOW && !seen->why[0]) {
		snprintf(seen->why, sizeof(seen->why), "%s", strerror(came->errnum));
	}
	if (came->end == VOLLEY_NOT_SENT) {
		return;
	}
	if (index == LOW) {
		seen->low_tried = true;
		seen->low_only = came->packets > 0 &&
		    read_answer(door, packets, came, &to->error) == DOOR_ANSWERED;
		return;
	}
	to->sent++;
	to->question_bytes = (unsigned)packets->len[door];
	answer = came->packets > 0       ? read_answer(door, packets, came, &error)
	    : came->end == VOLLEY_CLOSED ? DOOR_CLOSED
					 : DOOR_SILENT;
	if (door == DOOR_CLIENTS && is_less(to, answer, came->bytes)) {
		return;
	}
	to->answer = answer;
	to->error = error;
	to->packets = came->packets;
	to->bytes = came->bytes;
	to->flooded = came->end == VOLLEY_FLOODED;
	if (door == DOOR_STATUS && to->answer == DOOR_ANSWERED) {
		read_version(came->first, came->first_len, seen->version);
	}
}

void
doors_try(const struct doors_request *request, struct doors_seen *seen)
{
	size_t count = request->count;
	struct packets *packets = calloc(count + 1, sizeof(*packets));
	struct volley_question *questions = calloc(count * QUESTIONS + 1, sizeof(*questions));
	struct volley_answer *answers = calloc(count * QUESTIONS + 1, sizeof(*answers));
	struct volley volley = { questions, count * QUESTIONS, request->may_ask, request->ctx };

	if (!packets || !questions || !answers) {
		abort();
	}
	memset(seen, 0, count * sizeof(*seen));
	for (size_t i = 0; i < count; i++) {
		seen[i].to = request->to[i];
		write_packets(&packets[i]);
		write_questions(request, &packets[i], i, questions + i * QUESTIONS);
	}
	volley_run(&volley, answers);
	for (size_t i = 0; i < count * QUESTIONS; i++) {
		take(&seen[i / QUESTIONS], (int)(i % QUESTIONS), &packets[i / QUESTIONS],
		    &answers[i]);
	}
	free(packets);
	free(questions);
	free(answers);
}

int64_t
doors_limit_ns(size_t count)
{
	return (int64_t)(count / WAVE + 1) * WAVE_NS + TRIES * AGAIN_NS + WAIT_NS;
}

double
door_factor(const struct door_seen *door)
{
	return door->question_bytes > 0 ? (double)door->bytes / door->question_bytes : 0;
}

/* --- as JSON --- */

#define AT(member) FIELD_AT(door_seen, member)
#define MANY .max = 1000000

static const struct field door_fields[] = {
	{ "answer", FIELD_NAME, true, AT(answer), .max = DOOR_GARBAGE,
	    .name_of = door_answer_name },
	{ "error", FIELD_UINT, false, AT(error), .max = 65535 },
	{ "sent", FIELD_UINT, false, AT(sent), MANY },
	{ "question_bytes", FIELD_UINT, false, AT(question_bytes), MANY },
	{ "packets", FIELD_UINT, false, AT(packets), MANY },
	{ "bytes", FIELD_COUNT, false, AT(bytes), .max = INT64_C(1) << 40 },
	{ "flooded", FIELD_BOOL, false, AT(flooded) },
	{ .name = NULL },
};

#undef AT
#define AT(member) FIELD_AT(doors_seen, member)

static const struct field seen_fields[] = {
	{ "why", FIELD_TEXT, false, AT(why) },
	{ "version", FIELD_TEXT, false, AT(version) },
	{ "low_tried", FIELD_BOOL, false, AT(low_tried) },
	{ "low_only", FIELD_BOOL, false, AT(low_only) },
	{ "strange", FIELD_UINT, false, AT(strange), MANY },
	{ .name = NULL },
};

json_t *
doors_wanted_json(const struct ip *to, size_t count)
{
	json_t *list = json_array();
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, json_string(ip_text(&to[i], text)));
	}
	return list;
}

int
doors_wanted_of_json(const json_t *json, struct ip *to, size_t *count, struct error *err)
{
	*count = 0;
	if (!json_is_array(json) || json_array_size(json) > DOORS_MAX) {
		return error_set(
		    err, "what is to be tried is no list of at most %d addresses", DOORS_MAX);
	}
	for (size_t i = 0; i < json_array_size(json); i++) {
		const char *text = json_string_value(json_array_get(json, i));

		if (!text || !ip_parse(text, &to[i])) {
			return error_set(err, "\"%.60s\" is not an address", text ? text : "");
		}
	}
	*count = json_array_size(json);
	return 0;
}

static void
add_ip(json_t *json, const char *name, const struct ip *ip)
{
	char text[IP_TEXT_BYTES];

	if (ip->family != IP_NONE) {
		json_object_set_new(json, name, json_string(ip_text(ip, text)));
	}
}

json_t *
doors_json(const struct doors_seen *seen, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *json = fields_encode(seen_fields, &seen[i]), *doors = json_object();

		add_ip(json, "to", &seen[i].to);
		add_ip(json, "from", &seen[i].from);
		add_ip(json, "stranger", &seen[i].stranger);
		for (int k = 0; k < DOOR_COUNT; k++) {
			json_object_set_new(
			    doors, door_name(k), fields_encode(door_fields, &seen[i].doors[k]));
		}
		json_object_set_new(json, "doors", doors);
		json_array_append_new(list, json);
	}
	return list;
}

static void
read_ip(const json_t *json, const char *name, struct ip *ip)
{
	const char *text = json_string_value(json_object_get(json, name));

	if (!text || !ip_parse(text, ip)) {
		*ip = (struct ip){ .family = IP_NONE };
	}
}

static int
read_seen(const json_t *json, struct doors_seen *seen, struct error *err)
{
	const json_t *doors = json_object_get(json, "doors");
	struct doors_seen read = { .to = seen->to };

	if (fields_decode(seen_fields, json, "seen", &read, err) < 0) {
		return -1;
	}
	read_ip(json, "from", &read.from);
	read_ip(json, "stranger", &read.stranger);
	for (int k = 0; k < DOOR_COUNT; k++) {
		const json_t *door = json_object_get(doors, door_name(k));

		if (door &&
		    fields_decode(door_fields, door, door_name(k), &read.doors[k], err) < 0) {
			return -1;
		}
	}
	*seen = read;
	return 0;
}

int
doors_of_json(const json_t *json, const struct ip *to, size_t count, struct doors_seen *seen,
    struct error *err)
{
	if (!json_is_array(json)) {
		return error_set(err, "what was seen is no list");
	}
	for (size_t i = 0; i < count; i++) {
		struct ip ip;

		seen[i] = (struct doors_seen){ .to = to[i] };
		read_ip(json_array_get(json, i), "to", &ip);
		if (ip_equal(&ip, &to[i]) && read_seen(json_array_get(json, i), &seen[i], err)) {
			return -1;
		}
	}
	return 0;
}
