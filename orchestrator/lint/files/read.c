/* Reads a set of files as the daemon would: included files in their places. */
#include "common/buf.h"
#include "daemons/ntpd/grammar.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"
#include "orchestrator/lint/files/judged.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 4
#define LINES_MAX 20000
#define TEXT_BYTES_MAX (4 << 20)

/* The words of a line of ntp.conf, without its comment. */
static void
cut_ntp(struct arena *arena, const char *text, struct judged_line *line)
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
cut_chrony(struct arena *arena, const char *text, struct judged_line *line)
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
	struct buf out;
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

/* Put in every file that @pattern names, in the order of their names, or against it. */
static void
merge_matching(struct merge *merge, const char *pattern, const char *mark, bool backwards)
{
	const struct file_entry *last = NULL, *next;

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
		}
		last = next;
	} while (next);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The first file behind @after in the order of their names, in any of these folders. */
static const struct file_entry *
next_of_folders(const struct merge *merge, const struct judged_line *line, const char *glob,
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
    struct merge *merge, const struct judged_line *line, const char *glob, const char *mark)
{
	const struct file_entry *file = NULL;

	while ((file = next_of_folders(merge, line, glob, file))) {
		merge_file(merge, file, mark);
	}
}

/* What ntpd's `includefile @name` in the file @of brings: with NTPsec it may be a folder. */
static void
merge_included(struct merge *merge, const char *of, const char *name)
{
	bool sec = merge->includes == DAEMON_INCLUDES_NTPSEC;
	const char *path = name[0] == '/' ? name
	    : sec ? arena_printf(merge->arena, "%.*s%s", (int)(base_name(of) - of), of, name)
		  : arena_printf(merge->arena, "/%s", name);
	const struct file_entry *file = find_there(merge, path);

	if (file) {
		merge_file(merge, file, "line");
	} else if (sec) {
		merge_matching(merge, arena_printf(merge->arena, "%s/*.conf", path), "line", true);
	}
}

/* Put in what @line of the file @of brings.  Returns false: it brings nothing. */
static bool
merge_brought(struct merge *merge, const struct judged_line *line, const char *of)
{
	if (line->count < 2) {
		return false;
	}
	if (merge->includes != DAEMON_INCLUDES_CHRONY) {
		if (strcmp(line->words[0], "includefile") != 0) {
			return false;
		}
		merge_included(merge, of, line->words[1]);
	} else if (strcasecmp(line->words[0], "include") == 0) {
		merge_matching(merge, line->words[1], "line", false);
	} else if (strcasecmp(line->words[0], "confdir") == 0) {
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
	struct judged_line line = { .count = 0 };

	if (!may_bring(text)) {
		/* a "#line" in the daemon's own file would lie about places */
		bool lies = strncmp(text, "#line ", 6) == 0 || strncmp(text, "#sources ", 9) == 0;

		buf_printf(&merge->out, "%s\n", lies ? "" : text);
		return false;
	}
	if (merge->includes == DAEMON_INCLUDES_CHRONY) {
		cut_chrony(merge->arena, text, &line);
	} else {
		cut_ntp(merge->arena, text, &line);
	}
	if (line.count == 0 || strncasecmp(line.words[0], "include", 7) != 0) {
		buf_printf(&merge->out, "%s\n", text); /* of a folder: rules look at it */
	}
	return merge_brought(merge, &line, of);
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
	for (unsigned number = 1; at < end && merge->out.len < TEXT_BYTES_MAX; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		char *line;

		if (moved) {
			buf_printf(&merge->out, "#%s %u %s\n", mark, number, file->path);
		}
		stop = stop ? stop : end;
		line = arena_strndup(merge->arena, at, (size_t)(stop - at));
		line[strcspn(line, "\r")] = '\0';
		moved = merge_line(merge, file->path, line);
		at = stop < end ? stop + 1 : end;
	}
	merge->depth--;
}

static void
cut_lines(struct judged *judged, const char *config)
{
	struct arena *arena = &judged->run->arena;
	struct policy_text text;
	struct judged_line *lines;
	size_t count = 0, max = 1;

	for (const char *p = config; *p; p++) {
		max += *p == '\n';
	}
	lines = arena_alloc(arena, (max < LINES_MAX ? max : LINES_MAX) * sizeof(*lines));
	policy_text_begin(&text, config, judged->input->driver->config_path);
	while (count < LINES_MAX && count < max && policy_text_next(&text)) {
		struct judged_line *line = &lines[count];

		if (judged->ntp || judged->ntpsec) {
			cut_ntp(arena, text.line, line);
		} else {
			cut_chrony(arena, text.line, line);
		}
		if (line->count == 0) {
			continue;
		}
		line->file = arena_strdup(arena, text.file);
		line->number = text.number - 1;
		line->text = arena_strdup(arena, text.line + strspn(text.line, " \t"));
		line->of_sources = text.lenient;
		count++;
	}
	judged->lines = lines;
	judged->line_count = count;
}

bool
judged_read(struct files_lint *run, const struct files_case *input, struct judged *judged)
{
	const struct daemon_driver *driver = input->driver;
	const struct file_entry *file = file_set_find(input->files, driver->config_path);
	struct merge merge = { .arena = &run->arena,
		.files = input->files,
		.includes = driver->includes,
		.out.limit_bytes = 2 * TEXT_BYTES_MAX };

	*judged = (struct judged){ .run = run,
		.topology = run->topology,
		.host = input->host,
		.input = input,
		.server = input->host->role == HOST_SERVER,
		.never_steps = host_never_steps(input->host),
		.ntpsec = driver->includes == DAEMON_INCLUDES_NTPSEC,
		.ntp = driver->includes == DAEMON_INCLUDES_NTP };
	if (!file || file->absent) {
		return false;
	}
	if (!judged_start(judged)) {
		return false;
	}
	merge_file(&merge, file, "line");
	if (merge.includes == DAEMON_INCLUDES_NTPSEC) {
		merge_included(&merge, driver->config_path, "ntp.d"); /* no line asks for it */
	}
	cut_lines(judged, buf_str(&merge.out));
	driver->read_policy(buf_str(&merge.out), judged->options, &judged->policy);
	buf_free(&merge.out);
	return true;
}
