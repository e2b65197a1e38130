#include "orchestrator/config/lines.h"

#include "daemons/ntpd/grammar.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 4
#define LINES_MAX 20000
#define TEXT_BYTES_MAX (4 << 20)

/* The words of a line of ntp.conf, without its comment. */
static void
cut_ntp(struct arena *arena, const char *text, struct config_line *line)
{
	struct ntp_line *read = arena_alloc(arena, sizeof(*read));

	line->count = 0;
	if (!ntp_line_read(text, read)) {
		return;
	}
	line->words = arena_alloc(arena, (read->count + 1) * sizeof(*line->words));
	for (; line->count < read->count; line->count++) {
		line->words[line->count] = read->tokens[line->count].text;
	}
}

static void
cut_chrony(struct arena *arena, const char *text, struct config_line *line)
{
	char *words[POLICY_WORDS_MAX];

	line->count = split_words(arena_strdup(arena, text), words, POLICY_WORDS_MAX);
	line->words = arena_alloc(arena, (line->count + 1) * sizeof(*line->words));
	for (size_t i = 0; i < line->count; i++) {
		line->words[i] = words[i];
	}
	if (line->count > 0 && strchr("!;#%", words[0][0])) {
		line->count = 0;
	}
}

/* How much of the daemon's own reading is taken over: includes, and folders of sources. */
struct merge {
	struct arena *arena;
	const struct file_set *files;
	enum daemon_includes includes;
	struct buf *out;
	unsigned depth;
};

static void merge_file(struct merge *merge, const struct file_entry *file, const char *mark);

static const struct file_entry *
find_there(const struct merge *merge, const char *path)
{
	const struct file_entry *file = file_set_find(merge->files, path);

	return file && !file->absent ? file : NULL;
}

static int
order(const char *left, const char *right, bool backwards)
{
	int way = strcmp(left, right);

	return backwards ? -way : way;
}

/* Put in every file that @pattern names, in the order of their names, or against it.  False: none.
 */
static bool
merge_matching(struct merge *merge, const char *pattern, const char *mark, bool backwards)
{
	const struct file_entry *last = NULL, *next;
	bool any = false;

	do {
		next = NULL;
		for (size_t i = 0; i < merge->files->count; i++) {
			const struct file_entry *file = &merge->files->list[i];

			if (!file->absent &&
			    fnmatch(pattern, file->path, FNM_PATHNAME | FNM_PERIOD) == 0 &&
			    (!last || order(file->path, last->path, backwards) > 0) &&
			    (!next || order(file->path, next->path, backwards) < 0)) {
				next = file;
			}
		}
		if (next) {
			merge_file(merge, next, mark);
			any = true;
		}
		last = next;
	} while (next);
	return any;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The first file behind @after in the order of their names, in any of these folders. */
static const struct file_entry *
next_of_folders(const struct merge *merge, const struct config_line *line, const char *glob,
    const struct file_entry *after)
{
	const struct file_entry *next = NULL;

	for (size_t k = 1; k < line->count; k++) {
		const char *pattern = arena_printf(merge->arena, "%s%s", line->words[k], glob);

		for (size_t i = 0; i < merge->files->count; i++) {
			const struct file_entry *file = &merge->files->list[i];
			const char *name = base_name(file->path);

			/* of equal names that in the first folder counts */
			if (!file->absent &&
			    fnmatch(pattern, file->path, FNM_PATHNAME | FNM_PERIOD) == 0 &&
			    (!after || strcmp(name, base_name(after->path)) > 0) &&
			    (!next || strcmp(name, base_name(next->path)) < 0)) {
				next = file;
			}
		}
	}
	return next;
}

static void
merge_folders(
    struct merge *merge, const struct config_line *line, const char *glob, const char *mark)
{
	const struct file_entry *file = NULL;

	while ((file = next_of_folders(merge, line, glob, file))) {
		merge_file(merge, file, mark);
	}
}

/* What ntpd's `includefile @name` in the file @of brings: with NTPsec it may be a folder.  False:
 * nothing. */
static bool
merge_included(struct merge *merge, const char *of, const char *name)
{
	bool sec = merge->includes == DAEMON_INCLUDES_NTPSEC;
	const char *path = name[0] == '/' ? name
	    : sec ? arena_printf(merge->arena, "%.*s%s", (int)(base_name(of) - of), of, name)
		  : arena_printf(merge->arena, "/%s", name);
	const struct file_entry *file = find_there(merge, path);

	if (file) {
		merge_file(merge, file, "line");
		return true;
	}
	return sec &&
	    merge_matching(merge, arena_printf(merge->arena, "%s/*.conf", path), "line", true);
}

/* Put in what @line of the file @of brings.  Returns false: it brings nothing. */
static bool
merge_brought(struct merge *merge, const struct config_line *line, const char *of)
{
	if (line->count < 2) {
		return false;
	}
	if (merge->includes != DAEMON_INCLUDES_CHRONY) {
		return strcmp(line->words[0], "includefile") == 0 &&
		    merge_included(merge, of, line->words[1]);
	}
	if (strcasecmp(line->words[0], "include") == 0) {
		return merge_matching(merge, line->words[1], "line", false);
	}
	if (strcasecmp(line->words[0], "confdir") == 0) {
		merge_folders(merge, line, "/*.conf", "line");
	} else if (strcasecmp(line->words[0], "sourcedir") == 0) {
		merge_folders(merge, line, "/*.sources", "sources");
	} else {
		return false;
	}
	return true;
}

static bool
may_bring(const char *text)
{
	static const char *const words[] = { "include", "confdir", "sourcedir" };

	text += strspn(text, " \t");
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strncasecmp(text, words[i], strlen(words[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Add one line of a file.  Returns whether the place must be named anew behind it. */
static bool
merge_line(struct merge *merge, const char *of, const char *text)
{
	struct config_line line = { .count = 0 };
	bool of_folder, brought;

	if (!may_bring(text)) {
		/* a "#line" in the daemon's own file would lie about places */
		bool lies = strncmp(text, "#line ", 6) == 0 || strncmp(text, "#sources ", 9) == 0;

		buf_printf(merge->out, "%s\n", lies ? "" : text);
		return false;
	}
	if (merge->includes == DAEMON_INCLUDES_CHRONY) {
		cut_chrony(merge->arena, text, &line);
	} else {
		cut_ntp(merge->arena, text, &line);
	}
	of_folder = line.count == 0 || strncasecmp(line.words[0], "include", 7) != 0;
	if (of_folder) {
		buf_printf(merge->out, "%s\n", text); /* rules look at it */
	}
	brought = merge_brought(merge, &line, of);
	if (!of_folder && !brought) {
		buf_printf(merge->out, "%s\n", text); /* what it names is not among the files */
	}
	return brought;
}

static void
merge_file(struct merge *merge, const struct file_entry *file, const char *mark)
{
	const char *at = file->content, *end = file->content + file->len;
	bool moved = true;

	if (merge->depth == DEPTH_MAX) {
		return;
	}
	merge->depth++;
	for (unsigned number = 1; at < end && merge->out->len < TEXT_BYTES_MAX; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		char *line;

		if (moved) {
			buf_printf(merge->out, "#%s %u %s\n", mark, number, file->path);
		}
		if (!stop && strcmp(mark, "sources") == 0) {
			break; /* chronyd takes no line there that has no end (4.3, 4.6.1) */
		}
		stop = stop ? stop : end;
		line = arena_strndup(merge->arena, at, (size_t)(stop - at));
		line[strcspn(line, "\r")] = '\0';
		moved = merge_line(merge, file->path, line);
		at = stop < end ? stop + 1 : end;
	}
	merge->depth--;
}

/* systemd's files NAME.d/ *.conf: those of /etc hide those of their names elsewhere. */
static void
merge_drop_ins(struct merge *merge, const char *path)
{
	static const char *const roots[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib" };
	const char *name = strncmp(path, "/etc", 4) == 0 ? path + 4 : path;
	const char *words[COUNT(roots) + 1];
	struct config_line folders = { .words = words, .count = 1 };

	for (size_t i = 0; i < COUNT(roots); i++) {
		words[folders.count++] = arena_printf(merge->arena, "%s%s.d", roots[i], name);
	}
	merge_folders(merge, &folders, "/*.conf", "line");
}

bool
config_merge(struct arena *arena, const struct file_set *files, enum daemon_includes includes,
    const char *path, struct buf *out)
{
	struct merge merge = { .arena = arena, .files = files, .includes = includes, .out = out };
	const struct file_entry *file = find_there(&merge, path);

	if (!file) {
		return false;
	}
	merge_file(&merge, file, "line");
	if (includes == DAEMON_INCLUDES_NTPSEC) {
		merge_included(&merge, path, "ntp.d"); /* no line asks for it */
	} else if (includes == DAEMON_INCLUDES_SYSTEMD) {
		merge_drop_ins(&merge, path);
	}
	return true;
}

/* What a daemon takes for words that has neither chrony's nor ntpd's language. */
static void
cut_plain(struct arena *arena, const char *text, struct config_line *line)
{
	char *words[POLICY_WORDS_MAX], *copy = arena_strdup(arena, text);

	/* "NTP=a b", "count = 4" */
	copy[strcspn(copy, "=")] = copy[strcspn(copy, "=")] ? ' ' : '\0';
	line->count = split_words(copy, words, POLICY_WORDS_MAX);
	line->words = arena_alloc(arena, (line->count + 1) * sizeof(*line->words));
	for (size_t i = 0; i < line->count; i++) {
		line->words[i] = words[i];
	}
	if (line->count > 0 && strchr("#;", words[0][0])) {
		line->count = 0;
	}
}

static void
cut(struct arena *arena, enum daemon_includes includes, const char *text, struct config_line *line)
{
	switch (includes) {
	case DAEMON_INCLUDES_CHRONY:
		cut_chrony(arena, text, line);
		break;
	case DAEMON_INCLUDES_NTP:
	case DAEMON_INCLUDES_NTPSEC:
		cut_ntp(arena, text, line);
		break;
	case DAEMON_INCLUDES_NONE:
	case DAEMON_INCLUDES_SYSTEMD:
		cut_plain(arena, text, line);
		break;
	}
}

void
config_cut(struct arena *arena, const char *config, enum daemon_includes includes, const char *path,
    struct config_lines *lines)
{
	struct policy_text text;
	struct config_line *list;
	size_t max = 1;

	for (const char *p = config; *p; p++) {
		max += *p == '\n';
	}
	list = arena_alloc(arena, (max < LINES_MAX ? max : LINES_MAX) * sizeof(*list));
	*lines = (struct config_lines){ .list = list };
	policy_text_begin(&text, config, path);
	while (lines->count < LINES_MAX && lines->count < max && policy_text_next(&text)) {
		struct config_line *line = &list[lines->count];

		cut(arena, includes, text.line, line);
		if (line->count == 0) {
			continue;
		}
		line->file = arena_strdup(arena, text.file);
		line->number = text.number - 1;
		line->text = arena_strdup(arena, text.line + strspn(text.line, " \t"));
		line->of_sources = text.lenient;
		lines->count++;
	}
}

bool
config_is(enum daemon_includes includes, const char *a, const char *b)
{
	bool exact = includes == DAEMON_INCLUDES_NTP || includes == DAEMON_INCLUDES_NTPSEC;

	return (exact ? strcmp(a, b) : strcasecmp(a, b)) == 0;
}

size_t
config_word(enum daemon_includes includes, const struct config_line *line, const char *word)
{
	for (size_t i = 1; i < line->count; i++) {
		if (config_is(includes, line->words[i], word)) {
			return i;
		}
	}
	return 0;
}
