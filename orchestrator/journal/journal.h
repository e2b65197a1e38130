/*
 * The journal: every run that was to change hosts, who wanted the run, which files it replaced, and
 * what became of each host, in one SQLite file (schemas/journal.sql).  That a host is about to be
 * touched and that a run has ended is on the disk before the call returns.  All else survives the
 * end of this program, but a power cut may lose the last moments of it.
 */
#ifndef ORCHESTRATOR_JOURNAL_JOURNAL_H
#define ORCHESTRATOR_JOURNAL_JOURNAL_H

#include "common/arena.h"
#include "common/error.h"
#include "daemons/file_set.h"

struct journal;

#define JOURNAL_MARK_BYTES 40
#define JOURNAL_KEEP_RUNS 300 /* older ones are forgotten */

/* What became of a host whose run nobody saw to its end, as a later look found out. */
enum settled {
	SETTLED_OPEN,      /* not found out (yet), or there was no question */
	SETTLED_KEPT,      /* the change is there, and stays */
	SETTLED_PUT_BACK,  /* the host put the change back by itself */
	SETTLED_UNTOUCHED, /* the host is as it was: nothing had been changed */
	SETTLED_LOST,      /* something else has changed the host since */
};

/* For people: "", "kept", "put back", "as it was", "changed since". */
const char *settled_name(enum settled settled);

/* In the file: "", "kept", "put-back", "untouched", "lost". */
const char *settled_id(enum settled settled);

/* Options of a run, which a run that resumes it takes over. */
struct journal_options {
	bool no_agent, disable_rivals, trust_sources;
};

/* A file at one moment.  When it is not there, the other members are "", NULL and 0. */
struct journal_state {
	bool there;
	const char *hash;  /* SHA-256 in hex; may be NULL in writing: then of @bytes */
	const char *bytes; /* NULL: only the hash is known, or bytes were not asked for */
	size_t len;
	unsigned mode;
	const char *owner, *group;
};

struct journal_file {
	const char *path;
	bool of_agent, secret;
	enum file_action action;
	struct journal_state before, after;
};

struct journal_step {
	int64_t time_ns;
	const char *name;
};

struct journal_host {
	int64_t id; /* filled by the journal */
	const char *host, *daemon;
	const char *migrated_from; /* the daemon that was stopped in its favour; "" or NULL: none */
	enum file_action action;
	unsigned wave;
	int64_t begun_ns, ended_ns; /* 0: not begun, not ended */
	const char *outcome;        /* an id of enum host_outcome; once begun: "open" */
	const char *failed_at, *error, *note;
	enum settled settled;
	struct journal_file *files; /* that the run looks after, where it was to change the host */
	size_t file_count;
	struct journal_step *steps;
	size_t step_count;
	const char **switched_off; /* units and hooks that --disable-rivals switched off */
	size_t switched_off_count;
};

struct journal_run {
	int64_t id; /* filled by the journal, with mark */
	char mark[JOURNAL_MARK_BYTES];
	const char *kind, *who, *words;
	struct journal_options options;
	const char *site, *site_file;
	const char *site_text; /* NULL: not asked for */
	const char *site_hash; /* filled by the journal */
	int64_t of_run;        /* the run that this one resumes or takes back; 0: none */
	int64_t begun_ns, ended_ns;
	int status;                 /* exit status, once the run has ended */
	struct journal_host *hosts; /* NULL: not asked for */
	size_t host_count;
};

/*
 * Open the journal at @path; where there is none, make one (mode 0600).
 *
 * Returns 0, or -1 with @err set; the file is left as it is then.
 */
int journal_open(const char *path, struct journal **journal, struct error *err) MUST_CHECK;

/* @journal may be NULL. */
void journal_close(struct journal *journal);

/* Add a run that begins; fills the id and the mark of @run. */
int journal_begin(struct journal *journal, struct journal_run *run, struct error *err) MUST_CHECK;

/* Add the hosts of a run with their files, all or none; fills the ids of @hosts. */
int journal_add_hosts(struct journal *journal, int64_t run, struct journal_host *hosts,
    size_t count, struct error *err) MUST_CHECK;

/* Note that a host is about to be touched; the note is on the disk when this returns. */
int journal_host_begun(
    struct journal *journal, int64_t host, int64_t now_ns, struct error *err) MUST_CHECK;

/* Note that a host has come to a step. */
int journal_host_step(struct journal *journal, int64_t host, const char *name, int64_t now_ns,
    struct error *err) MUST_CHECK;

/*
 * Note that a host has come to an end: ended_ns, outcome, failed_at, error and note of @host.  When
 * its switched_off_count is 0, what was noted as switched off is forgotten.
 */
int journal_host_ended(
    struct journal *journal, const struct journal_host *host, struct error *err) MUST_CHECK;

/* Note what became of a host, as a later look found out. */
int journal_host_settled(struct journal *journal, int64_t host, enum settled settled,
    int64_t now_ns, struct error *err) MUST_CHECK;

/* Note that a run is over, and forget old runs. */
int journal_end(
    struct journal *journal, int64_t run, int status, int64_t now_ns, struct error *err) MUST_CHECK;

/* Forget a run that had nothing to do. */
int journal_forget(struct journal *journal, int64_t run, struct error *err) MUST_CHECK;

/* The latest @limit runs with their hosts, without files and steps, newest first; from @arena. */
int journal_list(struct journal *journal, unsigned limit, struct arena *arena,
    struct journal_run **runs, size_t *count, struct error *err) MUST_CHECK;

/*
 * Read one run with all that is known of it; @contents: also the bytes of its files.
 *
 * Returns 1, 0 (there is no such run), or -1 with @err set.
 */
int journal_read(struct journal *journal, int64_t id, bool contents, struct arena *arena,
    struct journal_run *run, struct error *err) MUST_CHECK;

/* The id of the latest run of @kind (NULL: of any) that has hosts; 0: none. */
int journal_latest(
    struct journal *journal, const char *kind, int64_t *id, struct error *err) MUST_CHECK;

/* The id of the run that was begun last; 0: none. */
int journal_latest_begun(struct journal *journal, int64_t *id, struct error *err) MUST_CHECK;

/* The id of the latest run of @kind that has ended with exit status 0; 0: none. */
int journal_latest_good(
    struct journal *journal, const char *kind, int64_t *id, struct error *err) MUST_CHECK;

/* The runs after run @id, oldest first, without their hosts; from @arena. */
int journal_after(struct journal *journal, int64_t id, struct arena *arena,
    struct journal_run **runs, size_t *count, struct error *err) MUST_CHECK;

/* The id of the latest run that has changed a host's files; 0: none. */
int journal_latest_change(struct journal *journal, int64_t *id, struct error *err) MUST_CHECK;

/* How long @action usually took on a host with @daemon: median of the latest 31; 0: not known. */
int journal_usual(struct journal *journal, const char *daemon, enum file_action action,
    int64_t *took_ns, struct error *err) MUST_CHECK;

/* How often a host was given file @path, as far as the journal goes back. */
int journal_gave(
    struct journal *journal, const char *path, int64_t *hosts, struct error *err) MUST_CHECK;

/* The id of the latest run after @run that changed @path on @host; 0: none did. */
int journal_later(struct journal *journal, const char *host, const char *path, int64_t run,
    int64_t *id, struct error *err) MUST_CHECK;

/* The names of all hosts that runs were about, sorted; from @arena. */
int journal_touched(struct journal *journal, struct arena *arena, const char ***hosts,
    size_t *count, struct error *err) MUST_CHECK;

/*
 * The id of the latest run that gave a host files which are there still, as far as is known: they
 * were neither taken away nor put back, and the host was not released since; 0: there are none.
 */
int journal_kept(
    struct journal *journal, const char *host, int64_t *id, struct error *err) MUST_CHECK;

/*
 * What was done to a host, oldest first: each change that was kept, with the contents of its
 * files; from @arena.
 */
int journal_changes(struct journal *journal, const char *host, struct arena *arena,
    struct journal_host **changes, size_t *count, struct error *err) MUST_CHECK;

/* A host of a run, and nobody knows what became of it: begun and not ended, or lost. */
struct journal_unknown {
	struct journal_host host; /* with its files, without their bytes */
	int64_t run;
	char mark[JOURNAL_MARK_BYTES];
};

struct journal_unknowns {
	struct journal_unknown *list;
	size_t count;
};

/* Find the unknown entries of host @name, without those of run @but; from @arena. */
int journal_find_unknowns(struct journal *journal, const char *name, int64_t but,
    struct arena *arena, struct journal_unknowns *found, struct error *err) MUST_CHECK;

/* The id of the run with @mark; 0: this journal has no such run. */
int journal_marked(
    struct journal *journal, const char *mark, int64_t *id, struct error *err) MUST_CHECK;

/* The bytes whose SHA-256 is @hash, from @arena; NULL: they are not known. */
int journal_content(struct journal *journal, const char *hash, struct arena *arena,
    const char **bytes, size_t *len, struct error *err) MUST_CHECK;

#endif
