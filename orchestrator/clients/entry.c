#include "orchestrator/clients/entry.h"

#include "orchestrator/topology/topology.h"

#include <string.h>

static const char *
line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline + 1 : end;
}

/* @text as YAML between double quotes. */
static void
put_quoted(struct buf *out, const char *text)
{
	buf_text(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\') {
			buf_text(out, "\\");
		}
		buf_add(out, text, 1);
	}
	buf_text(out, "\"");
}

static void
put_entry(struct buf *out, const char *indent, size_t indent_len, const struct deny_entry *entry)
{
	unsigned bits = entry->network.ip.family == IP_V4 ? 32 : 128;
	char text[IP_TEXT_BYTES];

	if (entry->network.prefix == bits) {
		ip_text(&entry->network.ip, text);
	} else {
		network_text(&entry->network, text);
	}
	buf_add(out, indent, indent_len);
	buf_printf(
	    out, strchr(text, ':') ? "- {net: \"%s\", because: " : "- {net: %s, because: ", text);
	put_quoted(out, entry->because);
	if (entry->until) {
		buf_printf(out, ", until: %s", entry->until);
	}
	buf_text(out, "}\n");
}

/* The line `deny:` of the site itself; NULL: there is none. */
static const char *
find_deny(const char *text, const char *end)
{
	for (; text < end; text = line_end(text, end)) {
		if ((size_t)(end - text) >= 5 && memcmp(text, "deny:", 5) == 0) {
			return text;
		}
	}
	return NULL;
}

/* Whether nothing stands behind `deny:` but blanks and a comment. */
static bool
is_block(const char *deny, const char *end)
{
	const char *at = deny + 5;

	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) {
		at++;
	}
	return at == end || *at == '\n' || *at == '#';
}

/* Whether the line belongs to a block that began at the left margin. */
static bool
is_inside(const char *line)
{
	return *line == ' ' || *line == '-' || *line == '\t';
}

int
deny_entry_add(const char *old, size_t len, const struct deny_entry *entry, struct buf *fresh,
    struct error *err)
{
	const char *end = old + len, *deny = find_deny(old, end), *at, *last, *item = NULL;
	const char *indent = "  ";
	size_t indent_len = 2;

	if (!deny) {
		buf_add(fresh, old, len);
		buf_text(fresh, len > 0 && old[len - 1] != '\n' ? "\ndeny:\n" : "deny:\n");
		put_entry(fresh, indent, indent_len, entry);
		return 0;
	}
	if (!is_block(deny, end)) {
		struct buf line = { .limit_bytes = 4096 };

		put_entry(&line, "", 0, entry);
		error_set(err, "`deny` is written on one line; write by hand: %s", buf_str(&line));
		err->text[strcspn(err->text, "\n")] = '\0';
		buf_free(&line);
		return -1;
	}
	last = line_end(deny, end);
	for (at = last; at < end; at = line_end(at, end)) {
		size_t blanks = strspn(at, " ");

		if (is_inside(at) && at[blanks] != '#' && at[blanks] != '\n') {
			item = item || at[blanks] != '-' ? item : at;
			last = line_end(at, end);
		} else if (!is_inside(at) && *at != '#' && *at != '\n' && *at != '\r') {
			break;
		}
	}
	if (item) {
		indent = item;
		indent_len = strspn(item, " ");
	}
	buf_add(fresh, old, (size_t)(last - old));
	if (last > old && last[-1] != '\n') {
		buf_text(fresh, "\n");
	}
	put_entry(fresh, indent, indent_len, entry);
	buf_add(fresh, last, (size_t)(end - last));
	return 0;
}

static bool
same_entry(const struct deny *a, const struct deny *b)
{
	if (a->net_count != b->net_count || strcmp(a->because, b->because) != 0 ||
	    a->until_ns != b->until_ns) {
		return false;
	}
	for (size_t i = 0; i < a->net_count; i++) {
		if (a->nets[i].network.prefix != b->nets[i].network.prefix ||
		    !ip_equal(&a->nets[i].network.ip, &b->nets[i].network.ip)) {
			return false;
		}
	}
	return true;
}

int
deny_entry_verify(const struct topology *old, const struct topology *fresh,
    const struct deny_entry *entry, struct error *err)
{
	const struct deny *added =
	    fresh->deny_count > 0 ? &fresh->denies[fresh->deny_count - 1] : NULL;
	bool same = fresh->deny_count == old->deny_count + 1 &&
	    strcmp(old->site, fresh->site) == 0 && old->upstream_count == fresh->upstream_count &&
	    old->tier_count == fresh->tier_count && old->group_count == fresh->group_count &&
	    old->host_count == fresh->host_count && old->serve_count == fresh->serve_count &&
	    old->monitor_count == fresh->monitor_count && old->key_count == fresh->key_count &&
	    old->collector_count == fresh->collector_count &&
	    old->accept_count == fresh->accept_count && old->verify_count == fresh->verify_count;

	for (size_t i = 0; same && i < old->deny_count; i++) {
		same = same_entry(&old->denies[i], &fresh->denies[i]);
	}
	if (!same || added->net_count != 1 || strcmp(added->because, entry->because) != 0 ||
	    added->nets[0].network.prefix != entry->network.prefix ||
	    !ip_equal(&added->nets[0].network.ip, &entry->network.ip) ||
	    (added->until_ns != 0) != (entry->until != NULL)) {
		return error_set(
		    err, "with the entry the file would say something else, too: write it by hand");
	}
	return 0;
}
