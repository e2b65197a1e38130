/* Finds hooks and jobs that set the clock, and what rewrites the daemon's configuration. */
#include "agent/host/relations.h"
#include "agent/rivals/list.h"
#include "agent/scripts/jobs.h"
#include "common/file.h"
#include "daemons/setters/setters.h"

#include <stdio.h>
#include <string.h>

#define FILE_BYTES 262144

/* Returns how to switch off what runs a script: with its package, where that is known. */
static const char *
remedy(struct rivals_list *list, const struct script *script)
{
	const char *name = file_name(script->path);

	if (strcmp(name, "ntpsec-ntpdate") == 0 || strcmp(name, "ntpdate") == 0) {
		return arena_printf(&list->arena, "apt purge %s", name);
	}
	if (script->unit) {
		return arena_printf(&list->arena, "systemctl disable --now %s", script->unit);
	}
	return script->hook && strcmp(script->hook, script->path) == 0 ? "remove it, or chmod -x"
								       : "remove it";
}

static void
add_found(struct rivals_list *list, const struct found *found)
{
	const struct script *script = &found->script;
	struct report_rival *rival =
	    rivals_add(list, "%s in %s (%s)", found->says, found->place, remedy(list, script));

	if (script->unit && setter_unit_switches_off(script->unit)) {
		snprintf(rival->unit, sizeof(rival->unit), "%s", script->unit);
		rival->active = unit_is_active(list->root, script->unit);
		rival->enabled = true;
	}
	if (script->hook && strlen(script->hook) < sizeof(rival->hook) &&
	    setter_hook_switches_off(script->hook)) {
		snprintf(rival->hook, sizeof(rival->hook), "%s", script->hook);
	}
}

/* Add what sets the clock in hooks and jobs; those of cron and timers were read with the start. */
static void
find_jobs(struct rivals_list *list)
{
	struct found_list found = { .arena = &list->arena };
	struct follow *follow = arena_alloc(&list->arena, sizeof(*follow));
	const struct start *start = list->of->start;

	*follow = (struct follow){
		.root = list->root, .arena = &list->arena, .visit = found_take, .owner = &found
	};
	jobs_hooks(follow);
	jobs_udev(follow);
	if (!start || !start->setters.arena) {
		jobs_cron(follow);
		jobs_timers(follow);
	}
	for (size_t i = 0; i < found.count; i++) {
		add_found(list, &found.list[i]);
	}
	for (size_t i = 0; start && i < start->setters.count; i++) {
		add_found(list, &start->setters.list[i]);
	}
}

static bool
file_has(struct rivals_list *list, const char *path, const char *text)
{
	struct buf buf = { .limit_bytes = FILE_BYTES };
	bool found = tree_is_there(list->root, path) &&
	    tree_read(list->root, path, &buf, NULL) == TREE_READ && strstr(buf_str(&buf), text);

	buf_free(&buf);
	return found;
}

/* Returns a file in @folder whose name ends with @suffix and that has @text; NULL: none. */
static const char *
folder_has(struct rivals_list *list, const char *folder, const char *suffix, const char *text)
{
	const char *const *names;
	size_t count = tree_names(list->root, folder, suffix, &list->arena, &names);

	for (size_t i = 0; i < count; i++) {
		const char *path = arena_printf(&list->arena, "%s/%s", folder, names[i]);

		if (file_has(list, path, text)) {
			return path;
		}
	}
	return NULL;
}

/* Returns a DHCP lease that names time servers; NULL: none, and the hooks write nothing. */
static const char *
lease_with_servers(struct rivals_list *list)
{
	const char *path = folder_has(list, "/run/systemd/netif/leases", "", "\nNTP=");

	path = path ? path : folder_has(list, "/var/lib/dhcp", ".leases", "option ntp-servers");
	path = path ? path : folder_has(list, "/var/lib/dhclient", ".leases", "option ntp-servers");
	path = path ? path
		    : folder_has(list, "/var/lib/NetworkManager", ".lease", "option ntp-servers");
	return path;
}

/*
 * Debian's wrapper of ntpd takes a file that DHCP's hooks write; at any renewal of the lease the
 * hooks may write it and restart the daemon.  chrony's hooks only add sources, which are judged as
 * sources.
 */
static void
find_dhcp(struct rivals_list *list)
{
	const struct start *start = list->of->start;
	const char *lease;

	if (!start || !start->dhcp_path) {
		return;
	}
	lease = lease_with_servers(list);
	if (lease || tree_is_there(list->root, start->dhcp_path)) {
		rivals_add(list,
		    "DHCP, which replaces the configuration and restarts the daemon: %s (%s)",
		    lease ? lease : start->dhcp_path, start->dhcp_remedy);
	}
}

void
rivals_find_hooks(struct rivals_list *list)
{
	find_jobs(list);
	find_dhcp(list);
}
