/* A host of a small site after a change, for tests of the vote on its time (health/site_time.h). */
#ifndef TESTS_FAKE_VOTE_H
#define TESTS_FAKE_VOTE_H

#include "orchestrator/rollout/health/site_time.h"

#define MS NS_PER_MS

/* t1 after a change; before it, it followed u1 and was good. */
struct fake_vote {
	struct topology topology;
	struct report before, now;
	struct site_voter voters[5]; /* all are right */
	struct site_time_case input;
	char words[SITE_TIME_WORDS_BYTES];
};

/* Fill @report: a daemon that follows @selected, by which its clock is @offset_ns behind. */
void fake_vote_status(struct report *report, const char *selected, int64_t offset_ns);

/* @host follows a new source, by which its clock is @offset_ns behind. */
void fake_vote_begin(struct fake_vote *bed, const char *host, int64_t offset_ns);

/* The same in a first rollout: nobody was followed before. */
void fake_vote_begin_first(struct fake_vote *bed, const char *host, int64_t offset_ns);

/* What is known of server @name ("t2"): its clock still has to be corrected by @offset_ns. */
struct site_voter *fake_vote_tell(struct fake_vote *bed, const char *name, int64_t offset_ns);

/* Another source that the host's daemon measures. */
struct source_status *fake_vote_source(
    struct fake_vote *bed, const char *address, int64_t offset_ns);

void fake_vote_expect(struct fake_vote *bed, enum site_time want);
void fake_vote_finish(struct fake_vote *bed);

#endif
