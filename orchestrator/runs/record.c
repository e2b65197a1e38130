#include "orchestrator/runs/record.h"

#include "common/clock.h"
#include "common/file.h"
#include "orchestrator/journal/settle.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SITE_BYTES_MAX (8u << 20)

static int
open_journal(struct run_record *record, struct error *err)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/journal.db", record->folder);
	return journal_open(path, &record->journal, err);
}

int
run_record_open(struct run_record *record, const char *folder, const char *kind, const char *who,
    struct error *err)
{
	char words[512], now[CLOCK_TEXT_BYTES];

	clock_text(clock_real_ns(), now);
	snprintf(words, sizeof(words), "`timetier %s` of %s, process %d, since %.19sZ", kind, who,
	    (int)getpid(), now);
	snprintf(record->folder, sizeof(record->folder), "%s", folder);
	if (file_make_folder(folder, 0700, err) < 0 ||
	    journal_lock_take(&record->lock, folder, words, err) < 0) {
		return -1;
	}
	return open_journal(record, err);
}

int
run_record_open_to_look(struct run_record *record, const char *folder, struct error *err)
{
	char path[PATH_MAX + 16];

	snprintf(record->folder, sizeof(record->folder), "%s", folder);
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	if (access(path, R_OK | W_OK) == 0 && !journal_lock_is_held(folder) &&
	    open_journal(record, err) < 0) {
		record->journal = NULL;
		return -1;
	}
	return 0;
}

int
run_record_begin(struct run_record *record, const struct run_words *words, struct error *err)
{
	struct buf text = { .limit_bytes = SITE_BYTES_MAX };
	int status;

	if (file_read(words->site_file, &text, err) < 0) {
		buf_free(&text);
		return -1;
	}
	record->run = (struct journal_run){
		.kind = words->kind,
		.who = words->who,
		.words = words->words,
		.options = words->options,
		.site = words->site,
		.site_file = words->site_file,
		.site_text = buf_str(&text),
		.of_run = words->of_run,
		.begun_ns = clock_real_ns(),
	};
	status = journal_begin(record->journal, &record->run, err);
	record->run.site_text = NULL;
	buf_free(&text);
	return status;
}

/* --- what a run does to files --- */

static struct journal_state
state_of_fact(const struct fact_file *file)
{
	if (!file || file->state == FACT_FILE_ABSENT) {
		return (struct journal_state){ .there = false };
	}
	return (struct journal_state){ .there = true,
		.bytes = file->content,
		.len = file->len,
		.mode = file->mode,
		.owner = file->owner,
		.group = file->group };
}

static struct journal_state
state_of_entry(const struct file_entry *entry)
{
	if (entry->absent) {
		return (struct journal_state){ .there = false };
	}
	return (struct journal_state){ .there = true,
		.bytes = entry->content,
		.len = entry->len,
		.mode = entry->mode,
		.owner = entry->owner,
		.group = entry->group };
}

static struct journal_state
state_of_program(const char *hash)
{
	return (struct journal_state){
		.there = hash != NULL, .hash = hash, .mode = 0755, .owner = "root", .group = "root"
	};
}

bool
run_record_state(const void *ctx, const char *path, struct journal_state *state)
{
	const struct facts *facts = ctx;
	const struct fact_file *file = facts_file(facts, path);

	if (strcmp(path, AGENT_BINARY) == 0) {
		*state = state_of_program(facts->agent_hash);
		return facts->complete;
	}
	if (!file || file->state == FACT_FILE_LINK || file->state == FACT_FILE_ODD ||
	    file->state == FACT_FILE_HUGE) {
		return false;
	}
	*state = state_of_fact(file);
	return true;
}

static void
add_set(struct journal_host *out, const struct rollout_host *host, const struct file_set *set,
    bool of_agent)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct file_entry *entry = &set->list[i];

		out->files[out->file_count++] = (struct journal_file){
			.path = entry->path,
			.of_agent = of_agent,
			.secret = entry->secret,
			.action = entry->action,
			.before = state_of_fact(facts_file(&host->facts, entry->path)),
			.after = state_of_entry(entry),
		};
	}
}

/* The agent's program, and where it is taken away, its files. */
static void
add_agent(
    struct journal_host *out, const struct rollout_host *host, const struct run_record *record)
{
	const struct daemon_file *gone = facts_agent_service(&host->facts)->files;
	struct journal_file program = { .path = AGENT_BINARY,
		.of_agent = true,
		.action = FILE_ACTION_NONE,
		.before = state_of_program(host->facts.agent_hash) };

	for (; record->removes_agent && gone->template_name; gone++) {
		out->files[out->file_count++] = (struct journal_file){
			.path = gone->path,
			.of_agent = true,
			.secret = true,
			.action = program.action,
			.before = state_of_fact(facts_file(&host->facts, gone->path)),
		};
	}
	if (host->plan.agent_upload) {
		program.after = state_of_program("");
		program.after.hash = NULL;
		program.after.bytes = host->program->bytes;
		program.after.len = host->program->len;
	}
	if (host->plan.agent_upload || (record->removes_agent && !host->plan.keeps_program)) {
		out->files[out->file_count++] = program;
	}
}

/* What else set the clock and is disabled first: a rollback leaves it so, and tells. */
static void
add_switched_off(
    struct run_record *record, const struct rollout_host *host, struct journal_host *out)
{
	const struct host_plan *plan = &host->plan;

	out->switched_off =
	    arena_alloc(&record->arena, (plan->rival_count + 1) * sizeof(*out->switched_off));
	for (size_t i = 0; i < plan->rival_count; i++) {
		if (!plan->leaves || plan->rivals[i].daemon != plan->leaves) {
			out->switched_off[out->switched_off_count++] = plan->rivals[i].name;
		}
	}
}

static struct journal_host
host_of(struct run_record *record, const struct rollout_host *host)
{
	struct journal_host out = {
		.host = host->host->name,
		.daemon = host->driver ? host->driver->name : "",
		.migrated_from = host->plan.leaves ? host->plan.leaves->name : "",
		.action = plan_action(&host->plan),
		.wave = host->wave,
		.outcome = outcome_row(host->outcome)->id,
		.failed_at = host->where ? host->where : "",
		.error = host->where ? host->err.text : "",
		.note = "",
	};

	if (host->outcome == HOST_CHANGES) {
		out.files = arena_alloc(&record->arena,
		    (host->files.count + host->agent_files.count + 4) * sizeof(*out.files));
		add_set(&out, host, &host->files, false);
		add_set(&out, host, &host->agent_files, true);
		add_agent(&out, host, record);
		add_switched_off(record, host, &out);
	}
	return out;
}

int
run_record_planned(struct run_record *record, const struct rollout *rollout, struct error *err)
{
	if (record->run.id == 0) {
		return 0;
	}
	record->first = rollout_hosts(rollout, &record->host_count);
	record->hosts =
	    arena_alloc(&record->arena, (record->host_count + 1) * sizeof(*record->hosts));
	for (size_t i = 0; i < record->host_count; i++) {
		record->hosts[i] = host_of(record, &record->first[i]);
	}
	return journal_add_hosts(
	    record->journal, record->run.id, record->hosts, record->host_count, err);
}

/* --- while it goes on --- */

static struct journal_host *
find(struct run_record *record, const struct rollout_host *host)
{
	return record->hosts ? &record->hosts[host - record->first] : NULL;
}

int
run_record_begun(struct run_record *record, const struct rollout_host *host, struct error *err)
{
	struct journal_host *entry = find(record, host);

	if (!entry) {
		return 0;
	}
	entry->begun_ns = clock_real_ns();
	return journal_host_begun(record->journal, entry->id, entry->begun_ns, err);
}

/* What earlier runs left open, as far as this host can tell now. */
static void
settle_host(struct run_record *record, const struct rollout_host *host)
{
	const struct fact_change *last = &host->facts.last;
	struct settle_look look = { .busy = run_record_is_busy(&host->facts),
		.last_mark = last->run,
		.last_kept = fact_change_is_kept(last),
		.state = run_record_state,
		.ctx = &host->facts };
	struct journal_unknowns unknowns;
	struct arena arena = { 0 };
	struct error err;

	if (last->run && journal_marked(record->journal, last->run, &look.last_run, &err) < 0) {
		record->err = err;
		return;
	}
	if (journal_find_unknowns(
		record->journal, host->host->name, record->run.id, &arena, &unknowns, &err) == 0) {
		for (size_t i = 0; i < unknowns.count; i++) {
			enum settled settled = settle(&unknowns.list[i], &look);

			if (settled != SETTLED_OPEN &&
			    journal_host_settled(record->journal, unknowns.list[i].host.id, settled,
				clock_real_ns(), &err) < 0) {
				record->err = err;
			}
		}
	}
	arena_free(&arena);
}

static int
end_host(struct run_record *record, const struct rollout_host *host, struct journal_host *entry,
    struct error *err)
{
	entry->ended_ns = clock_real_ns();
	entry->outcome = outcome_row(host->outcome)->id;
	entry->failed_at = host->where ? host->where : "";
	entry->error = host->where ? host->err.text : "";
	entry->note = host->note ? host->note : "";
	if (host->outcome != HOST_DONE && host->outcome != HOST_LOST) {
		entry->switched_off_count = 0; /* it was switched on again */
	}
	return journal_host_ended(record->journal, entry, err);
}

void
run_record_moved(struct run_record *record, const struct rollout_host *host)
{
	struct journal_host *entry = find(record, host);
	bool over = host->outcome != HOST_OPEN && host->outcome != HOST_CHANGES;
	struct error err;
	int status = 0;

	if (!record->journal) {
		return;
	}
	if (!entry) {
		if (host->step == HOST_STEP_PLAN && host->facts.complete &&
		    host->outcome != HOST_OPEN) {
			settle_host(record, host);
		}
		return;
	}
	/* what cannot be written is told at the end: a host at work is not left alone for that */
	if (over) {
		status = end_host(record, host, entry, &err);
	} else if (host->step != HOST_STEP_PLAN) {
		status = journal_host_step(
		    record->journal, entry->id, host_step_name(host->step), clock_real_ns(), &err);
	}
	if (status < 0 && !record->err.text[0]) {
		record->err = err;
	}
}

void
run_record_end(struct run_record *record, int status)
{
	struct error err;

	if (record->run.id == 0 || record->ended) {
		return;
	}
	record->ended = true;
	if (journal_end(record->journal, record->run.id, status, clock_real_ns(), &err) < 0) {
		record->err = err;
	}
}

void
run_record_done(struct run_record *record)
{
	struct error err;

	if (record->run.id != 0 && !record->hosts &&
	    journal_forget(record->journal, record->run.id, &err) < 0) {
		record->err = err; /* it stays, as one that was interrupted */
	}
	journal_close(record->journal);
	journal_lock_release(&record->lock);
	arena_free(&record->arena);
	*record = (struct run_record){ .journal = NULL };
}

bool
run_record_is_busy(const struct facts *facts)
{
	return facts->lock.there ||
	    (facts->unfinished.there && !fact_change_is_kept(&facts->unfinished));
}
