#include "orchestrator/audit/scope.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const struct ip *x = a, *y = b;

	if (x->family != y->family) {
		return x->family < y->family ? -1 : 1;
	}
	return memcmp(x->bytes, y->bytes, x->family == IP_V4 ? 4 : 16);
}

static bool
is_one_host(const struct ip *ip)
{
	static const uint8_t zero[16];

	switch (ip->family) {
	case IP_V4: /* 224.0.0.0/3: multicast, reserved, broadcast */
		return ip->bytes[0] != 0 && ip->bytes[0] < 224;
	case IP_V6:
		return ip->bytes[0] != 0xff && memcmp(ip->bytes, zero, sizeof(zero)) != 0;
	case IP_NONE:
		break;
	}
	return false;
}

static bool
is_upstream(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct address_list *addresses = &topology->upstreams[i].addresses;

		for (size_t k = 0; k < addresses->count; k++) {
			if (ip_equal(&addresses->list[k].ip, ip)) {
				return true;
			}
		}
	}
	return false;
}

static void
put(struct audit_scope *scope, const struct topology *topology, const struct ip *ip)
{
	if (!is_one_host(ip) || is_upstream(topology, ip)) {
		return;
	}
	if (scope->count == scope->capacity) {
		scope->capacity = scope->capacity ? 2 * scope->capacity : 64;
		scope->list = reallocarray(scope->list, scope->capacity, sizeof(*scope->list));
		if (!scope->list) {
			abort();
		}
	}
	scope->list[scope->count++] = *ip;
}

void
audit_scope_begin(struct audit_scope *scope, const struct topology *topology)
{
	*scope = (struct audit_scope){ 0 };
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct address_list *addresses = &topology->hosts[i].addresses;

		for (size_t k = 0; k < addresses->count; k++) {
			put(scope, topology, &addresses->list[k].ip);
		}
	}
	if (scope->count > 1) {
		qsort(scope->list, scope->count, sizeof(*scope->list), compare);
	}
}

void
audit_scope_add(struct audit_scope *scope, const struct topology *topology, const struct ip *ip)
{
	put(scope, topology, ip);
	if (scope->count > 1) {
		qsort(scope->list, scope->count, sizeof(*scope->list), compare);
	}
}

bool
audit_may_ask(const void *scope, const struct ip *to)
{
	const struct audit_scope *known = scope;

	return known->count > 0 &&
	    bsearch(to, known->list, known->count, sizeof(*known->list), compare) != NULL;
}

void
audit_scope_free(struct audit_scope *scope)
{
	free(scope->list);
	*scope = (struct audit_scope){ 0 };
}
