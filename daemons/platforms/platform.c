/* Tells platforms by their os-release, and puts each daemon at its place. */
#include "daemons/platforms/platform.h"

#include "daemons/drivers.h"
#include "daemons/platforms/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_WORDS_MAX 8

/* In the order in which `daemon: auto` looks for them: those that can serve come first. */
enum { CHRONY, NTPSEC, NTP, NTPD_RS, OPENNTPD, TIMESYNCD, KINDS };

static const struct daemon_driver *const kinds[KINDS] = {
	[CHRONY] = &daemon_chrony,
	[NTPSEC] = &daemon_ntpsec,
	[NTP] = &daemon_ntp,
	[NTPD_RS] = &daemon_ntpd_rs,
	[OPENNTPD] = &daemon_openntpd,
	[TIMESYNCD] = &daemon_systemd_timesyncd,
};

static const struct daemon_place *const places[FAMILIES] = {
	[FAMILY_DEBIAN] = places_debian,
	[FAMILY_RHEL] = places_rhel,
	[FAMILY_RHEL_8] = places_rhel_8,
	[FAMILY_RHEL_7] = places_rhel_7,
	[FAMILY_SUSE] = places_suse,
	[FAMILY_ARCH] = places_arch,
	[FAMILY_ALPINE] = places_alpine,
	[FAMILY_GENTOO] = places_gentoo,
	[FAMILY_VOID] = places_void,
	[FAMILY_FREEBSD] = places_freebsd,
	[FAMILY_DEBIAN_13] = places_debian,
};

static const char debian_name[] = "debian";
static const char *const family_names[FAMILIES] = {
	[FAMILY_DEBIAN] = debian_name,
	[FAMILY_RHEL] = "rhel",
	[FAMILY_RHEL_8] = "rhel-8",
	[FAMILY_RHEL_7] = "rhel-7",
	[FAMILY_SUSE] = "suse",
	[FAMILY_ARCH] = "arch",
	[FAMILY_ALPINE] = "alpine",
	[FAMILY_GENTOO] = "gentoo",
	[FAMILY_VOID] = "void",
	[FAMILY_FREEBSD] = "freebsd",
	[FAMILY_DEBIAN_13] = debian_name,
};

/*
 * Since tzdata 2024b Debian has no right/UTC (it went to tzdata-legacy), and chronyd reads the list
 * of leap seconds itself since 4.6.
 */
static const char leap_list[] = "/usr/share/zoneinfo/leap-seconds.list";

/* A daemon at a place, with the tables that belong to it. */
struct placed {
	struct daemon_driver driver;
	struct daemon_file files[DAEMON_FILE_ROLES + 1];
	const char *check_argv[CHECK_WORDS_MAX];
};

static struct placed placed[FAMILIES][KINDS]; /* of a daemon that is not there: no kind */
static const struct daemon_driver *drivers[FAMILIES][KINDS + 1];
static const struct daemon_driver *known[FAMILIES][KINDS + 1];

const struct daemon_driver *const daemon_drivers[] = {
	&placed[FAMILY_DEBIAN][CHRONY].driver,
	&placed[FAMILY_DEBIAN][NTPSEC].driver,
	&placed[FAMILY_DEBIAN][NTP].driver,
	&placed[FAMILY_DEBIAN][NTPD_RS].driver,
	&placed[FAMILY_DEBIAN][OPENNTPD].driver,
	&placed[FAMILY_DEBIAN][TIMESYNCD].driver,
	NULL,
};

/* Give each file of the daemon that stands there its path and its owner. */
static void
put_files(struct placed *out, const struct daemon_place *place)
{
	const struct daemon_file *row = place->kind->files;
	size_t count = 0;

	for (; row->template_name; row++) {
		if (place->paths[row->role]) {
			struct daemon_file *file = &out->files[count++];

			*file = *row;
			file->path = place->paths[row->role];
			file->owner = "root";
			file->group = row->secret ? place->group : "root";
		}
	}
	out->driver.files = out->files;
}

static void
put_check(struct placed *out, const struct daemon_place *place)
{
	const char *const *words = place->kind->check_argv;

	for (size_t i = 0; words && words[i] && i + 1 < CHECK_WORDS_MAX; i++) {
		out->check_argv[i] = strcmp(words[i], "{binary}") == 0 ? place->binary : words[i];
		out->driver.check_argv = out->check_argv;
	}
}

static void
put(struct placed *out, const struct daemon_place *place)
{
	struct daemon_driver *driver = &out->driver;

	*driver = *place->kind;
	driver->kind = place->kind;
	driver->package = place->package;
	driver->first_start = place->first_start;
	driver->alone = place->alone;
	driver->unit = place->unit;
	driver->other_units = place->other_units;
	driver->binary = place->binary;
	driver->user = place->user;
	driver->group = place->group;
	driver->config_path = place->paths[DAEMON_FILE_CONFIG];
	driver->keys_path = place->paths[DAEMON_FILE_KEYS];
	driver->options_path = place->paths[DAEMON_FILE_OPTIONS];
	driver->drift_path = place->drift_path;
	driver->options_variable = place->options_variable;
	driver->options_besides = place->options_besides;
	driver->stock_options = place->stock_options;
	driver->pid_path = place->pid_path;
	driver->leap_path = place->leap_path;
	driver->beside = place->beside;
	put_files(out, place);
	put_check(out, place);
}

/* The row of @kind in the places of a family; NULL: it has none. */
static const struct daemon_place *
find_place(const struct daemon_place *rows, const struct daemon_driver *kind)
{
	for (; rows->kind; rows++) {
		if (rows->kind == kind) {
			return rows;
		}
	}
	return NULL;
}

/*
 * Everything is put in place before main() begins: the drivers are constant for all who use them,
 * whatever program they are in.
 */
__attribute__((constructor)) static void
put_all(void)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		size_t count = 0;

		for (size_t k = 0; k < KINDS; k++) {
			const struct daemon_place *place = find_place(places[f], kinds[k]);

			if (place) {
				put(&placed[f][k], place);
				placed[f][k].driver.family = family_names[f];
			}
			if (place && !place->watched) {
				drivers[f][count++] = &placed[f][k].driver;
			}
			known[f][k] = &placed[place ? f : FAMILY_DEBIAN][k].driver;
		}
	}
	placed[FAMILY_DEBIAN_13][CHRONY].driver.leap_path = leap_list;
}

const struct daemon_driver *const *
platform_drivers(const struct platform *platform)
{
	return drivers[platform->family];
}

const struct daemon_driver *const *
platform_family_drivers(const char *family)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		if (strcmp(family_names[f], family) == 0) {
			return drivers[f];
		}
	}
	return NULL;
}

const struct daemon_driver *const *
platform_known(const struct platform *platform)
{
	return platform ? known[platform->family] : daemon_drivers;
}

bool
platform_has(const struct platform *platform, const struct daemon_driver *driver)
{
	for (size_t k = 0; k < KINDS; k++) {
		if (driver == &placed[platform->family][k].driver) {
			return true;
		}
	}
	return false;
}

const struct daemon_driver *
platform_place(const struct daemon_driver *kind, size_t index)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		for (size_t k = 0; f != FAMILY_DEBIAN_13 && k < KINDS; k++) {
			if (placed[f][k].driver.kind == kind && index-- == 0) {
				return &placed[f][k].driver;
			}
		}
	}
	return NULL;
}

static const struct daemon_driver *
find(const struct daemon_driver *const *list, const char *name)
{
	for (; *list; list++) {
		if (strcmp((*list)->name, name) == 0) {
			return *list;
		}
	}
	return NULL;
}

const struct daemon_driver *
platform_driver(const struct platform *platform, const char *daemon)
{
	return find(platform_drivers(platform), daemon);
}

const struct daemon_driver *
daemon_find(const char *name)
{
	return find(daemon_drivers, name);
}

const struct platform *
platform_find(const char *id)
{
	for (const struct platform *platform = platforms; platform->id; platform++) {
		if (strcmp(platform->id, id) == 0) {
			return platform;
		}
	}
	return NULL;
}

/* Copy the value of a line, without the quotes around it, unless it is too long for @out. */
static void
take_value(const char *value, char *out, size_t size)
{
	char quote = *value == '"' || *value == '\'' ? *value : '\0';
	size_t len;

	value += quote != '\0';
	len = quote ? strcspn(value, (char[]){ quote, '\n', '\0' }) : strcspn(value, " \t\r\n#");
	if (len < size) {
		memcpy(out, value, len);
		out[len] = '\0';
	}
}

void
platform_words_read(const char *os_release, struct platform_words *words)
{
	const struct {
		const char *key;
		char *out;
		size_t size;
	} rows[] = {
		{ "ID=", words->id, sizeof(words->id) },
		{ "VERSION_ID=", words->version, sizeof(words->version) },
		{ "ID_LIKE=", words->like, sizeof(words->like) },
		/* of what a system is derived from; its own would be another name */
		{ "DEBIAN_CODENAME=", words->codename, sizeof(words->codename) },
		{ "UBUNTU_CODENAME=", words->codename, sizeof(words->codename) },
		{ "VERSION_CODENAME=", words->codename, sizeof(words->codename) },
	};

	*words = (struct platform_words){ .id = "" };
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *line = os_release;

		while (line && !rows[i].out[0]) {
			if (strncmp(line, rows[i].key, strlen(rows[i].key)) == 0) {
				take_value(line + strlen(rows[i].key), rows[i].out, rows[i].size);
			}
			line = strchr(line, '\n');
			line = line ? line + 1 : NULL;
		}
	}
}

/* Whether @id is one of the platform's, started by @init. */
static bool
is_named(const struct platform *platform, const char *id, enum platform_init init)
{
	if (init != INIT_UNKNOWN && platform->init != init) {
		return false;
	}
	for (const char *const *own = platform->ids; *own; own++) {
		if (strcmp(*own, id) == 0) {
			return true;
		}
	}
	return false;
}

/* Compare two versions number by number, as far as @b goes: "12.5" is no other than "12". */
static int
compare_versions(const char *a, const char *b)
{
	while (*b) {
		char *end_a, *end_b;
		unsigned long of_a = strtoul(a, &end_a, 10), of_b = strtoul(b, &end_b, 10);

		if (of_a != of_b) {
			return of_a < of_b ? -1 : 1;
		}
		a = end_a + (*end_a == '.');
		b = end_b + (*end_b == '.');
		if (end_b == b && *b) {
			return strcmp(a, b);
		}
	}
	return 0;
}

/* The newest release of what is called @id that is not newer than @version; "": any. */
static const struct platform *
by_version(const char *id, const char *version, enum platform_init init)
{
	const struct platform *found = NULL;

	for (const struct platform *row = platforms; row->id; row++) {
		if (is_named(row, id, init) &&
		    (!row->version || !*version || compare_versions(version, row->version) >= 0)) {
			found = row;
		}
	}
	return found;
}

static const struct platform *
by_codename(const char *id, const char *codename, enum platform_init init)
{
	for (const struct platform *row = platforms; row->id; row++) {
		if (is_named(row, id, init) && row->codename &&
		    strcmp(row->codename, codename) == 0) {
			return row;
		}
	}
	return by_version(id, "", init);
}

/* Whether any row is of a system that is called @id. */
static bool
is_known(const char *id)
{
	for (const struct platform *row = platforms; row->id; row++) {
		if (is_named(row, id, INIT_UNKNOWN)) {
			return true;
		}
	}
	return false;
}

const struct platform *
platform_of(const struct platform_words *words, enum platform_init init)
{
	char like[sizeof(words->like)], *rest = like, *word;

	if (is_known(words->id)) {
		return by_version(words->id, words->version, init);
	}
	memcpy(like, words->like, sizeof(like));
	while ((word = strsep(&rest, " "))) {
		if (is_known(word)) {
			return by_codename(word, words->codename, init);
		}
	}
	return NULL;
}

const char *
platform_init_name(enum platform_init init)
{
	static const char *const names[] = {
		[INIT_UNKNOWN] = "unknown",
		[INIT_SYSTEMD] = "systemd",
		[INIT_OPENRC] = "OpenRC",
		[INIT_RC_D] = "rc.d",
	};

	return names[init];
}

const char *
platform_level_name(enum platform_level level)
{
	static const char *const names[] = {
		[PLATFORM_ROLLED_OUT] = "rolled out",
		[PLATFORM_RENDERED] = "rendered only",
		[PLATFORM_WATCHED] = "watched only",
	};

	return names[level];
}

const char *
platform_confinement_name(enum platform_confinement confinement)
{
	static const char *const names[] = {
		[CONFINED_NOT] = "by nothing",
		[CONFINED_APPARMOR] = "by AppArmor",
		[CONFINED_SELINUX] = "by SELinux",
	};

	return names[confinement];
}
