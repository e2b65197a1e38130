/* The host's own file is read: a directory service might let us wait. */
#include "agent/host/accounts.h"

#include "agent/host/tree.h"
#include "daemons/setters/setters.h"

#include <stdlib.h>
#include <string.h>

/* Add the user IDs of the time daemons' accounts, which are in the text of passwd(5). */
static void
find_accounts(const char *passwd, struct accounts *accounts)
{
	for (const char *const *name = setter_accounts; *name; name++) {
		const char *at = passwd;
		size_t len = strlen(*name);

		while (at && !(strncmp(at, *name, len) == 0 && at[len] == ':')) {
			at = strchr(at, '\n');
			at = at ? at + 1 : NULL;
		}
		at = at ? strchr(at + len + 1, ':') : NULL;
		if (at && at[1] >= '1' && at[1] <= '9' && accounts->count < ACCOUNTS_MAX) {
			accounts->list[accounts->count++] = strtol(at + 1, NULL, 10);
		}
	}
}

void
accounts_read(const char *root, struct accounts *accounts)
{
	struct buf text = { .limit_bytes = 1 << 20 };
	struct error err;

	*accounts = (struct accounts){ .list = { 0 }, .count = 1 };
	if (tree_read(root, "/etc/passwd", &text, &err) == TREE_READ) {
		find_accounts(buf_str(&text), accounts);
	}
	buf_free(&text);
}

bool
accounts_have(const struct accounts *accounts, long uid)
{
	for (size_t i = 0; i < accounts->count; i++) {
		if (accounts->list[i] == uid) {
			return true;
		}
	}
	return false;
}
