#include "agent/scripts/jobs.h"

#include "agent/host/relations.h"
#include "agent/scripts/units.h"

#include <string.h>

#define FILE_BYTES 65536
#define TIMERS_MAX 128

/* Names of timers, each once. */
struct timers {
	const char *list[TIMERS_MAX];
	size_t count;
	bool full; /* there are more */
};

static void
add_timer(struct timers *timers, const char *name)
{
	for (size_t i = 0; i < timers->count; i++) {
		if (strcmp(timers->list[i], name) == 0) {
			return;
		}
	}
	if (timers->count == TIMERS_MAX) {
		timers->full = true;
		return;
	}
	timers->list[timers->count++] = name;
}

static void
visit_timer(struct follow *follow, const char *name)
{
	struct unit *timer = arena_alloc(follow->arena, sizeof(*timer));
	struct script script = { .unit = name };
	const struct unit_setting *service;

	unit_read(follow->root, name, follow->arena, timer);
	if (!timer->path || timer->masked) {
		return;
	}
	service = unit_last(timer, "Timer", "Unit");
	units_visit_start(follow,
	    service ? service->value
		    : arena_printf(follow->arena, "%.*s.service",
			  (int)(strlen(name) - strlen(".timer")), name),
	    &script);
}

void
jobs_timers(struct follow *follow)
{
	static const char at_work[] = "invocation:"; /* systemd's mark for a unit that is active */
	struct timers *timers = arena_alloc(follow->arena, sizeof(*timers));
	const char *const *names;
	size_t count = unit_pulled_in(follow->root, ".timer", follow->arena, &names);

	for (size_t i = 0; i < count; i++) {
		add_timer(timers, names[i]);
	}
	count = tree_names(follow->root, "/run/systemd/units", ".timer", follow->arena, &names);
	for (size_t i = 0; i < count; i++) {
		if (strncmp(names[i], at_work, strlen(at_work)) == 0) {
			add_timer(timers, names[i] + strlen(at_work));
		}
	}
	count = tree_names(follow->root, "/run/systemd/transient", ".timer", follow->arena, &names);
	for (size_t i = 0; i < count; i++) {
		add_timer(timers, names[i]);
	}
	for (size_t i = 0; i < timers->count; i++) {
		visit_timer(follow, timers->list[i]);
	}
	if (timers->full) {
		const struct script script = { .path = "/run/systemd/units" };
		const struct command command = { .named = "one of more timers than are read" };

		follow->visit(follow->owner, &script, &command);
	}
}

/* Call @take for each line of the file at @path, without spaces in front; comments are left out. */
static void
each_line(struct follow *follow, const char *path,
    void (*take)(struct follow *follow, const char *path, char *line, unsigned number))
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	unsigned number = 0;
	char *rest, *line;

	if (tree_read_start(follow->root, path, "", FILE_BYTES, &text)) {
		rest = text.data;
		while (rest && (line = strsep(&rest, "\n"))) {
			number++;
			line += strspn(line, " \t");
			if (line[0] && line[0] != '#' && line[0] != ';') {
				take(follow, path, line, number);
			}
		}
	}
	buf_free(&text);
}

static void
each_line_of_folder(struct follow *follow, const char *folder, const char *suffix,
    void (*take)(struct follow *follow, const char *path, char *line, unsigned number))
{
	const char *const *names;
	size_t count = tree_names(follow->root, folder, suffix, follow->arena, &names);

	for (size_t i = 0; i < count; i++) {
		if (follow_is_used(names[i])) {
			each_line(
			    follow, arena_printf(follow->arena, "%s/%s", folder, names[i]), take);
		}
	}
}

/* `up COMMAND` and its like in /etc/network/interfaces. */
static void
take_interface_line(struct follow *follow, const char *path, char *line, unsigned number)
{
	static const char *const words[] = { "pre-up", "up", "post-up", "down", "pre-down",
		"post-down" };
	struct script script = { .path = path };
	size_t len = strcspn(line, " \t");

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strlen(words[i]) == len && strncmp(line, words[i], len) == 0) {
			follow_text(follow, &script, line + len, number);
		}
	}
}

void
jobs_hooks(struct follow *follow)
{
	static const char *const run[] = { "/etc/network/if-pre-up.d", "/etc/network/if-up.d",
		"/etc/network/if-down.d", "/etc/network/if-post-down.d",
		"/etc/NetworkManager/dispatcher.d", "/usr/lib/NetworkManager/dispatcher.d",
		"/etc/NetworkManager/dispatcher.d/pre-up.d",
		"/etc/NetworkManager/dispatcher.d/pre-down.d",
		"/etc/NetworkManager/dispatcher.d/no-wait.d", "/etc/ppp/ip-up.d",
		"/etc/ppp/ip-down.d", "/etc/ppp/ipv6-up.d", "/etc/networkd-dispatcher/carrier.d",
		"/etc/networkd-dispatcher/routable.d", "/etc/networkd-dispatcher/configured.d",
		"/etc/networkd-dispatcher/degraded.d", "/etc/networkd-dispatcher/no-carrier.d",
		"/etc/networkd-dispatcher/off.d", "/usr/lib/networkd-dispatcher/routable.d",
		"/etc/systemd/system-sleep", "/usr/lib/systemd/system-sleep" };
	static const char *const sourced[] = { "/etc/dhcp/dhclient-exit-hooks.d",
		"/etc/dhcp/dhclient-enter-hooks.d", "/etc/dhcp/dhclient.d" };
	static const char *const files[] = { "/etc/rc.local", "/etc/rc.d/rc.local",
		"/etc/ppp/ip-up", "/etc/ppp/ip-up.local", "/etc/ppp/ip-down",
		"/etc/ppp/ip-down.local", "/etc/ppp/ipv6-up", "/etc/ppp/ipv6-up.local",
		"/etc/dhcp/dhclient-up-hooks", "/etc/udhcpc/default.script" };
	static const char *const sourced_files[] = { "/etc/dhcp/dhclient-exit-hooks",
		"/etc/dhcp/dhclient-enter-hooks", "/etc/dhclient-exit-hooks",
		"/etc/dhclient-enter-hooks", "/etc/dhcpcd.exit-hook", "/etc/dhcpcd.enter-hook" };

	for (size_t i = 0; i < COUNT(run); i++) {
		follow_folder(follow, run[i], false);
	}
	for (size_t i = 0; i < COUNT(sourced); i++) {
		follow_folder(follow, sourced[i], true);
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		struct script script = { .path = files[i], .hook = files[i] };

		if (tree_is_program(follow->root, files[i])) {
			follow_file(follow, &script);
		}
	}
	for (size_t i = 0; i < COUNT(sourced_files); i++) {
		struct script script = { .path = sourced_files[i] };

		follow_sourced(follow, &script);
	}
	each_line(follow, "/etc/network/interfaces", take_interface_line);
	each_line_of_folder(follow, "/etc/network/interfaces.d", "", take_interface_line);
}

/* RUN+="COMMAND", PROGRAM=="COMMAND", IMPORT{program}="COMMAND" of a rule of udev. */
static void
take_rule(struct follow *follow, const char *path, char *line, unsigned number)
{
	static const char *const keys[] = { "RUN", "PROGRAM", "IMPORT{program}" };
	struct script script = { .path = path };

	for (size_t i = 0; i < COUNT(keys); i++) {
		for (char *at = line; (at = strstr(at, keys[i]));) {
			char *value = at + strcspn(at, "\"");
			char *end = *value ? strchr(value + 1, '"') : NULL;
			struct arguments *words = arena_alloc(follow->arena, sizeof(*words));

			if (!end) {
				break;
			}
			arguments_split(follow->arena,
			    arena_strndup(follow->arena, value + 1, (size_t)(end - value - 1)),
			    words);
			if (words->count > 0) {
				follow_words(follow, &script, words, number);
			}
			at = end;
		}
	}
}

void
jobs_udev(struct follow *follow)
{
	static const char *const folders[] = { "/etc/udev/rules.d", "/run/udev/rules.d",
		"/usr/local/lib/udev/rules.d" };

	for (size_t i = 0; i < COUNT(folders); i++) {
		each_line_of_folder(follow, folders[i], ".rules", take_rule);
	}
}

static void
take_watchdog_line(struct follow *follow, const char *path, char *line, unsigned number)
{
	char *equals = strchr(line, '=');
	struct script script = { .path = path };

	if (!equals) {
		return;
	}
	for (char *at = equals; *at; at++) {
		if (*at == '"' || *at == '\'') {
			*at = ' ';
		}
	}
	follow_text(follow, &script, equals + 1, number);
}

void
jobs_watchdog(struct follow *follow, const char *path)
{
	each_line(follow, path, take_watchdog_line);
}
