/*
 * Tries the doors of time servers: what may be asked of them over UDP, by whoever sends a packet.
 * Each address gets one question a door, and one more where there was no answer; that for the time
 * comes last, because a daemon that limits rates then counts no other before it.
 */
#ifndef MEASURE_DOORS_H
#define MEASURE_DOORS_H

#include "common/address.h"
#include "common/ntp/mode6.h"

#include <jansson.h>

enum door {
	DOOR_STATUS,   /* mode 6: variables */
	DOOR_CLIENTS,  /* mode 7: the list of clients, asked for in both ways that there were */
	DOOR_CONFIG,   /* mode 6: a change of the configuration, without a key: only a comment */
	DOOR_COMMANDS, /* chronyd's command port */
	DOOR_TIME,     /* mode 3 */
};
#define DOOR_COUNT ((int)DOOR_TIME + 1)

/* "status", "clients", "config", "commands", "time". */
const char *door_name(int door);

enum door_answer {
	DOOR_NOT_TRIED,
	DOOR_SILENT,
	DOOR_CLOSED,  /* the other side's kernel says so */
	DOOR_REFUSED, /* only a "no" came: but it came */
	DOOR_ANSWERED,
	DOOR_GARBAGE, /* what came is no answer to the question */
};

/* "not tried", "silent", "closed", "refused", "answered", "garbage". */
const char *door_answer_name(int answer);

/* What a datagram is as the answer to a question of mode 6; @error: the code of a refusal. */
enum door_answer door_read_mode6(
    const uint8_t *bytes, size_t len, enum mode6_opcode opcode, unsigned *error);

/* Likewise to a question for the time; whoever says that he has none to give answers, too. */
enum door_answer door_read_time(const uint8_t *bytes, size_t len, uint64_t nonce);

struct door_seen {
	enum door_answer answer;
	unsigned error; /* the code of a refusal */
	unsigned sent;  /* packets */
	unsigned question_bytes;
	unsigned packets; /* that came for one question */
	uint64_t bytes;   /* of these; both without the headers of UDP and IP */
	bool flooded;     /* more came than was counted */
};

#define DOORS_VERSION_BYTES 96
#define DOORS_MAX 500 /* addresses at once */

/* What one address answered. */
struct doors_seen {
	struct ip to, from; /* from: our address towards it; IP_NONE: there is no way */
	char why[64];       /* why it could not be asked; "" */
	struct door_seen doors[DOOR_COUNT];
	bool low_tried;   /* the time was asked for from port 123, too, because there was silence */
	bool low_only;    /* and that was answered */
	unsigned strange; /* packets that came from another address or port than was asked */
	struct ip stranger;
	char version[DOORS_VERSION_BYTES]; /* as its status tells it; "" */
};

struct doors_request {
	const struct ip *to;
	size_t count; /* at most DOORS_MAX */
	/* Whether a packet may go to an address: asked before each socket is opened. */
	bool (*may_ask)(const void *ctx, const struct ip *to);
	const void *ctx;
	/* 0: the usual; else for tests */
	unsigned ntp_port, command_port;
	int64_t again_ns, wait_ns;
};

/*
 * Try the doors of all addresses; takes 8 s, and 2 s more for each 40 of them.
 *
 * @seen: one for each address
 */
void doors_try(const struct doors_request *request, struct doors_seen *seen);

/* How long that may take. */
int64_t doors_limit_ns(size_t count);

/* How many bytes came for each byte that was sent; 0: none. */
double door_factor(const struct door_seen *door);

/* The addresses that another host is to try, as JSON, and back. */
json_t *doors_wanted_json(const struct ip *to, size_t count);

/*
 * @to: of DOORS_MAX
 * Returns 0, or -1 with @err set: it is no list of addresses, or too long.
 */
int doors_wanted_of_json(
    const json_t *json, struct ip *to, size_t *count, struct error *err) MUST_CHECK;

/* What was seen as JSON, and back; what comes from another host is not trusted. */
json_t *doors_json(const struct doors_seen *seen, size_t count);

/*
 * The inverse: fills @seen for the addresses in @to, in their order; what else it says is left out,
 * and what it does not say of an address is not tried.
 */
int doors_of_json(const json_t *json, const struct ip *to, size_t count, struct doors_seen *seen,
    struct error *err) MUST_CHECK;

#endif
