/*
 * Looks at a server as one who verifies that it means to be in the public pool: what it answers in
 * NTP versions 4 and 3, its status, and what a TCP port of it says.
 */
#ifndef MEASURE_MEMBER_H
#define MEASURE_MEMBER_H

#include "measure/doors.h"

#define MEMBER_MAX 64 /* questions at once */
#define MEMBER_TEXT_BYTES 300

/* What is looked at, of one address. */
enum member_kind {
	MEMBER_NTP,      /* versions 4 and 3, and the status */
	MEMBER_WORD,     /* what a TCP port says by itself */
	MEMBER_REDIRECT, /* what it answers to GET / */
};

struct member_wanted {
	struct ip to;
	enum member_kind kind;
	unsigned port; /* of TCP; of MEMBER_NTP 0: 123 */
};

struct member_seen {
	struct ip from; /* our address towards it; IP_NONE: there is no way */
	char why[64];   /* why it could not be asked; "" */
	/* of MEMBER_NTP */
	enum door_answer version4, version3, status;
	/* of TCP: DOOR_ANSWERED with what was said as it is shown, or "301 URL"; DOOR_CLOSED:
	 * nobody listens; DOOR_GARBAGE: more than a word, or no redirect, and then text is its
	 * beginning */
	enum door_answer tcp;
	char text[MEMBER_TEXT_BYTES];
};

/*
 * Look at all of @wanted: takes 12 s, and up to 19 s more where a TCP port takes its time.
 *
 * @may_ask: as for doors_try()
 * @seen:    one for each
 */
struct member_request {
	const struct member_wanted *wanted;
	size_t count; /* at most MEMBER_MAX */
	bool (*may_ask)(const void *ctx, const struct ip *to);
	const void *ctx;
	int64_t spacing_ns, wait_ns; /* 0: the usual; else for tests */
};
void member_try(const struct member_request *request, struct member_seen *seen);

#define MEMBER_LIMIT_S 40 /* how long member_try() may take */

/* What a TCP port said: fills @seen->tcp and @seen->text.  For tests and fuzzing, too. */
void member_read(enum member_kind kind, const char *bytes, size_t len, struct member_seen *seen);

/* As JSON, and back; what comes from another host is not trusted. */
json_t *member_wanted_json(const struct member_wanted *wanted, size_t count);
int member_wanted_of_json(
    const json_t *json, struct member_wanted *wanted, size_t *count, struct error *err) MUST_CHECK;
json_t *member_json(const struct member_seen *seen, size_t count);

/* @seen: @count of them; the list must be as long */
int member_of_json(
    const json_t *json, struct member_seen *seen, size_t count, struct error *err) MUST_CHECK;

#endif
