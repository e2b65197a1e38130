/* A test bed: one host, which is a folder, and a rollout over it.  Tests of changes share it. */
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
	const struct errand *errand;           /* with ROLLOUT_ERRAND */
	const struct agent_programs *programs; /* for a host without the agent; NULL: none */
	bool takes_back;                       /* it takes back an earlier run */
	const char *run;                       /* the mark of the next rollout; NULL: it has none */
};

/* What the host should have as its configuration; bed_begin() sets it to "new\n". */
extern const char *bed_config;

/*
 * Whether the host should have a file that is no text, too.  Such a file is uploaded after the
 * script, under the lock.  bed_begin() sets this to false.
 */
extern bool bed_has_blob;

/* The action that its files ask for; bed_begin() sets it to FILE_ACTION_RESTART. */
extern enum file_action bed_action;

/* As site.yaml has it, for the rollout that is begun next; bed_begin() sets it to "auto". */
extern const char *bed_daemon;

/* The port on the loopback where the host is asked over NTP; 0, as at first: it is not asked. */
extern unsigned bed_ntp_port;

/* Make a host with its old files, and a rollout that is not begun. */
void bed_begin(struct bed *bed);
void bed_finish(struct bed *bed);

/* Make a new rollout over the same host, as another orchestrator would. */
void bed_begin_again(struct bed *bed);

/* "old" or "new" if all files are old or new, and the daemon runs with them; else what is wrong. */
const char *bed_state(const struct bed *bed);

/* Whether no change has left anything behind. */
bool bed_is_clean(const struct bed *bed);

void bed_assert_state(const struct bed *bed, const char *want);
void bed_assert_outcome(const struct bed *bed, enum host_outcome want);

/* Assert that the host's record of how its last change ended has @line in it. */
void bed_assert_told(const struct bed *bed, const char *line);

#endif
