#include "agent/audit.h"

#include "common/buf.h"
#include "common/log.h"
#include "measure/doors.h"
#include "measure/member.h"
#include "measure/spoof.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_BYTES_MAX (64u << 10)

enum { DONE = 0, FAILED = 2 };

/* The addresses of the request, sorted out: it is they who may be asked, and nobody else. */
struct wanted {
	struct ip list[DOORS_MAX];
	size_t count;
};

static bool
is_wanted(const void *ctx, const struct ip *to)
{
	const struct wanted *wanted = ctx;

	for (size_t i = 0; i < wanted->count; i++) {
		if (ip_equal(&wanted->list[i], to)) {
			return true;
		}
	}
	return false;
}

static int
read_request(struct buf *text, struct error *err)
{
	char bytes[4096];
	size_t got;

	while ((got = fread(bytes, 1, sizeof(bytes), stdin)) > 0) {
		buf_add(text, bytes, got);
	}
	if (ferror(stdin) || text->overflowed) {
		return error_set(err, "the request on stdin cannot be read, or has no end");
	}
	return 0;
}

static_assert(
    MEMBER_MAX <= DOORS_MAX, "whom proofs are asked of find their place among those wanted");

/* Print what was seen, in one line of JSON. */
static void
tell(const char *name, json_t *seen)
{
	json_t *json = json_pack("{s:o}", name, seen);
	char *text = json_dumps(json, JSON_COMPACT);

	if (!text) {
		abort();
	}
	puts(text);
	free(text);
	json_decref(json);
}

static int
try_doors(const json_t *list, struct error *err)
{
	static struct wanted wanted;
	static struct doors_seen seen[DOORS_MAX];
	struct doors_request request = { .may_ask = is_wanted, .ctx = &wanted };

	if (doors_wanted_of_json(list, wanted.list, &wanted.count, err) < 0) {
		return -1;
	}
	request.to = wanted.list;
	request.count = wanted.count;
	doors_try(&request, seen);
	tell("seen", doors_json(seen, wanted.count));
	return 0;
}

static int
look_at_proofs(const json_t *list, struct error *err)
{
	static struct wanted wanted;
	static struct member_wanted proofs[MEMBER_MAX];
	static struct member_seen seen[MEMBER_MAX];
	struct member_request request = { .wanted = proofs, .may_ask = is_wanted, .ctx = &wanted };

	if (member_wanted_of_json(list, proofs, &request.count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < request.count; i++) {
		wanted.list[wanted.count++] = proofs[i].to;
	}
	member_try(&request, seen);
	tell("proofs", member_json(seen, request.count));
	return 0;
}

static bool
is_end(const void *ctx, const struct ip *ip)
{
	const struct spoof *spoof = ctx;

	return ip_equal(ip, &spoof->as) || ip_equal(ip, &spoof->to);
}

/* Who has the address that the packets bear listens; the other one sends. */
static int
try_spoof(const json_t *json, struct error *err)
{
	static const char *const words[] = {
		[SPOOF_NOTHING] = "nothing", [SPOOF_CAME] = "came", [SPOOF_NO_ANSWER] = "no answer"
	};
	struct spoof spoof;
	int heard;

	if (spoof_of_json(json, &spoof, err) < 0) {
		return -1;
	}
	heard = spoof_hear(&spoof, is_end, &spoof, err);
	if (heard >= 0) {
		printf("{\"heard\": \"%s\"}\n", words[heard]);
		return 0;
	}
	if (spoof_send(&spoof, SPOOF_PACKETS, is_end, &spoof, err) < 0) {
		return -1;
	}
	puts("{\"heard\": \"sent\"}");
	return 0;
}

int
audit_run(void)
{
	struct buf text = { .limit_bytes = REQUEST_BYTES_MAX };
	json_t *request = NULL;
	struct error err;
	int status = read_request(&text, &err);

	if (status == 0) {
		request = json_loadb(buf_str(&text), text.len, 0, NULL);
		status = json_object_get(request, "spoof")
		    ? try_spoof(json_object_get(request, "spoof"), &err)
		    : json_object_get(request, "proofs")
		    ? look_at_proofs(json_object_get(request, "proofs"), &err)
		    : try_doors(json_object_get(request, "doors"), &err);
	}
	if (status < 0) {
		log_error("audit: %s; `timetier audit --from HOST` sends what it wants", err.text);
	}
	json_decref(request);
	buf_free(&text);
	return status < 0 ? FAILED : DONE;
}
