/* timetier review: the design, explained to whoever answers for it. */
#include "orchestrator/review/review.h"
#include "common/clock.h"
#include "common/file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/document/pdf.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/runs/holder.h"
#include "orchestrator/runs/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_WIDTH 100
#define DOCUMENT_BYTES_MAX (64 << 20)
#define SITE_BYTES_MAX (32 << 20)

struct options {
	struct common_options common;
	const char *output, *pdf, *price, *state;
	bool text, done;
};

struct job {
	const struct options *options;
	struct topology topology;
	struct diags diags, then;
	struct arena arena;
	struct buf site_text, out;
	struct review_history history;
	struct kept kept;
	struct review review;
	struct document document;
};

static int
read_price(struct job *job, struct error *err)
{
	const char *word = job->options->price;
	char *end;

	if (!word) {
		return 0;
	}
	job->review.price_gb = strtod(word, &end);
	return end != word && *end == '\0' && job->review.price_gb >= 0 &&
		job->review.price_gb < 1e6
	    ? 0
	    : error_set(err, "--price \"%.40s\": what a GB costs in USD, as 0.12", word);
}

static int
load(struct job *job, struct error *err)
{
	const char *file = site_file(&job->options->common);
	struct stat keys;
	int64_t now_ns = clock_real_ns();
	bool sound;

	if (file_read(file, &job->site_text, err) < 0) {
		return -1;
	}
	sound = topology_load(&job->topology, file, &job->diags) == 0;
	lint_run(&job->topology, now_ns, &job->diags);
	diags_sort(&job->diags);
	if (!sound) {
		diags_print(&job->diags, stderr, use_colour(STDERR_FILENO));
		return error_set(err, "what cannot be read cannot be reviewed");
	}
	topology_expire(&job->topology, now_ns);
	if (job->topology.keys_file && stat(job->topology.keys_file, &keys) == 0) {
		job->review.keys_file_ns = (int64_t)keys.st_mtime * NS_PER_S;
	}
	job->review.topology = &job->topology;
	job->review.diags = &job->diags;
	job->review.history = &job->history;
	job->review.kept = &job->kept;
	job->review.site_text = buf_str(&job->site_text);
	job->review.now_ns = now_ns;
	return 0;
}

/* What the journal knows; without a journal: nothing. */
static int
read_history(struct job *job, const char *folder, struct error *err)
{
	char path[PATH_MAX + 16];
	struct journal *journal;
	int status;

	snprintf(path, sizeof(path), "%s/journal.db", folder);
	if (access(path, F_OK) < 0) {
		return 0;
	}
	if (journal_open(path, &journal, err) < 0) {
		return -1;
	}
	status = review_history(journal, &job->arena, &job->history, err);
	journal_close(journal);
	if (status == 0) {
		review_judge_then(&job->topology, job->review.now_ns, &job->history, &job->then);
	}
	return status;
}

/* Write down in the journal that the design, as its file is now, was reviewed. */
static int
note_done(const struct job *job, const char *folder, struct error *err)
{
	struct run_record record = { .journal = NULL };
	struct run_words words = { .kind = "review",
		.words = "timetier review --done",
		.site = job->topology.site,
		.site_file = site_file(&job->options->common) };
	char who[256];
	int status;

	holder_name(who, sizeof(who));
	words.who = who;
	status = run_record_open(&record, folder, "review", who, err);
	if (status == 0) {
		status = run_record_begin(&record, &words, err);
	}
	if (status == 0) {
		status = journal_end(record.journal, record.run.id, EXIT_OK, clock_real_ns(), err);
		record.run.id = 0; /* it has no hosts, and stays */
	}
	run_record_done(&record);
	return status;
}

/* A probe that cannot be read is told, and left out: the review is of the design. */
static void
read_kept(struct job *job, const char *folder)
{
	struct error err;

	if (kept_read(folder, &job->topology, &job->arena, &job->kept, &err) < 0) {
		fprintf(stderr, "timetier review: warning: %s\n", err.text);
	}
}

/* "review.html" beside site.yaml. */
static const char *
output_path(struct job *job)
{
	const char *file = site_file(&job->options->common);

	return job->options->output
	    ? job->options->output
	    : arena_printf(&job->arena, "%.*sreview.html", (int)(file_name(file) - file), file);
}

static int
put_out(struct job *job, struct error *err)
{
	const struct options *options = job->options;
	const char *path = output_path(job);

	document_html(&job->document, &job->out);
	if (job->out.overflowed) {
		return error_set(err, "the review has more than %d bytes", DOCUMENT_BYTES_MAX);
	}
	if (options->pdf && pdf_write(job->out.data, job->out.len, options->pdf, err) < 0) {
		return -1;
	}
	if (options->pdf && !options->output && !options->text) {
		path = options->pdf;
	} else if (options->text) {
		buf_reset(&job->out);
		document_text(&job->document, TEXT_WIDTH, &job->out);
	}
	if ((options->text && !options->output) || strcmp(path, "-") == 0) {
		fwrite(job->out.data, 1, job->out.len, stdout);
		return 0;
	}
	if (path != options->pdf &&
	    file_replace(path, job->out.data, job->out.len, 0644, err) < 0) {
		return -1;
	}
	if (!options->common.quiet) {
		fprintf(stderr, "timetier review: %s\n", path);
	}
	return 0;
}

static int
make(struct job *job, struct error *err)
{
	char folder[PATH_MAX];

	if (read_price(job, err) < 0 || load(job, err) < 0 ||
	    state_folder(job->options->state, site_file(&job->options->common), folder, err) < 0 ||
	    read_history(job, folder, err) < 0) {
		return -1;
	}
	read_kept(job, folder);
	review_document(&job->review, &job->arena, &job->document);
	if (put_out(job, err) < 0) {
		return -1;
	}
	return job->options->done ? note_done(job, folder, err) : 0;
}

static int
run(const void *argument, int argc UNUSED, char **argv UNUSED)
{
	struct job job = { .options = argument,
		.site_text = { .limit_bytes = SITE_BYTES_MAX },
		.out = { .limit_bytes = DOCUMENT_BYTES_MAX } };
	struct error err = { "" };
	int status = EXIT_USAGE;

	if (make(&job, &err) == 0) {
		status = job.diags.errors > 0 ? EXIT_FINDINGS : EXIT_OK;
	} else {
		fprintf(stderr, "timetier review: %s\n", err.text);
	}
	buf_free(&job.site_text);
	buf_free(&job.out);
	diags_free(&job.diags);
	diags_free(&job.then);
	arena_free(&job.arena);
	topology_free(&job.topology);
	return status;
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	QUIET_ROW(struct options),
	{ "output", 'o', OPTION_TEXT, offsetof(struct options, output), "FILE",
	    "where to (default: review.html beside the site file); - prints it", 0 },
	{ "text", 0, OPTION_FLAG, offsetof(struct options, text), NULL,
	    "as text, on the terminal unless -o says otherwise", 0 },
	{ "pdf", 0, OPTION_TEXT, offsetof(struct options, pdf), "FILE",
	    "also as PDF; needs Chromium", 0 },
	{ "price", 0, OPTION_TEXT, offsetof(struct options, price), "USD",
	    "what a GB of traffic costs", 0 },
	{ "done", 0, OPTION_FLAG, offsetof(struct options, done), NULL,
	    "write down that you have reviewed the design as it is now", 0 },
	{ "state", 0, OPTION_TEXT, offsetof(struct options, state), "DIR",
	    "the state folder (default: .timetier beside the site file)", 0 },
	{ .name = NULL },
};

const struct command command_review = {
	.name = "review",
	.args = "",
	.summary = "the design as a page for whoever answers for it",
	.help = "One file without scripts, which needs no network: the site as a picture, its "
		"sources, what a\nrestart does, who may ask, keys, findings, traffic and cost, and "
		"what has changed since the\nlast review.\n\n"
		"exit status: 0 done, 1 done, and the design has errors, 2 failed: the reason is "
		"told\n\n"
		"example:\n"
		"  timetier review --price 0.12 --pdf time.pdf      to print it",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
