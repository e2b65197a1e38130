/* Reads a set of files as the daemon would: included files in their places, and its options. */
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

/* How much of the daemon's own reading is taken over: includes, and folders of sources. */
struct merge {
	const struct file_set *files;
	enum daemon_includes includes;
	struct buf out;
	unsigned depth;
};

static void merge_file(struct merge *merge, const struct file_entry *file, const char *mark);

/* Put in every file of the set that @pattern names. */
static void
merge_matching(struct merge *merge, const char *pattern, const char *mark)
{
	for (size_t i = 0; i < merge->files->count; i++) {
		const struct file_entry *file = &merge->files->list[i];

		if (!file->absent && fnmatch(pattern, file->path, FNM_PATHNAME) == 0) {
			merge_file(merge, file, mark);
		}
	}
}

/* A directive that brings in other files. */
struct include {
	const char *name;
	enum daemon_includes of;
	const char *glob; /* in the folders that it names; NULL: it names one file */
	const char *mark; /* what stands before lines of these files: see policy_text.h */
};

static const struct include includes[] = {
	{ "include", DAEMON_INCLUDES_CHRONY, NULL, "line" },
	{ "confdir", DAEMON_INCLUDES_CHRONY, "/*.conf", "line" },
	{ "sourcedir", DAEMON_INCLUDES_CHRONY, "/*.sources", "sources" },
	{ "includefile", DAEMON_INCLUDES_NTP, NULL, "line" },
	{ "includefile", DAEMON_INCLUDES_NTPSEC, NULL, "line" },
};

static const struct include *
find_include(const struct merge *merge, char *const *words, size_t count)
{
	for (size_t i = 0; count > 1 && i < COUNT(includes); i++) {
		if (includes[i].of == merge->includes &&
		    strcasecmp(words[0], includes[i].name) == 0) {
			return &includes[i];
		}
	}
	return NULL;
}

/* Add one line of a file.  Returns whether the place must be named anew behind it. */
static bool
merge_line(struct merge *merge, const char *text, size_t len)
{
	char line[POLICY_LINE_BYTES], *words[POLICY_WORDS_MAX];
	const struct include *include;
	size_t count;

	snprintf(
	    line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len : sizeof(line) - 1), text);
	count = split_words(line, words, POLICY_WORDS_MAX);
	include = find_include(merge, words, count);
	if (!include || include->glob) { /* a folder of sources stays a line: rules look at it */
		buf_add(&merge->out, text, len);
		buf_text(&merge->out, "\n");
	}
	for (size_t i = 1; include && i < (include->glob ? count : 2); i++) {
		char pattern[512];

		snprintf(pattern, sizeof(pattern), "%.400s%s", words[i],
		    include->glob ? include->glob : "");
		merge_matching(merge, pattern, include->mark);
	}
	return include != NULL;
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

		if (moved) {
			buf_printf(&merge->out, "#%s %u %s\n", mark, number, file->path);
		}
		stop = stop ? stop : end;
		moved = merge_line(merge, at, (size_t)(stop - at));
		at = stop < end ? stop + 1 : end;
	}
	merge->depth--;
}

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

/* Copy @value without the quotes around it. */
static const char *
unquoted(struct arena *arena, const char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
		return arena_strndup(arena, value + 1, len - 2);
	}
	return arena_strndup(arena, value, len);
}

/* Take the options that the file of options gives the daemon. */
static void
read_options_file(struct judged *judged, struct buf *options)
{
	const struct daemon_driver *driver = judged->input->driver;
	const struct file_entry *file =
	    driver->options_path ? file_set_find(judged->input->files, driver->options_path) : NULL;
	struct arena *arena = &judged->run->arena;
	struct policy_text text;
	const char *value = "";

	if (!file || file->absent) {
		return;
	}
	judged->options_place = (struct judged_place){ .file = file->path };
	policy_text_begin(
	    &text, arena_strndup(arena, file->content, file->len), driver->options_path);
	while (policy_text_next(&text)) {
		size_t name = strcspn(text.line, "=");

		if (!text.line[name] || text.line[0] == '#') {
			continue;
		}
		if (name == strlen(driver->options_variable) &&
		    strncmp(text.line, driver->options_variable, name) == 0) {
			value = unquoted(arena, text.line + name + 1);
			judged->options_place.line = text.number - 1;
		} else if (driver->options_prefix &&
		    strncmp(text.line, driver->options_prefix, strlen(driver->options_prefix)) ==
			0 &&
		    text.line[strlen(driver->options_prefix)] == '_') {
			buf_printf(options, "%.*s= ", (int)name, text.line);
			judged->options_place.line = text.number - 1;
		}
	}
	buf_text(options, value);
}

/* Take a line of the unit: what it starts the daemon with, and whether it starts it again. */
static void
read_unit_line(struct judged *judged, const struct policy_text *text, struct buf *options,
    const struct file_entry *file)
{
	const char *line = text->line + strspn(text->line, " \t");
	char copy[POLICY_LINE_BYTES], *words[POLICY_WORDS_MAX], variable[80];
	struct judged_place place = { file->path, text->number - 1 };
	size_t count;
	bool takes = false;

	if (strncmp(line, "Restart=", 8) == 0) {
		judged->restart = arena_strdup(&judged->run->arena, line + 8);
		judged->restart_place = place;
	}
	if (strncmp(line, "ExecStart=", 10) != 0 || !line[10]) {
		return;
	}
	judged->own_start = true;
	snprintf(copy, sizeof(copy), "%s", line + 10);
	snprintf(variable, sizeof(variable), "$%.70s", judged->input->driver->options_variable);
	count = split_words(copy, words, POLICY_WORDS_MAX);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(words[i], variable) == 0) {
			takes = true;
		} else if (words[i][0] != '$') {
			buf_printf(options, " %s", words[i]);
		}
	}
	if (!takes) {
		judged->options_place = place;
	}
}

static void
read_unit(struct judged *judged, struct buf *options)
{
	char folder[160];

	snprintf(folder, sizeof(folder), "/%.140s.d/", judged->input->driver->unit);
	for (size_t i = 0; i < judged->input->files->count; i++) {
		const struct file_entry *file = &judged->input->files->list[i];
		struct policy_text text;

		if (file->absent || !strstr(file->path, folder)) {
			continue;
		}
		policy_text_begin(&text,
		    arena_strndup(&judged->run->arena, file->content, file->len), file->path);
		while (policy_text_next(&text)) {
			read_unit_line(judged, &text, options, file);
		}
	}
}

bool
judged_read(struct files_lint *run, const struct files_case *input, struct judged *judged)
{
	const struct daemon_driver *driver = input->driver;
	const struct file_entry *file = file_set_find(input->files, driver->config_path);
	struct merge merge = { .files = input->files,
		.includes = driver->includes,
		.out.limit_bytes = 2 * TEXT_BYTES_MAX };
	struct buf options = { .limit_bytes = 64 << 10 };

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
	merge_file(&merge, file, "line");
	read_options_file(judged, &options);
	read_unit(judged, &options);
	judged->options = arena_strdup(&run->arena, buf_str(&options));
	cut_lines(judged, buf_str(&merge.out));
	driver->read_policy(buf_str(&merge.out), judged->options, &judged->policy);
	buf_free(&options);
	buf_free(&merge.out);
	return true;
}
