/*
 * One run at a time in a state folder: a lock that ends with the program that holds it, however
 * that ends, and says who holds it.
 */
#ifndef ORCHESTRATOR_JOURNAL_LOCK_H
#define ORCHESTRATOR_JOURNAL_LOCK_H

#include "common/error.h"

/* Zero-initialised; free is { .held = false }. */
struct journal_lock {
	bool held;
	int fd;
};

/*
 * Take the lock of @folder, with words that tell others who does what.
 *
 * Returns 0, or -1 with @err set: another has it (@err names them), or it cannot be made.
 */
int journal_lock_take(
    struct journal_lock *lock, const char *folder, const char *words, struct error *err) MUST_CHECK;

/* Whether somebody holds it. */
bool journal_lock_is_held(const char *folder);

void journal_lock_release(struct journal_lock *lock);

#endif
