/* What differs between two texts, as `diff -u` shows it.  This file does no I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_DIFF_H
#define ORCHESTRATOR_ROLLOUT_PLAN_DIFF_H

#include "common/buf.h"

/*
 * Add the hunks of a unified diff from @old to @fresh, with three lines of context and without
 * the two lines that name files; nothing when both are the same.  Texts that differ in more than
 * a few thousand lines are shown as replaced whole.  Control characters become '?'.
 */
void diff_unified(
    struct buf *out, const char *old, size_t old_len, const char *fresh, size_t fresh_len);

/*
 * Whether two configuration texts say the same: they differ at most in blank lines and in lines
 * that begin with '#'.
 */
bool diff_in_comments_only(const char *old, size_t old_len, const char *fresh, size_t fresh_len);

#endif
