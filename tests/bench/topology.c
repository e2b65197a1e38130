/*
 * topology-bench FILE: seconds to load a site.yaml, and to read nothing but libyaml's events of
 * it, the least of several runs; their ratio, and the memory that a load took.
 */
#include "orchestrator/topology/topology.h"
#include "common/clock.h"
#include "common/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <yaml.h>

#define RUNS 5

static int64_t
load_ns(const char *path, size_t *hosts)
{
	int64_t start = clock_boot_ns(), took;
	struct diags diags = { 0 };
	struct topology topology;

	if (topology_load(&topology, path, &diags) < 0) {
		diags_print(&diags, stderr, false);
		exit(EXIT_FAILURE);
	}
	*hosts = topology.host_count;
	topology_free(&topology);
	took = clock_boot_ns() - start;
	diags_free(&diags);
	return took;
}

static int64_t
events_ns(const char *path, size_t *events)
{
	int64_t start = clock_boot_ns();
	struct buf text = { 0 };
	yaml_parser_t parser;
	bool more = true;

	*events = 0;
	if (file_read(path, &text, NULL) < 0 || !yaml_parser_initialize(&parser)) {
		exit(EXIT_FAILURE);
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);
	while (more) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			exit(EXIT_FAILURE);
		}
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		++*events;
	}
	yaml_parser_delete(&parser);
	buf_free(&text);
	return clock_boot_ns() - start;
}

static long
rss_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

int
main(int argc, char **argv)
{
	int64_t load = INT64_MAX, bare = INT64_MAX;
	size_t hosts = 0, events = 0;
	long bare_kb;

	if (argc != 2) {
		return EXIT_FAILURE;
	}
	for (int i = 0; i < RUNS; i++) {
		int64_t took = events_ns(argv[1], &events);

		bare = took < bare ? took : bare;
	}
	bare_kb = rss_kb();
	for (int i = 0; i < RUNS; i++) {
		int64_t took = load_ns(argv[1], &hosts);

		load = took < load ? took : load;
	}
	printf("%zu hosts, %zu events: load %.4f s, bare events %.4f s, ratio %.2f; "
	       "peak %ld KB, %ld KB with the bare events\n",
	    hosts, events, (double)load / 1e9, (double)bare / 1e9, (double)load / (double)bare,
	    rss_kb(), bare_kb);
	return EXIT_SUCCESS;
}
