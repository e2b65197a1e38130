#include "orchestrator/rollout/host/measured.h"

#include "measure/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 3
#define TIMEOUT_NS (2 * NS_PER_S)
#define NTP_PORT 123

/* Ask all sources of @policy; index i of the questions is of the i-th of them. */
static struct questions *
questions_of(const struct restart_policy *policy)
{
	struct questions *questions = calloc(1, sizeof(*questions));

	if (!questions) {
		abort();
	}
	questions->request.samples = SAMPLES;
	questions->request.timeout_ns = TIMEOUT_NS;
	for (size_t i = 0; i < policy->line_count; i++) {
		const struct restart_line *line = &policy->lines[i];

		if (!(line->flags & (RESTART_NOSELECT | RESTART_REFCLOCK))) {
			questions_add(questions, line->name, line->addresses, RATION_HOUR,
			    line->port ? line->port : NTP_PORT);
		}
	}
	return questions;
}

static void
questions_drop(struct questions *questions)
{
	questions_free(questions);
	free(questions);
}

char *
measured_questions(const struct restart_policy *policy)
{
	struct questions *questions = questions_of(policy);
	char *text = questions_write(questions, 0);

	questions_drop(questions);
	return text;
}

/* The latest of the samples' times: the agent printed its answers then. */
static int64_t
end_of(const struct measure *measure)
{
	int64_t end_ns = 0;

	for (size_t i = 0; i < measure->target_count; i++) {
		for (size_t k = 0; k < measure->targets[i].sample_count; k++) {
			int64_t boot_ns = measure->targets[i].samples[k].boot_ns;

			end_ns = boot_ns > end_ns ? boot_ns : end_ns;
		}
	}
	return end_ns;
}

size_t
measured_sources(const struct restart_policy *policy, const char *text, size_t len,
    struct restart_source sources[RESTART_SOURCES_MAX])
{
	struct questions *questions = questions_of(policy);
	struct measure *measure = calloc(1, sizeof(*measure));
	size_t count = 0;
	struct error err;

	if (!measure) {
		abort();
	}
	if (answers_read(text, len, questions, measure, &err) == 0) {
		int64_t end_ns = end_of(measure);

		for (size_t i = 0; i < measure->target_count && count < RESTART_SOURCES_MAX; i++) {
			const struct measure_target *target = &measure->targets[i];
			struct restart_source *source = &sources[count];

			if (target->same_as >= 0) {
				continue;
			}
			count++;
			*source =
			    (struct restart_source){ .lossy = target->answered < target->sent };
			snprintf(source->address, sizeof(source->address), "%.63s",
			    target->address[0] ? target->address : target->name);
			if (target->sample_count > 0) {
				restart_source_measure(
				    target->samples, target->sample_count, end_ns, source);
			}
		}
	}
	free(measure);
	questions_drop(questions);
	return count;
}
