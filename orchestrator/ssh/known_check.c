/* Decides as ssh does by the lines that name a host. */
#include "orchestrator/ssh/kexinit.h"
#include "orchestrator/ssh/known_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
same_key(const struct known_entry *entry, const void *blob, size_t len)
{
	return entry->blob_len == len && memcmp(entry->blob, blob, len) == 0;
}

static const struct known_entry *
revoking(const struct known_found *found, const void *blob, size_t len)
{
	for (size_t i = 0; i < found->count; i++) {
		if (found->list[i]->mark == KNOWN_MARK_REVOKED &&
		    same_key(found->list[i], blob, len)) {
			return found->list[i];
		}
	}
	return NULL;
}

/* Source: check_hostkeys_by_key_or_type() of OpenSSH 9.2. */
static enum known
check_with_port(const struct known_hosts *known, const struct known_host *host, unsigned port,
    const struct known_key *key, struct known_line *line)
{
	struct known_found found = known_table_find(known, host, port);
	const struct known_entry *decides = revoking(&found, key->blob, key->len);
	enum known answer = decides ? KNOWN_REVOKED : KNOWN_UNKNOWN;

	for (size_t i = 0; i < found.count && !(answer == KNOWN_REVOKED || answer == KNOWN_MATCH);
	     i++) {
		const struct known_entry *entry = found.list[i];

		if (entry->mark != KNOWN_MARK_NONE) {
			continue;
		}
		answer = same_key(entry, key->blob, key->len) ? KNOWN_MATCH : KNOWN_CHANGED;
		decides = decides ? decides : entry;
	}
	if (answer == KNOWN_CHANGED || answer == KNOWN_REVOKED) {
		*line = (struct known_line){ decides->source->path, decides->line };
	}
	free(found.list);
	return answer;
}

static bool
has_port(const struct known_host *host)
{
	return host->port != 0 && host->port != 22;
}

enum known
known_hosts_check(const struct known_hosts *known, const struct known_host *host,
    const struct known_key *key, struct known_line *line)
{
	enum known answer = check_with_port(known, host, host->port, key, line);

	if (answer == KNOWN_UNKNOWN && has_port(host)) {
		struct known_line other;
		enum known without = check_with_port(known, host, 0, key, &other);

		if (without == KNOWN_MATCH || without == KNOWN_REVOKED) {
			*line = other;
			return without;
		}
	}
	return answer;
}

static bool
has_type(const char *list, const char *type)
{
	size_t len = strlen(type);

	for (const char *at = list; (at = strstr(at, type)); at += len) {
		if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}

void
known_hosts_types(
    const struct known_hosts *known, const struct known_host *host, char *types, size_t size)
{
	struct known_found found = known_table_find(known, host, host->port);

	types[0] = '\0';
	for (size_t i = 0; i < found.count; i++) {
		const struct known_entry *entry = found.list[i];
		size_t used = strlen(types);

		if (entry->mark == KNOWN_MARK_NONE && !has_type(types, entry->type) &&
		    used + strlen(entry->type) + 2 <= size) {
			snprintf(types + used, size - used, "%s%s", used ? "," : "", entry->type);
		}
	}
	free(found.list);
}

static bool
has_mark(const struct known_found *found, enum known_mark mark)
{
	for (size_t i = 0; i < found->count; i++) {
		if (found->list[i]->mark == mark) {
			return true;
		}
	}
	return false;
}

bool
known_hosts_names(const struct known_hosts *known, const struct known_host *host)
{
	struct known_found with = known_table_find(known, host, host->port),
			   without = { NULL, 0, 0 };
	bool named = has_mark(&with, KNOWN_MARK_NONE);

	if (has_port(host)) {
		without = known_table_find(known, host, 0);
		named |=
		    has_mark(&without, KNOWN_MARK_REVOKED) && !has_mark(&with, KNOWN_MARK_REVOKED);
	}
	free(with.list);
	free(without.list);
	return named;
}

/* Whether ssh knows a key of @host for @algorithm: the first of its type, unless it is revoked. */
static bool
knows_type(const struct known_found *found, const char *algorithm, size_t len)
{
	char type[64];

	kex_key_type(algorithm, len, type, sizeof(type));
	for (size_t i = 0; i < found->count; i++) {
		const struct known_entry *entry = found->list[i];

		if (entry->mark == KNOWN_MARK_NONE && strcmp(entry->type, type) == 0) {
			return !revoking(found, entry->blob, entry->blob_len);
		}
	}
	return false;
}

void
known_hosts_order(const struct known_hosts *known, const struct known_host *host,
    const char *algorithms, struct buf *order)
{
	struct known_found found = known_table_find(known, host, host->port);
	bool authority = has_mark(&found, KNOWN_MARK_AUTHORITY);

	if (knows_type(&found, algorithms, strcspn(algorithms, ","))) {
		buf_text(order, algorithms);
		free(found.list);
		return;
	}
	for (int last = 0; last < 2; last++) {
		for (const char *at = algorithms; *at; at += strspn(at, ",")) {
			size_t len = strcspn(at, ",");
			bool first = (authority && kex_is_certificate(at, len)) ||
			    knows_type(&found, at, len);

			if (first == !last) {
				buf_printf(order, "%s%.*s", order->len ? "," : "", (int)len, at);
			}
			at += len;
		}
	}
	free(found.list);
}
