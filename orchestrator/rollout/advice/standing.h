/*
 * Judges the daemon's files that stand on a host, whoever wrote them, by the rules of files that
 * have JUDGED_PLAN.  This file does no I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_STANDING_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_STANDING_H

#include "orchestrator/rollout/advice/advice.h"

/*
 * Find what is wrong with these files: what the plan replaces is told as what is there until then,
 * and what it leaves (files beside ours) as what stays.  Files that are as the site wants them have
 * nothing to hear here: `check` judges them.
 *
 * @list: filled, with texts of @arena: what stays first, then by severity
 * Returns how many there are, at most @max.
 */
size_t plan_judge_files(
    const struct advice_input *input, struct arena *arena, struct advice *list, size_t max);

/*
 * The files that the host has, where @after with ours as the site wants them.
 *
 * @set: filled, from @arena; contents are those of the facts and of the plan
 */
void advice_files(
    const struct advice_input *input, bool after, struct arena *arena, struct file_set *set);

/* Whether the plan changes what the daemon or systemd understands of its files. */
bool advice_replaces(const struct host_plan *made);

#endif
