/* Reads the account from the collector's history and the journal. */
#include "orchestrator/account/account.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const struct account_question *question;
	struct store *store;
	struct arena *arena;
	struct past_rows hours, minutes;
	struct error *err;
};

static int
read_rows(
    struct reader *reader, enum past_table table, const char *host, int64_t from_ns, int64_t to_ns)
{
	struct past_query query = { table, host, from_ns, to_ns };

	return store_past(reader->store, &query,
	    table == PAST_HOURS ? &reader->hours : &reader->minutes, reader->err);
}

static int64_t
whole(int64_t time_ns, int64_t length_ns)
{
	return time_ns - time_ns % length_ns;
}

/* Add @hour by its minutes, unless some of them are forgotten. */
static int
add_minutes(struct reader *reader, struct account_host *host, const struct past_row *hour)
{
	uint64_t heard = 0;

	if (read_rows(reader, PAST_MINUTES, host->name, hour->time_ns,
		hour->time_ns + PAST_HOUR_NS) < 0) {
		return -1;
	}
	for (size_t i = 0; i < reader->minutes.count; i++) {
		heard |= UINT64_C(1)
		    << ((reader->minutes.list[i].time_ns - hour->time_ns) / PAST_MINUTE_NS);
	}
	if (reader->minutes.count == 0 || (hour->heard & ~heard)) {
		tally_add(&host->tally, hour);
		return 0;
	}
	for (size_t i = 0; i < reader->minutes.count; i++) {
		tally_add(&host->tally, &reader->minutes.list[i]);
	}
	return 0;
}

/* Find in the rows of @table that are in the stretch of @worst when it was. */
static int
narrow(struct reader *reader, enum past_table table, const char *host, bool of_offset,
    struct worst *worst)
{
	if (!worst->known ||
	    read_rows(reader, table, host, worst->at_ns, worst->at_ns + worst->length_ns) < 0) {
		return worst->known ? -1 : 0;
	}
	for (size_t i = 0; i < reader->minutes.count; i++) {
		const struct past_row *row = &reader->minutes.list[i];

		if (of_offset ? row->offset_min_ns == worst->ns || row->offset_max_ns == worst->ns
			      : row->error_bound_max_ns == worst->ns) {
			worst->at_ns = row->time_ns;
			worst->length_ns = row->length_ns;
			break;
		}
	}
	return 0;
}

static int
narrow_both(struct reader *reader, struct account_host *host)
{
	struct share *share = &host->tally.whole;

	for (int table = PAST_MINUTES; table >= PAST_SAMPLES; table--) {
		if (narrow(reader, (enum past_table)table, host->name, true, &share->offset) < 0 ||
		    narrow(reader, (enum past_table)table, host->name, false, &share->error_bound) <
			0) {
			return -1;
		}
	}
	return 0;
}

static int
read_host(struct reader *reader, struct account_host *host, const struct budget *budget)
{
	const struct span *span = &reader->question->span;
	struct past_query query = { PAST_HOURS, host->name, span->from_ns, span->to_ns };

	tally_begin(&host->tally, span, budget);
	if (read_rows(reader, PAST_HOURS, host->name, whole(tally_from_ns(span), PAST_HOUR_NS),
		span->to_ns) < 0) {
		return -1;
	}
	for (size_t i = 0; i < reader->hours.count; i++) {
		const struct past_row *hour = &reader->hours.list[i];

		if (!tally_needs_minutes(&host->tally, hour)) {
			tally_add(&host->tally, hour);
		} else if (add_minutes(reader, host, hour) < 0) {
			return -1;
		}
	}
	tally_end(&host->tally);
	if (narrow_both(reader, host) < 0) {
		return -1;
	}
	return store_past_followed(reader->store, &query, reader->arena, &host->followed,
	    &host->followed_count, reader->err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct account_host *)a)->name, ((const struct account_host *)b)->name);
}

static struct account_host *
find_host(const struct account *account, const char *name)
{
	struct account_host key = { .name = name };

	return bsearch(&key, account->hosts, account->host_count, sizeof(*account->hosts), by_name);
}

/* List the hosts of the account, sorted by name. */
static int
list_hosts(struct reader *reader, struct account *account)
{
	const struct account_question *question = reader->question;
	const char **known = NULL;
	size_t known_count = 0;

	if (question->all &&
	    store_past_hosts(reader->store, reader->arena, &known, &known_count, reader->err) < 0) {
		return -1;
	}
	account->hosts = calloc(question->host_count + known_count + 1, sizeof(*account->hosts));
	if (!account->hosts) {
		abort();
	}
	for (size_t i = 0; i < question->host_count; i++) {
		const struct host *host = question->hosts[i];

		account->hosts[account->host_count++] = (struct account_host){
			.name = host->name,
			.group = host->tier ? host->tier->name : host->group->name,
			.asked = host_unmanaged(host),
		};
	}
	for (size_t i = 0; i < known_count; i++) {
		if (!topology_host(question->topology, known[i])) {
			account->hosts[account->host_count++].name = known[i];
		}
	}
	qsort(account->hosts, account->host_count, sizeof(*account->hosts), by_name);
	return 0;
}

static int
read_hosts(struct reader *reader, struct account *account)
{
	const struct account_question *question = reader->question;

	for (size_t i = 0; i < account->host_count; i++) {
		struct account_host *host = &account->hosts[i];
		const struct host *declared = topology_host(question->topology, host->name);
		struct budget budget = question->named ? named_budget_limits(question->named)
		    : declared                         ? *host_budget(declared)
						       : question->topology->budget;

		if (read_host(reader, host, &budget) < 0) {
			return -1;
		}
	}
	return 0;
}

/* Give each host its steps; those of other hosts are left out. */
static int
read_steps(struct reader *reader, struct account *account)
{
	const struct span *span = &account->span;
	size_t count, kept = 0;

	if (store_past_steps(reader->store, span->from_ns, span->to_ns, &account->steps, &count,
		reader->err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct account_host *host = find_host(account, account->steps[i].host);

		if (host) {
			account->steps[kept++] = account->steps[i];
			host->step_count++;
		}
	}
	account->step_count = kept;
	for (size_t i = 0; i < account->host_count; i++) {
		account->hosts[i].steps = arena_alloc(
		    reader->arena, (account->hosts[i].step_count + 1) * sizeof(struct step_row *));
		account->hosts[i].step_count = 0;
	}
	for (size_t i = 0; i < kept; i++) {
		struct account_host *host = find_host(account, account->steps[i].host);

		host->steps[host->step_count++] = &account->steps[i];
	}
	return 0;
}

static int
read_runs(struct journal *journal, struct arena *arena, struct account *account, struct error *err)
{
	struct journal_run *runs;
	size_t count;

	if (!journal) {
		return 0;
	}
	if (journal_list(journal, JOURNAL_KEEP_RUNS, arena, &runs, &count, err) < 0) {
		return -1;
	}
	account->runs = arena_alloc(arena, (count + 1) * sizeof(*runs));
	for (size_t i = count; i-- > 0;) { /* newest first, as they come */
		if (runs[i].begun_ns >= account->span.from_ns &&
		    runs[i].begun_ns < account->span.to_ns) {
			account->runs[account->run_count++] = runs[i];
		}
	}
	account->runs_forgotten =
	    count >= JOURNAL_KEEP_RUNS && runs[count - 1].begun_ns > account->span.from_ns;
	return 0;
}

int
account_gather(const struct account_question *question, struct store *store,
    struct journal *journal, struct arena *arena, struct account *account, struct error *err)
{
	struct reader reader = { .question = question, .store = store, .arena = arena, .err = err };
	int status;

	account->site = question->topology->site;
	account->span = question->span;
	account->named = question->named;
	status = store_past_begin(store, err);
	if (status == 0) {
		status = list_hosts(&reader, account);
	}
	if (status == 0) {
		status = read_hosts(&reader, account);
	}
	if (status == 0) {
		status = read_steps(&reader, account);
	}
	if (status == 0) {
		status = read_runs(journal, arena, account, err);
	}
	if (status == 0) {
		account_sum(account, arena);
	}
	free(reader.hours.list);
	free(reader.minutes.list);
	return status;
}
