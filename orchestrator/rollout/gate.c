#include "orchestrator/rollout/gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/duration.h"
#include "common/leap_second.h"
#include "daemons/health.h"

#define STEP_NS NS_PER_MS            /* REALTIME - BOOTTIME is read to some 10 ns */
#define SETTLE_NS (5 * NS_PER_S)     /* a daemon that cannot run is gone by then */
#define IMPROVING_NS (10 * NS_PER_S) /* an offset must have shrunk over so long */

static int64_t
magnitude(int64_t ns)
{
	return ns < 0 ? -ns : ns;
}

/*
 * Whether the daemon follows its sources and the offset is within the budget.  The error bound is
 * not waited for: after a restart ntpd's takes minutes to shrink, however good the clock is.
 */
static enum health
judge_health(const struct gate *gate, const struct daemon_status *status, char *reason)
{
	return health_judge(status, 0, gate->budget.offset_ns, INT64_MAX / 4, reason);
}

/* How far the clock was stepped between two reports of one boot; a leap second is no step. */
static int64_t
stepped_ns(const struct report *before, const struct report *now)
{
	int64_t step_ns;

	if (!before || strcmp(before->boot_id, now->boot_id) != 0) {
		return 0;
	}
	step_ns = (now->real_ns - now->boot_ns) - (before->real_ns - before->boot_ns);
	if (magnitude(step_ns) <= STEP_NS ||
	    leap_second_explains(step_ns, before->real_ns, now->real_ns)) {
		return 0;
	}
	return step_ns;
}

/*
 * A host that was out of budget before the change may still be: large offsets are slewed, for
 * many minutes.  Enough is that it follows its sources and the offset shrinks.
 */
static bool
is_improving(struct gate *gate, const struct report *now, enum health health, int64_t elapsed_ns)
{
	char reason[HEALTH_REASON_BYTES];
	int64_t offset_ns = magnitude(now->status.offset_ns);

	if (health != HEALTH_OVER_BUDGET) {
		return false;
	}
	if (!gate->seen) {
		gate->seen = true;
		gate->first_offset_ns = offset_ns;
		gate->first_ns = elapsed_ns;
	}
	if (gate->before && gate->before->answered &&
	    judge_health(gate, &gate->before->status, reason) == HEALTH_GOOD) {
		return false;
	}
	return elapsed_ns - gate->first_ns >= IMPROVING_NS && offset_ns <= gate->first_offset_ns;
}

static enum gate_answer
judge_time(struct gate *gate, const struct report *now, int64_t elapsed_ns, char *words)
{
	char reason[HEALTH_REASON_BYTES], size[DURATION_TEXT_BYTES];
	enum health health;

	gate->stepped_ns = stepped_ns(gate->before, now);
	if (gate->stepped_ns != 0 && !gate->may_step) {
		snprintf(words, GATE_WORDS_BYTES, "the clock was stepped by %s",
		    duration_text(gate->stepped_ns, size));
		return GATE_BACK;
	}
	if (!now->answered) {
		snprintf(words, GATE_WORDS_BYTES, "the daemon does not answer: %.200s", now->error);
		return GATE_AGAIN;
	}
	for (size_t i = 0; i < gate->name_count; i++) {
		if (!stale_is_cured(&gate->names[i], &now->status)) {
			snprintf(words, GATE_WORDS_BYTES, "it does not ask %.100s for %.100s",
			    gate->names[i].now, gate->names[i].name);
			return GATE_AGAIN;
		}
	}
	health = judge_health(gate, &now->status, reason);
	if (health == HEALTH_GOOD) {
		words[0] = '\0';
		return GATE_KEEP;
	}
	snprintf(words, GATE_WORDS_BYTES, "%s: %.200s", health_name(health), reason);
	return is_improving(gate, now, health, elapsed_ns) ? GATE_KEEP : GATE_AGAIN;
}

enum gate_answer
gate_judge(struct gate *gate, const char *active, const struct report *now, int64_t elapsed_ns,
    char *words)
{
	enum gate_answer answer = GATE_AGAIN;
	bool runs = strcmp(active, "active") == 0 || active[0] == '\0';

	words[0] = '\0';
	if (!runs) {
		snprintf(words, GATE_WORDS_BYTES, "%s is %.80s", gate->unit, active);
		/* a daemon that has ended is not started again by anybody */
		if (strcmp(active, "activating") != 0) {
			return GATE_BACK;
		}
	} else if (!gate->asks_time) {
		return active[0] == '\0' || elapsed_ns >= SETTLE_NS ? GATE_KEEP : GATE_AGAIN;
	} else if (now) {
		answer = judge_time(gate, now, elapsed_ns, words);
	} else {
		snprintf(words, GATE_WORDS_BYTES, "the agent on the host tells nothing");
	}
	if (answer == GATE_AGAIN && elapsed_ns > gate->confirm_within_ns) {
		return GATE_BACK;
	}
	return answer;
}
