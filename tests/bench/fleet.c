/*
 * fleet-bench FILE: what it costs to load FILE, to check it and to render the files of all its
 * hosts in memory, beside libyaml's bare event parse of the same file; then what each rule costs.
 *
 * Each measurement is a process of its own, so that its memory is its own; the kinds take turns, so
 * that all have the same machine.  What is told is the least processor time of several rounds.
 */
#include "common/clock.h"
#include "common/file.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/render/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

#define ROUNDS 5
#define TOLD_NS 20 /* a rule that costs less for each host is not told */

static size_t events, hosts; /* of the file */

static void
read_events(const char *path)
{
	struct buf text = { 0 };
	yaml_parser_t parser;
	bool more = true;

	if (file_read(path, &text, NULL) < 0 || !yaml_parser_initialize(&parser)) {
		exit(EXIT_FAILURE);
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);
	for (events = 0; more; events++) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			exit(EXIT_FAILURE);
		}
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	buf_free(&text);
}

static void
load(const char *path, struct topology *topology, struct diags *diags)
{
	if (topology_load(topology, path, diags) < 0) {
		diags_print(diags, stderr, false);
		exit(EXIT_FAILURE);
	}
	hosts = topology->host_count;
}

static void
load_and_free(const char *path)
{
	struct diags diags = { 0 };
	struct topology topology;

	load(path, &topology, &diags);
	diags_free(&diags);
	topology_free(&topology);
}

static void
check(const char *path)
{
	struct diags diags = { 0 };
	struct topology topology;

	load(path, &topology, &diags);
	lint_run(&topology, 0, &diags);
	diags_sort(&diags);
	diags_free(&diags);
	topology_free(&topology);
}

static void
render(const char *path)
{
	struct diags diags = { 0 };
	struct topology topology;
	struct render *rendering;
	struct error err;

	load(path, &topology, &diags);
	rendering = render_new(&topology, NULL, &err);
	for (size_t i = 0; rendering && i < topology.host_count; i++) {
		const struct host *host = &topology.hosts[i];
		struct arena arena = { 0 };
		struct file_set set;

		if (render_host(rendering, host, daemon_find(host->daemon), &arena, &set, &err) <
		    0) {
			fprintf(stderr, "%s\n", err.text);
			exit(EXIT_FAILURE);
		}
		arena_free(&arena);
	}
	render_free(rendering);
	diags_free(&diags);
	topology_free(&topology);
}

struct kind {
	const char *name;
	void (*run)(const char *path);
	int64_t least_ns;
	long peak_kb;
};

static void
measure(struct kind *kind, const char *path)
{
	int ends[2];
	struct rusage used;
	int64_t took_ns = 0;
	int status;
	pid_t child;

	if (pipe(ends) < 0 || (child = fork()) < 0) {
		perror("fleet-bench");
		exit(EXIT_FAILURE);
	}
	if (child == 0) {
		struct timespec spent;
		size_t counts[2];

		kind->run(path);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
		took_ns = (int64_t)spent.tv_sec * NS_PER_S + spent.tv_nsec;
		counts[0] = events;
		counts[1] = hosts;
		_exit(write(ends[1], &took_ns, sizeof(took_ns)) != sizeof(took_ns) ||
		    write(ends[1], counts, sizeof(counts)) != sizeof(counts));
	}
	close(ends[1]);
	while (wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    read(ends[0], &took_ns, sizeof(took_ns)) != sizeof(took_ns)) {
		fprintf(stderr, "fleet-bench: %s failed\n", kind->name);
		exit(EXIT_FAILURE);
	}
	if (read(ends[0], &events, sizeof(events)) < 0 ||
	    read(ends[0], &hosts, sizeof(hosts)) < 0) {
		exit(EXIT_FAILURE);
	}
	close(ends[0]);
	if (kind->least_ns == 0 || took_ns < kind->least_ns) {
		kind->least_ns = took_ns;
	}
	kind->peak_kb = used.ru_maxrss;
}

static int64_t
spent_ns(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
	return (int64_t)spent.tv_sec * NS_PER_S + spent.tv_nsec;
}

static void
print_cost(const char *name, int64_t took_ns, int64_t bare_ns)
{
	printf("    %-24s %8.4f s %7.3f x %8.3f us a host\n", name, (double)took_ns / 1e9,
	    (double)took_ns / (double)bare_ns, (double)took_ns / 1e3 / (double)hosts);
}

/* Print what each rule costs, those that cost next to nothing left out. */
static void
print_rules(const char *path, int64_t bare_ns)
{
	struct diags diags = { 0 };
	struct topology topology;
	struct lint lint = { .topology = &topology, .diags = &diags };
	int64_t begin, all_ns = 0;

	load(path, &topology, &diags);
	begin = spent_ns();
	facts_settle(&lint);
	print_cost("facts that rules share", spent_ns() - begin, bare_ns);
	for (size_t i = 0; i < lint_rule_count(); i++) {
		int64_t took_ns;

		lint.rule = lint_rule_at(i);
		if (!lint.rule->check) {
			continue;
		}
		begin = spent_ns();
		lint.rule->check(&lint);
		took_ns = spent_ns() - begin;
		all_ns += took_ns;
		if (took_ns / (int64_t)hosts >= TOLD_NS) {
			print_cost(lint.rule->id, took_ns, bare_ns);
		}
	}
	print_cost("all rules", all_ns, bare_ns);
	arena_free(&lint.scratch);
	diags_free(&diags);
	topology_free(&topology);
}

int
main(int argc, char **argv)
{
	struct kind kinds[] = {
		{ .name = "bare events", .run = read_events },
		{ .name = "load", .run = load_and_free },
		{ .name = "check", .run = check },
		{ .name = "render", .run = render },
	};

	if (argc != 2) {
		return EXIT_FAILURE;
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < COUNT(kinds); i++) {
			measure(&kinds[i], argv[1]);
		}
	}
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct kind *kind = &kinds[i];

		printf("%-12s %9.4f s %7.2f x %8.2f us a host, %8ld KB, %6.3f KB a host\n",
		    kind->name, (double)kind->least_ns / 1e9,
		    (double)kind->least_ns / (double)kinds[0].least_ns,
		    (double)kind->least_ns / 1e3 / (double)hosts, kind->peak_kb,
		    (double)kind->peak_kb / (double)hosts);
	}
	print_rules(argv[1], kinds[0].least_ns);
	return EXIT_SUCCESS;
}
