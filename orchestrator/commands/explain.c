/* timetier explain: what a host is, what a rule asks for, what a word or an exit status means. */
#include "common/nearest.h"
#include "orchestrator/cli/exits.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/render/render.h"
#include "orchestrator/rollout/host/outcome.h"
#include "orchestrator/show/rule.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/topology.h"
#include "verdict/restart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	struct common_options common;
	const char *templates;
};

#define LEFT "  %-10s"

/* --- a host --- */

/* Print @name behind what stands there: the first one of a list begins a line. */
static void
print_item(const char *head, size_t *printed, const char *name)
{
	if ((*printed)++ == 0) {
		printf(LEFT "%s", head, name);
	} else {
		printf(", %s", name);
	}
}

static void
end_items(size_t printed)
{
	if (printed > 0) {
		puts("");
	}
}

static void
print_sources(const struct topology *topology, const struct host *host)
{
	const struct source_list *sources = host_sources(host);
	size_t printed = 0;

	for (size_t i = 0; i < sources->count; i++) {
		print_item("follows", &printed,
		    sources->list[i].upstream ? sources->list[i].upstream->name
					      : sources->list[i].server->name);
	}
	for (size_t i = 0; i < host->refclocks.count; i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s (a hardware clock)", host->refclocks.list[i].name);
		print_item("follows", &printed, text);
	}
	end_items(printed);
	printed = 0;
	for (size_t i = 0; host->tier && i < host->tier->server_count; i++) {
		const struct host *other = host->tier->servers[i];
		const struct symmetric_key *key =
		    other == host ? NULL : topology_key(topology, host, other);
		char text[320];

		if (other == host || host->tier->peering == PEERING_NONE) {
			continue;
		}
		if (host_asks_by_nts(host, other)) {
			snprintf(text, sizeof(text), "%s (NTS)", other->name);
		} else {
			snprintf(text, sizeof(text), key ? "%s (key %u)" : "%s (no key)",
			    other->name, key ? key->id : 0);
		}
		print_item("watches", &printed, text);
	}
	end_items(printed);
}

static bool
has_source(const struct source_list *sources, const struct host *host)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server == host) {
			return true;
		}
	}
	return false;
}

static void
print_users(const struct topology *topology, const struct host *host)
{
	size_t printed = 0;

	for (size_t i = 0; i < topology->tier_count; i++) {
		if (has_source(&topology->tiers[i].sources, host)) {
			print_item("serves", &printed, topology->tiers[i].name);
		}
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		if (has_source(&topology->groups[i].sources, host)) {
			print_item("serves", &printed, topology->groups[i].name);
		}
	}
	for (size_t i = 0; host->role == HOST_SERVER && i < topology->serve_count; i++) {
		char text[IP_TEXT_BYTES];

		print_item("serves", &printed, network_text(&topology->serve[i].network, text));
	}
	end_items(printed);
}

static int
print_files(const struct options *options, const struct topology *topology, const struct host *host,
    struct error *err)
{
	const struct daemon_driver *driver = daemon_find(host->daemon);
	struct arena arena = { .blocks = NULL };
	struct file_set set = { .count = 0 };
	struct render *render;
	int status = -1;

	if (!driver) {
		printf(LEFT "those of the daemon that is installed; `timetier plan %s` asks it\n",
		    "files", host->name);
		return 0;
	}
	render = render_new(topology, options->templates, err);
	if (render && render_host(render, host, driver, &arena, &set, err) == 0) {
		status = 0;
	}
	for (size_t i = 0; i < set.count; i++) {
		const struct file_entry *file = &set.list[i];

		if (!file->absent) {
			printf(LEFT "%s%s%s\n", i == 0 ? "files" : "", file->path,
			    file->action == FILE_ACTION_NONE ? "" : ", a change: ",
			    file->action == FILE_ACTION_NONE ? "" : file_action_name(file->action));
		}
	}
	render_free(render);
	arena_free(&arena);
	return status;
}

/* What runs there, and how one gets there. */
static void
print_reached(const struct host *host)
{
	const struct ssh_target *ssh = &host->ssh;

	if (host_unmanaged(host)) {
		printf(LEFT "no (`manage: false`): the collector asks it for the time, and nobody "
			    "logs in there\n",
		    "managed");
		return;
	}
	printf(LEFT "%s%s\n", "daemon", host->daemon,
	    strcmp(host->daemon, "auto") == 0 ? ": the one that is installed" : "");
	printf(LEFT "ssh %s@%s", "reached", ssh->user ? ssh->user : "root",
	    ssh->host ? ssh->host : host->addresses.list[0].text);
	if (ssh->port) {
		printf(", port %u", ssh->port);
	}
	puts(ssh->sudo ? ", then sudo" : "");
}

static int
explain_host(const struct options *options, const struct topology *topology,
    const struct host *host, struct error *err)
{
	printf("%s: %s %s (%s:%u)\n", host->name,
	    host->role == HOST_SERVER ? "a server of tier" : "a client of group",
	    host->role == HOST_SERVER ? host->tier->name : host->group->name, host->pos.file,
	    host->pos.line);
	for (size_t i = 0; i < host->addresses.count; i++) {
		printf(LEFT "%s\n", i == 0 ? "address" : "", host->addresses.list[i].text);
	}
	print_reached(host);
	print_sources(topology, host);
	print_users(topology, host);
	if (host_unmanaged(host)) {
		return 0; /* it gets no files */
	}
	printf(LEFT "%s\n", "start",
	    host_never_steps(host) ? "no start of its daemon steps the clock"
				   : "the first start of its daemon may step the clock");
	return print_files(options, topology, host, err);
}

/* --- words --- */

static bool
explain_exit(const char *word)
{
	for (size_t i = 0; i < exit_row_count(); i++) {
		const struct exit_row *row = exit_row_at(i);
		char number[16];

		snprintf(number, sizeof(number), "%d", row->status);
		if (strcmp(word, number) == 0) {
			printf("exit status %d: %s\n", row->status, row->meaning);
			if (row->others) {
				printf(LEFT "%s\n", "or", row->others);
			}
			printf(LEFT "%s\n", "next", row->next);
			return true;
		}
	}
	return false;
}

static bool
explain_verdict(const char *word)
{
	for (enum verdict_kind kind = VERDICT_SAFE; kind <= VERDICT_UNKNOWN; kind++) {
		if (strcmp(word, verdict_name(kind)) == 0) {
			printf("verdict %s: at a restart of the daemon, %s\n", word,
			    verdict_meaning(kind));
			printf(LEFT "`timetier-agent verdict` on the host tells the reasons, with "
				    "the lines to blame\n",
			    "next");
			return true;
		}
	}
	return false;
}

static bool
explain_outcome(const char *word)
{
	for (enum host_outcome outcome = HOST_OPEN; outcome <= HOST_AWAY; outcome++) {
		const struct outcome *row = outcome_row(outcome);

		if (row->of_one && (strcmp(word, row->name) == 0 || strcmp(word, row->id) == 0)) {
			printf("outcome %s: the host %s\n", row->name, row->of_one);
			printf(
			    LEFT "`timetier runs show RUN` tells at which step, and why\n", "next");
			return true;
		}
	}
	return false;
}

static bool
explain_rule(const char *word)
{
	const struct lint_rule *rule = lint_rule_find(word, NULL);

	if (rule) {
		rule_print(rule);
	}
	return rule != NULL;
}

/* What @word is not; @topology: NULL where there is no sound site. */
static void
say_unknown(const struct topology *topology, const char *word)
{
	struct nearest nearest = { .word = word };

	for (size_t i = 0; i < lint_rule_count(); i++) {
		nearest_offer(&nearest, lint_rule_at(i)->id);
	}
	for (size_t i = 0; topology && i < topology->host_count; i++) {
		nearest_offer(&nearest, topology->hosts[i].name);
	}
	fprintf(stderr,
	    "timetier explain: \"%s\" is no rule (`timetier rules` lists them), no exit status, no "
	    "verdict, no outcome, and %s%s",
	    word,
	    topology ? "no host, tier or client group of "
		     : "whether it is a host is not known "
		       "without a sound site",
	    topology ? topology->file : "");
	if (nearest.best) {
		fprintf(stderr, "; did you mean \"%s\"?", nearest.best);
	}
	fputs("\n", stderr);
}

/* Of a tier or a client group, its hosts. */
static bool
explain_group(const struct topology *topology, const char *word)
{
	size_t printed = 0;

	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];
		bool server = host->role == HOST_SERVER;

		if (strcmp(word, server ? host->tier->name : host->group->name) != 0) {
			continue;
		}
		if (printed == 0) {
			printf("%s: a %s\n", word, server ? "tier of servers" : "group of clients");
		}
		print_item("hosts", &printed, host->name);
	}
	end_items(printed);
	return printed > 0;
}

/* Whether the site has the host; it need not be there for all else. */
static int
explain_of_site(const struct options *options, const char *word)
{
	struct topology topology;
	const struct host *host;
	struct error err;
	int status = EXIT_USAGE;

	if (!site_load(&options->common, &topology)) {
		say_unknown(NULL, word);
	} else if (!(host = topology_host(&topology, word))) {
		if (explain_group(&topology, word)) {
			status = EXIT_OK;
		} else {
			say_unknown(&topology, word);
		}
	} else if (explain_host(options, &topology, host, &err) < 0) {
		fprintf(stderr, "timetier explain: %s\n", err.text);
	} else {
		status = EXIT_OK;
	}
	topology_free(&topology);
	return status;
}

static int
run(const void *argument, int argc UNUSED, char **argv)
{
	const char *word = argv[0];

	if (explain_rule(word) || explain_exit(word) || explain_verdict(word) ||
	    explain_outcome(word)) {
		return EXIT_OK;
	}
	return explain_of_site(argument, word);
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	{ "templates", 0, OPTION_TEXT, offsetof(struct options, templates), "DIR",
	    "templates that override the built-in ones", 0 },
	{ .name = NULL },
};

const struct command command_explain = {
	.name = "explain",
	.args = "HOST | RULE | CODE",
	.summary = "what a host is, what a rule asks for, what a code means",
	.help =
	    "Of a host: what the site makes of it, without asking it. Of a rule of check, by "
	    "name or number: what is right, who says so, what to do. CODE is an exit status, a "
	    "verdict (safe, slew, exit, step, unknown) or an outcome (\"put back\", unwell).\n\n"
	    "exit status: 0 done, 2 there is no such thing: what is near is told\n\n"
	    "examples:\n"
	    "  timetier explain time1\n"
	    "  timetier explain SRC001\n"
	    "  timetier explain 3",
	.options = rows,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
