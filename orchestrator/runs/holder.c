#include "orchestrator/runs/holder.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether @name may be the name of a user: it comes from the environment. */
static bool
is_user_name(const char *name)
{
	size_t len =
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len > 0 && len <= 32 && name[len] == '\0' && name[0] != '-';
}

void
holder_name(char *holder, size_t size)
{
	static const char *const claims[] = { "SUDO_USER", "DOAS_USER" };
	const struct passwd *user = getpwuid(getuid());
	const char *name = user ? user->pw_name : "?";
	char host[256] = "", by[48] = "";

	gethostname(host, sizeof(host) - 1);
	for (size_t i = 0; i < COUNT(claims) && !*by; i++) {
		const char *claimed = getenv(claims[i]);

		if (claimed && is_user_name(claimed) && strcmp(claimed, name) != 0) {
			snprintf(by, sizeof(by), "(%s)", claimed);
		}
	}
	snprintf(holder, size, "%s@%s%s", name, host, by);
}
