/*
 * Each daemon has its own rules, and all of them matter: which of two lines comes last may decide
 * whether a clock is stepped.  The rules were tried on the daemons.
 * Source: chrony 4.3 (conf.c), NTPsec 1.2.2 and ntp 4.2.8p15 (ntp_scanner.c, ntp_config.c).
 */
#include "agent/start/merge.h"

#include "agent/start/systemd.h"
#include "common/file.h"
#include "daemons/policy.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CHRONY_FOLDERS_MAX 10
#define FOLDERS_MAX 16
#define CHRONY_DEPTH 10
#define NTP_DEPTH 5

/* A file or folder that is being read, and how deep it is included. */
struct place {
	const char *path;
	unsigned depth;
	bool sources_only; /* chrony's *.sources: only server, pool and peer, each line ended */
};

struct reader {
	const char *root;
	struct merge *merge;
	bool (*take)(struct reader *reader, const struct place *place, char *line);
	unsigned depth_max;
	bool as_it_is;          /* ends of lines are kept: the daemon's grammar knows them */
	bool returns_end_lines; /* a lone carriage return ends a line, as a line feed does */
	bool missing_is_fatal;  /* else the daemon goes on without the file, and logs that */
};

static void read_file(struct reader *reader, const struct place *place);

static void
fail(struct reader *reader, const char *why)
{
	if (!reader->merge->failure) {
		reader->merge->failure = arena_strdup(&reader->merge->arena, why);
	}
}

static void
mark(struct reader *reader, unsigned line, const struct place *place)
{
	buf_printf(&reader->merge->text, "%s %u %s\n", place->sources_only ? "#sources" : "#line",
	    line, place->path);
}

static void
note_file(struct reader *reader, const char *path)
{
	struct merge *merge = reader->merge;

	if (merge->file_count < MERGE_FILES_MAX) {
		merge->files[merge->file_count++] = arena_strdup(&merge->arena, path);
	}
}

/* Whether the line names a source: a *.sources file takes nothing else. */
static bool
is_source(const char *line)
{
	static const char *const words[] = { "server", "pool", "peer" };

	line += strspn(line, " \t");
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strncasecmp(line, words[i], strlen(words[i])) == 0) {
			return true;
		}
	}
	return false;
}

static void
take_line(struct reader *reader, const struct place *place, char *line, unsigned number)
{
	struct buf *text = &reader->merge->text;

	/* a "#line " in the daemon's own file would lie about places */
	if (strncmp(line, "#line ", 6) == 0 || strncmp(line, "#sources ", 9) == 0 ||
	    (place->sources_only && !is_source(line))) {
		buf_text(text, "\n");
		return;
	}
	if (reader->take(reader, place, line)) {
		mark(reader, number + 1, place);
		return;
	}
	buf_text(text, line);
	buf_text(text, "\n");
}

static void
read_lines(struct reader *reader, const struct place *place, char *rest)
{
	unsigned number = 0;
	char *line;

	mark(reader, 1, place);
	while (rest && !reader->merge->failure && (line = strsep(&rest, "\n"))) {
		if (!rest && (!line[0] || place->sources_only)) {
			return; /* without a line end: it is empty, or not taken */
		}
		if (!reader->as_it_is) {
			line[strcspn(line, "\r")] = '\0';
		}
		take_line(reader, place, line, ++number);
		if (!rest && reader->as_it_is) {
			reader->merge->text.len--; /* the last line had no end */
			reader->merge->text.data[reader->merge->text.len] = '\0';
		}
	}
}

static void
end_lines_at_returns(char *text)
{
	for (; text && *text; text++) {
		if (text[0] == '\r' && text[1] != '\n') {
			text[0] = '\n';
		}
	}
}

static void
read_file(struct reader *reader, const struct place *place)
{
	struct buf text = { .limit_bytes = MERGE_BYTES_MAX };
	char why[PATH_MAX + 64];
	struct error err;

	if (place->depth > reader->depth_max) {
		snprintf(why, sizeof(why), "%s: included too deep", place->path);
		fail(reader, why);
		return;
	}
	switch (tree_read(reader->root, place->path, &text, &err)) {
	case TREE_READ:
		note_file(reader, place->path);
		if (reader->returns_end_lines) {
			end_lines_at_returns(text.data);
		}
		read_lines(reader, place, text.data);
		break;
	case TREE_ABSENT:
		if (reader->missing_is_fatal && !place->sources_only) {
			snprintf(why, sizeof(why),
			    "%s is not there, and without it the daemon does not start",
			    place->path);
			fail(reader, why);
		}
		break;
	case TREE_UNREADABLE:
		fail(reader, err.text);
		break;
	}
	if (reader->merge->text.overflowed) {
		snprintf(why, sizeof(why), "%s: the configuration is too long", place->path);
		fail(reader, why);
	}
	buf_free(&text);
}

/* Returns the path of @name; a relative one is below /, where systemd starts a daemon. */
static const char *
absolute(struct reader *reader, const char *name)
{
	return name[0] == '/' ? name : arena_printf(&reader->merge->arena, "/%s", name);
}

/*
 * Take the paths behind the first word of @line when that is @name; returns how many.  Quotes mean
 * nothing, as in chrony.
 */
static size_t
arguments(struct reader *reader, const char *line, const char *name, const char **words)
{
	char *copy = arena_strdup(&reader->merge->arena, line), *word;
	size_t count = 0;

	while ((word = strsep(&copy, " \t")) && count <= FOLDERS_MAX) {
		if (!word[0]) {
			continue;
		}
		if (count == 0 && strcasecmp(word, name) != 0) {
			return 0;
		}
		if (count > 0) {
			words[count - 1] = absolute(reader, word);
		}
		count++;
	}
	return count > 0 ? count - 1 : 0;
}

/* chrony's include: read every file that matches, sorted by name.  No match is no error. */
static void
include_pattern(struct reader *reader, const struct place *place, const char *pattern)
{
	struct place found = { .depth = place->depth + 1 };
	glob_t matches;

	if (!tree_glob(reader->root, pattern, GLOB_ERR | GLOB_NOMAGIC, &matches)) {
		return;
	}
	for (size_t i = 0; i < matches.gl_pathc; i++) {
		found.path =
		    arena_strdup(&reader->merge->arena, matches.gl_pathv[i] + strlen(reader->root));
		read_file(reader, &found);
	}
	globfree(&matches);
}

/* Returns the path of file @name in the first of @folders that has it. */
static const char *
first_with(struct reader *reader, const char *const *folders, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const char *path = arena_printf(&reader->merge->arena, "%s/%s", folders[i], name);

		if (tree_is_listed(reader->root, path)) {
			return path;
		}
	}
	return NULL;
}

/* Returns the next name in any of @folders behind @after (NULL: the first), by strcmp. */
static const char *
next_name(struct reader *reader, const char *const *folders, size_t count, const char *suffix,
    const char *after)
{
	const char *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *const *names;
		size_t name_count =
		    tree_names(reader->root, folders[i], suffix, &reader->merge->arena, &names);

		for (size_t n = 0; n < name_count; n++) {
			if ((!after || strcmp(names[n], after) > 0) &&
			    (!best || strcmp(names[n], best) < 0)) {
				best = names[n];
			}
		}
	}
	return best;
}

/* Read the files of several folders, sorted by name; of equal names that in the first folder. */
static void
read_folders(struct reader *reader, const struct place *place, const char *const *folders,
    size_t count, const char *suffix)
{
	struct place found = { .depth = place->depth + 1,
		.sources_only = strcmp(suffix, ".sources") == 0 };
	const char *name = NULL;

	while (
	    !reader->merge->failure && (name = next_name(reader, folders, count, suffix, name))) {
		found.path = first_with(reader, folders, count, name);
		if (found.path) {
			read_file(reader, &found);
		}
	}
}

static bool
take_chrony(struct reader *reader, const struct place *place, char *line)
{
	const char *words[FOLDERS_MAX];
	size_t count;

	if (arguments(reader, line, "include", words) > 0) {
		include_pattern(reader, place, words[0]);
		return true;
	}
	count = arguments(reader, line, "confdir", words);
	if (count > 0 && count <= CHRONY_FOLDERS_MAX) {
		read_folders(reader, place, words, count, ".conf");
		return true;
	}
	count = arguments(reader, line, "sourcedir", words);
	if (count > 0 && count <= CHRONY_FOLDERS_MAX) {
		read_folders(reader, place, words, count, ".sources");
		return true;
	}
	return false;
}

/* Returns NAME of a line "includefile NAME", without quotes and comment; "": another line. */
static const char *
include_name(struct reader *reader, const char *line)
{
	static const char word[] = "includefile";

	line += strspn(line, " \t");
	if (strncmp(line, word, strlen(word)) != 0 || !strchr(" \t\"", line[strlen(word)])) {
		return "";
	}
	line += strlen(word);
	line += strspn(line, " \t");
	if (line[0] == '"') {
		return arena_strndup(&reader->merge->arena, line + 1, strcspn(line + 1, "\""));
	}
	return arena_strndup(&reader->merge->arena, line, strcspn(line, " \t#"));
}

static bool
take_ntp(struct reader *reader, const struct place *place, char *line)
{
	const char *name = include_name(reader, line);
	struct place found = { .depth = place->depth + 1 };

	if (!name[0]) {
		return false;
	}
	found.path = absolute(reader, name);
	read_file(reader, &found);
	return true;
}

/* NTPsec reads a folder backwards: the file whose name sorts first is read last. */
static void
read_path_ntpsec(struct reader *reader, const struct place *place)
{
	const char *const *names;
	size_t count;

	if (!tree_is_folder(reader->root, place->path)) {
		read_file(reader, place);
		return;
	}
	count = tree_names(reader->root, place->path, ".conf", &reader->merge->arena, &names);
	for (size_t i = count; i > 0; i--) {
		struct place found = { .depth = place->depth + 1 };

		found.path =
		    arena_printf(&reader->merge->arena, "%s/%s", place->path, names[i - 1]);
		if (found.depth <= reader->depth_max) {
			read_path_ntpsec(reader, &found);
		}
	}
}

/* Returns @name; a relative one stands in the folder of @path. */
static const char *
beside(struct reader *reader, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (name[0] == '/' || !slash) {
		return name;
	}
	return arena_printf(&reader->merge->arena, "%.*s/%s", (int)(slash - path), path, name);
}

static bool
take_ntpsec(struct reader *reader, const struct place *place, char *line)
{
	const char *name = include_name(reader, line);
	struct place found = { .depth = place->depth + 1 };

	if (!name[0]) {
		return false;
	}
	found.path = beside(reader, place->path, name);
	read_path_ntpsec(reader, &found);
	return true;
}

static bool
take_plain(struct reader *reader UNUSED, const struct place *place UNUSED, char *line UNUSED)
{
	return false;
}

static bool
take_systemd(struct reader *reader, const struct place *place UNUSED, char *line)
{
	if (systemd_lies_of_built_in(reader->root, line)) {
		line[0] = '\0';
	}
	return false;
}

/* Read the file, its drop-ins by name (those of /etc count before others), and networkd's file. */
static void
read_systemd(struct reader *reader, const struct place *place)
{
	static const char *const parents[] = { SYSTEMD_FOLDERS };
	struct place file = { .path = systemd_config(reader->root, place->path,
				  &reader->merge->arena, &reader->merge->failure) };
	const char *name = file_name(place->path), *folders[COUNT(parents)];

	read_file(reader, &file);
	for (size_t i = 0; i < COUNT(parents); i++) {
		folders[i] = arena_printf(&reader->merge->arena, "%s/%s.d", parents[i], name);
	}
	read_folders(reader, place, folders, COUNT(folders), ".conf");
	file.path = TIMESYNCD_NETWORK;
	read_file(reader, &file);
}

void
merge_free(struct merge *merge)
{
	buf_free(&merge->text);
	arena_free(&merge->arena);
	merge->file_count = 0;
	merge->failure = NULL;
}

void
merge_read(const char *root, enum daemon_includes includes, const char *path, struct merge *merge)
{
	struct reader reader = { .root = root, .merge = merge, .depth_max = NTP_DEPTH };
	struct place place = { .path = path };

	merge_free(merge);
	merge->text.limit_bytes = MERGE_BYTES_MAX;
	switch (includes) {
	case DAEMON_INCLUDES_NONE:
		reader.take = take_plain;
		reader.as_it_is = true;
		break;
	case DAEMON_INCLUDES_SYSTEMD:
		reader.take = take_systemd;
		reader.returns_end_lines = true;
		read_systemd(&reader, &place);
		return;
	case DAEMON_INCLUDES_CHRONY:
		reader.take = take_chrony;
		reader.depth_max = CHRONY_DEPTH;
		reader.missing_is_fatal = true;
		break;
	case DAEMON_INCLUDES_NTP:
		reader.take = take_ntp;
		break;
	case DAEMON_INCLUDES_NTPSEC:
		reader.take = take_ntpsec;
		break;
	}
	read_file(&reader, &place);
	if (includes == DAEMON_INCLUDES_NTPSEC) {
		place.path = beside(&reader, path, "ntp.d");
		if (tree_is_folder(root, place.path)) {
			read_path_ntpsec(&reader, &place);
		}
	}
}
