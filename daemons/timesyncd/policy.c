/*
 * Reads the policy of systemd-timesyncd from timesyncd.conf with its drop-ins, and from networkd's
 * file.  Source: systemd 252 as it runs (its debug log), conf-parser.c and timesyncd-conf.c of 257.
 */
#include "daemons/policy.h"
#include "common/duration.h"
#include "common/file.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

#define STEP_NS (400 * NS_PER_MS) /* NTP_MAX_ADJUST: larger ones are stepped, at any time */
#define SLEW_PPM 500.0
#define DISTANCE_S 5 /* RootDistanceMaxSec= */
#define BLANKS " \t\r\n"
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* The servers of one list, as timesyncd keeps them: each name once, in the order of the lines. */
struct servers {
	struct restart_line list[RESTART_LINES_MAX];
	size_t count;
};

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	struct servers system, fallback, built_in, link;
	bool fallback_set; /* a FallbackNTP= had a value: the built-in list is not used */
	bool main_file;    /* this file is timesyncd.conf itself, no drop-in */
	bool network;      /* this file is networkd's */
	bool in_time;      /* this line is in section [Time] */
	bool stopped;      /* timesyncd gave up: it reads no more of its configuration */
	char joined[2 * POLICY_LINE_BYTES]; /* the line, with the lines that it continues */
};

static const struct {
	const char *name;
	double s;
} units[] = { { "", 1 }, { "seconds", 1 }, { "second", 1 }, { "sec", 1 }, { "s", 1 },
	{ "msec", 1e-3 }, { "ms", 1e-3 }, { "usec", 1e-6 }, { "us", 1e-6 }, { "minutes", 60 },
	{ "minute", 60 }, { "min", 60 }, { "m", 60 }, { "hours", 3600 }, { "hour", 3600 },
	{ "hr", 3600 }, { "h", 3600 }, { "days", 86400 }, { "day", 86400 }, { "d", 86400 },
	{ "weeks", 604800 }, { "week", 604800 }, { "w", 604800 } };

/* Read a span as systemd writes it, "5", "5s", "500ms", "1min 30 s", to seconds. */
static bool
read_span(const char *text, double *span_s)
{
	*span_s = 0;
	text += strspn(text, BLANKS);
	while (*text) {
		size_t digits = strspn(text, "0123456789."), len, u = 0;
		char number[32], unit[16];
		double value;

		snprintf(number, sizeof(number), "%.*s", (int)digits, text);
		text += digits;
		text += strspn(text, BLANKS);
		len = strcspn(text, BLANKS "0123456789.");
		snprintf(unit, sizeof(unit), "%.*s", (int)len, text);
		text += len;
		text += strspn(text, BLANKS);
		while (u < COUNT(units) && strcmp(unit, units[u].name) != 0) {
			u++;
		}
		if (u == COUNT(units) || !text_to_double(number, &value)) {
			return false;
		}
		*span_s += value * units[u].s;
	}
	return true;
}

static void
doubt(struct reading *reading)
{
	policy_doubt(reading->policy, reading->text.place, reading->text.line);
}

/* Whether timesyncd takes @name for a name or an address: labels of 1 to 63 characters. */
static bool
is_server_name(const char *name)
{
	size_t len = strlen(name);

	for (const char *label = name; *label;) {
		size_t label_len = strcspn(label, ".");

		if (label_len == 0 || label_len > 63) {
			return false;
		}
		label += label_len;
		label += *label == '.';
	}
	return len > 0 && len <= 253;
}

static void
add_server(struct reading *reading, struct servers *servers, const char *name)
{
	struct restart_line line = { .addresses = 1 };

	if (!is_server_name(name)) {
		return; /* timesyncd says so and goes on */
	}
	for (size_t i = 0; i < servers->count; i++) {
		if (strcmp(servers->list[i].name, name) == 0) {
			return;
		}
	}
	if (servers->count == RESTART_LINES_MAX || strlen(name) >= sizeof(line.name)) {
		doubt(reading);
		return;
	}
	snprintf(line.name, sizeof(line.name), "%s", name);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	servers->list[servers->count++] = line;
}

/* Add the servers in @value; an empty @value clears the list. */
static void
take_servers(struct reading *reading, struct servers *servers, char *value)
{
	char *word;

	if (value[0] == '\0') {
		servers->count = 0;
	}
	if (strchr(value, '\\')) {
		doubt(reading); /* an escape */
		return;
	}
	while ((word = strsep(&value, BLANKS))) {
		if (word[0]) {
			add_server(reading, servers, word);
		}
	}
}

static void
take_value(struct reading *reading, const char *name, char *value)
{
	double span_s;

	if (strcmp(name, "NTP") == 0 || strcmp(name, "Servers") == 0) {
		take_servers(reading, &reading->system, value);
	} else if (strcmp(name, "FallbackNTP") == 0) {
		reading->fallback_set |= value[0] != '\0';
		take_servers(reading, &reading->fallback, value);
	} else if (strcmp(name, "RootDistanceMaxSec") == 0 && value[0]) {
		if (strcmp(value, "infinity") == 0) {
			reading->policy->distance_max_ns = INT64_MAX;
		} else if (read_span(value, &span_s)) {
			/* 0 would mean the default */
			reading->policy->distance_max_ns = span_s > 0 ? duration_from_s(span_s) : 1;
		} else {
			doubt(reading);
		}
	}
}

static char *
strip(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strlen(text);
	while (len > 0 && strchr(BLANKS, text[len - 1])) {
		text[--len] = '\0';
	}
	return text;
}

/* The distribution builds in fallback servers; its configuration file names them in a comment. */
static void
take_comment(struct reading *reading, const char *line)
{
	static const char name[] = "#FallbackNTP=";
	char value[POLICY_LINE_BYTES];

	if (reading->main_file && strncmp(line, name, strlen(name)) == 0) {
		snprintf(value, sizeof(value), "%s", line + strlen(name));
		reading->built_in.count = 0;
		take_servers(reading, &reading->built_in, strip(value));
	}
}

/* "[Time]".  A header that is broken ends the reading, of this file and of all further ones. */
static void
take_section(struct reading *reading, const char *line)
{
	size_t len = strlen(line);

	if (line[len - 1] != ']' || strpbrk(line, "\"'\\")) {
		reading->stopped = true;
	}
	reading->in_time = strcmp(line, "[Time]") == 0;
}

/* Take the line that was joined from one or more lines of the file. */
static void
take_joined(struct reading *reading)
{
	char *line = strip(reading->joined), *value;

	for (const char *at = line; *at; at++) {
		if ((unsigned char)*at >= 0x80) {
			doubt(reading); /* timesyncd stops reading if this is no UTF-8 */
			break;
		}
	}
	if (line[0] == '[') {
		take_section(reading, line);
	} else if (reading->in_time && (value = strchr(line, '=')) && value > line) {
		*value++ = '\0';
		take_value(reading, strip(line), strip(value));
	}
	reading->joined[0] = '\0';
}

/* Whether the last character is a backslash that is not itself behind one. */
static bool
is_continued(const char *text)
{
	bool escaped = false;

	for (; *text; text++) {
		escaped = !escaped && *text == '\\';
	}
	return escaped;
}

/* Read a line of networkd's file: "NTP=a b" are the servers of all links; the last line counts. */
static void
read_network_line(struct reading *reading)
{
	static const char name[] = "NTP=";
	char copy[POLICY_LINE_BYTES];

	memcpy(copy, reading->text.line, sizeof(copy));
	if (strncmp(copy, name, strlen(name)) != 0) {
		return;
	}
	reading->link.count = 0;
	if (reading->text.cut || strpbrk(copy, "\"'\\")) {
		doubt(reading); /* networkd does not write it so */
		return;
	}
	take_servers(reading, &reading->link, strip(copy + strlen(name)));
}

/* Each file begins outside of any section. */
static void
begin_file(struct reading *reading)
{
	if (reading->joined[0]) {
		take_joined(reading);
	}
	reading->in_time = false;
	reading->network = strcmp(reading->text.file, TIMESYNCD_NETWORK) == 0;
	reading->main_file = strcmp(file_name(reading->text.file), "timesyncd.conf") == 0;
}

static void
read_line(struct reading *reading)
{
	const char *line = reading->text.line, *first = line + strspn(line, BLANKS);
	size_t len;

	if (reading->text.moved) {
		begin_file(reading);
	}
	if (reading->network) {
		read_network_line(reading);
		return;
	}
	if (reading->stopped) {
		return;
	}
	if (*first == '#' || *first == ';') {
		take_comment(reading, first); /* it does not end a line that is continued */
		return;
	}
	len = strlen(reading->joined);
	line += strncmp(line, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;
	if (reading->text.cut || len + strlen(line) >= sizeof(reading->joined)) {
		doubt(reading);
		return;
	}
	memcpy(reading->joined + len, line, strlen(line) + 1);
	if (is_continued(reading->joined)) {
		reading->joined[strlen(reading->joined) - 1] = ' ';
	} else {
		take_joined(reading);
	}
}

/* Servers of the configuration come first, then those of links; fallback ones if there is none. */
static void
settle_servers(struct reading *reading)
{
	struct restart_policy *policy = reading->policy;
	const struct servers *lists[] = { &reading->system, &reading->link };

	if (reading->system.count + reading->link.count == 0) {
		/* before 257.13, FallbackNTP= without a value does not switch the built-in list off
		 */
		lists[0] = reading->fallback_set ? &reading->fallback : &reading->built_in;
		if (!reading->fallback_set && reading->built_in.count == 0) {
			policy_doubt(policy, "systemd-timesyncd",
			    "no NTP=, no FallbackNTP=: it asks servers that are built in");
		}
	}
	for (size_t i = 0; i < COUNT(lists); i++) {
		for (size_t s = 0; s < lists[i]->count; s++) {
			policy_add_line(policy, &lists[i]->list[s]);
		}
	}
}

void
timesyncd_read_policy(const char *config, const char *options UNUSED, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };

	*policy = (struct restart_policy){ .known = true,
		.rules = RESTART_RULES_ONE,
		.step_forward_ns = STEP_NS,
		.step_back_ns = STEP_NS,
		.step_updates = -1,
		.quorum = 1,
		.distance_max_ns = DISTANCE_S * NS_PER_S,
		.slew_ppm = SLEW_PPM,
		.drift_file = true }; /* no file: the kernel keeps the frequency */
	policy_blame(policy, BLAME_STEP, "systemd-timesyncd", "built in");
	policy_text_begin(&reading.text, config, "/etc/systemd/timesyncd.conf");
	begin_file(&reading);
	while (policy_text_next(&reading.text)) {
		read_line(&reading);
	}
	begin_file(&reading); /* the last line may say that it goes on */
	settle_servers(&reading);
}
