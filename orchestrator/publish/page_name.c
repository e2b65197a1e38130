#include "orchestrator/publish/page_name.h"

#include "common/address.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define NAME_BYTES 256

/* Copy the name in @host, without brackets, port and final dot.  False: it is too long. */
static bool
copy_name(const char *host, char *name)
{
	size_t len = strcspn(host, ":");

	if (host[0] == '[') {
		host++;
		len = strcspn(host, "]");
	}
	if (len > 0 && host[len - 1] == '.') {
		len--;
	}
	if (len >= NAME_BYTES) {
		return false;
	}
	memcpy(name, host, len);
	name[len] = '\0';
	return true;
}

bool
page_name_is_ours(const char *host, const char *const *names)
{
	char name[NAME_BYTES], own[NAME_BYTES] = "";
	struct ip ip;

	if (!host) {
		return true;
	}
	if (!copy_name(host, name)) {
		return false;
	}
	if (ip_parse(name, &ip) || strcasecmp(name, "localhost") == 0) {
		return true;
	}
	for (size_t i = 0; names[i]; i++) {
		if (strcasecmp(name, names[i]) == 0) {
			return true;
		}
	}
	return gethostname(own, sizeof(own) - 1) == 0 && own[0] && strcasecmp(name, own) == 0;
}
