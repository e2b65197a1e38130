/* timetier status: the fleet in a terminal, as the collector sees it. */
#include "common/duration.h"
#include "common/shown.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/table.h"
#include "orchestrator/publish/fetch.h"
#include "orchestrator/watch/nagios.h"
#include "orchestrator/watch/watch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLLECTOR "http://127.0.0.1:8124"
#define STEPS_SHOWN "8"

struct options {
	struct common_options common;
	const char *collector;
	bool watch, once, nagios;
};

/* The member of that name as a printable text, or "". */
static const char *
text_of(const json_t *json, const char *name, char *out)
{
	const char *text = json_string_value(json_object_get(json, name));

	shown_copy(out, TABLE_CELL_BYTES, text ? text : "");
	return out;
}

static void
put_duration(char *out, const json_t *ns, bool sign)
{
	char text[DURATION_TEXT_BYTES];

	if (json_is_integer(ns)) {
		snprintf(out, TABLE_CELL_BYTES, "%s%s",
		    sign && json_integer_value(ns) > 0 ? "+" : "",
		    duration_text(json_integer_value(ns), text));
	} else {
		snprintf(out, TABLE_CELL_BYTES, "-");
	}
}

/* An age in whole seconds, minutes or hours. */
static void
put_age(char *out, const json_t *ns)
{
	char text[DURATION_TEXT_BYTES];

	snprintf(out, TABLE_CELL_BYTES, "%s",
	    json_is_integer(ns) ? duration_age_text(json_integer_value(ns), text) : "-");
}

static const char *
colour_of(const char *state)
{
	static const struct {
		const char *state;
		enum stream_code colour;
	} colours[] = {
		{ "good", STREAM_GREEN },
		{ "selected", STREAM_GREEN },
		{ "combined", STREAM_GREEN },
		{ "measured", STREAM_GREEN },
		{ "degraded", STREAM_YELLOW },
		{ "free-running", STREAM_YELLOW },
		{ "settling", STREAM_YELLOW },
		{ "follows siblings only", STREAM_YELLOW },
		{ "clock lost", STREAM_YELLOW },
		{ "outlier", STREAM_YELLOW },
		{ "rejected", STREAM_YELLOW },
		{ "silent", STREAM_GREY },
		{ "not heard yet", STREAM_GREY },
		{ "new", STREAM_GREY },
		{ "no answer", STREAM_GREY },
		{ "not measurable", STREAM_GREY },
		{ "unknown", STREAM_GREY },
	};

	for (size_t i = 0; i < COUNT(colours); i++) {
		if (strcmp(state, colours[i].state) == 0) {
			return stream_code(colours[i].colour);
		}
	}
	return COLOUR_RED;
}

static void
add_host(struct table *table, const json_t *host)
{
	char health[TABLE_CELL_BYTES];
	char delay[DURATION_TEXT_BYTES];
	const json_t *verdict = json_object_get(host, "verdict");
	const json_t *measured = json_object_get(host, "measured");
	bool fresh = json_is_true(json_object_get(host, "fresh"));
	char(*cells)[TABLE_CELL_BYTES] =
	    table_add(table, colour_of(text_of(host, "health", health)));

	text_of(host, "name", cells[0]);
	text_of(host, json_object_get(host, "tier") ? "tier" : "group", cells[1]);
	text_of(host, "daemon", cells[2]);
	memcpy(cells[6], health, sizeof(health));
	put_age(cells[8],
	    measured ? json_object_get(measured, "heard_age_ns")
		     : json_object_get(host, "report_age_ns"));
	text_of(host, "reason", cells[9]);
	if (measured) {
		snprintf(cells[2], TABLE_CELL_BYTES, "not managed");
	}
	if (measured && fresh && !cells[9][0]) {
		duration_text(json_integer_value(json_object_get(measured, "delay_ns")), delay);
		snprintf(cells[9], TABLE_CELL_BYTES, "measured from the collector, over %s", delay);
	}
	if (json_object_get(host, "by_agent") && fresh && !cells[9][0]) {
		snprintf(cells[9], TABLE_CELL_BYTES, "measured by its agent");
	}
	/* What a silent host said last is not what it is now. */
	text_of(fresh ? json_object_get(host, "source") : NULL, "name", cells[3]);
	put_duration(cells[4], fresh ? json_object_get(host, "offset_ns") : NULL, true);
	put_duration(cells[5], fresh ? json_object_get(host, "error_bound_ns") : NULL, false);
	text_of(fresh ? verdict : NULL, "kind", cells[7]);
	if (cells[7][0] && json_is_true(json_object_get(verdict, "degraded")) &&
	    strcmp(cells[7], "exit") != 0) {
		size_t used = strlen(cells[7]);

		snprintf(cells[7] + used, TABLE_CELL_BYTES - used, ", no source");
	}
	for (int i = 3; i <= 7; i++) {
		if (!cells[i][0]) {
			snprintf(cells[i], TABLE_CELL_BYTES, "-");
		}
	}
}

static void
print_hosts(const json_t *fleet, bool colour)
{
	static const char *const heads[] = { "HOST", "IN", "DAEMON", "SOURCE", "OFFSET", "BOUND",
		"HEALTH", "RESTART", "AGE", "WHY", NULL };
	struct table table = { .heads = heads, .columns = COUNT(heads) - 1, .state_column = 6 };
	const json_t *hosts = json_object_get(fleet, "hosts");

	for (size_t i = 0; i < json_array_size(hosts); i++) {
		add_host(&table, json_array_get(hosts, i));
	}
	table_print(&table, colour);
	table_free(&table);
}

static void
add_upstream(struct table *table, const json_t *upstream)
{
	const json_t *addresses = json_object_get(upstream, "addresses"), *count;
	const char *address = json_string_value(json_array_get(addresses, 0)), *state;
	char word[TABLE_CELL_BYTES];
	char(*cells)[TABLE_CELL_BYTES] =
	    table_add(table, colour_of(text_of(upstream, "state", word)));
	json_t *by = json_object_get(upstream, "by");

	text_of(upstream, "name", cells[0]);
	shown_copy(cells[1], TABLE_CELL_BYTES, address ? address : "");
	memcpy(cells[2], word, sizeof(word));
	put_duration(cells[3], json_object_get(upstream, "offset_ns"), true);
	json_object_foreach(by, state, count)
	{
		size_t used = strlen(cells[4]);

		shown_copy(word, sizeof(word), state);
		snprintf(cells[4] + used, TABLE_CELL_BYTES - used, "%s%lld %s",
		    used > 0 ? ", " : "", (long long)json_integer_value(count), word);
	}
}

static void
print_upstreams(const json_t *fleet, bool colour)
{
	static const char *const heads[] = { "UPSTREAM", "ADDRESS", "STATE", "OFFSET", "SEEN BY",
		NULL };
	struct table table = { .heads = heads, .columns = COUNT(heads) - 1, .state_column = 2 };
	const json_t *upstreams = json_object_get(fleet, "upstreams");

	for (size_t i = 0; i < json_array_size(upstreams); i++) {
		add_upstream(&table, json_array_get(upstreams, i));
	}
	if (table.rows > 0) {
		putchar('\n');
		table_print(&table, colour);
	}
	table_free(&table);
}

/* Names that lead elsewhere, resolvers that cannot be read, certificates that end. */
static void
print_names(const json_t *fleet)
{
	const json_t *hosts = json_object_get(fleet, "hosts");
	char host[TABLE_CELL_BYTES], name[TABLE_CELL_BYTES], was[TABLE_CELL_BYTES],
	    now[TABLE_CELL_BYTES];

	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *row = json_array_get(hosts, i),
			     *names = json_object_get(row, "names");

		text_of(row, "name", host);
		for (size_t k = 0; k < json_array_size(names); k++) {
			const json_t *entry = json_array_get(names, k);

			text_of(entry, "now", now);
			printf(
			    "\n%s: %s leads to %s, and its daemon asks %s: timetier refresh %s\n",
			    host, text_of(entry, "name", name), now[0] ? now : "nothing any more",
			    text_of(entry, "was", was), host);
		}
		if (json_object_get(json_object_get(row, "certificate"), "words")) {
			printf("\n%s: its NTS certificate %s\n", host,
			    text_of(json_object_get(row, "certificate"), "words", name));
		}
		if (json_object_get(row, "resolver")) {
			printf("\n%s: its daemon cannot look names up: %s\n", host,
			    text_of(row, "resolver", name));
		}
	}
}

/* Hosts whose agents go on by a name that site.yaml has no more. */
static void
print_unknown(const json_t *fleet)
{
	const json_t *names = json_object_get(json_object_get(fleet, "collector"), "unknown_hosts");
	char name[TABLE_CELL_BYTES];

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *text = json_string_value(json_array_get(names, i));

		shown_copy(name, sizeof(name), text ? text : "");
		printf("\n%s: its agent reports, and site.yaml has no host of that name: was it "
		       "renamed there (`timetier apply` tells its agent), or did it leave the site "
		       "with its agent (`timetier release %s` lets it go)?\n",
		    name, name);
	}
}

/* What is worth a line: a start that is not proved to have left the clock alone. */
static void
print_proofs(const json_t *fleet, bool colour)
{
	static const char *const heads[] = { "START OF", "PROOF", "WHAT IS KNOWN", NULL };
	struct table table = { .heads = heads, .columns = COUNT(heads) - 1, .state_column = 1 };
	const json_t *hosts = json_object_get(fleet, "hosts");
	char state[TABLE_CELL_BYTES];
	size_t proved = 0, managed = 0;

	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *host = json_array_get(hosts, i),
			     *proof = json_object_get(host, "proof");
		char(*cells)[TABLE_CELL_BYTES];

		managed += json_object_get(host, "measured") == NULL;
		text_of(proof, "state", state);
		proved += strcmp(state, "proved") == 0;
		if (strcmp(state, "watching") != 0 && strcmp(state, "stepped") != 0) {
			continue;
		}
		cells =
		    table_add(&table, strcmp(state, "watching") == 0 ? COLOUR_YELLOW : COLOUR_RED);
		text_of(host, "name", cells[0]);
		memcpy(cells[1], state, sizeof(state));
		text_of(proof, "words", cells[2]);
	}
	printf("\nThe latest start of the daemon is proved to have made no step on %zu of %zu "
	       "host%s.\n",
	    proved, managed, managed == 1 ? "" : "s");
	if (table.rows > 0) {
		table_print(&table, colour);
	}
	table_free(&table);
}

static void
print_steps(const json_t *ledger, bool colour)
{
	static const char *const heads[] = { "STEP AT", "HOST", "SIZE", "CAUSE", "WHY", NULL };
	struct table table = { .heads = heads, .columns = COUNT(heads) - 1, .state_column = 3 };
	const json_t *steps = json_object_get(ledger, "steps");

	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);
		char cause[TABLE_CELL_BYTES];
		char(*cells)[TABLE_CELL_BYTES] = table_add(&table,
		    strcmp(text_of(step, "cause", cause), "leap second") == 0 ? COLOUR_GREY
									      : COLOUR_RED);

		text_of(step, "time", cells[0]);
		cells[0][strcspn(cells[0], ".Z")] = '\0';
		text_of(step, "host", cells[1]);
		put_duration(cells[2], json_object_get(step, "amount_ns"), true);
		memcpy(cells[3], cause, sizeof(cause));
		text_of(step, "words", cells[4]);
	}
	putchar('\n');
	if (table.rows > 0) {
		table_print(&table, colour);
	} else {
		puts("No step is in the ledger.");
	}
	table_free(&table);
}

static void
print_fleet(const json_t *fleet, const json_t *ledger, bool colour, bool quiet)
{
	const json_t *headline = json_object_get(fleet, "headline");
	char state[TABLE_CELL_BYTES], text[TABLE_CELL_BYTES];

	text_of(headline, "state", state);
	printf("%s%s%s", colour ? colour_of(state) : "", text_of(headline, "text", text),
	    colour ? COLOUR_NONE : "");
	printf(" (%s)\n", text_of(fleet, "site", text));
	if (quiet) {
		return;
	}
	printf("%s.\n", text_of(headline, "detail", text));
	printf("May daemons be restarted? %s.\n",
	    text_of(json_object_get(fleet, "restart"), "text", text));
	text_of(json_object_get(fleet, "leap"), "text", text);
	if (text[0]) {
		printf("What comes? %s.\n", text);
	}
	putchar('\n');
	print_hosts(fleet, colour);
	print_upstreams(fleet, colour);
	print_names(fleet);
	print_unknown(fleet);
	print_proofs(fleet, colour);
	print_steps(ledger, colour);
}

/* The latest steps; NULL where it does not tell them. */
static json_t *
fetch_ledger(const char *url)
{
	struct buf body = { .limit_bytes = FETCH_BYTES_MAX };
	json_t *ledger = NULL;
	struct error err;

	if (fetch(url, "/api/v1/steps?limit=" STEPS_SHOWN, &body, &err) == 0) {
		ledger = json_loadb(buf_str(&body), body.len, 0, NULL);
	}
	buf_free(&body);
	return ledger;
}

/* One line for a monitoring system, whose exit statuses are others than ours. */
static int
tell_nagios(const char *url)
{
	struct buf body = { .limit_bytes = FETCH_BYTES_MAX }, line = { .data = NULL };
	struct watch_fleet fleet = { .site = NULL };
	enum nagios_status status;
	struct error err;

	if (fetch(url, "/api/v1/fleet?brief=1", &body, &err) < 0 ||
	    watch_fleet_read(&fleet, body.data, body.len, &err) < 0) {
		status = nagios_trouble(err.text, &line);
	} else {
		buf_reset(&body);
		if (fetch(url, "/api/v1/health", &body, &err) == 0) {
			watch_fleet_take_health(&fleet, body.data, body.len);
		}
		status = nagios_line(&fleet, &line);
	}
	fputs(buf_str(&line), stdout);
	watch_fleet_free(&fleet);
	buf_free(&line);
	buf_free(&body);
	return (int)status;
}

static int
watch(const char *url)
{
	struct error err;

	if (watch_run(url, &err) < 0) {
		fprintf(stderr, "timetier status: %s\n", err.text);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int
print_once(const struct options *options, const char *url)
{
	struct buf body = { .limit_bytes = FETCH_BYTES_MAX };
	const char *state;
	json_error_t wrong;
	json_t *fleet;
	struct error err;
	int status;

	if (fetch(url, "/api/v1/fleet", &body, &err) < 0) {
		fprintf(
		    stderr, "timetier status: %s (is timetier serve running there?)\n", err.text);
		buf_free(&body);
		return EXIT_USAGE;
	}
	fleet = json_loadb(buf_str(&body), body.len, 0, &wrong);
	state = json_string_value(json_object_get(json_object_get(fleet, "headline"), "state"));
	if (!state) {
		fprintf(stderr, "timetier status: %s: what answers is no collector\n", url);
		status = EXIT_USAGE;
	} else {
		status = strcmp(state, "good") == 0 ? EXIT_OK : EXIT_FINDINGS;
		if (options->common.json) {
			printf("%s\n", buf_str(&body));
		} else {
			json_t *ledger = options->common.quiet ? NULL : fetch_ledger(url);

			print_fleet(
			    fleet, ledger, use_colour(STDOUT_FILENO), options->common.quiet);
			json_decref(ledger);
		}
	}
	json_decref(fleet);
	buf_free(&body);
	return status;
}

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;
	const char *url = options->collector ? options->collector : COLLECTOR;
	int ways = options->watch + options->once + options->nagios + options->common.json;

	if (ways > 1 && !(ways == 2 && options->once && options->common.json)) {
		fputs("timetier status: --watch, --once, --nagios and --json are four ways to show "
		      "the same: give one of them\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (options->watch) {
		return watch(url);
	}
	return options->nagios ? tell_nagios(url) : print_once(options, url);
}

static const struct option_row rows[] = {
	JSON_ROW(struct options),
	QUIET_ROW(struct options),
	{ "collector", 0, OPTION_TEXT, offsetof(struct options, collector), "URL",
	    "the page of timetier serve (default: " COLLECTOR ")", 0 },
	{ "watch", 'w', OPTION_FLAG, offsetof(struct options, watch), NULL,
	    "show it as a full screen that goes on; ? there tells the keys", 0 },
	{ "once", 0, OPTION_FLAG, offsetof(struct options, once), NULL,
	    "print it once, for pipes and cron (the default)", 0 },
	{ "nagios", 0, OPTION_FLAG, offsetof(struct options, nagios), NULL,
	    "print one line with performance data, for Nagios, Icinga and Checkmk", 0 },
	{ .name = NULL },
};

const struct command command_status = {
	.name = "status",
	.args = "",
	.summary = "show the fleet, as the collector sees it",
	.help = "Offsets are source minus local: positive is behind.\n\n"
		"exit status: 0 every host is within its budget, 1 not, 2 the collector could not "
		"be asked; with --nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; of --watch: 0 "
		"when it is quit",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
