#include "daemons/chrony/clients.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS 6 /* those that are about NTP */
#define SECONDS_NEVER UINT32_MAX

/* Read the number that ends at a comma, a blank or the line's end; false: there is none. */
static bool
read_number(const char **at, long long *number)
{
	char *end;

	if (**at != ',') {
		return false;
	}
	*number = strtoll(*at + 1, &end, 10);
	if (end == *at + 1 || (*end && !strchr(",\r\n", *end))) {
		return false;
	}
	*at = end;
	return true;
}

bool
chrony_client_parse(const char *line, struct chrony_client *client)
{
	size_t len = strcspn(line, ",\r\n");
	long long numbers[FIELDS - 1];
	char address[IP_TEXT_BYTES];
	const char *at = line + len;
	struct chrony_client parsed = { .packets = 0 };

	if (len >= sizeof(address)) {
		return false;
	}
	memcpy(address, line, len);
	address[len] = '\0';
	for (size_t i = 0; i < COUNT(numbers); i++) {
		if (!read_number(&at, &numbers[i])) {
			return false;
		}
	}
	if (!ip_parse(address, &parsed.ip) || numbers[0] <= 0 || numbers[0] > UINT32_MAX ||
	    numbers[1] < 0 || numbers[1] > UINT32_MAX || numbers[2] < -128 || numbers[2] > 127 ||
	    numbers[4] < 0 || numbers[4] >= SECONDS_NEVER) {
		return false;
	}
	parsed.packets = (uint64_t)numbers[0];
	parsed.dropped = (uint64_t)numbers[1];
	parsed.interval_log2 = (int)numbers[2];
	parsed.last_ns = numbers[4] * NS_PER_S;
	*client = parsed;
	return true;
}
