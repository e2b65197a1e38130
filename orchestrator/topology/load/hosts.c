/* Makes the hosts of a client group from its ranges, its maps and its hosts_file. */
#include "common/file.h"
#include "orchestrator/topology/load/loader.h"

#include <string.h>

#define HOSTS_FILE_BYTES_MAX ((size_t)64 << 20)

static size_t
hosts_left(const struct loader *loader)
{
	return HOSTS_MAX - loader->servers.count - loader->hosts.count;
}

/* A host with everything that a host takes from its group. */
static struct host
host_of(const struct group_draft *draft)
{
	return (struct host){
		.role = HOST_CLIENT,
		.daemon = draft->daemon,
		.daemon_pos = draft->daemon_pos.line ? draft->daemon_pos : draft->group.pos,
		.manage = draft->manage,
		.ssh = draft->ssh,
	};
}

/* Add the hosts of the node set @text, which is written at @pos. */
static void
add_range(struct loader *loader, const struct group_draft *draft, const char *text, struct pos pos)
{
	struct arena *arena = &loader->topology->arena;
	struct host host = host_of(draft);
	struct address *addresses;
	struct error err;
	const char **names;
	size_t count;

	if (loader->hosts_full) {
		return;
	}
	if (names_expand(arena, text, HOSTS_MAX, &names, &count, &err) < 0) {
		problem(loader, "bad-value", pos, "%s", err.text);
		return;
	}
	if (count > hosts_left(loader)) {
		problem(loader, "bad-value", pos, "with these the site has more than %d hosts",
		    HOSTS_MAX);
		loader->hosts_full = true; /* one finding is enough for all ranges */
		return;
	}
	addresses = arena_alloc(arena, count * sizeof(*addresses));
	vec_reserve(&loader->hosts, count);
	for (size_t i = 0; i < count; i++) {
		addresses[i] = (struct address){ .text = names[i], .pos = pos };
		ip_parse(names[i], &addresses[i].ip);
		host.name = names[i];
		host.pos = pos;
		host.addresses = (struct address_list){ &addresses[i], 1 };
		vec_push(&loader->hosts, &host);
	}
}

/* Add a host that is written as a map. */
static void
add_single(struct loader *loader, const struct group_draft *draft, const struct client_draft *from)
{
	struct host host = host_of(draft);
	struct address *address;

	if (!from->name || hosts_left(loader) == 0) {
		return; /* no room left: the next range reports that */
	}
	host.name = from->name;
	host.pos = from->pos;
	host.addresses = from->addresses;
	if (host.addresses.count == 0) {
		address = arena_alloc(&loader->topology->arena, sizeof(*address));
		*address = (struct address){ .text = from->name, .pos = from->pos };
		ip_parse(from->name, &address->ip);
		host.addresses = (struct address_list){ address, 1 };
	}
	if (from->daemon) {
		host.daemon = from->daemon;
		host.daemon_pos = from->daemon_pos;
	}
	if (from->manage_pos.line) {
		host.manage = from->manage;
		host.manage_pos = from->manage_pos;
	}
	host.extras = from->extras;
	host.ssh = from->ssh;
	inherit_ssh(&host.ssh, &draft->ssh);
	vec_push(&loader->hosts, &host);
}

/* Add the hosts of @text: a name or range on each line; # begins a comment. */
static void
add_lines(struct loader *loader, const struct group_draft *draft, char *text)
{
	struct pos pos = { draft->hosts_file, 0, 1 };
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		size_t blank = strspn(line, " \t\r"), len;

		pos.line++;
		line[strcspn(line, "#")] = '\0';
		len = strlen(line);
		blank = blank > len ? len : blank;
		while (len > blank && strchr(" \t\r", line[len - 1])) {
			line[--len] = '\0';
		}
		pos.column = (unsigned)blank + 1;
		if (len > blank) {
			add_range(loader, draft, line + blank, pos);
		}
	}
}

static void
add_hosts_file(struct loader *loader, const struct group_draft *draft)
{
	struct buf text = { .limit_bytes = HOSTS_FILE_BYTES_MAX };
	size_t before = loader->hosts.count, errors = loader->diags->errors;
	struct error err;

	if (file_read(draft->hosts_file, &text, &err) < 0) {
		problem(loader, "unreadable-file", draft->hosts_file_pos, "%s", err.text);
	} else if (strlen(buf_str(&text)) != text.len) {
		problem(loader, "bad-value", draft->hosts_file_pos,
		    "%s has a NUL byte in it: it is not a text", draft->hosts_file);
	} else {
		if (text.data) {
			add_lines(loader, draft, text.data);
		}
		if (loader->hosts.count == before && loader->diags->errors == errors) {
			problem(loader, "bad-value", draft->hosts_file_pos, "%s names no host",
			    draft->hosts_file);
		}
	}
	buf_free(&text);
}

void
add_clients(struct loader *loader, struct group_draft *draft, struct pos pos)
{
	struct client_group *group = &draft->group;
	struct group_refs refs = { draft->from, loader->hosts.count };

	group->name = group->name ? group->name : "";
	group->pos = group->pos.line ? group->pos : pos;
	if (!draft->ranges_pos.line && !draft->hosts_file_pos.line &&
	    !events_failed(loader->events)) {
		problem(loader, "missing-key", pos, "a client group needs `hosts` or `hosts_file`");
	}
	for (size_t i = 0; i < draft->ranges.count; i++) {
		add_range(loader, draft, draft->ranges.list[i].name, draft->ranges.list[i].pos);
	}
	for (size_t i = 0; i < loader->singles.count; i++) {
		add_single(loader, draft, vec_at(&loader->singles, i));
	}
	loader->singles.count = 0;
	if (draft->hosts_file) {
		add_hosts_file(loader, draft);
	}
	group->host_count = loader->hosts.count - refs.first_host;
	if (draft->ssh.host && group->host_count > 1) {
		problem(loader, "bad-value", draft->ssh.pos,
		    "%zu hosts are not reached at one address: leave the host out of `ssh`",
		    group->host_count);
	}
	vec_push(&loader->groups, group);
	vec_push(&loader->refs, &refs);
}
