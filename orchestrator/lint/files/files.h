/*
 * Judges the files that a host would get, or has: what the daemon would do with them, and what a
 * daemon would not understand.  What site.yaml says is judged elsewhere; these findings come of
 * templates of one's own, or of a hand that changed a file.  No I/O.
 */
#ifndef ORCHESTRATOR_LINT_FILES_FILES_H
#define ORCHESTRATOR_LINT_FILES_FILES_H

#include "common/diag.h"
#include "daemons/daemon.h"

struct topology;
struct host;

/* One run over the files of a site's hosts. */
struct files_lint;

/* The files of a host, and of others that have the same. */
struct files_case {
	const struct host *host;            /* the first of them: findings name it */
	size_t others;                      /* how many more hosts there are */
	const struct daemon_driver *driver; /* of the daemon whose files these are */
	const struct file_set *files;       /* without the driver's configuration: not judged */
	const char *start;   /* the command that starts the daemon, as systemd of the host tells it;
				NULL: what the unit's files among @files say */
	const char *restart; /* beside @start: the unit's Restart= */
	bool rendered; /* as site.yaml makes them: a line of its `extra` is judged at its place */
};

/*
 * @topology: sound; @now_ns: real time
 * @diags:    gets the findings
 * @places:   gets the names of their files, "time1:/etc/chrony/chrony.conf"
 */
struct files_lint *files_lint_new(
    const struct topology *topology, int64_t now_ns, struct diags *diags, struct arena *places);

void files_lint_free(struct files_lint *run);

/* Judge the files of @input.  What the site accepts becomes a note with the reason. */
void files_lint(struct files_lint *run, const struct files_case *input);

#endif
