/* The hardware clocks of a server, as `refclocks` of site.yaml has them. */
#include "orchestrator/import/import.h"

#include "common/duration.h"
#include "daemons/status_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCKS_MAX 8 /* of one host */
#define NAME_BYTES 5

/* The types of site.yaml, as chrony and NTPsec name them, and by ntp 4.2.8's numbers. */
static const struct {
	const char *word, *type;
	unsigned number;    /* of 127.127.NUMBER.UNIT; 0: none */
	const char *device; /* of a unit, before its number; NULL: chrony is told the path alone */
} kinds[] = {
	{ "SHM", "shm", 28, NULL },
	{ "SOCK", "sock", 0, NULL },
	{ "PPS", "pps", 22, "/dev/pps" },
	{ "PHC", "phc", 0, NULL },
	{ "NMEA", "nmea", 20, NULL },
};

/* One clock, as far as it was understood. */
struct clock {
	const char *type, *device;
	unsigned unit;
	char name[NAME_BYTES], lock[NAME_BYTES];
	int64_t offset_ns, delay_ns, precision_ns;
	int poll; /* -1: not written */
	bool noselect;
};

static const char *
value_behind(const struct import_host *host, const struct config_line *line, const char *word)
{
	size_t at = config_word(host->driver->includes, line, word);

	return at > 0 && at + 1 < line->count ? line->words[at + 1] : NULL;
}

static int64_t
seconds_behind(const struct import_host *host, const struct config_line *line, const char *word)
{
	const char *text = value_behind(host, line, word);
	double value_s;

	return text && text_to_double(text, &value_s) && value_s > -60 && value_s < 60
	    ? duration_from_s(value_s)
	    : 0;
}

/* Copy what may be the name of a clock: 1 to 4 letters and digits. */
static bool
copy_name(const char *text, char name[NAME_BYTES])
{
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len >= NAME_BYTES) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i])) {
			return false;
		}
	}
	memcpy(name, text, len + 1);
	return true;
}

static bool
read_unit(const char *text, unsigned *unit)
{
	int value;

	if (!text || !text_to_int(text, 10, 0, 127, &value)) {
		return false;
	}
	*unit = (unsigned)value;
	return true;
}

/* Options that chrony's and NTPsec's `refclock`, and `server` and `fudge` of ntp 4.2.8, have. */
static void
read_options(const struct import_host *host, const struct config_line *line, struct clock *clock)
{
	const char *poll = value_behind(host, line, "poll");
	bool chrony = host->driver->includes == DAEMON_INCLUDES_CHRONY;
	int64_t offset_ns = seconds_behind(host, line, chrony ? "offset" : "time1");

	poll = poll ? poll : value_behind(host, line, "minpoll");
	if (poll && !text_to_int(poll, 10, 0, 10, &clock->poll)) {
		clock->poll = -1;
	}
	copy_name(value_behind(host, line, "refid"), clock->name);
	clock->offset_ns = offset_ns ? offset_ns : clock->offset_ns;
	clock->noselect |= config_word(host->driver->includes, line, "noselect") > 0;
	if (chrony) {
		copy_name(value_behind(host, line, "lock"), clock->lock);
		clock->delay_ns = seconds_behind(host, line, "delay");
		clock->precision_ns = seconds_behind(host, line, "precision");
	}
}

/* `refclock SHM 0 ...`, `refclock PPS /dev/pps0 ...` */
static bool
read_chrony(const struct config_line *line, struct clock *clock)
{
	for (size_t i = 0; line->count > 2 && i < COUNT(kinds); i++) {
		const char *text = line->words[2];

		if (strcasecmp(line->words[1], kinds[i].word) != 0 || strchr(text, ':')) {
			continue;
		}
		clock->type = kinds[i].type;
		if (kinds[i].device &&
		    strncmp(text, kinds[i].device, strlen(kinds[i].device)) == 0 &&
		    read_unit(text + strlen(kinds[i].device), &clock->unit)) {
			return true;
		}
		clock->device = text[0] == '/' ? text : NULL;
		return clock->device || read_unit(text, &clock->unit);
	}
	return false;
}

/* `refclock shm unit 0 ...` */
static bool
read_ntpsec(const struct import_host *host, const struct config_line *line, struct clock *clock)
{
	for (size_t i = 0; line->count > 1 && i < COUNT(kinds); i++) {
		if (kinds[i].number > 0 && strcasecmp(line->words[1], kinds[i].word) == 0) {
			const char *unit = value_behind(host, line, "unit");

			clock->type = kinds[i].type;
			return !unit || read_unit(unit, &clock->unit);
		}
	}
	return false;
}

/* `server 127.127.28.0 ...`, and its lines of `fudge` */
static bool
read_ntp(const struct import_host *host, const char *name, struct clock *clock)
{
	unsigned number, unit;

	if (sscanf(name, "127.127.%3u.%3u", &number, &unit) != 2 || unit > 127) {
		return false;
	}
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (kinds[i].number == number) {
			clock->type = kinds[i].type;
			clock->unit = unit;
		}
	}
	for (size_t i = 0; i < host->config.lines.count; i++) {
		const struct config_line *line = &host->config.lines.list[i];

		if (line->count > 1 && strcmp(line->words[0], "fudge") == 0 &&
		    strcmp(line->words[1], name) == 0) {
			read_options(host, line, clock);
		}
	}
	return clock->type != NULL;
}

static bool
read_clock(const struct import_host *host, const struct config_source *source, struct clock *clock)
{
	*clock = (struct clock){ .poll = -1 };
	if (!(source->flags & RESTART_REFCLOCK) || !source->line) {
		return false;
	}
	read_options(host, source->line, clock);
	if (host->driver->includes == DAEMON_INCLUDES_CHRONY) {
		return read_chrony(source->line, clock);
	}
	return strcmp(source->line->words[0], "refclock") == 0
	    ? read_ntpsec(host, source->line, clock)
	    : read_ntp(host, source->name, clock);
}

/* Each clock of a host has a name of its own. */
static void
name_clock(struct clock *list, size_t at)
{
	struct clock *clock = &list[at];
	bool taken = clock->name[0] == '\0';

	for (unsigned number = 0; number < 10; number++) {
		for (size_t i = 0; i < at; i++) {
			taken |= strcmp(list[i].name, clock->name) == 0;
		}
		if (!taken) {
			return;
		}
		snprintf(clock->name, sizeof(clock->name), "%.3s%u",
		    strcmp(clock->type, "pps") == 0 ? "PPS" : "GPS", number);
		taken = false;
	}
}

/* Both ntpds number a PPS by another clock of the host. */
static const char *
lock_of(const struct clock *list, size_t count, size_t at)
{
	for (size_t i = 0; i < count; i++) {
		if (list[at].lock[0] ? strcmp(list[i].name, list[at].lock) == 0 && i != at
				     : strcmp(list[i].type, "pps") != 0) {
			return list[i].name;
		}
	}
	return NULL;
}

static void
put_duration(struct buf *out, const char *key, int64_t value_ns)
{
	if (value_ns != 0 && value_ns % NS_PER_MS == 0) {
		buf_printf(out, ", %s: %lldms", key, (long long)(value_ns / NS_PER_MS));
	} else if (value_ns != 0) {
		buf_printf(out, ", %s: %lldns", key, (long long)value_ns);
	}
}

static void
put_clock(const struct import_host *host, const struct clock *list, size_t count, size_t at,
    struct buf *out)
{
	const struct clock *clock = &list[at];
	bool chrony = host->driver->includes == DAEMON_INCLUDES_CHRONY;
	const char *lock = strcmp(clock->type, "pps") == 0 && (clock->lock[0] || !chrony)
	    ? lock_of(list, count, at)
	    : NULL;

	buf_printf(out, "{name: \"%s\", type: %s", clock->name, clock->type);
	if (clock->device) {
		buf_printf(out, ", device: \"%s\"", clock->device);
	} else if (clock->unit > 0) {
		buf_printf(out, ", unit: %u", clock->unit);
	}
	if (lock) {
		buf_printf(out, ", lock: \"%s\"", lock);
	}
	put_duration(out, "offset", clock->offset_ns);
	put_duration(out, "delay", clock->delay_ns);
	put_duration(out, "precision", clock->precision_ns);
	if (clock->poll >= 0) {
		buf_printf(out, ", poll: %d", !chrony && clock->poll < 3 ? 3 : clock->poll);
	}
	buf_text(out, clock->noselect ? ", noselect: true}" : "}");
}

void
import_read_clocks(struct import *import)
{
	for (size_t i = 0; i < import->host_count; i++) {
		struct import_host *host = &import->hosts[i];
		struct clock list[CLOCKS_MAX];
		struct buf text = { .limit_bytes = 4096 };
		size_t count = 0;

		for (size_t k = 0;
		     host->server && k < host->config.source_count && count < CLOCKS_MAX; k++) {
			if (read_clock(host, &host->config.sources[k], &list[count]) &&
			    (!list[count].device || import_is_plain(list[count].device))) {
				name_clock(list, count);
				count++;
			}
		}
		for (size_t k = 0; k < count; k++) {
			buf_text(&text, k > 0 ? ", " : "");
			put_clock(host, list, count, k, &text);
		}
		host->clocks = arena_strdup(&import->arena, buf_str(&text));
		buf_free(&text);
	}
}
