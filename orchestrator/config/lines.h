/*
 * The lines of a daemon's configuration, as the daemon reads them: included files in their places,
 * each line with its file and number, cut into what that daemon takes for words.  No I/O.
 */
#ifndef ORCHESTRATOR_CONFIG_LINES_H
#define ORCHESTRATOR_CONFIG_LINES_H

#include "common/buf.h"
#include "daemons/daemon.h"

#define CONFIG_BYTES_MAX (8 << 20) /* of a text of config_merge(); what is more is left out */

/* A line that is not empty, with what its daemon takes for words. */
struct config_line {
	const char *file; /* on the host */
	unsigned number;
	const char *text;
	const char **words;
	size_t count;
	bool of_sources; /* of a folder of sources, where chronyd skips what it does not accept */
};

struct config_lines {
	const struct config_line *list;
	size_t count;
};

/*
 * Add the configuration that begins with the file at @path to @out, as daemons/policy.h wants it:
 * included files in their places, with lines `#line N FILE`.
 *
 * @files: what is there; what is included and not there is left out
 *
 * Returns false: there is no file at @path.
 */
bool config_merge(struct arena *arena, const struct file_set *files, enum daemon_includes includes,
    const char *path, struct buf *out);

/* Cut a text of config_merge() into its lines.  Everything belongs to @arena. */
void config_cut(struct arena *arena, const char *config, enum daemon_includes includes,
    const char *path, struct config_lines *lines);

/* Whether @a and @b are one word for a daemon of this language: ntpd alone minds the case. */
bool config_is(enum daemon_includes includes, const char *a, const char *b);

/* Whether @line has @word behind its first; returns its index, or 0. */
size_t config_word(enum daemon_includes includes, const struct config_line *line, const char *word);

#endif
