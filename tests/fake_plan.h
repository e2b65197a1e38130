/* A test bed of plans: what a host has, running chrony, and what it should have. */
#ifndef TESTS_FAKE_PLAN_H
#define TESTS_FAKE_PLAN_H

#include "orchestrator/rollout/plan/plan.h"

struct plan_bed {
	struct facts facts;
	struct file_entry entries[4];
	struct file_set set;
	struct plan_input input;
	struct arena arena;
	struct host_plan plan;
	struct error err;
};

/* A host whose chrony runs and starts at boot, and that has no file yet. */
void plan_bed_begin(struct plan_bed *bed);

/* The host has @have at @path (NULL: no file), and should have @want there. */
void plan_bed_add(struct plan_bed *bed, const char *path, const char *have, const char *want,
    enum file_action action);

/* Plan the host; returns what plan_host() returns, with bed->plan or bed->err set. */
int plan_bed_plan(struct plan_bed *bed);

#endif
