/* Makes the topology from the drafts: arrays, pointers between them, inherited settings. */
#include "orchestrator/topology/load/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Fill what @ssh leaves open from @from; what @ssh says wins. */
void
inherit_ssh(struct ssh_target *ssh, const struct ssh_target *from)
{
	ssh->user = ssh->user ? ssh->user : from->user;
	ssh->port = ssh->port ? ssh->port : from->port;
	ssh->identity = ssh->identity ? ssh->identity : from->identity;
	if (!ssh->sudo_written) {
		ssh->sudo = from->sudo;
		ssh->sudo_written = from->sudo_written;
	}
	if (!ssh->transport_written) {
		ssh->transport = from->transport;
		ssh->transport_written = from->transport_written;
	}
}

static bool
same_place(struct pos a, struct pos b)
{
	return a.line == b.line && a.column == b.column && a.file == b.file;
}

static void
named_twice(struct loader *loader, const struct host *a, const struct host *b, size_t more)
{
	bool later = b->pos.line > a->pos.line ||
	    (b->pos.line == a->pos.line && b->pos.column >= a->pos.column);
	const struct host *first = later || a->pos.file != b->pos.file ? a : b;
	const struct host *second = first == a ? b : a;
	char also[64] = "";

	if (more > 0) {
		snprintf(also, sizeof(also), ", and %zu more of this range are", more);
	}
	if (same_place(first->pos, second->pos)) {
		problem(loader, "duplicate-name", second->pos,
		    "%s is named twice: an alias or the range itself repeats it", second->name);
	} else if (first->pos.file == second->pos.file) {
		problem(loader, "duplicate-name", second->pos,
		    "%s is named twice (first at line %u)%s", second->name, first->pos.line, also);
	} else {
		problem(loader, "duplicate-name", second->pos,
		    "%s is named twice (first at %s:%u)%s", second->name, first->pos.file,
		    first->pos.line, also);
	}
}

/* Index every host by name.  All names that one range repeats are one finding. */
static void
index_hosts(struct loader *loader)
{
	struct topology *topology = loader->topology;
	const struct host *first = NULL, *second = NULL;
	size_t more = 0;

	index_init(&topology->index, &topology->arena, topology->host_count);
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];
		size_t known = host->name[0]
		    ? index_add(&topology->index, topology->hosts, sizeof(*host), i)
		    : INDEX_NONE;

		if (known == INDEX_NONE) {
			continue;
		}
		if (second && same_place(second->pos, host->pos)) {
			more++;
			continue;
		}
		if (second) {
			named_twice(loader, first, second, more);
		}
		first = &topology->hosts[known];
		second = host;
		more = 0;
	}
	if (second) {
		named_twice(loader, first, second, more);
	}
}

/* Make the array of tiers, and point from tiers to their servers and back. */
static void
place_tiers(struct loader *loader)
{
	struct topology *topology = loader->topology;
	size_t count = loader->tiers.count;

	topology->tier_count = count;
	topology->tiers = arena_alloc(&topology->arena, count * sizeof(*topology->tiers) + 1);
	for (size_t i = 0; i < count; i++) {
		const struct tier_draft *draft = vec_at(&loader->tiers, i);
		const struct tier_draft *next =
		    i + 1 < count ? vec_at(&loader->tiers, i + 1) : NULL;
		struct tier *tier = &topology->tiers[i];
		size_t end = next ? next->first_server : topology->server_count;

		*tier = draft->tier;
		tier->server_count = end - draft->first_server;
		tier->servers =
		    arena_alloc(&topology->arena, tier->server_count * sizeof(*tier->servers) + 1);
		for (size_t s = 0; s < tier->server_count; s++) {
			tier->servers[s] = &topology->hosts[draft->first_server + s];
			tier->servers[s]->tier = tier;
		}
	}
}

static void
place_groups(struct loader *loader)
{
	struct topology *topology = loader->topology;

	for (size_t i = 0; i < topology->group_count; i++) {
		const struct group_refs *refs = vec_at(&loader->refs, i);
		struct client_group *group = &topology->groups[i];

		group->hosts =
		    arena_alloc(&topology->arena, group->host_count * sizeof(*group->hosts) + 1);
		for (size_t h = 0; h < group->host_count; h++) {
			group->hosts[h] =
			    &topology->hosts[topology->server_count + refs->first_host + h];
			group->hosts[h]->group = group;
		}
	}
}

/* The array of @vec, which is the topology's from now on: a copy of a large site takes its time. */
static void *
handed_over(struct topology *topology, struct vec *vec)
{
	void *list = vec->data;

	if (!list) {
		return arena_alloc(&topology->arena, 1);
	}
	arena_adopt(&topology->arena, list);
	*vec = (struct vec){ .stride = vec->stride };
	return list;
}

static void
inherit_budget(struct budget *budget, const struct budget *from)
{
	budget->offset_ns = budget->offset_ns ? budget->offset_ns : from->offset_ns;
	budget->error_bound_ns =
	    budget->error_bound_ns ? budget->error_bound_ns : from->error_bound_ns;
}

static void
inherit_budgets(struct topology *topology)
{
	static const struct budget defaults = { 5 * NS_PER_MS, 50 * NS_PER_MS };

	inherit_budget(&topology->budget, &defaults);
	for (size_t i = 0; i < topology->tier_count; i++) {
		inherit_budget(&topology->tiers[i].budget, &topology->budget);
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		inherit_budget(&topology->groups[i].budget, &topology->budget);
	}
}

/* Tiers inherit the limit; groups do not: without `restart`, the first start may step the clock. */
static void
inherit_restart(struct topology *topology)
{
	if (topology->restart.limit_ns == 0) {
		topology->restart.limit_ns = NS_PER_S / 2;
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		struct restart_settings *restart = &topology->tiers[i].restart;

		if (restart->limit_ns == 0) {
			restart->limit_ns = topology->restart.limit_ns;
		}
	}
}

/* Make the array of hosts: servers in the order of the file, then clients. */
static void
place_hosts(struct loader *loader)
{
	struct topology *topology = loader->topology;
	size_t servers = loader->servers.count, clients = loader->hosts.count;

	topology->server_count = servers;
	topology->host_count = servers + clients;
	vec_reserve(&loader->hosts, servers);
	topology->hosts = handed_over(topology, &loader->hosts);
	if (servers > 0) {
		memmove(
		    topology->hosts + servers, topology->hosts, clients * sizeof(*topology->hosts));
		memcpy(topology->hosts, loader->servers.data, servers * sizeof(*topology->hosts));
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		inherit_ssh(&topology->hosts[i].ssh, &topology->ssh);
	}
	if (topology->ssh.host) {
		problem(loader, "bad-value", topology->ssh.pos,
		    "hosts are not reached at one address: leave the host out of the site's `ssh`");
	}
}

static int
compare_addresses(const struct address *x, const struct address *y)
{
	if (x->ip.family != y->ip.family) {
		return (int)x->ip.family - (int)y->ip.family;
	}
	return x->ip.family == IP_NONE ? strcasecmp(x->text, y->text)
				       : memcmp(x->ip.bytes, y->ip.bytes, sizeof(x->ip.bytes));
}

static int
by_address(const void *a, const void *b)
{
	const struct address *x = *(const struct address *const *)a;
	const struct address *y = *(const struct address *const *)b;
	int order = compare_addresses(x, y);

	if (order != 0) {
		return order;
	}
	if (x->pos.line != y->pos.line) {
		return x->pos.line < y->pos.line ? -1 : 1;
	}
	return x->pos.column < y->pos.column ? -1 : x->pos.column > y->pos.column;
}

/* Refuse two servers at one address: one host would count as two sources. */
static void
check_addresses(struct loader *loader)
{
	const struct topology *topology = loader->topology;
	struct buf all = { 0 };
	const struct address **list;
	size_t count;

	for (size_t i = 0; i < topology->server_count; i++) {
		for (size_t a = 0; a < topology->hosts[i].addresses.count; a++) {
			const struct address *address = &topology->hosts[i].addresses.list[a];

			buf_add(&all, &address, sizeof(address));
		}
	}
	count = all.len / sizeof(*list);
	list = (void *)all.data;
	if (count > 1) {
		qsort(list, count, sizeof(*list), by_address);
	}
	for (size_t i = 1; i < count; i++) {
		if (compare_addresses(list[i - 1], list[i]) == 0 &&
		    !same_place(list[i - 1]->pos, list[i]->pos)) {
			problem(loader, "duplicate-address", list[i]->pos,
			    "%s is the address of a server already (line %u)", list[i]->text,
			    list[i - 1]->pos.line);
		}
	}
	buf_free(&all);
}

void
link_topology(struct loader *loader)
{
	struct topology *topology = loader->topology;

	place_hosts(loader);
	place_tiers(loader);
	topology->group_count = loader->groups.count;
	topology->groups = handed_over(topology, &loader->groups);
	place_groups(loader);
	topology->upstream_count = loader->upstreams.count;
	topology->upstreams = handed_over(topology, &loader->upstreams);
	topology->accept_count = loader->accepts.count;
	topology->accepts = handed_over(topology, &loader->accepts);
	topology->verify_count = loader->verifies.count;
	topology->verifies = handed_over(topology, &loader->verifies);
	topology->deny_count = loader->denies.count;
	topology->denies = handed_over(topology, &loader->denies);
	topology->alert_count = loader->alerts.count;
	topology->alerts = handed_over(topology, &loader->alerts);
	inherit_budgets(topology);
	inherit_restart(topology);
	index_hosts(loader);
	check_addresses(loader);
}
