/* Finds hooks and jobs that set the clock, and what rewrites the daemon's configuration. */
#include "agent/host/scripts.h"
#include "agent/rivals/list.h"
#include "common/file.h"

#include <stdio.h>
#include <string.h>

#define FILE_BYTES 262144

/* Returns how to remove a hook: with its package, where that is known. */
static const char *
remedy(struct rivals_list *list, const char *path)
{
	const char *name = file_name(path);

	if (strcmp(name, "ntpsec-ntpdate") == 0 || strcmp(name, "ntpdate") == 0) {
		return arena_printf(&list->arena, "apt purge %s", name);
	}
	return strncmp(path, "/etc/network/", 13) == 0 ||
		strncmp(path, "/etc/NetworkManager/", 20) == 0 || strncmp(path, "/etc/ppp/", 9) == 0
	    ? "remove it, or chmod -x"
	    : "remove it";
}

static void
look_at(void *owner, const struct script *script, const struct command *command)
{
	struct rivals_list *list = owner;
	const char *what = command_sets_clock(command);

	if (what) {
		rivals_add(list, "%s in %s:%u (%s)", what, script->path, command->line,
		    remedy(list, script->path));
	}
}

static void
find_network_hooks(struct rivals_list *list)
{
	static const char *const run[] = { "/etc/network/if-pre-up.d", "/etc/network/if-up.d",
		"/etc/NetworkManager/dispatcher.d", "/usr/lib/NetworkManager/dispatcher.d",
		"/etc/NetworkManager/dispatcher.d/pre-up.d", "/etc/ppp/ip-up.d",
		"/etc/networkd-dispatcher/routable.d", "/etc/networkd-dispatcher/configured.d" };
	static const char *const sourced[] = { "/etc/dhcp/dhclient-exit-hooks.d",
		"/etc/dhcp/dhclient-enter-hooks.d", "/etc/dhcp/dhclient.d" };

	for (size_t i = 0; i < COUNT(run); i++) {
		scripts_read_folder(list->root, run[i], false, &list->arena, look_at, list);
	}
	for (size_t i = 0; i < COUNT(sourced); i++) {
		scripts_read_folder(list->root, sourced[i], true, &list->arena, look_at, list);
	}
	if (tree_is_program(list->root, "/etc/rc.local")) {
		scripts_read_file(list->root, "/etc/rc.local", &list->arena, look_at, list);
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

/* Add cloud-init when it has `ntp:`: it writes the configuration anew on every clone. */
static void
find_cloud_init(struct rivals_list *list)
{
	static const char *const data = "/var/lib/cloud/instance/user-data.txt";
	const char *path;

	if (!tree_is_there(list->root, "/etc/cloud/cloud.cfg") ||
	    tree_is_there(list->root, "/etc/cloud/cloud-init.disabled")) {
		return;
	}
	path = folder_has(list, "/etc/cloud/cloud.cfg.d", ".cfg", "\nntp:");
	if (!path && file_has(list, "/etc/cloud/cloud.cfg", "\nntp:")) {
		path = "/etc/cloud/cloud.cfg";
	}
	if (!path && file_has(list, data, "\nntp:")) {
		path = data;
	}
	if (path) {
		rivals_add(list,
		    "cloud-init, which writes the daemon's configuration: ntp: in %s (take it out)",
		    path);
	}
}

void
rivals_find_hooks(struct rivals_list *list)
{
	find_network_hooks(list);
	scripts_read_periodic(list->root, &list->arena, look_at, list);
	find_dhcp(list);
	find_cloud_init(list);
}
