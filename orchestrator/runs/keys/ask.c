#include "orchestrator/runs/keys/ask.h"

#include "orchestrator/topology/rotation.h"

/*
 * The key that a server is asked with: one that is new or old.  One is enough, because the keys of
 * a host come in one file.
 */
static const struct symmetric_key *
telling_key(const struct topology *topology, const struct host *host)
{
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t h = 0; key->state != KEY_USED && h < key->host_count; h++) {
			if (key->hosts[h] == host) {
				return key;
			}
		}
	}
	return NULL;
}

static void
ask_keys(struct job *job, struct rotate_view *view)
{
	struct topology *topology = &job->topology;
	struct key_question *questions =
	    arena_alloc(&topology->arena, view->count * sizeof(*questions) + 1);

	for (size_t i = 0; i < view->count; i++) {
		const struct host *host = view->hosts[i].host;
		const struct symmetric_key *key = telling_key(topology, host);

		if (host->role == HOST_SERVER && key) {
			questions[view->question_count++] =
			    (struct key_question){ .host = host, .key = key };
		}
	}
	key_ask(&(struct key_ask_settings){ .loop = &job->loop }, questions, view->question_count);
	view->questions = questions;
}

enum rotate_answer
rotate_ask(struct job *job, char *words)
{
	struct rotate_view view = { .topology = &job->topology };
	const struct report **reports;
	enum rotate_answer answer;

	view.hosts = rollout_hosts(job->rollout, &view.count);
	reports = arena_alloc(&job->topology.arena, view.count * sizeof(*reports) + 1);
	rollout_look(job->rollout);
	for (size_t i = 0; i < view.count; i++) {
		reports[i] = rollout_report(job->rollout, view.hosts[i].host);
	}
	view.reports = reports;
	answer = rotate_check(&view, words);
	if (answer == ROTATE_IN_EFFECT) {
		ask_keys(job, &view);
		answer = rotate_check(&view, words);
	}
	return answer;
}
