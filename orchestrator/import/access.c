/* Whom the servers of the site answer: the networks of `serve`, `deny` and `monitors`. */
#include "orchestrator/import/import.h"

#include <string.h>

#define NETWORKS_MAX 1024

/* As a text between double quotes takes it. */
static const char *
plain(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *at = copy; *at; at++) {
		*at = *at < ' ' || *at > '~' || *at == '"' || *at == '\\' ? '?' : *at;
	}
	return copy;
}

static bool
is_one(const struct network *network)
{
	return network->prefix == (network->ip.family == IP_V4 ? 32U : 128U);
}

static void
add(struct import *import, struct import_network *list, size_t *count,
    const struct network *network, const char *because)
{
	for (size_t i = 0; i < *count; i++) {
		if (list[i].network.prefix == network->prefix &&
		    ip_equal(&list[i].network.ip, &network->ip)) {
			return;
		}
	}
	if (*count < NETWORKS_MAX) {
		list[(*count)++] =
		    (struct import_network){ *network, plain(&import->arena, because) };
	}
}

/* What those are given who are in the next wider network of the table. */
static unsigned
given_around(const struct config_answers *answers, const struct config_answer *row)
{
	const struct config_answer *best = NULL;

	for (size_t i = 0; i < answers->count; i++) {
		const struct config_answer *other = &answers->list[i];

		if (other->network.prefix < row->network.prefix &&
		    network_contains(&other->network, &row->network.ip) &&
		    (!best || other->network.prefix > best->network.prefix)) {
			best = other;
		}
	}
	return best ? best->gives : 0;
}

static void
take_row(struct import *import, struct import_host *host, const struct config_answer *row)
{
	unsigned around = given_around(&host->config.answers, row);
	unsigned more = row->gives & ~around, less = around & ~row->gives;
	const char *because;

	if (config_is_loopback(&row->network) || import_is_own_source(host, &row->network)) {
		return;
	}
	because = row->line ? arena_printf(&import->arena, "%s: %s:%u", host->name, row->line->file,
				  row->line->number)
			    : arena_printf(&import->arena, "%s: its daemon's default", host->name);
	if ((row->gives & ANSWER_STATUS) && (more & ANSWER_STATUS) && row->line &&
	    is_one(&row->network)) {
		add(import, import->monitors, &import->monitor_count, &row->network, because);
		return; /* a monitor gets the time, too */
	}
	if (more & ANSWER_TIME) {
		add(import, import->serve, &import->serve_count, &row->network, because);
	} else if ((less & ANSWER_TIME) && row->line) {
		add(import, import->deny, &import->deny_count, &row->network, because);
	}
}

void
import_make_access(struct import *import)
{
	struct import_network **lists[] = { &import->serve, &import->deny, &import->monitors };

	for (size_t i = 0; i < COUNT(lists); i++) {
		*lists[i] = arena_alloc(&import->arena, NETWORKS_MAX * sizeof(**lists[i]));
	}
	for (size_t i = 0; i < import->host_count; i++) {
		struct import_host *host = &import->hosts[i];

		for (size_t k = 0; host->server && k < host->config.answers.count; k++) {
			take_row(import, host, &host->config.answers.list[k]);
		}
	}
}
