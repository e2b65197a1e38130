/* A host of one, as a folder, and a rollout over it: what tests of changes have in common. */
#ifndef TESTS_FAKE_BED_H
#define TESTS_FAKE_BED_H

#include "orchestrator/rollout/rollout.h"
#include "tests/fake_host.h"
#include "tests/fake_transport.h"

struct bed {
	struct fake_host host;
	struct fake_transport fake;
	struct rollout *rollout;
	const struct rollout_host *result;
	enum rollout_kind kind; /* of the rollout that is begun next */
	bool force_unlock;
	const char *run; /* the mark of that; NULL: it has none */
};

/* What the host should have as its configuration; bed_begin() sets it to "new\n". */
extern const char *bed_config;

/*
 * Whether it should have a file that is no text, too: that is uploaded after the script, under the
 * lock.  bed_begin() sets it to false.
 */
extern bool bed_has_blob;

/* What its files ask for; bed_begin() sets it to FILE_ACTION_RESTART. */
extern enum file_action bed_action;

/* Where the host is asked over NTP, on the loopback; 0, as at first: it is not. */
extern unsigned bed_ntp_port;

/* A host with its old files, and a rollout that is not begun. */
void bed_begin(struct bed *bed);
void bed_finish(struct bed *bed);

/* The next orchestrator comes to the same host. */
void bed_begin_again(struct bed *bed);

/* "old" or "new": all old or all new, running what is on the disk; else what is wrong. */
const char *bed_state(const struct bed *bed);

/* Nothing of a change lies about. */
bool bed_is_clean(const struct bed *bed);

void bed_assert_state(const struct bed *bed, const char *want);
void bed_assert_outcome(const struct bed *bed, enum host_outcome want);

/* What became of the change, as the host keeps it, has this in it. */
void bed_assert_told(const struct bed *bed, const char *line);

#endif
