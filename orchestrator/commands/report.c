/* timetier report: what the site's time was over a span, for whoever audits it. */
#include "common/clock.h"
#include "common/file.h"
#include "common/version.h"
#include "orchestrator/account/account.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/document/pdf.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_WIDTH 140
#define OUT_BYTES_MAX (1 << 30)
#define DAYS_DEFAULT 30

struct options {
	struct common_options common;
	const char *from, *to, *budget, *output, *state;
	const char *groups[OPTION_LIST_MAX];
};

struct job {
	const struct options *options;
	struct topology topology;
	struct arena arena;
	struct account account;
	struct account_question question;
	struct buf out;
};

/* Read a day or an instant. */
static int
read_moment(const char *option, const char *text, bool end, int64_t *real_ns, struct error *err)
{
	if (clock_parse_day(text, real_ns)) {
		*real_ns += end ? TALLY_DAY_NS : 0; /* that day, too */
		return 0;
	}
	return clock_parse(text, real_ns)
	    ? 0
	    : error_set(err,
		  "--%s \"%.40s\": a day as 2026-11-22, or an instant of UTC as "
		  "2026-11-22T05:00:00Z",
		  option, text);
}

static int
read_span(struct job *job, int64_t now_ns, struct error *err)
{
	const struct options *options = job->options;
	struct span *span = &job->question.span;
	int64_t today_ns = now_ns - now_ns % TALLY_DAY_NS;

	span->to_ns = now_ns;
	if (options->to && read_moment("to", options->to, true, &span->to_ns, err) < 0) {
		return -1;
	}
	span->to_ns = span->to_ns < now_ns ? span->to_ns : now_ns;
	span->from_ns = today_ns - DAYS_DEFAULT * TALLY_DAY_NS;
	if (options->from && read_moment("from", options->from, false, &span->from_ns, err) < 0) {
		return -1;
	}
	if (span->from_ns >= now_ns) {
		return error_set(err, "--from is in the future");
	}
	if (span->from_ns >= span->to_ns) {
		return error_set(err, "--from is not before --to");
	}
	if (span_days(span) > 3660) {
		return error_set(err, "from --from to --to are more than ten years");
	}
	return 0;
}

static int
read_question(struct job *job, int64_t now_ns, struct error *err)
{
	const struct options *options = job->options;
	struct site_choice choice = { .limits = options->groups };
	const struct host **hosts;
	struct buf chosen = { .limit_bytes = 0 };

	if (read_span(job, now_ns, err) < 0) {
		return -1;
	}
	if (options->budget) {
		job->question.named = named_budget(options->budget, err);
		if (!job->question.named) {
			return -1;
		}
	}
	if (site_hosts(&job->topology, &choice, &hosts, &job->question.host_count, err) < 0) {
		return -1;
	}
	job->question.topology = &job->topology;
	job->question.hosts = hosts;
	job->question.all = !options->groups[0];
	for (size_t i = 0; i < OPTION_LIST_MAX && options->groups[i]; i++) {
		buf_printf(&chosen, "%s%s", i > 0 ? ", " : "", options->groups[i]);
	}
	if (options->groups[0]) {
		job->account.chosen = arena_strdup(&job->arena, buf_str(&chosen));
	}
	buf_free(&chosen);
	return 0;
}

static int
gather(struct job *job, struct error *err)
{
	const struct options *options = job->options;
	char folder[PATH_MAX], path[PATH_MAX + 16];
	struct journal *journal = NULL;
	struct store *store;
	int status;

	if (state_folder(options->state, site_file(&options->common), folder, err) < 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/history.db", folder);
	if (access(path, F_OK) < 0) {
		return error_set(err,
		    "%s: there is no history yet: `timetier serve` keeps it; on the machine where "
		    "it does, name its state folder by --state DIR",
		    path);
	}
	if (store_open_to_read(path, &store, err) < 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	status = access(path, F_OK) == 0 ? journal_open(path, &journal, err) : 0;
	if (status == 0) {
		status =
		    account_gather(&job->question, store, journal, &job->arena, &job->account, err);
	}
	journal_close(journal);
	store_close(store);
	return status;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static void
write_html(struct job *job, struct document *document)
{
	account_document(&job->account, document);
	document_html(document, &job->out);
}

static int
put_out(struct job *job, struct error *err)
{
	struct document document = { .arena = &job->arena };
	const char *path = job->options->output;

	if (!path && !job->options->common.json) {
		account_document(&job->account, &document);
		document_text(&document, TEXT_WIDTH, &job->out);
	} else if (path && ends_with(path, ".csv")) {
		account_csv(&job->account, &job->out);
	} else if (!path || ends_with(path, ".json")) {
		account_json(&job->account, &job->out);
	} else {
		write_html(job, &document);
	}
	if (job->out.overflowed) {
		return error_set(
		    err, "the report has more than %d bytes: take a shorter span", OUT_BYTES_MAX);
	}
	if (path && ends_with(path, ".pdf")) {
		return pdf_write(job->out.data, job->out.len, path, err);
	}
	if (path) {
		return file_replace(path, job->out.data, job->out.len, 0644, err);
	}
	fwrite(job->out.data, 1, job->out.len, stdout);
	return 0;
}

static int
check_output(const struct options *options, struct error *err)
{
	static const char *const endings[] = { ".html", ".csv", ".json", ".pdf" };

	for (size_t i = 0; options->output && i < COUNT(endings); i++) {
		if (ends_with(options->output, endings[i])) {
			return 0;
		}
	}
	return options->output
	    ? error_set(err,
		  "--output \"%.80s\": the name tells the form: it ends with .html, "
		  ".csv, .json or .pdf",
		  options->output)
	    : 0;
}

static int
make(struct job *job, struct error *err)
{
	int64_t now_ns = clock_real_ns();

	job->account.made_ns = now_ns;
	job->account.version = TIMETIER_VERSION;
	if (check_output(job->options, err) < 0 || read_question(job, now_ns, err) < 0 ||
	    gather(job, err) < 0 || put_out(job, err) < 0) {
		return -1;
	}
	if (job->options->output && !job->options->common.quiet) {
		fprintf(stderr, "timetier report: %s\n", job->options->output);
	}
	return 0;
}

static int
run(const void *argument, int argc UNUSED, char **argv UNUSED)
{
	struct job job = { .options = argument, .out = { .limit_bytes = OUT_BYTES_MAX } };
	struct error err = { "" };
	int status = EXIT_USAGE;

	if (site_load(&job.options->common, &job.topology)) {
		if (make(&job, &err) == 0) {
			status = account_is_good(&job.account) ? EXIT_OK : EXIT_FINDINGS;
		} else {
			fprintf(stderr, "timetier report: %s\n", err.text);
		}
	}
	account_done(&job.account);
	buf_free(&job.out);
	arena_free(&job.arena);
	topology_free(&job.topology);
	return status;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	{ "from", 0, OPTION_TEXT, offsetof(struct options, from), "WHEN",
	    "a day or an instant of UTC (default: 30 days ago)", 0 },
	{ "to", 0, OPTION_TEXT, offsetof(struct options, to), "WHEN",
	    "until then; a day is included (default: now)", 0 },
	{ "group", 0, OPTION_LIST, offsetof(struct options, groups), "NAME",
	    "only this tier, client group or host; may be given again", 0 },
	{ "budget", 0, OPTION_TEXT, offsetof(struct options, budget), "NAME",
	    "mifid-hft, mifid, finra or pci (default: as site.yaml says)", 0 },
	{ "output", 'o', OPTION_TEXT, offsetof(struct options, output), "FILE",
	    "to NAME.html, NAME.csv, NAME.json or NAME.pdf", 0 },
	{ "state", 0, OPTION_TEXT, offsetof(struct options, state), "DIR",
	    "the state folder (default: .timetier beside the site file)", 0 },
	{ .name = NULL },
};

const struct command command_report = {
	.name = "report",
	.args = "",
	.summary = "how good the time was, for an audit",
	.help = "Of each host, each day and the whole: the share of time within the budget, the "
		"worst offset and\nerror bound with their moments, clocks that were set, gaps, who "
		"led whom and how that was proved,\nand who changed what. It reads what `timetier "
		"serve` has kept, also while that runs. What is not\nknown never counts as good, "
		"and the report says what it cannot prove. Instants are UTC.\n\n"
		"exit status: 0 every host was within its budget all the time, 1 one was not, or "
		"that is not\nknown, 2 failed: the reason is told\n\n"
		"example:\n"
		"  timetier report --from 2026-11-01 --to 2026-11-30 -o november.html",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
