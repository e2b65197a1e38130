/* A file of known hosts, whatever stands in it. */
#include "orchestrator/ssh/known_hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct known_hosts *known = known_hosts_new();
	struct known_line line;
	struct known_key plain = { "time1", 22, "\0\0\0\1x", 5 };
	struct known_key other = { "time1.example.net", 2222, "", 0 };
	char types[40];

	known_hosts_parse(known, "fuzz", (const char *)data, size);
	known_hosts_check(known, &plain, &line);
	known_hosts_check(known, &other, &line);
	known_hosts_types(known, "time1", 22, types, sizeof(types));
	known_hosts_free(known);
	return 0;
}
