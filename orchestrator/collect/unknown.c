#include "orchestrator/collect/unknown.h"

#include <stdio.h>
#include <string.h>

#define SAY_NS (3600 * NS_PER_S)
#define KEEP_NS (300 * NS_PER_S)

static struct unknown_host *
find(struct unknown_hosts *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (strcmp(hosts->list[i].name, name) == 0) {
			return &hosts->list[i];
		}
	}
	return NULL;
}

/* A place for one more. */
static struct unknown_host *
new_place(struct unknown_hosts *hosts)
{
	struct unknown_host *oldest = &hosts->list[0];

	if (hosts->count < UNKNOWN_HOSTS_MAX) {
		return &hosts->list[hosts->count++];
	}
	for (size_t i = 1; i < hosts->count; i++) {
		if (hosts->list[i].heard_ns < oldest->heard_ns) {
			oldest = &hosts->list[i];
		}
	}
	return oldest;
}

bool
unknown_hosts_hear(struct unknown_hosts *hosts, const char *name, int64_t now_ns)
{
	struct unknown_host *host = find(hosts, name);
	bool say = !host || now_ns - host->said_ns >= SAY_NS;

	if (!host) {
		host = new_place(hosts);
		snprintf(host->name, sizeof(host->name), "%s", name);
	}
	host->heard_ns = now_ns;
	if (say) {
		host->said_ns = now_ns;
	}
	return say;
}

static void
remove_at(struct unknown_hosts *hosts, size_t index)
{
	hosts->list[index] = hosts->list[--hosts->count];
}

void
unknown_hosts_forget(struct unknown_hosts *hosts, int64_t now_ns)
{
	for (size_t i = hosts->count; i-- > 0;) {
		if (now_ns - hosts->list[i].heard_ns > KEEP_NS) {
			remove_at(hosts, i);
		}
	}
}

void
unknown_hosts_drop(struct unknown_hosts *hosts, const char *name)
{
	struct unknown_host *host = find(hosts, name);

	if (host) {
		remove_at(hosts, (size_t)(host - hosts->list));
	}
}
