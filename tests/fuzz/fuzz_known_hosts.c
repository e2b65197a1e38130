/* A file of known hosts, whatever stands in it. */
#include "orchestrator/ssh/known_hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct known_hosts *known = known_hosts_new();
	static const struct policy_files files = { { "fuzz", "revoked" }, 2 };
	struct known_host hosts[] = { { "time1", 22, &files, NULL, NULL },
		{ "time1.example.net", 2222, &files, &files, "revoked" } };
	struct known_key keys[] = { { "\0\0\0\1x", 5 }, { "", 0 } };
	struct buf order = { .limit_bytes = 1000 };
	struct known_line line;
	struct error err;
	char types[40];

	known_hosts_parse(known, "fuzz", (const char *)data, size);
	known_hosts_check(known, &hosts[0], &keys[0], &line);
	if (known_hosts_parse_revoked(known, "revoked", (const char *)data, size, &err)) {
		order.limit_bytes = 100;
	}
	known_hosts_check(known, &hosts[1], &keys[1], &line);
	known_hosts_types(known, &hosts[0], types, sizeof(types));
	known_hosts_names(known, &hosts[1]);
	known_hosts_order(known, &hosts[0], policy_usual_host_keys, &order);
	buf_free(&order);
	known_hosts_free(known);
	return 0;
}
