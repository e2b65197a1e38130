#include "orchestrator/import/import.h"

#include "common/shown.h"
#include "orchestrator/topology/topology.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
by_name(const void *left, const void *right)
{
	const struct import_host *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int
import_begin(struct import *import, struct import_host *hosts, size_t count, struct error *err)
{
	size_t known = 0;

	if (count == 0) {
		return error_set(err, "there is no host to be read");
	}
	if (count > IMPORT_HOSTS_MAX) {
		return error_set(
		    err, "%zu hosts; import takes %d at once", count, IMPORT_HOSTS_MAX);
	}
	qsort(hosts, count, sizeof(*hosts), by_name);
	for (size_t i = 0; i < count; i++) {
		if (!topology_takes_name(hosts[i].name)) {
			return error_set(err,
			    "\"%.60s\" is no name of a host: letters, digits, \"-\", \"_\" and "
			    "\".\"",
			    hosts[i].name);
		}
	}
	for (size_t i = 1; i < count; i++) {
		if (strcmp(hosts[i].name, hosts[i - 1].name) == 0) {
			return error_set(err, "two hosts are called %s", hosts[i].name);
		}
	}
	import->hosts = hosts;
	import->host_count = count;
	for (size_t i = 0; i < count; i++) {
		import_read_host(&import->arena, &hosts[i]);
		known += hosts[i].driver != NULL;
	}
	if (known == 0) {
		return error_set(err, "no host has the configuration of a time daemon");
	}
	import_find_asked(import);
	import_find_servers(import);
	import_make_sets(import);
	if (import->tier_count == 0) {
		return error_set(err,
		    "no host here asks another one for the time, or serves any network: there is "
		    "nothing to make a site of");
	}
	import_make_access(import);
	import_read_clocks(import);
	import_make_keys(import);
	return 0;
}

void
import_remark(struct import *import, struct import_host *host, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0) {
		abort();
	}
	if (host->remark_count == host->remark_max) {
		size_t max = host->remark_max ? 2 * host->remark_max : 8;
		const char **list = arena_alloc(&import->arena, max * sizeof(*list));

		if (host->remark_count > 0) {
			memcpy(list, host->remarks, host->remark_count * sizeof(*list));
		}
		host->remarks = list;
		host->remark_max = max;
	}
	host->remarks[host->remark_count++] = shown_words(&import->arena, text, (size_t)len);
	free(text);
}

bool
import_is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\') {
			return false;
		}
	}
	return true;
}

size_t
import_server_count(const struct import *import)
{
	size_t count = 0;

	for (size_t i = 0; i < import->host_count; i++) {
		count += import->hosts[i].server;
	}
	return count;
}

void
import_free(struct import *import)
{
	if (import->keys.data) {
		explicit_bzero(import->keys.data, import->keys.len);
	}
	buf_free(&import->keys);
	arena_free(&import->arena);
}
