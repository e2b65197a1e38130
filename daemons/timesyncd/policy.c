/* Reads the policy of systemd-timesyncd from timesyncd.conf with its drop-ins. */
#include "daemons/policy.h"
#include "common/duration.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

#define STEP_NS (400 * NS_PER_MS) /* NTP_MAX_ADJUST: larger ones are stepped, at any time */
#define SLEW_PPM 500.0
#define DISTANCE_S 5 /* RootDistanceMaxSec= */

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	struct restart_line fallback[RESTART_LINES_MAX];
	size_t fallback_count;
	bool fallback_built_in; /* fallback is the built-in list: a FallbackNTP= line replaces it */
	bool in_time;
};

/* Read a span as systemd writes it, "5", "5s", "500ms", "1min 30s", to seconds. */
static bool
read_span(char *text, double *span_s)
{
	static const struct {
		const char *unit;
		double s;
	} units[] = { { "", 1 }, { "s", 1 }, { "sec", 1 }, { "ms", 1e-3 }, { "us", 1e-6 },
		{ "m", 60 }, { "min", 60 }, { "h", 3600 }, { "hr", 3600 }, { "d", 86400 } };
	char *words[8];
	size_t count = split_words(text, words, COUNT(words));

	*span_s = 0;
	for (size_t i = 0; i < count; i++) {
		size_t digits = strspn(words[i], "0123456789.");
		const char *unit = words[i] + digits;
		char number[32];
		double value;
		size_t u = 0;

		snprintf(number, sizeof(number), "%.*s", (int)digits, words[i]);
		while (u < COUNT(units) && strcmp(unit, units[u].unit) != 0) {
			u++;
		}
		if (u == COUNT(units) || !text_to_double(number, &value)) {
			return false;
		}
		*span_s += value * units[u].s;
	}
	return count > 0;
}

static void
doubt(struct reading *reading)
{
	policy_doubt(reading->policy, reading->text.place, reading->text.line);
}

/* Add the servers in @value to @lines; an empty @value clears @lines. */
static void
take_servers(struct reading *reading, char *value, struct restart_line *lines, size_t *count)
{
	char *words[POLICY_WORDS_MAX];
	size_t servers = split_words(value, words, POLICY_WORDS_MAX);

	if (servers == 0) {
		*count = 0;
	}
	for (size_t i = 0; i < servers; i++) {
		struct restart_line line = { .addresses = 1 };

		if (*count == RESTART_LINES_MAX) {
			doubt(reading);
			return;
		}
		snprintf(line.name, sizeof(line.name), "%s", words[i]);
		memcpy(line.place, reading->text.place, sizeof(line.place));
		lines[(*count)++] = line;
	}
}

static void
take_value(struct reading *reading, const char *name, char *value)
{
	struct restart_policy *policy = reading->policy;
	double span_s;

	if (strcmp(name, "NTP") == 0) {
		take_servers(reading, value, policy->lines, &policy->line_count);
	} else if (strcmp(name, "FallbackNTP") == 0) {
		if (reading->fallback_built_in) {
			reading->fallback_count = 0;
			reading->fallback_built_in = false;
		}
		take_servers(reading, value, reading->fallback, &reading->fallback_count);
	} else if (strcmp(name, "RootDistanceMaxSec") == 0) {
		if (!read_span(value, &span_s)) {
			doubt(reading);
			return;
		}
		policy->distance_max_ns = duration_from_s(span_s);
	}
}

/* The distribution builds in fallback servers; its configuration file names them in a comment. */
static void
take_default(struct reading *reading, const char *line)
{
	static const char name[] = "#FallbackNTP=";
	char value[POLICY_LINE_BYTES];

	if (strncmp(line, name, strlen(name)) == 0 && reading->fallback_count == 0 &&
	    strlen(line) < sizeof(value)) {
		snprintf(value, sizeof(value), "%s", line + strlen(name));
		take_servers(reading, value, reading->fallback, &reading->fallback_count);
		reading->fallback_built_in = true;
	}
}

static void
read_line(struct reading *reading)
{
	char copy[POLICY_LINE_BYTES];
	char *line = copy, *value;
	size_t len;

	memcpy(copy, reading->text.line, sizeof(copy));
	line += strspn(line, " \t");
	len = strlen(line);
	while (len > 0 && strchr(" \t\r", line[len - 1])) {
		line[--len] = '\0';
	}
	take_default(reading, line);
	if (line[0] == '\0' || line[0] == '#' || line[0] == ';') {
		return;
	}
	if (line[0] == '[') {
		reading->in_time = strcmp(line, "[Time]") == 0;
		return;
	}
	value = strchr(line, '=');
	if (!value || !reading->in_time) {
		return;
	}
	if (reading->text.cut || line[len - 1] == '\\') {
		doubt(reading);
		return;
	}
	*value++ = '\0';
	line[strcspn(line, " \t")] = '\0';
	take_value(reading, line, value);
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
	while (policy_text_next(&reading.text)) {
		read_line(&reading);
	}
	/* fallback servers are asked only if NTP= names none */
	if (policy->line_count == 0) {
		memcpy(policy->lines, reading.fallback, sizeof(policy->lines));
		policy->line_count = reading.fallback_count;
	}
}
