/*
 * A lock that lets one run at a time work in a state folder.  The lock says who holds it, and it
 * ends with the program that holds it, however that program ends.
 */
#ifndef ORCHESTRATOR_JOURNAL_LOCK_H
#define ORCHESTRATOR_JOURNAL_LOCK_H

#include "common/error.h"

/* Zero-initialised: { .held = false } is a lock that nobody holds. */
struct journal_lock {
	bool held;
	int fd;
};

/*
 * Take the lock of @folder.
 *
 * @words: tell others who holds the lock, and for what
 * Returns 0, or -1 with @err set: another program holds the lock (@err has its words), or the lock
 * cannot be made.
 */
int journal_lock_take(
    struct journal_lock *lock, const char *folder, const char *words, struct error *err) MUST_CHECK;

/* Whether somebody holds the lock of @folder. */
bool journal_lock_is_held(const char *folder);

void journal_lock_release(struct journal_lock *lock);

#endif
