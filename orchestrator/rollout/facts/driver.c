/* Which daemon a host has, as it stands there, and what else sets the clock. */
#include "orchestrator/rollout/facts/driver.h"

#include "daemons/setters/setters.h"

#include <stdio.h>
#include <string.h>

/* What the program at @path printed when it was asked for its version; NULL: it is not there. */
static const char *
version_of(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->binary_count; i++) {
		if (strcmp(facts->binaries[i].path, path) == 0) {
			return facts->binaries[i].version;
		}
	}
	return NULL;
}

bool
facts_installed(const struct facts *facts, const struct daemon_driver *driver)
{
	const char *version = version_of(facts, driver->binary);

	if (version && driver->binary_beside) {
		return version_of(facts, driver->binary_beside) != NULL;
	}
	if (version && driver->version_argv) {
		version = version_of(facts, driver->version_argv[0]);
	}
	return version && strstr(version, driver->binary_has);
}

static bool
is_active(const struct facts *facts, const char *name)
{
	const struct fact_unit *unit = facts_unit(facts, name);

	return unit && unit->active;
}

/* A daemon of the host that timetier watches and never configures; NULL: there is none. */
static const struct daemon_driver *
find_watched(const struct facts *facts)
{
	const struct daemon_driver *const *known = platform_known(facts->platform);

	for (; *known; known++) {
		const struct fact_unit *unit = facts_unit(facts, (*known)->unit);

		if (!platform_driver(facts->platform, (*known)->name) && unit && unit->loaded) {
			return *known;
		}
	}
	return NULL;
}

/* Whether `apply --install` can work there. */
static bool
has_apt(const struct facts *facts)
{
	return facts->systemd && strcmp(facts->platform->install, "apt-get install") == 0;
}

/*
 * Say what brings the daemon, by the commands themselves: nobody shall install it and be surprised
 * by a step, or find the daemon gone that gave the time until then.
 */
static void
say_not_installed(const struct facts *facts, const struct daemon_driver *driver, struct error *err)
{
	const struct daemon_driver *former = facts_former(facts, driver);
	const char *install = facts->platform->install;
	bool unit = daemon_has_unit(driver);
	bool removes = former && former->alone && driver->alone;
	char removed[256] = "";

	if (removes && has_apt(facts)) {
		snprintf(removed, sizeof(removed),
		    ". By hand that removes %s, which runs there; `timetier apply --install` does "
		    "it so that one of the two always runs, and `plan --install` shows what would "
		    "come and go",
		    former->title);
	} else if (removes) {
		snprintf(removed, sizeof(removed),
		    ". It removes %s, which runs there: until the apply no daemon keeps the clock, "
		    "and no rollback brings %s back",
		    former->title, former->title);
	} else if (has_apt(facts)) {
		snprintf(removed, sizeof(removed),
		    ". `timetier apply --install` does that, and `plan --install` shows what would "
		    "come");
	}
	if (!driver->first_start) {
		error_set(err, "%s is not installed: `%s %s` there brings it%s", driver->title,
		    install, driver->package, removed);
		return;
	}
	error_set(err,
	    "%s is not installed: `%s%s%s%s %s%s%s` there brings it, and leaves its first start to "
	    "timetier; started as packaged, with %s, it may step the clock%s",
	    driver->title, unit ? "systemctl mask " : "", unit ? driver->unit : "",
	    unit ? " && " : "", install, driver->package, unit ? " && systemctl unmask " : "",
	    unit ? driver->unit : "", driver->first_start, removed);
}

static void
say_none_installed(const struct facts *facts, const struct daemon_driver *unfit, struct error *err)
{
	const struct daemon_driver *watched = find_watched(facts);

	if (unfit) {
		error_set(err,
		    "found %s, which serves no time: a server needs chrony, ntpsec or ntp",
		    unfit->title);
		return;
	}

	if (watched) {
		error_set(err,
		    "found %s, which timetier only watches: install chrony, ntpsec or ntp to have "
		    "this host configured, or leave it as it is and let an agent report (`timetier "
		    "agent install`)",
		    watched->title);
		return;
	}
	error_set(
	    err, "none of the time daemons that timetier knows is installed (chrony, ntpsec, ntp)");
}

/* Whether a rollout can work on the host's platform; else @err names it, and what is left to do. */
static bool
is_rolled_out(const struct facts *facts, struct error *err)
{
	const struct platform *platform = facts->platform;
	const char *os = facts->os && facts->os[0] ? facts->os : "the host";

	if (!platform) {
		error_set(err,
		    "%s (ID=%s in its os-release, %s) is no platform that timetier knows: see "
		    "`timetier platforms`; `timetier render --platform ID` writes the files of the "
		    "nearest one, for a hand to put in place",
		    os, facts->os_id && facts->os_id[0] ? facts->os_id : "?",
		    facts->systemd      ? "systemd"
			: facts->openrc ? "OpenRC"
					: "no systemd");
		return false;
	}
	if (platform->level != PLATFORM_ROLLED_OUT) {
		error_set(err, "%s is %s, which timetier %s: see `timetier platforms`%s%s%s", os,
		    platform->title,
		    platform->level == PLATFORM_RENDERED ? "renders only" : "watches only",
		    platform->level == PLATFORM_RENDERED ? "; `timetier render --platform " : "",
		    platform->level == PLATFORM_RENDERED ? platform->id : "",
		    platform->level == PLATFORM_RENDERED
			? "` writes its files, for a hand to put in place"
			: "");
		return false;
	}
	return true;
}

bool
facts_rolled_out(const struct facts *facts)
{
	return facts->platform && facts->platform->level == PLATFORM_ROLLED_OUT;
}

bool
facts_only_watched(const struct facts *facts, const char *daemon, struct error *why)
{
	const struct daemon_driver *const *drivers;

	if (!is_rolled_out(facts, why)) {
		return true;
	}
	if (strcmp(daemon, "auto") != 0 || !find_watched(facts)) {
		return false;
	}
	for (drivers = platform_drivers(facts->platform); *drivers; drivers++) {
		if (facts_installed(facts, *drivers)) {
			return false;
		}
	}
	say_none_installed(facts, NULL, why);
	return true;
}

/* The unit of a daemon of this kind that stands as on another platform; NULL: it stands as here. */
static const char *
foreign_unit(const struct facts *facts, const struct daemon_driver *driver)
{
	const struct fact_unit *unit = facts_unit(facts, driver->unit);
	const struct daemon_driver *other;

	for (size_t i = 0; !(unit && unit->loaded) && (other = platform_place(driver->kind, i));
	     i++) {
		const struct fact_unit *foreign = facts_unit(facts, other->unit);

		if (foreign && foreign->loaded) {
			return other->unit;
		}
	}
	return NULL;
}

/* The driver called @daemon on this host, or NULL with @err set. */
static const struct daemon_driver *
declared_driver(const struct facts *facts, const char *daemon, struct error *err)
{
	const struct daemon_driver *driver = platform_driver(facts->platform, daemon);

	if (!driver && daemon_find(daemon)) {
		error_set(err, "%s has no package of %s", facts->platform->title,
		    daemon_find(daemon)->title);
	} else if (!driver) {
		error_set(err, "timetier has no driver for %s", daemon);
	} else if (!facts_installed(facts, driver)) {
		say_not_installed(facts, driver, err);
		driver = NULL;
	}
	return driver;
}

/* One that runs, else one that is installed, of those that have @features. */
static const struct daemon_driver *
installed_driver(const struct facts *facts, unsigned features, struct error *err)
{
	const struct daemon_driver *const *drivers = platform_drivers(facts->platform);
	const struct daemon_driver *found = NULL, *unfit = NULL;

	for (; *drivers; drivers++) {
		if (!facts_installed(facts, *drivers)) {
			continue;
		}
		if (((*drivers)->features & features) != features) {
			unfit = unfit ? unfit : *drivers;
			continue;
		}
		if (is_active(facts, (*drivers)->unit)) {
			return *drivers;
		}
		found = found ? found : *drivers;
	}
	if (!found) {
		say_none_installed(facts, unfit, err);
	}
	return found;
}

const struct daemon_driver *
facts_driver(const struct facts *facts, const char *daemon, unsigned features, struct error *err)
{
	const struct daemon_driver *driver;
	const char *foreign;

	if (!is_rolled_out(facts, err)) {
		return NULL;
	}
	driver = strcmp(daemon, "auto") == 0 ? installed_driver(facts, features, err)
					     : declared_driver(facts, daemon, err);
	foreign = driver ? foreign_unit(facts, driver) : NULL;
	if (foreign) {
		error_set(err,
		    "%s of this host is started by %s, and no package of %s has such a unit: its "
		    "files stand elsewhere, and timetier does not know where",
		    driver->title, foreign, facts->platform->title);
		return NULL;
	}
	return driver;
}

const struct daemon_driver *
facts_known_driver(const struct facts *facts, const char *daemon, struct error *err)
{
	const struct daemon_driver *const *known;

	if (!is_rolled_out(facts, err)) {
		return NULL;
	}
	for (known = platform_known(facts->platform); *known; known++) {
		const struct fact_unit *unit = facts_unit(facts, (*known)->unit);

		if (strcmp((*known)->name, daemon) == 0 && unit && unit->loaded) {
			return *known;
		}
	}
	if (has_apt(facts)) {
		error_set(err,
		    "%s is not installed there any more: `daemon: %s` in site.yaml and `timetier "
		    "apply --install` bring it; or leave the host out",
		    daemon, daemon);
	} else {
		error_set(err,
		    "%s is not installed there any more: install it, or leave the host out",
		    daemon);
	}
	return NULL;
}

/* Whether two names are of one unit; a service of OpenRC is told with the suffix and without. */
static bool
is_same_unit(const char *a, const char *b)
{
	static const char suffix[] = ".service";
	const char *end_a = strstr(a, suffix), *end_b = strstr(b, suffix);
	size_t len_a = end_a ? (size_t)(end_a - a) : strlen(a);
	size_t len_b = end_b ? (size_t)(end_b - b) : strlen(b);

	return len_a == len_b && strncmp(a, b, len_a) == 0;
}

const struct daemon_driver *
facts_daemon_of(const struct facts *facts, const char *unit)
{
	const struct daemon_driver *const *known = platform_known(facts->platform);
	const struct daemon_driver *found = NULL;

	for (; *known; known++) {
		if (!facts_is_own_unit(*known, unit)) {
			continue;
		}
		if ((*known)->binary_has && facts_installed(facts, *known)) {
			return *known;
		}
		found = found ? found : *known;
	}
	return found;
}

/* Whether @other has the place of the daemon whose unit is @own; NULL: there is no such unit. */
static bool
has_place_of(const struct fact_unit *other, const struct fact_unit *own)
{
	if (other->active && own && own->active) {
		return false;
	}
	return other->active || (other->enabled && !(own && own->enabled));
}

const struct daemon_driver *
facts_former(const struct facts *facts, const struct daemon_driver *driver)
{
	const struct daemon_driver *const *known = platform_known(facts->platform);
	const struct fact_unit *own = facts_unit(facts, driver->unit);
	const struct daemon_driver *found = NULL;

	for (; *known; known++) {
		const struct fact_unit *other = facts_unit(facts, (*known)->unit);

		if (!other || (*known)->kind == driver->kind ||
		    is_same_unit(other->name, driver->unit) || !has_place_of(other, own)) {
			continue;
		}
		if (other->active) {
			return facts_daemon_of(facts, other->name);
		}
		found = found ? found : facts_daemon_of(facts, other->name);
	}
	return found;
}

/* The rivals that are gathered. */
struct rivals {
	struct rival *list;
	size_t count;
};

static void
add_rival(struct rivals *rivals, const struct rival *rival)
{
	for (size_t i = 0; i < rivals->count; i++) {
		if (is_same_unit(rivals->list[i].name, rival->name)) {
			return;
		}
	}
	if (rivals->count < FACT_RIVALS_MAX) {
		rivals->list[rivals->count++] = *rival;
	}
}

static void
add_unit(const struct facts *facts, const char *name, struct rivals *rivals)
{
	const struct fact_unit *unit = facts_unit(facts, name);

	if (unit && (unit->active || unit->enabled)) {
		add_rival(rivals,
		    &(struct rival){
			.name = name, .active = unit->active, .enabled = unit->enabled });
	}
}

bool
facts_is_own_unit(const struct daemon_driver *driver, const char *unit)
{
	const char *const *other = driver ? driver->other_units : NULL;

	for (; other && *other; other++) {
		if (is_same_unit(*other, unit)) {
			return true;
		}
	}
	return driver && is_same_unit(driver->unit, unit);
}

/* Add what the agent found, as far as a rollout may switch it off. */
static void
add_found(const struct report *report, const struct daemon_driver *driver, struct rivals *rivals)
{
	for (size_t i = 0; i < report->rival_count; i++) {
		const struct report_rival *found = &report->rivals[i];
		size_t len = strlen(found->unit);

		if (setter_unit_switches_off(found->unit) &&
		    !facts_is_own_unit(driver, found->unit)) {
			add_rival(rivals,
			    &(struct rival){ .name = found->unit,
				.timer = strcmp(found->unit + len - 6, ".timer") == 0,
				.active = found->active,
				.enabled = found->enabled });
		} else if (setter_hook_switches_off(found->hook)) {
			add_rival(rivals, &(struct rival){ .name = found->hook, .hook = true });
		}
	}
}

size_t
facts_rivals(const struct facts *facts, const struct daemon_driver *driver,
    struct rival list[FACT_RIVALS_MAX])
{
	const struct daemon_driver *const *known = platform_known(facts->platform);
	struct rivals rivals = { .list = list };

	for (; *known; known++) {
		if ((*known)->kind != driver->kind && !is_same_unit((*known)->unit, driver->unit)) {
			add_unit(facts, (*known)->unit, &rivals);
		}
	}
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		for (const char *const *unit = program->units; *unit; unit++) {
			if (!facts_is_own_unit(driver, *unit)) {
				add_unit(facts, *unit, &rivals);
			}
		}
	}
	for (size_t i = 0; i < facts->hook_count; i++) {
		add_rival(&rivals, &(struct rival){ .name = facts->hooks[i], .hook = true });
	}
	if (facts->agent_status) {
		add_found(facts->agent_status, driver, &rivals);
	}
	for (size_t i = 0; i < rivals.count; i++) {
		list[i].daemon = list[i].hook ? NULL : facts_daemon_of(facts, list[i].name);
	}
	return rivals.count;
}
