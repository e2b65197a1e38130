/* Which daemon a host runs, told by its files, and what its configuration says. */
#include "orchestrator/import/busybox.h"

#include "daemons/platforms/platform.h"

#include <stdio.h>
#include <string.h>

/* Where configurations stand beside what the platforms' packages do: made at boot, or by ports. */
static const struct {
	const char *daemon, *path;
} more_paths[] = {
	{ "chrony", "/usr/local/etc/chrony.conf" },
	{ "chrony", "/var/etc/chrony.conf" },
	{ "ntp", "/var/etc/ntp.conf" },
	{ "ntp", "/usr/local/etc/ntp.conf" },
	{ "ntpd-rs", "/etc/ntp.toml" },
	{ "openntpd", "/usr/local/etc/ntpd.conf" },
};

/* Lines of FreeBSD's rc.conf that start a daemon. */
static const struct {
	const char *daemon, *variable;
} rc_variables[] = { { "chrony", "chronyd_enable" }, { "ntp", "ntpd_enable" },
	{ "ntpsec", "ntpd_enable" }, { "openntpd", "openntpd_enable" } };

static bool
is_there(const struct file_set *files, const char *path)
{
	return file_set_find(files, path) != NULL;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Whether a folder of what is started at boot, systemd's or OpenRC's, has @unit. */
static bool
is_wanted(const struct file_set *files, const char *unit)
{
	char name[160], service[160];

	snprintf(name, sizeof(name), ".wants/%s", unit);
	snprintf(service, sizeof(service), "/%.*s", (int)strcspn(unit, "."), unit);
	for (size_t i = 0; i < files->count; i++) {
		const char *path = files->list[i].path;

		if (ends_with(path, name) ||
		    (strncmp(path, "/etc/runlevels/", 15) == 0 && ends_with(path, service))) {
			return true;
		}
	}
	return false;
}

static bool
rc_starts(const struct file_set *files, const struct daemon_driver *driver)
{
	const struct file_entry *rc = file_set_find(files, "/etc/rc.conf");

	for (size_t i = 0; rc && i < COUNT(rc_variables); i++) {
		const char *at = strcmp(rc_variables[i].daemon, driver->name) == 0
		    ? strstr(rc->content, rc_variables[i].variable)
		    : NULL;

		if (at && (at == rc->content || at[-1] == '\n')) {
			at += strlen(rc_variables[i].variable);
			at += strspn(at, "=\"'");
			return strncasecmp(at, "yes", 3) == 0;
		}
	}
	return false;
}

static bool
is_enabled(const struct file_set *files, const struct daemon_driver *kind)
{
	bool enabled = rc_starts(files, kind);
	const struct daemon_driver *place;

	for (size_t i = 0; !enabled && (place = platform_place(kind, i)); i++) {
		enabled = is_wanted(files, place->unit);
		for (size_t k = 0; !enabled && place->other_units && place->other_units[k]; k++) {
			enabled = is_wanted(files, place->other_units[k]);
		}
	}
	return enabled;
}

/* The language of /etc/ntp.conf: NTPsec alone knows these words, and prefixes. */
static bool
is_ntpsec(struct arena *arena, const struct file_set *files, const char *path)
{
	struct buf text = { .limit_bytes = CONFIG_BYTES_MAX };
	struct config_lines lines;
	bool found = false;

	config_merge(arena, files, DAEMON_INCLUDES_NTP, path, &text);
	config_cut(arena, buf_str(&text), DAEMON_INCLUDES_NTP, path, &lines);
	for (size_t i = 0; i < lines.count && !found; i++) {
		const struct config_line *line = &lines.list[i];

		found = strcmp(line->words[0], "refclock") == 0 ||
		    strcmp(line->words[0], "nts") == 0 ||
		    (strcmp(line->words[0], "restrict") == 0 && line->count > 1 &&
			strchr(line->words[1], '/')) ||
		    config_word(DAEMON_INCLUDES_NTP, line, "nts") > 0;
	}
	buf_free(&text);
	return found;
}

/* The platform that its os-release names, or NULL. */
static const struct platform *
platform_told(const struct file_set *files)
{
	const struct file_entry *release = file_set_find(files, "/etc/os-release");
	struct platform_words words;

	if (!release) {
		return NULL;
	}
	platform_words_read(release->content, &words);
	return platform_of(&words, INIT_UNKNOWN);
}

/* One path, several daemons: FreeBSD and RHEL have ntp 4.2.8 and NTPsec at /etc/ntp.conf. */
static bool
is_language_of(struct arena *arena, const struct file_set *files, const struct daemon_driver *place)
{
	return strcmp(place->config_path, "/etc/ntp.conf") != 0 ||
	    is_ntpsec(arena, files, place->config_path) ==
	    (place->includes == DAEMON_INCLUDES_NTPSEC);
}

/* Find @kind where the host's platform has it, else where any has it.  Returns NULL: nowhere. */
static const struct daemon_driver *
place_of(struct arena *arena, const struct file_set *files, const struct daemon_driver *kind)
{
	const struct platform *platform = platform_told(files);
	const struct daemon_driver *place = platform ? platform_driver(platform, kind->name) : NULL;
	const struct daemon_driver *found = NULL;

	if (place && is_there(files, place->config_path)) {
		found = place;
	}
	for (size_t i = 0; !found && (place = platform_place(kind, i)); i++) {
		/* of two with one configuration, that whose file of options is there */
		if (is_there(files, place->config_path) &&
		    (!place->options_path || is_there(files, place->options_path))) {
			found = place;
		}
	}
	for (size_t i = 0; !found && (place = platform_place(kind, i)); i++) {
		found = is_there(files, place->config_path) ? place : NULL;
	}
	return found && is_language_of(arena, files, found) ? found : NULL;
}

static const char *
more_path(const struct file_set *files, const struct daemon_driver *kind)
{
	for (size_t i = 0; i < COUNT(more_paths); i++) {
		if (strcmp(more_paths[i].daemon, kind->name) == 0 &&
		    is_there(files, more_paths[i].path)) {
			return more_paths[i].path;
		}
	}
	return NULL;
}

/* Take what is enabled before what only lies there; @host->others gets the rest. */
static void
choose(struct import_host *host, const struct import_other *found, size_t count)
{
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++) {
		if (found[i].enabled) {
			chosen = i;
			break;
		}
	}
	for (size_t i = 0; i < count; i++) {
		/* timesyncd's stock file is there wherever systemd is */
		bool idle =
		    found[i].driver->includes == DAEMON_INCLUDES_SYSTEMD && !found[i].enabled;

		if (i != chosen && !idle) {
			host->others[host->other_count++] = found[i];
		}
	}
	host->own = *found[chosen].driver;
	host->own.config_path = found[chosen].path;
	host->driver = &host->own;
}

/* Only Debian's packages start daemons by scripts of their own. */
static bool
is_debian(const struct file_set *files, const struct daemon_driver *place)
{
	const struct platform *platform = platform_told(files);

	return platform ? strcmp(platform_drivers(platform)[0]->family, "debian") == 0
			: is_there(files, "/etc/debian_version") ||
		strncmp(place->config_path, "/etc/ntpsec/", 12) == 0 ||
		(strcmp(place->family, "debian") == 0 && place->options_path &&
		    is_there(files, place->options_path));
}

/* Say how it is started where it is not started Debian's way. */
static const char *
start_of(struct arena *arena, const struct file_set *files, const struct daemon_driver *place)
{
	if (is_debian(files, place)) {
		return NULL;
	}
	return place->options_variable && strcmp(place->family, "debian") != 0
	    ? arena_printf(arena, "%s $%s", place->binary, place->options_variable)
	    : place->binary;
}

void
import_read_host(struct arena *arena, struct import_host *host)
{
	struct import_other found[IMPORT_OTHERS_MAX];
	size_t count = 0;

	for (size_t i = 0; daemon_drivers[i] && count < COUNT(found); i++) {
		const struct daemon_driver *kind = daemon_drivers[i]->kind;
		const struct daemon_driver *place = place_of(arena, &host->files, kind);
		const char *path = place ? place->config_path : more_path(&host->files, kind);

		if (path) {
			found[count++] = (struct import_other){ place ? place : daemon_drivers[i],
				path, is_enabled(&host->files, kind) };
		}
	}
	if (count > 0) {
		choose(host, found, count);
		host->start = start_of(arena, &host->files, host->driver);
	} else {
		import_read_busybox(arena, host);
	}
	if (host->driver) {
		config_read(arena, host->driver, host->driver->config_path, &host->files, "",
		    &host->config);
	}
}
