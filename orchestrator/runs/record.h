/*
 * One command's run, as the journal keeps it: begun before any host is asked, its hosts written
 * down before the first is touched, each step as it comes.  One run at a time in a state folder.
 */
#ifndef ORCHESTRATOR_RUNS_RECORD_H
#define ORCHESTRATOR_RUNS_RECORD_H

#include "orchestrator/journal/journal.h"
#include "orchestrator/journal/lock.h"
#include "orchestrator/rollout/rollout.h"

#include <limits.h>

/* Zero-initialised; run_record_done() ends it. */
struct run_record {
	char folder[PATH_MAX];   /* .timetier */
	struct journal *journal; /* NULL: none is there */
	struct journal_lock lock;
	struct journal_run run; /* id 0: this command only looks */
	bool removes_agent;
	const struct rollout_host *first; /* once the plan stands: rollout_hosts() */
	struct journal_host *hosts;       /* as many */
	size_t host_count;
	bool ended;
	struct error err; /* of a write that failed while hosts were at work; "": none */
	struct arena arena;
};

/* How a run is told to the journal. */
struct run_words {
	const char *kind; /* "agent install" */
	const char *who;
	const char *words;
	struct journal_options options;
	const char *site, *site_file;
	int64_t of_run;
};

/*
 * Take the lock of @folder and open its journal, made where there is none; returns 0, or -1 with
 * @err set: another run is at work, or it cannot be written.
 */
int run_record_open(struct run_record *record, const char *folder, const char *kind,
    const char *who, struct error *err) MUST_CHECK;

/*
 * The same for a command that changes nothing: what is found out is written, if nobody is at work.
 *
 * Returns 0, or -1 with @err set: there is a journal, and it cannot be used.  That is no reason
 * not to look.
 */
int run_record_open_to_look(
    struct run_record *record, const char *folder, struct error *err) MUST_CHECK;

/* The run begins, with the text of its site file. */
int run_record_begin(
    struct run_record *record, const struct run_words *words, struct error *err) MUST_CHECK;

/* The plan stands, and the first host is about to be begun. */
int run_record_planned(
    struct run_record *record, const struct rollout *rollout, struct error *err) MUST_CHECK;

/* A host is about to be touched. */
int run_record_begun(
    struct run_record *record, const struct rollout_host *host, struct error *err) MUST_CHECK;

/* A host has moved, or has come to an end; its facts may settle what an earlier run left open. */
void run_record_moved(struct run_record *record, const struct rollout_host *host);

void run_record_end(struct run_record *record, int status);

/* A run that came to no host is forgotten. */
void run_record_done(struct run_record *record);

/* What @path was when the host was asked; false: that is not known.  @ctx: struct facts */
bool run_record_state(const void *ctx, const char *path, struct journal_state *state);

/* What a host, whose facts were asked, says of a change that nobody confirmed: it is not over. */
bool run_record_is_busy(const struct facts *facts);

#endif
