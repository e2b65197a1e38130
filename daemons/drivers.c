/* The files that a host has with any daemon, and names for the states that daemons report.  No I/O.
 */
#include "daemons/drivers.h"

#include "common/duration.h"
#include "daemons/daemon.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define AT_BOOT "it counts at the next boot"

/* A running daemon need not react to a change of these files. */
const struct daemon_file daemon_first_set_files[] = {
	{
	    .path = FIRST_SET_CONFIG,
	    .template_name = "first-set.conf",
	    .mode = 0640,
	    .owner = "root",
	    .group = FIRST_SET_USER,
	    .idle = AT_BOOT,
	    .secret = true,
	},
	{
	    .path = FIRST_SET_UNIT_FILE,
	    .template_name = FIRST_SET_UNIT,
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .idle = AT_BOOT,
	},
	{ .template_name = NULL },
};

#define GOOD_UNIT "timetier-first-set-good"

const struct daemon_file daemon_first_set_good_files[] = {
	{
	    .path = "/etc/systemd/system/" GOOD_UNIT ".service",
	    .template_name = GOOD_UNIT ".service",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .idle = "it counts the next time that its timer starts it",
	},
	{
	    .path = FIRST_SET_GOOD_TIMER_FILE,
	    .template_name = FIRST_SET_GOOD_TIMER,
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .idle = "it begins with the next boot",
	},
	{ .template_name = NULL },
};

#define EACH_CALL "it counts for the next call"

const struct daemon_file daemon_verify_files[] = {
	{
	    .path = "/etc/timetier/verify.conf",
	    .template_name = "verify.conf",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .idle = EACH_CALL,
	},
	{
	    .path = "/etc/systemd/system/timetier-verify@.service",
	    .template_name = "timetier-verify@.service",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .idle = EACH_CALL,
	},
	{
	    .path = VERIFY_UNIT_FILE,
	    .template_name = VERIFY_UNIT,
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .idle = "its socket is opened anew",
	},
	{ .template_name = NULL },
};

bool
daemon_has_unit(const struct daemon_driver *driver)
{
	return strchr(driver->unit, '.') != NULL;
}

const char *
source_state_name(enum source_state state)
{
	static const char *const names[] = {
		[SOURCE_UNKNOWN] = "unknown",
		[SOURCE_SILENT] = "silent",
		[SOURCE_REJECTED] = "rejected",
		[SOURCE_NEW] = "new",
		[SOURCE_MEASURED] = "measured",
		[SOURCE_FALSETICKER] = "falseticker",
		[SOURCE_OUTLIER] = "outlier",
		[SOURCE_COMBINED] = "combined",
		[SOURCE_SELECTED] = "selected",
	};

	return names[state];
}

const char *
source_auth_name(enum source_auth auth)
{
	static const char *const names[] = {
		[AUTH_UNKNOWN] = "unknown",
		[AUTH_NONE] = "none",
		[AUTH_KEY] = "key",
		[AUTH_NTS] = "nts",
		[AUTH_BAD] = "bad",
	};

	return names[auth];
}

enum source_state
source_shown_state(const struct source_status *source)
{
	bool fit = source->stratum < 16 && source->auth != AUTH_BAD;

	if (source->state == SOURCE_UNKNOWN && source->reach != 0) {
		return SOURCE_MEASURED;
	}
	if (source->state != SOURCE_REJECTED || !fit) {
		return source->state;
	}
	if (source->noselect) {
		return SOURCE_MEASURED;
	}
	return source->reach == 1 || source->reach == 3 || source->reach == 7 ? SOURCE_NEW
									      : SOURCE_REJECTED;
}

const char *
source_auth_words(const struct source_status *source, char *out)
{
	const char *seen = source_auth_name(source->auth);
	const char *declared = source_auth_name(source->declared_auth);

	if (source->auth == AUTH_BAD) {
		snprintf(out, SOURCE_AUTH_BYTES, "bad key");
	} else if (source->declared_auth == AUTH_UNKNOWN || source->declared_auth == source->auth) {
		snprintf(out, SOURCE_AUTH_BYTES, "%s", seen);
	} else if (source->auth == AUTH_UNKNOWN && source->declared_auth == AUTH_NONE) {
		snprintf(out, SOURCE_AUTH_BYTES, "none");
	} else if (source->auth == AUTH_UNKNOWN) {
		snprintf(out, SOURCE_AUTH_BYTES, "%s (as declared)", declared);
	} else {
		snprintf(out, SOURCE_AUTH_BYTES, "%s, declared: %s", seen, declared);
	}
	return out;
}

const char *
leap_name(enum leap leap)
{
	static const char *const names[] = {
		[LEAP_NONE] = "none",
		[LEAP_INSERT] = "insert",
		[LEAP_DELETE] = "delete",
		[LEAP_UNSYNC] = "unsynchronised",
	};

	return names[leap];
}

int64_t
daemon_error_bound_ns(const struct daemon_status *status)
{
	int64_t offset_ns = duration_size_ns(status->offset_ns);

	return offset_ns + status->root_dispersion_ns + status->root_delay_ns / 2;
}

/* What follows @words in @line, with any blanks between them; NULL: it does not begin with them. */
static const char *
behind(const char *line, const char *words)
{
	line += strspn(line, " \t");
	for (; *words; words++) {
		if (*words == ' ') {
			if (!strchr(" \t", *line)) {
				return NULL;
			}
			line += strspn(line, " \t");
		} else if (tolower((unsigned char)*line++) != *words) {
			return NULL;
		}
	}
	return *line && strchr(" \t", *line) ? line + strspn(line, " \t") : NULL;
}

bool
daemon_certificate(const struct daemon_driver *driver, const char *config, char *path, size_t size)
{
	path[0] = '\0';
	while (driver->certificate_words && *config) {
		const char *word = behind(config, driver->certificate_words);

		if (word) {
			word += *word == '"';
			snprintf(path, size, "%.*s", (int)strcspn(word, " \t\r\n\"#"), word);
		}
		config += strcspn(config, "\n");
		config += *config == '\n';
	}
	if (path[0] != '/') {
		path[0] = '\0';
	}
	return path[0] != '\0';
}
