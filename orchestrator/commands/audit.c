/* timetier audit: what the site's hosts tell strangers, held against what they should. */
#include "orchestrator/show/audit.h"
#include "common/clock.h"
#include "orchestrator/audit/scope.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/commands/audit_spoof.h"
#include "orchestrator/commands/audit_verify.h"
#include "orchestrator/runs/errand/errand.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (1u << 20)
#define MORE_S 20 /* what another host may take beside the questions */

/* What is asked, of whom. */
struct ask {
	struct topology topology;
	struct audit_scope scope;
	struct audit audit;
	struct ip to[DOORS_MAX];
	struct doors_seen seen[DOORS_MAX];
	struct audit_row rows[DOORS_MAX];
	size_t count;
};

static int
add_address(struct ask *ask, const struct host *host, const struct ip *ip, struct error *err)
{
	if (!audit_may_ask(&ask->scope, ip)) {
		return 0; /* an upstream's, too, or no single host's */
	}
	if (ask->count == DOORS_MAX) {
		return error_set(
		    err, "at most %d addresses are asked at once: name fewer hosts", DOORS_MAX);
	}
	ask->to[ask->count] = *ip;
	ask->rows[ask->count++] = (struct audit_row){ .host = host };
	return 0;
}

/* The addresses to which the name of a host leads now. */
static int
add_name(struct ask *ask, const struct host *host, const char *name, struct error *err)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	int failed = getaddrinfo(name, NULL, &hints, &list), status = 0;

	if (failed) {
		fprintf(stderr, "timetier audit: host %s is left out: %s: %s\n", host->name, name,
		    gai_strerror(failed));
		return 0;
	}
	for (const struct addrinfo *at = list; at && status == 0; at = at->ai_next) {
		struct ip ip;

		if (ip_of_sockaddr(at->ai_addr, &ip)) {
			audit_scope_add(&ask->scope, &ask->topology, &ip);
			status = add_address(ask, host, &ip, err);
		}
	}
	freeaddrinfo(list);
	return status;
}

static int
add_host(struct ask *ask, const struct host *host, struct error *err)
{
	int status = 0;

	for (size_t i = 0; i < host->addresses.count && status == 0; i++) {
		const struct address *address = &host->addresses.list[i];

		status = address->ip.family == IP_NONE ? add_name(ask, host, address->text, err)
						       : add_address(ask, host, &address->ip, err);
	}
	return status;
}

/* The hosts that were named, or else all servers. */
static int
choose(struct ask *ask, const struct rollout_options *options, char **words, int word_count,
    struct error *err)
{
	struct site_choice choice = { words, word_count, options->limit, options->exclude };
	const struct host **hosts;
	size_t count;

	if (site_hosts(&ask->topology, &choice, &hosts, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		bool named = word_count > 0 || options->limit[0];

		if ((named || hosts[i]->role == HOST_SERVER) && add_host(ask, hosts[i], err) < 0) {
			return -1;
		}
	}
	return ask->count > 0 ? 0 : error_set(err, "none of these hosts has an address to ask");
}

static void
ask_from_here(struct ask *ask)
{
	const struct doors_request request = {
		.to = ask->to, .count = ask->count, .may_ask = audit_may_ask, .ctx = &ask->scope
	};

	doors_try(&request, ask->seen);
}

static int
read_answer(struct ask *ask, const struct buf *said, struct error *err)
{
	json_t *json = json_loadb(buf_str(said), said->len, 0, NULL);
	int status =
	    doors_of_json(json_object_get(json, "seen"), ask->to, ask->count, ask->seen, err);

	json_decref(json);
	return status;
}

/* Only addresses of the site are sent there, and the agent asks what an audit asks. */
static int
ask_from(struct ask *ask, const struct rollout_options *options, struct error *err)
{
	static const char *const words[] = { "audit", NULL };
	json_t *json = json_pack("{s:o}", "doors", doors_wanted_json(ask->to, ask->count));
	char *input = json_dumps(json, JSON_COMPACT);
	struct buf said = { .limit_bytes = ANSWER_BYTES_MAX };
	struct errand errand = { .words = words,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.limit_s = (unsigned)(doors_limit_ns(ask->count) / NS_PER_S) + MORE_S };
	const struct errand_request request = { .command = "audit",
		.topology = &ask->topology,
		.options = options,
		.from = { options->from },
		.count = 1,
		.errand = &errand };
	int status = errand_run(&request, &said, err);

	if (status == 0 && read_answer(ask, &said, err) < 0) {
		status = error_wrap(err, "what %s says of it is no answer", options->from);
	}
	buf_free(&said);
	free(input);
	json_decref(json);
	return status;
}

static size_t
reached(const struct ask *ask)
{
	size_t count = 0;

	for (size_t i = 0; i < ask->count; i++) {
		count += ask->rows[i].seen.from.family != IP_NONE;
	}
	return count;
}

static void
print_sum(const struct ask *ask, const struct rollout_options *options, const struct diags *diags)
{
	size_t asked = reached(ask);

	fprintf(stderr, "%zu of %zu address%s asked from %s: ", asked, ask->count,
	    ask->count == 1 ? "" : "es", options->from ? options->from : "here");
	if (diags->errors + diags->warnings + diags->accepted == 0) {
		fputs("no findings\n", stderr);
		return;
	}
	fprintf(stderr, "%zu error%s, %zu warning%s", diags->errors, diags->errors == 1 ? "" : "s",
	    diags->warnings, diags->warnings == 1 ? "" : "s");
	if (diags->accepted > 0) {
		fprintf(stderr, ", %zu accepted", diags->accepted);
	}
	fputs("\n", stderr);
}

static int
show(struct ask *ask, const struct rollout_options *options)
{
	struct diags diags = { 0 };
	int status;

	for (size_t i = 0; i < ask->count; i++) {
		ask->rows[i].seen = ask->seen[i];
	}
	ask->audit = (struct audit){ &ask->topology, ask->rows, ask->count };
	audit_judge(&ask->audit, clock_real_ns(), &diags);
	diags_sort(&diags);
	if (options->common.json) {
		command_print_json(audit_json(&ask->audit, options->from, &diags));
	} else {
		if (!options->common.quiet) {
			audit_print(&ask->audit, use_colour(STDOUT_FILENO));
		}
		diags_print(&diags, stdout, use_colour(STDOUT_FILENO));
		fflush(stdout);
		if (!options->common.quiet) {
			print_sum(ask, options, &diags);
		}
	}
	status = reached(ask) == 0                   ? EXIT_USAGE
	    : diags.errors > 0 || diags.warnings > 0 ? EXIT_FINDINGS
						     : EXIT_OK;
	if (status == EXIT_USAGE) {
		fprintf(stderr, "timetier audit: none of the addresses can be asked from %s: %s\n",
		    options->from ? options->from : "here", ask->rows[0].seen.why);
	}
	diags_free(&diags);
	return status;
}

/* Ask, and show what came. */
static int
ask_all(struct ask *ask, const struct rollout_options *options, char **words, int word_count)
{
	struct error err;

	if (choose(ask, options, words, word_count, &err) < 0) {
		fprintf(stderr, "timetier audit: %s\n", err.text);
		return EXIT_USAGE;
	}
	if (!options->common.quiet && isatty(STDERR_FILENO)) {
		fprintf(stderr, "asking %zu addresses: %d s\n", ask->count,
		    (int)(doors_limit_ns(ask->count) / NS_PER_S));
	}
	if (!options->from) {
		ask_from_here(ask);
	} else if (ask_from(ask, options, &err) < 0) {
		fprintf(stderr, "timetier audit: %s\n", err.text);
		return EXIT_USAGE;
	}
	return show(ask, options);
}

/* --spoof, with the server that is named, if any. */
static int
spoof(struct ask *ask, const struct rollout_options *options, char **words, int word_count)
{
	const struct host *server = word_count > 0 ? topology_host(&ask->topology, words[0]) : NULL;

	if (word_count > 1 || (word_count == 1 && !server)) {
		fprintf(stderr, "timetier audit: --spoof takes the name of one server\n");
		return EXIT_USAGE;
	}
	return audit_spoof(&ask->topology, &ask->scope, options, server);
}

static int
wrong_options(void)
{
	fputs("timetier audit: --spoof and --verify are two questions: ask one\n", stderr);
	return EXIT_USAGE;
}

static int
run(const void *given, int argc, char **argv)
{
	const struct rollout_options *options = given;
	struct ask *ask = calloc(1, sizeof(*ask));
	int status = EXIT_USAGE;

	if (!ask) {
		abort();
	}
	if (site_load(&options->common, &ask->topology)) {
		audit_scope_begin(&ask->scope, &ask->topology);
		status = options->spoof && options->verify ? wrong_options()
		    : options->spoof                       ? spoof(ask, options, argv, argc)
		    : options->verify
		    ? audit_verify(&ask->topology, &ask->scope, options, argv, argc)
		    : ask_all(ask, options, argv, argc);
	}
	audit_scope_free(&ask->scope);
	topology_free(&ask->topology);
	free(ask);
	return status;
}

const struct command command_audit = {
	.name = "audit",
	.args = "[HOST...]",
	.summary = "ask the site's servers what strangers ask, and tell what should not come",
	.help = "Asks each address of the servers (or of the hosts that are named) over IPv4 and "
		"IPv6: for the time, for its status (mode 6), for the list of its clients (mode "
		"7), for a change of its configuration without a key (a comment, which changes "
		"nothing), and chronyd's command port. What should come follows from `serve`, "
		"`monitors` and the address that asks; so ask from inside and, by --from, from "
		"outside. Only addresses of the site's own hosts are ever asked.\n\n"
		"With --spoof, says what BCP 38 is, tries by --as whether packets with a foreign "
		"source address get through to the server that is named, and has the words for the "
		"provider.\n\n"
		"With --verify, looks at each entry of `verify`: whether who verifies finds the "
		"proof, others do not, and nothing is left when its time is over. From the address "
		"of `by` (--from) the proofs themselves are seen, from any other address that they "
		"are for nobody else; associations are asked of the servers by SSH.\n\n"
		"exit status: 0 all is as it should be, 1 something is not, 2 it could not run",
	.options = rollout_option_rows,
	.takes = TAKER_AUDIT,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
