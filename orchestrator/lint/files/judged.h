/* What the judges of files work with: the lines of a configuration, and how to report one. */
#ifndef ORCHESTRATOR_LINT_FILES_JUDGED_H
#define ORCHESTRATOR_LINT_FILES_JUDGED_H

#include "daemons/policy.h"
#include "orchestrator/config/lines.h"
#include "orchestrator/lint/files/files.h"
#include "orchestrator/topology/topology.h"

#include <strings.h>

/* Where in the files something was said; file NULL: nowhere. */
struct judged_place {
	const char *file;
	unsigned line; /* 0: the file as a whole */
};

/* The files of one case, read. */
struct judged {
	struct files_lint *run;
	const struct topology *topology;
	const struct host *host;
	const struct files_case *input;
	bool server;      /* of a tier */
	bool never_steps; /* host_never_steps() */
	bool ntpsec, ntp; /* whose language ntp.conf is; both false: chrony */
	const struct config_line *lines;
	size_t line_count;
	struct restart_policy policy;
	const char *options; /* the daemon's arguments */
	struct judged_place options_place;
	const char *arguments; /* those of them that the unit itself has; NULL: none */
	struct judged_place start_place;
	const char *restart; /* of the unit's files; NULL: none says */
	struct judged_place restart_place;
	bool own_start; /* the unit's files have an ExecStart */
	bool wrapped;   /* by Debian's wrapper around ntpd, which heeds what DHCP has left */
};

/* A name or address of a server of the site, in one spelling. */
struct judged_name {
	const char *name;
	const struct host *host;
};

/* A run. */
struct files_lint {
	const struct topology *topology;
	int64_t now_ns;
	struct diags *diags;
	struct arena *places; /* the names of files in findings */
	struct arena arena;   /* of the case that is judged */
	struct arena kept;    /* of the run */
	unsigned *orphans; /* per tier: the stratum of orphan mode of its first host; 0: none yet */
	const char **orphan_hosts;
	struct judged_name *names; /* of the site's servers; NULL: nobody has asked for one yet */
	struct name_index by_name;
};

/* Read the files of @input; false: the configuration is not among them, or in a language that no
 * rule is about. */
bool judged_read(struct files_lint *run, const struct files_case *input, struct judged *judged);

/* Read how the daemon is started; false: with another configuration than that of the files. */
bool judged_start(struct judged *judged);

/* Report that @line breaks the rule @id.  @line NULL: the configuration as a whole does. */
void judged_report(struct judged *judged, const char *id, const struct config_line *line,
    const char *fmt, ...) PRINTF(4, 5);

/* As judged_report(), at a place. */
void judged_report_at(struct judged *judged, const char *id, struct judged_place place,
    const char *fmt, ...) PRINTF(4, 5);

/* The place of the arguments that have the option @text: the unit, or the file of options. */
struct judged_place judged_option_place(const struct judged *judged, const char *text);

/* The place that @blame names; a start option's is that of the options. */
struct judged_place judged_blamed(const struct judged *judged, enum restart_blamed what);

/* What a policy blames, in words: "`makestep 1 3`", "the daemon's default". */
const char *judged_words(const struct judged *judged, enum restart_blamed what);

/* The last line that begins with @word, or NULL; every daemon has its own idea of case. */
const struct config_line *judged_find(const struct judged *judged, const char *word);

bool judged_is(const struct judged *judged, const char *a, const char *b);

/* Whether @line has @word behind its first; returns its index, or 0. */
size_t judged_word(const struct judged *judged, const struct config_line *line, const char *word);

/* The number behind @word in @line, or @without. */
long judged_number(
    const struct judged *judged, const struct config_line *line, const char *word, long without);

/* Whether @line names a source: server, pool, peer.  @name: set to its name. */
bool judged_source(const struct judged *judged, const struct config_line *line, const char **name);

/* The host of the site with the address or name @name, or NULL. */
const struct host *judged_host(const struct judged *judged, const char *name);

/* Whether @name is another server of the host's own tier. */
bool judged_is_sibling(const struct judged *judged, const char *name);

/* The judges; each reports the rules of its file. */
void judge_start(struct judged *judged);
void judge_sources(struct judged *judged);
void judge_keys(struct judged *judged);
void judge_tier(struct judged *judged);
void judge_chrony(struct judged *judged);
void judge_restrict(struct judged *judged);
void judge_words(struct judged *judged);

#endif
