#include "agent/first_set/note.h"

#include "common/file.h"
#include "common/json_fields.h"
#include "common/shown.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *folder, *name;
} places[] = {
	[FIRST_SET_STAMP] = { FIRST_SET_FOLDER, "first-set" },
	[FIRST_SET_REFUSED] = { FIRST_SET_FOLDER, "first-set.refused" },
	[FIRST_SET_WAITING] = { FIRST_SET_FOLDER, "first-set.waiting" },
	[FIRST_SET_LATE] = { FIRST_SET_FOLDER, "first-set.late" },
	[FIRST_SET_GOOD] = { FIRST_SET_STATE_FOLDER, "good" },
};

static const struct field fields[] = {
	{ "set_ns", FIELD_INT64, false, FIELD_AT(first_set_note, set_ns), .min = INT64_MIN,
	    .max = INT64_MAX },
	{ "offset_ns", FIELD_INT64, false, FIELD_AT(first_set_note, offset_ns), .min = INT64_MIN,
	    .max = INT64_MAX },
	{ "at", FIELD_INSTANT, true, FIELD_AT(first_set_note, at_ns), .min = INSTANT_MIN,
	    .max = INSTANT_MAX },
	{ "boot_ns", FIELD_INT64, true, FIELD_AT(first_set_note, boot_ns), .min = 0,
	    .max = INT64_MAX },
	{ "words", FIELD_TEXT, false, FIELD_AT(first_set_note, words) },
	{ .name = NULL },
};

static void
place(const char *root, enum first_set_file file, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s%s/%s", root, places[file].folder, places[file].name);
}

int
first_set_note_write(const char *root, enum first_set_file file, const struct first_set_note *note,
    struct error *err)
{
	json_t *json = fields_encode(fields, note);
	char *text = json_dumps(json, JSON_COMPACT);
	char folder[PATH_MAX], path[PATH_MAX];
	struct buf line = { .limit_bytes = FIRST_SET_NOTE_BYTES_MAX };
	int status;

	json_decref(json);
	if (!text) {
		abort();
	}
	buf_printf(&line, "%s\n", text);
	free(text);
	snprintf(folder, sizeof(folder), "%s%s", root, places[file].folder);
	place(root, file, path);
	status = file_make_folder(folder, 0755, err) < 0
	    ? -1
	    : file_replace(path, buf_str(&line), line.len, 0644, err);
	buf_free(&line);
	return status;
}

bool
first_set_note_read(const char *root, enum first_set_file file, struct first_set_note *note)
{
	struct buf text = { .limit_bytes = FIRST_SET_NOTE_BYTES_MAX };
	struct first_set_note read = { .at_ns = 0 };
	char path[PATH_MAX];
	json_t *json = NULL;
	bool good;

	place(root, file, path);
	if (file_read_plain(path, 0, &text, NULL) == 0) {
		json = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	}
	good = json && fields_decode(fields, json, places[file].name, &read, NULL) == 0;
	if (good) {
		*note = read;
	}
	json_decref(json);
	buf_free(&text);
	return good;
}

bool
first_set_note_exists(const char *root, enum first_set_file file)
{
	char path[PATH_MAX];

	place(root, file, path);
	return access(path, F_OK) == 0;
}

void
first_set_note_drop(const char *root, enum first_set_file file)
{
	char path[PATH_MAX];

	place(root, file, path);
	unlink(path);
}

void
first_set_note_report(const char *root, struct first_set_report *report)
{
	static const struct {
		enum first_set_file file;
		enum first_set_state state;
	} tells[] = {
		{ FIRST_SET_STAMP, FIRST_SET_DONE },
		{ FIRST_SET_REFUSED, FIRST_SET_REFUSES },
		{ FIRST_SET_WAITING, FIRST_SET_WAITS },
	};
	struct first_set_note note = { .words = "" };

	*report = (struct first_set_report){ .state = FIRST_SET_NONE };
	for (size_t i = 0; i < COUNT(tells); i++) {
		if (first_set_note_read(root, tells[i].file, &note)) {
			report->state = tells[i].state;
			shown_copy(report->words, sizeof(report->words), note.words);
			return;
		}
	}
}
