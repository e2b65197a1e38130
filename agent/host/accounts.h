/* Whose processes may set the clock: root's, and those of the time daemons' accounts. */
#ifndef AGENT_HOST_ACCOUNTS_H
#define AGENT_HOST_ACCOUNTS_H

#include "common/base.h"

#define ACCOUNTS_MAX 16

/* User IDs: root's, and those of the time daemons' accounts that the host has. */
struct accounts {
	long list[ACCOUNTS_MAX];
	size_t count;
};

/* Read them from /etc/passwd below @root. */
void accounts_read(const char *root, struct accounts *accounts);

bool accounts_have(const struct accounts *accounts, long uid);

#endif
