#include "orchestrator/topology/extras.h"

#include <string.h>

struct extra_list
extras_of(const struct extras *extras, const char *daemon)
{
	const struct {
		const char *daemon;
		size_t offset;
	} rows[] = {
		{ "chrony", offsetof(struct extras, chrony) },
		{ "ntp", offsetof(struct extras, ntp) },
		{ "ntpsec", offsetof(struct extras, ntpsec) },
	};
	struct extra_list list = { NULL, 0 };

	for (size_t i = 0; extras && i < COUNT(rows); i++) {
		if (strcmp(rows[i].daemon, daemon) == 0) {
			memcpy(&list, (const char *)extras + rows[i].offset, sizeof(list));
		}
	}
	return list;
}

const struct extra_line *
host_extra(const struct host *host, const char *daemon, size_t i)
{
	const struct extras *shared = host->tier ? host->tier->extras
	    : host->group                        ? host->group->extras
						 : NULL;
	struct extra_list first = extras_of(shared, daemon);
	struct extra_list own = extras_of(host->extras, daemon);

	if (i < first.count) {
		return &first.list[i];
	}
	return i - first.count < own.count ? &own.list[i - first.count] : NULL;
}
