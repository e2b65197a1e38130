/* Files of a host, however broken: rules about them never crash, and each finding has its place. */
#include "daemons/daemon.h"
#include "orchestrator/lint/files/files.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/topology/topology.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char site[] = "site: fuzz\nupstreams:\n  - {name: a, address: 192.0.2.101}\n  - "
			   "{name: b, address: b.example}\n"
			   "tiers:\n  - name: core\n    upstreams: all\n    servers:\n"
			   "      - {name: time1, address: [192.0.2.1, \"2001:db8::1\"]}\n"
			   "      - {name: time2, address: 192.0.2.2, daemon: ntpsec}\n"
			   "clients:\n  - {name: web, hosts: web1, from: core}\n"
			   "serve: [192.0.2.0/24]\nmonitors: [192.0.2.9]\n";

#define FILES_MAX 7

/* The files stand one behind the other in *@text, with a form feed between; what is left stays. */
static size_t
cut(char **text, const struct daemon_driver *driver, struct file_entry list[FILES_MAX])
{
	const char *paths[FILES_MAX] = { driver->config_path, driver->keys_path,
		driver->options_path, "/etc/systemd/system/x.service.d/timetier.conf",
		"/etc/chrony/sources.d/a.sources", "/etc/chrony/conf.d/a.conf",
		"/etc/ntpsec/ntp.d/a.conf" };
	static char unit[128];
	size_t count = 0;

	snprintf(unit, sizeof(unit), "/etc/systemd/system/%s.d/timetier.conf", driver->unit);
	paths[3] = unit;
	for (char *part; count < FILES_MAX && (part = strsep(text, "\f")) != NULL; count++) {
		list[count] = (struct file_entry){
			.path = paths[count], .content = part, .len = strlen(part)
		};
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topology topology;
	struct diags diags = { 0 };
	struct arena places = { .blocks = NULL };
	struct file_entry list[FILES_MAX];
	struct file_set files = { .list = list };
	struct files_lint *run;
	char *text, *rest;
	size_t drivers = 0, which = size > 0 ? data[0] : 0;
	static const char *const hosts[] = { "time1", "web1" };

	while (daemon_drivers[drivers]) {
		drivers++;
	}
	text = strndup(size > 0 ? (const char *)data + 1 : "", size > 0 ? size - 1 : 0);
	assert(text && topology_load_text(&topology, "site.yaml", site, strlen(site), &diags) == 0);
	rest = text;
	files.count = cut(&rest, daemon_drivers[which % drivers], list);
	run = files_lint_new(&topology, 1796083200 * NS_PER_S, &diags, &places);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		files_lint(run,
		    &(struct files_case){ .host = topology_host(&topology, hosts[i]),
			.driver = daemon_drivers[which % drivers],
			.files = &files,
			.start = rest, /* as systemd tells it, and Restart= */
			.restart = rest });
	}
	files_lint_free(run);
	for (size_t i = 0; i < diags.count; i++) {
		assert(strchr(diags.list[i].pos.file, ':') &&
		    !strpbrk(diags.list[i].text, "\n\r\033"));
		assert(lint_rule_find(diags.list[i].rule, NULL)->where & JUDGED_FILES);
	}
	diags_free(&diags);
	arena_free(&places);
	topology_free(&topology);
	free(text);
	return 0;
}
