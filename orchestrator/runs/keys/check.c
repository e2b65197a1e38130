#include "orchestrator/runs/keys/check.h"

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
hears(const struct topology *topology, const struct host *host, const struct host *server,
    const struct daemon_status *status, char *words)
{
	const struct symmetric_key *key = topology_key(topology, host, server);
	const struct source_status *source = find_source(status, server);
	const char *how;

	if (!key || server == host) {
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
	snprintf(words, ROTATE_WORDS_BYTES, "%.100s %s %.100s (key %u)", host->name, how,
	    server->name, key->id);
	return false;
}

static bool
hears_all(const struct rotate_view *view, size_t at, char *words)
{
	const struct host *host = view->hosts[at].host;
	const struct report *report = view->reports[at];
	const struct source_list *sources = host_sources(host);
	const struct tier *tier = host->tier;

	if (!view->hosts[at].facts.agent_hash) {
		return true; /* nobody is there to tell */
	}
	if (!report || !report->answered) {
		snprintf(words, ROTATE_WORDS_BYTES, "the daemon of %.100s does not answer: %.160s",
		    host->name, report ? report->error : "its agent tells nothing");
		return false;
	}
	for (size_t i = 0; i < sources->count; i++) {
		const struct host *server = sources->list[i].server;

		if (server && !hears(view->topology, host, server, &report->status, words)) {
			return false;
		}
	}
	for (size_t i = 0; tier && tier->peering != PEERING_NONE && i < tier->server_count; i++) {
		if (!hears(view->topology, host, tier->servers[i], &report->status, words)) {
			return false;
		}
	}
	return true;
}

static enum rotate_answer
check_host(const struct rotate_view *view, size_t at, char *words)
{
	const struct rollout_host *host = &view->hosts[at];

	if (host->outcome == HOST_CHANGES) {
		snprintf(words, ROTATE_WORDS_BYTES, "%.100s is not as this phase wants it",
		    host->host->name);
		return ROTATE_NOT_YET;
	}
	if (host->outcome != HOST_UNCHANGED) {
		snprintf(words, ROTATE_WORDS_BYTES, "%.100s: %s: %.180s", host->host->name,
		    host->where ? host->where : "?", host->err.text);
		return ROTATE_FAILED;
	}
	return hears_all(view, at, words) ? ROTATE_IN_EFFECT : ROTATE_NOT_YET;
}

/* Whoever answers us at all answers with the keys that it should know, and with no others. */
static enum rotate_answer
check_question(const struct key_question *question, char *words)
{
	bool wanted = key_is_known(question->key);

	switch (question->answer) {
	case KEY_ANSWER_NONE:
		return ROTATE_IN_EFFECT; /* we are not of those whom it answers */
	case KEY_ANSWER_KNOWN:
		if (wanted) {
			return ROTATE_IN_EFFECT;
		}
		break;
	case KEY_ANSWER_UNKNOWN:
		if (!wanted) {
			return ROTATE_IN_EFFECT;
		}
		break;
	}
	snprintf(words, ROTATE_WORDS_BYTES, "%.100s %s key %u", question->host->name,
	    wanted ? "does not answer with" : "still answers with", question->key->id);
	return ROTATE_NOT_YET;
}

enum rotate_answer
rotate_check(const struct rotate_view *view, char *words)
{
	const struct rollout_host *busy = rotate_find_busy(view->hosts, view->count);
	enum rotate_answer worst = ROTATE_IN_EFFECT;

	words[0] = '\0';
	for (size_t i = 0; i < view->count + view->question_count; i++) {
		char said[ROTATE_WORDS_BYTES] = "";
		enum rotate_answer answer = i < view->count
		    ? check_host(view, i, said)
		    : check_question(&view->questions[i - view->count], said);

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
