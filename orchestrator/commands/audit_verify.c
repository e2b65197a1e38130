#include "orchestrator/commands/audit_verify.h"

#include "common/clock.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/runs/errand/errand.h"
#include "orchestrator/show/audit.h"
#include "verdict/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (1u << 20)
#define STATUS_LIMIT_S 60
#define POLL_LOG2 13 /* of the association, as templates have it */

/* What is looked at: a row for each address of each entry, or for the server of an association. */
struct work {
	const struct topology *topology;
	const struct audit_scope *scope;
	const struct rollout_options *options;
	struct member_row rows[MEMBER_MAX];
	struct member_wanted wanted[MEMBER_MAX];
	size_t of_row[MEMBER_MAX]; /* what is looked at for each row */
	size_t row_count, wanted_count;
};

static bool
is_meant(const struct verify *verify, char **words, int word_count)
{
	for (int i = 0; i < word_count; i++) {
		if (strcmp(words[i], verify->server) == 0) {
			return true;
		}
	}
	return word_count == 0;
}

/* What is looked at once serves all entries: a server that limits rates drops what is more. */
static size_t
want(struct work *work, const struct member_wanted *wanted)
{
	for (size_t i = 0; i < work->wanted_count; i++) {
		const struct member_wanted *other = &work->wanted[i];

		if (ip_equal(&other->to, &wanted->to) && other->kind == wanted->kind &&
		    other->port == wanted->port) {
			return i;
		}
	}
	work->wanted[work->wanted_count] = *wanted;
	return work->wanted_count++;
}

static int
add_row(struct work *work, const struct verify *verify, bool past, const struct ip *to,
    struct error *err)
{
	static const enum member_kind kinds[] = {
		[VERIFY_WORD] = MEMBER_WORD, [VERIFY_REDIRECT] = MEMBER_REDIRECT
	};
	bool tcp = verify->way == VERIFY_WORD || verify->way == VERIFY_REDIRECT;
	struct member_row *row = &work->rows[work->row_count];

	if (work->row_count == MEMBER_MAX) {
		return error_set(
		    err, "at most %d proofs are looked at once: name fewer servers", MEMBER_MAX);
	}
	*row = (struct member_row){ .verify = verify, .past = past };
	if (to) {
		row->to = *to;
		work->of_row[work->row_count] = want(work,
		    &(struct member_wanted){ .to = *to,
			.kind = tcp ? kinds[verify->way] : MEMBER_NTP,
			.port = tcp ? verify->port : 0 });
	}
	work->row_count++;
	return 0;
}

/* A row for each address of the family that the proof is for. */
static int
add_entry(struct work *work, const struct verify *verify, bool past, struct error *err)
{
	const struct address_list *addresses = &verify->host->addresses;
	enum ip_family family = verify->by.count > 0 ? verify->by.list[0].ip.family : IP_NONE;

	if (verify->way == VERIFY_ASSOCIATION) {
		return add_row(work, verify, past, NULL, err);
	}
	for (size_t i = 0; i < addresses->count; i++) {
		const struct ip *ip = &addresses->list[i].ip;

		if ((family == IP_NONE || ip->family == family) && audit_may_ask(work->scope, ip) &&
		    add_row(work, verify, past, ip, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
choose(struct work *work, char **words, int word_count, struct error *err)
{
	const struct topology *topology = work->topology;
	size_t all = topology->verify_count + topology->verify_past_count;

	for (int i = 0; i < word_count; i++) {
		if (!topology_host(topology, words[i])) {
			return error_set(err, "the site has no host \"%.60s\"", words[i]);
		}
	}
	for (size_t i = 0; i < all; i++) {
		const struct verify *verify = &topology->verifies[i];

		if (is_meant(verify, words, word_count) &&
		    add_entry(work, verify, i >= topology->verify_count, err) < 0) {
			return -1;
		}
	}
	if (work->row_count == 0) {
		return error_set(err,
		    all == 0 ? "site.yaml has no `verify`: no server proves that it means to be "
			       "in the public pool; site.yaml(5) says how one does"
			     : "`verify` has no entry for these servers with an address to ask");
	}
	return 0;
}

/* --- looking --- */

static int
look_from_there(struct work *work, struct member_seen *seen, struct error *err)
{
	static const char *const words[] = { "audit", NULL };
	json_t *json =
	    json_pack("{s:o}", "proofs", member_wanted_json(work->wanted, work->wanted_count));
	char *input = json_dumps(json, JSON_COMPACT);
	struct errand errand = { .words = words,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.limit_s = 2 * MEMBER_LIMIT_S };
	struct buf said[ERRAND_HOSTS_MAX] = { { .limit_bytes = ANSWER_BYTES_MAX } };
	const struct errand_request request = { .command = "audit",
		.topology = work->topology,
		.options = work->options,
		.from = { work->options->from },
		.count = 1,
		.errand = &errand };
	int status = errand_run(&request, said, err);
	json_t *answer = NULL;

	if (status == 0) {
		answer = json_loadb(buf_str(said), said->len, 0, NULL);
		status = member_of_json(
		    json_object_get(answer, "proofs"), seen, work->wanted_count, err);
		if (status < 0) {
			error_wrap(err, "what %s says of it is no answer", work->options->from);
		}
	}
	json_decref(answer);
	buf_free(said);
	free(input);
	json_decref(json);
	return status;
}

static int
look_at_addresses(struct work *work, struct error *err)
{
	static struct member_seen seen[MEMBER_MAX];
	const struct member_request request = { .wanted = work->wanted,
		.count = work->wanted_count,
		.may_ask = audit_may_ask,
		.ctx = work->scope };

	if (work->wanted_count == 0) {
		return 0;
	}
	if (!work->options->common.quiet && isatty(STDERR_FILENO)) {
		fprintf(stderr, "looking at %zu proofs: 12 s\n", work->wanted_count);
	}
	if (!work->options->from) {
		member_try(&request, seen);
	} else if (look_from_there(work, seen, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < work->row_count; i++) {
		if (work->rows[i].to.family != IP_NONE) {
			work->rows[i].seen = seen[work->of_row[i]];
		}
	}
	return 0;
}

static bool
is_associated(const struct daemon_status *status, const struct verify *verify)
{
	const struct ip *by = &verify->by.list[0].ip;

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		struct ip ip;

		if (source->noselect && source->poll_log2 == POLL_LOG2 &&
		    (by->family == IP_NONE ||
			(ip_parse(source->address, &ip) && ip_equal(&ip, by)))) {
			return true;
		}
	}
	return false;
}

/* The server alone, and whoever it asks, see an association: ask it, as its agent tells it. */
static void
look_at_association(const struct work *work, struct member_row *row)
{
	static const char *const words[] = { "status", "--json", NULL };
	static struct report report;
	const struct errand errand = { .words = words, .input = "", .limit_s = STATUS_LIMIT_S };
	const struct errand_request request = { .command = "audit",
		.topology = work->topology,
		.options = work->options,
		.from = { row->verify->server },
		.count = 1,
		.errand = &errand };
	struct buf said[ERRAND_HOSTS_MAX] = { { .limit_bytes = ANSWER_BYTES_MAX } };
	struct error err;

	if (errand_run(&request, said, &err) < 0 ||
	    report_decode(buf_str(said), said->len, &report, &err) < 0) {
		snprintf(row->seen.why, sizeof(row->seen.why), "%.*s",
		    (int)sizeof(row->seen.why) - 1, err.text);
		fprintf(stderr, "timetier audit: %s\n", err.text);
	} else if (!report.answered) {
		snprintf(row->seen.why, sizeof(row->seen.why), "%.*s",
		    (int)sizeof(row->seen.why) - 1, report.error);
	} else {
		row->told = true;
		row->associated = is_associated(&report.status, row->verify);
	}
	buf_free(said);
}

/* --- showing --- */

static int
show(const struct work *work)
{
	const struct rollout_options *options = work->options;
	struct diags diags = { 0 };
	size_t seen = 0;
	int status;

	for (size_t i = 0; i < work->row_count; i++) {
		struct member_words words;

		member_tell(work->topology, &work->rows[i], &words);
		seen += words.result != MEMBER_UNSEEN;
	}
	member_judge(work->topology, work->rows, work->row_count, clock_real_ns(), &diags);
	diags_sort(&diags);
	if (options->common.json) {
		command_print_json(member_shown_json(
		    work->topology, work->rows, work->row_count, options->from, &diags));
	} else {
		if (!options->common.quiet) {
			member_print(
			    work->topology, work->rows, work->row_count, use_colour(STDOUT_FILENO));
		}
		diags_print(&diags, stdout, use_colour(STDOUT_FILENO));
	}
	status = seen == 0                           ? EXIT_USAGE
	    : diags.errors > 0 || diags.warnings > 0 ? EXIT_FINDINGS
						     : EXIT_OK;
	if (seen == 0) {
		fflush(stdout);
		fputs("timetier audit: nothing was seen of any proof\n", stderr);
	}
	diags_free(&diags);
	return status;
}

int
audit_verify(const struct topology *topology, const struct audit_scope *scope,
    const struct rollout_options *options, char **words, int word_count)
{
	struct work *work = calloc(1, sizeof(*work));
	int status = EXIT_USAGE;
	struct error err;

	if (!work) {
		abort();
	}
	*work = (struct work){ .topology = topology, .scope = scope, .options = options };
	if (choose(work, words, word_count, &err) < 0 || look_at_addresses(work, &err) < 0) {
		fprintf(stderr, "timetier audit: %s\n", err.text);
	} else {
		for (size_t i = 0; i < work->row_count; i++) {
			if (work->rows[i].verify->way == VERIFY_ASSOCIATION) {
				look_at_association(work, &work->rows[i]);
			}
		}
		status = show(work);
	}
	free(work);
	return status;
}
