#include "orchestrator/commands/rotate_check.h"

#include <stdio.h>
#include <string.h>

const struct rollout_host *
rotate_find_busy(const struct rollout_host *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].facts.unfinished.there || hosts[i].facts.lock.there) {
			return &hosts[i];
		}
	}
	return NULL;
}

/* What the daemon tells of @server, by any of its addresses; NULL: nothing. */
static const struct source_status *
find_source(const struct daemon_status *status, const struct host *server)
{
	for (size_t a = 0; a < server->addresses.count; a++) {
		const struct ip *ip = &server->addresses.list[a].ip;
		char text[IP_TEXT_BYTES];

		for (size_t i = 0; ip->family != IP_NONE && i < status->source_count; i++) {
			if (strcmp(status->sources[i].address, ip_text(ip, text)) == 0) {
				return &status->sources[i];
			}
		}
	}
	return NULL;
}

/* Whether the daemon would tell of @server if it asked it: by its address, within what fits. */
static bool
is_told_of(const struct daemon_status *status, const struct host *server)
{
	return server->addresses.list[0].ip.family != IP_NONE &&
	    status->source_count < DAEMON_SOURCES_MAX;
}

/*
 * Whether @host hears @server as it should.  chrony tells of keys to root alone (AUTH_UNKNOWN), and
 * counts as reached only what had the right key.
 */
static bool
hears(const struct topology *topology, const struct rollout_host *host, const struct host *server,
    char *words)
{
	const struct symmetric_key *key = topology_key(topology, host->host, server);
	const struct daemon_status *status = &host->facts.agent_status->status;
	const struct source_status *source = find_source(status, server);
	const char *how;

	if (!key || server == host->host) {
		return true;
	}
	if (!source) {
		if (!is_told_of(status, server)) {
			return true;
		}
		how = "does not ask";
	} else if (source->reach == 0) {
		how = "does not hear";
	} else if (source->auth == AUTH_BAD || source->auth == AUTH_NONE) {
		how = "hears, and not authenticated,";
	} else {
		return true;
	}
	snprintf(words, ROTATE_WORDS_BYTES, "%.100s %s %.100s (key %u)", host->host->name, how,
	    server->name, key->id);
	return false;
}

static bool
hears_all(const struct topology *topology, const struct rollout_host *host, char *words)
{
	const struct source_list *sources = host_sources(host->host);
	const struct tier *tier = host->host->tier;
	const struct report *report = host->facts.agent_status;

	if (!host->facts.agent_hash) {
		return true; /* nobody is there to tell; the plan has said so */
	}
	if (!report || !report->answered) {
		snprintf(words, ROTATE_WORDS_BYTES, "the daemon of %.100s does not answer: %.160s",
		    host->host->name, report ? report->error : "its agent tells nothing");
		return false;
	}
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server &&
		    !hears(topology, host, sources->list[i].server, words)) {
			return false;
		}
	}
	for (size_t i = 0; tier && tier->peering != PEERING_NONE && i < tier->server_count; i++) {
		if (!hears(topology, host, tier->servers[i], words)) {
			return false;
		}
	}
	return true;
}

static enum rotate_answer
check_host(const struct topology *topology, const struct rollout_host *host, char *words)
{
	switch (host->outcome) {
	case HOST_UNCHANGED:
		break;
	case HOST_CHANGES:
		snprintf(words, ROTATE_WORDS_BYTES, "%.100s is not as this phase wants it",
		    host->host->name);
		return ROTATE_NOT_YET;
	case HOST_OPEN:
	case HOST_DONE:
	case HOST_FAILED:
	case HOST_REFUSED:
	case HOST_PUT_BACK:
	case HOST_UNWELL:
	case HOST_LOST:
	case HOST_STUCK:
		snprintf(words, ROTATE_WORDS_BYTES, "%.100s: %s: %.180s", host->host->name,
		    host->where ? host->where : "?", host->err.text);
		return ROTATE_FAILED;
	}
	return hears_all(topology, host, words) ? ROTATE_IN_EFFECT : ROTATE_NOT_YET;
}

enum rotate_answer
rotate_check(
    const struct topology *topology, const struct rollout_host *hosts, size_t count, char *words)
{
	const struct rollout_host *busy = rotate_find_busy(hosts, count);
	enum rotate_answer worst = ROTATE_IN_EFFECT;

	words[0] = '\0';
	for (size_t i = 0; i < count && worst != ROTATE_FAILED; i++) {
		char said[ROTATE_WORDS_BYTES] = "";
		enum rotate_answer answer = check_host(topology, &hosts[i], said);

		if (answer > worst) {
			worst = answer;
			memcpy(words, said, sizeof(said));
		}
	}
	if (worst == ROTATE_IN_EFFECT && busy) {
		snprintf(
		    words, ROTATE_WORDS_BYTES, "a change of %.100s is under way", busy->host->name);
		return ROTATE_NOT_YET;
	}
	return worst;
}
