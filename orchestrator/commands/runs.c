/* timetier runs: what was done to the hosts, by whom, and what came of it. */
#include "orchestrator/show/runs.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/journal/lock.h"
#include "orchestrator/runs/release/purge.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNS_SHOWN 20

struct options {
	struct common_options common;
	const char *state;
	unsigned last;
	bool diff, text;
};

/* What both commands begin with. */
struct reading {
	struct journal *journal; /* NULL: there is none yet */
	struct arena arena;
	bool at_work; /* somebody is; it is the latest run that has not ended */
	int64_t latest;
};

static int
complain(const struct error *err)
{
	fprintf(stderr, "timetier runs: %s\n", err->text);
	return EXIT_FINDINGS;
}

/* No run is one thing; a name that was mistyped is another. */
static int
look_for(const char *path, struct error *err)
{
	return access(path, F_OK) == 0 ? 0 : error_errno(err, errno, "%s", path);
}

static int
begin(struct reading *reading, const struct options *options, struct error *err)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];

	if (state_folder(options->state, site_file(&options->common), folder, err) < 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		return look_for(options->state ? folder : site_file(&options->common), err);
	}
	/* in this order: who ends in between is seen as ended */
	reading->at_work = journal_lock_is_held(folder);
	return journal_open(path, &reading->journal, err);
}

static void
end(struct reading *reading)
{
	journal_close(reading->journal);
	arena_free(&reading->arena);
}

static bool
is_at_work(const struct reading *reading, const struct journal_run *run)
{
	return reading->at_work && run->ended_ns == 0 && run->id == reading->latest;
}

static void
print_line(const struct journal_run *run, bool at_work)
{
	char begun[RUN_TIME_BYTES], summary[RUN_WORDS_BYTES];

	printf("%5lld  %s  %-20s %-14s %-12s %s\n", (long long)run->id,
	    run_time(run->begun_ns, begun), run->who, run->kind, run_state(run, at_work),
	    run_summary(run, at_work, summary));
}

static int
list(struct reading *reading, const struct options *options, struct error *err)
{
	unsigned last = options->last ? options->last : RUNS_SHOWN;
	struct journal_run *runs = NULL;
	json_t *json = json_array();
	size_t count = 0;

	if (reading->journal &&
	    journal_list(reading->journal, last, &reading->arena, &runs, &count, err) < 0) {
		json_decref(json);
		return -1;
	}
	reading->latest = count > 0 ? runs[0].id : 0;
	if (!options->common.json) {
		printf("%5s  %-19s  %-20s %-14s %-12s %s\n", "run", "begun", "by", "what", "state",
		    "hosts");
	}
	for (size_t i = count; i-- > 0;) {
		bool at_work = is_at_work(reading, &runs[i]);

		if (options->common.json) {
			json_array_append_new(json, run_json(&runs[i], at_work));
		} else {
			print_line(&runs[i], at_work);
		}
	}
	if (options->common.json) {
		command_print_json(json);
	} else {
		json_decref(json);
	}
	return 0;
}

static int
run_list(const void *argument, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = argument;
	struct reading reading = { .journal = NULL };
	struct error err;
	int status = EXIT_OK;

	if (begin(&reading, options, &err) < 0 || list(&reading, options, &err) < 0) {
		status = complain(&err);
	}
	end(&reading);
	return status;
}

static int
show(struct reading *reading, const struct options *options, const char *word, struct error *err)
{
	struct journal_run run;
	char *rest;
	long long id;
	bool at_work;
	int found;

	errno = 0;
	id = strtoll(word, &rest, 10);
	if (*rest || id < 1 || errno) {
		return error_set(
		    err, "\"%.40s\" is no number of a run; `timetier runs` lists them", word);
	}
	if (!reading->journal) {
		return error_set(err, "there are no runs yet: `timetier apply` is one");
	}
	found = journal_read(reading->journal, id, options->diff, &reading->arena, &run, err);
	if (found < 0 || journal_latest_begun(reading->journal, &reading->latest, err) < 0) {
		return -1;
	}
	if (found == 0) {
		return error_set(err, "there is no run %lld; `timetier runs` lists them", id);
	}
	at_work = is_at_work(reading, &run);
	if (options->text) {
		fputs(run.site_text, stdout);
	} else if (options->common.json) {
		command_print_json(run_json(&run, at_work));
	} else {
		run_print(&run, at_work, options->diff, use_colour(STDOUT_FILENO));
	}
	return 0;
}

static int
run_show(const void *argument, int argc UNUSED, char **argv)
{
	const struct options *options = argument;
	struct reading reading = { .journal = NULL };
	struct error err;
	int status = EXIT_OK;

	if (begin(&reading, options, &err) < 0 || show(&reading, options, argv[0], &err) < 0) {
		status = complain(&err);
	}
	end(&reading);
	return status;
}

/* Print a file as it was before timetier came to the host, or say what was there. */
static int
print_before(const struct journal_file *file, bool whole, struct error *err)
{
	const struct journal_state *was = &file->before;

	if (!whole) {
		printf("%s  ", file->path);
		if (was->there) {
			printf("%04o %s:%s, %zu bytes%s\n", was->mode, was->owner, was->group,
			    was->len, file->secret ? " (a secret, not shown)" : "");
		} else {
			puts("was not there");
		}
		return 0;
	}
	if (file->secret) {
		return error_set(err,
		    "%s is a secret and is not shown; `timetier release --purge` gives it back",
		    file->path);
	}
	if (was->there && !was->bytes) {
		return error_set(err,
		    "the journal knows only the hash of %s: it is gone but for backups",
		    file->path);
	}
	fwrite(was->there ? was->bytes : "", 1, was->there ? was->len : 0, stdout);
	return was->there
	    ? 0
	    : error_set(
		  err, "%s was not there, and `timetier release --purge` removes it", file->path);
}

static json_t *
before_json(const struct journal_host *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < host->file_count; i++) {
		const struct journal_file *file = &host->files[i];
		const struct journal_state *was = &file->before;
		json_t *row = json_pack("{s:s, s:b, s:b}", "path", file->path, "there", was->there,
		    "secret", file->secret);

		if (was->there && was->bytes && !file->secret) {
			/* what is no text has no member */
			json_object_set_new(row, "text", json_stringn(was->bytes, was->len));
		}
		json_array_append_new(list, row);
	}
	return list;
}

static int
show_before(
    struct reading *reading, const struct options *options, char *const *words, struct error *err)
{
	struct journal_host host = { .file_count = 0 };
	bool found = !words[1];
	int status = 0;

	if (reading->journal &&
	    purge_find_host(reading->journal, words[0], &reading->arena, &host, err) < 0) {
		return -1;
	}
	if (host.file_count == 0) {
		return error_set(err,
		    "no run has changed a file of \"%.200s\"; `timetier runs` lists the runs",
		    words[0]);
	}
	if (options->common.json) {
		command_print_json(
		    json_pack("{s:s, s:o}", "host", words[0], "files", before_json(&host)));
		return 0;
	}
	for (size_t i = 0; i < host.file_count && status == 0; i++) {
		if (!words[1] || strcmp(words[1], host.files[i].path) == 0) {
			status = print_before(&host.files[i], words[1] != NULL, err);
			found = true;
		}
	}
	return found ? status
		     : error_set(err,
			   "no run has changed %.200s of %.200s; `timetier runs before "
			   "%.200s` lists its files",
			   words[1], words[0], words[0]);
}

static int
run_before(const void *argument, int argc, char **argv)
{
	const struct options *options = argument;
	char *words[] = { argv[0], argc > 1 ? argv[1] : NULL };
	struct reading reading = { .journal = NULL };
	struct error err;
	int status = EXIT_OK;

	if (begin(&reading, options, &err) < 0 || show_before(&reading, options, words, &err) < 0) {
		status = complain(&err);
	}
	end(&reading);
	return status;
}

#define STATE_ROW                                                                                  \
	{                                                                                          \
		"state", 0, OPTION_TEXT, offsetof(struct options, state), "DIR",                   \
		    "where the journal is (default: .timetier beside the site)", 0                 \
	}

static const struct option_row list_rows[] = {
	SITE_ROW(struct options),
	JSON_ROW(struct options),
	STATE_ROW,
	{ "last", 'n', OPTION_COUNT, offsetof(struct options, last), "N",
	    "list the latest N runs (default: 20)", 0 },
	{ .name = NULL },
};

static const struct option_row show_rows[] = {
	SITE_ROW(struct options),
	JSON_ROW(struct options),
	STATE_ROW,
	{ "diff", 0, OPTION_FLAG, offsetof(struct options, diff), NULL,
	    "what changed in the files, secrets left out", 0 },
	{ "text", 0, OPTION_FLAG, offsetof(struct options, text), NULL,
	    "print the site file of that run, and nothing else", 0 },
	{ .name = NULL },
};

static const struct option_row before_rows[] = {
	SITE_ROW(struct options),
	JSON_ROW(struct options),
	STATE_ROW,
	{ .name = NULL },
};

const struct command command_runs = {
	.name = "runs",
	.args = "",
	.summary = "list what was done to the hosts, when and by whom",
	.help =
	    "A run whose program died is `interrupted`; what became of its hosts is known when "
	    "they have been asked again, by `timetier plan` or by `timetier apply --resume`.\n\n"
	    "exit status: 0 done, 1 the journal cannot be read, 2 wrong arguments",
	.options = list_rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run_list,
};

const struct command command_runs_show = {
	.name = "runs show",
	.args = "RUN",
	.summary = "show one run: each host's steps, their times, its files",
	.help = "RUN is the number that `timetier runs` lists.\n\n"
		"exit status: 0 done, 1 there is no such run, or the journal cannot be read, 2 "
		"wrong arguments\n\n"
		"example:\n"
		"  timetier runs show 12 --text >then.yaml      the site file as it was",
	.options = show_rows,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run_show,
};

const struct command command_runs_before = {
	.name = "runs before",
	.args = "HOST [PATH]",
	.summary = "list the files that a host had before timetier came",
	.help =
	    "The journal keeps them however long ago that was; with PATH the file is printed, and "
	    "nothing else. HOST may have left the site. `timetier release --purge` gives them "
	    "back.\n\n"
	    "exit status: 0 done, 1 nothing is known of them, or the journal cannot be read, 2 "
	    "wrong arguments\n\n"
	    "example:\n"
	    "  timetier runs before ntp1 /etc/ntp.conf",
	.options = before_rows,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 2,
	.usage_status = EXIT_USAGE,
	.run = run_before,
};
