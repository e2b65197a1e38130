#include "orchestrator/rollout/advice/advice.h"

#include "common/shown.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
advise(struct advising *advising, const char *id, const char *fmt, ...)
{
	const struct host *host = advising->input->host;
	const char *whose = host->tier ? host->tier->name : host->group ? host->group->name : "";
	const struct topology *topology = advising->input->topology;
	int64_t now_ns = advising->input->now_ns;
	struct advice *advice = &advising->list[advising->count];
	char text[512];
	va_list ap;

	if (advising->count == ADVICE_MAX) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	advising->count++;
	*advice = (struct advice){ .rule = lint_rule_find(id, NULL),
		.text = shown_words(advising->arena, text, strlen(text)) };
	assert(advice->rule && (advice->rule->where & JUDGED_PLAN));
	if (!lint_accepts(topology, advice->rule, host->name, now_ns, &advice->accepted)) {
		lint_accepts(topology, advice->rule, whose, now_ns, &advice->accepted);
	}
}
