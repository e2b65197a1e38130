/* What another host says that it saw, and the datagrams that doors.c reads. */
#include "common/ntp/mode7.h"
#include "daemons/chrony/command.h"
#include "measure/doors.h"
#include "measure/member.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written, and read again, the same. */
static void
read_again(const struct ip *to, size_t count, const struct doors_seen *seen)
{
	static struct doors_seen again[4];
	struct error err;
	json_t *json = doors_json(seen, count);

	assert(doors_of_json(json, to, count, again, &err) == 0);
	for (size_t i = 0; i < count; i++) {
		assert(ip_equal(&again[i].from, &seen[i].from));
		for (int k = 0; k < DOOR_COUNT; k++) {
			assert(again[i].doors[k].answer == seen[i].doors[k].answer);
			assert(again[i].doors[k].bytes == seen[i].doors[k].bytes);
		}
	}
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ip wanted[DOORS_MAX];
	static struct doors_seen seen[4];
	static struct member_wanted proofs[MEMBER_MAX];
	static struct member_seen members[2];
	struct ip to[4];
	struct error err;
	unsigned code;
	size_t count;
	json_t *json = json_loadb((const char *)data, size, 0, NULL);

	ip_parse("192.0.2.1", &to[0]);
	ip_parse("192.0.2.2", &to[1]);
	ip_parse("2001:db8::1", &to[2]);
	ip_parse("2001:db8::2", &to[3]);
	if (doors_of_json(json, to, COUNT(to), seen, &err) == 0) {
		read_again(to, COUNT(to), seen);
	}
	if (doors_wanted_of_json(json, wanted, &count, &err) == 0) {
		json_t *again = doors_wanted_json(wanted, count);

		assert(json_array_size(again) == count);
		json_decref(again);
	}
	if (member_of_json(json, members, COUNT(members), &err) == 0) {
		json_t *again = member_json(members, COUNT(members));

		assert(member_of_json(again, members, COUNT(members), &err) == 0);
		json_decref(again);
	}
	(void)!member_wanted_of_json(json, proofs, &count, &err);
	json_decref(json);
	member_read(MEMBER_WORD, (const char *)data, size, &members[0]);
	member_read(MEMBER_REDIRECT, (const char *)data, size, &members[0]);
	mode7_read(data, size, &code);
	chrony_command_read(data, size, 0, &code);
	return 0;
}
