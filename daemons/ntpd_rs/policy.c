/*
 * Reads the policy of ntpd-rs from ntp.toml.  It reads only as much TOML as the few keys need:
 * tables, dotted keys, numbers, strings and inline tables of one line.  If one of these keys is
 * written in another way, the policy is not known.
 */
#include "daemons/policy.h"
#include "common/duration.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

#define STEP_S 0.010
#define PANIC_BACK_S 86400.0
#define SINGLE_S 1000.0
#define QUORUM 3
#define SLEW_PPM 200.0
#define POOL_COUNT 4
#define KEY_BYTES 160

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	char table[KEY_BYTES];
	struct restart_line source; /* the one that is being read, if in_source */
	bool in_source;
};

static void
doubt(struct reading *reading)
{
	policy_doubt(reading->policy, reading->text.place, reading->text.line);
}

/* Cut off a comment; a "#" within a string begins none. */
static void
cut_comment(char *line)
{
	char quote = '\0';

	for (; *line; line++) {
		if (quote) {
			if (*line == '\\' && quote == '"' && line[1]) {
				line++;
			} else if (*line == quote) {
				quote = '\0';
			}
		} else if (*line == '"' || *line == '\'') {
			quote = *line;
		} else if (*line == '#') {
			*line = '\0';
			return;
		}
	}
}

static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1])) {
		text[--len] = '\0';
	}
	return text;
}

/* Copy the text of "text" or 'text' to @out. */
static bool
read_string(const char *value, char *out, size_t size)
{
	size_t len = strlen(value);

	if (len < 2 || (value[0] != '"' && value[0] != '\'') || value[len - 1] != value[0] ||
	    len - 2 >= size || memchr(value + 1, value[0], len - 2) || memchr(value, '\\', len)) {
		return false;
	}
	memcpy(out, value + 1, len - 2);
	out[len - 2] = '\0';
	return true;
}

/* Read a limit in seconds, as "1_000".  "inf" gives 0, which is no limit; 0 s gives 1 ns. */
static bool
read_limit(const char *value, int64_t *limit_ns)
{
	char text[64], *to = text;
	double number_s;

	if (strcmp(value, "\"inf\"") == 0 || strcmp(value, "'inf'") == 0 ||
	    strcmp(value, "inf") == 0 || strcmp(value, "+inf") == 0) {
		*limit_ns = 0;
		return true;
	}
	if (strlen(value) >= sizeof(text)) {
		return false;
	}
	for (; *value; value++) {
		if (*value != '_') {
			*to++ = *value;
		}
	}
	*to = '\0';
	if (!text_to_double(text, &number_s) || number_s < 0) {
		return false;
	}
	*limit_ns = duration_from_s(number_s);
	*limit_ns = *limit_ns > 0 ? *limit_ns : 1;
	return true;
}

/* Read one limit for both directions, or { forward = A, backward = B }. */
static bool
read_limits(char *value, int64_t *forward_ns, int64_t *back_ns)
{
	char *part, *rest;
	size_t len = strlen(value);

	if (value[0] != '{') {
		bool good = read_limit(value, forward_ns);

		*back_ns = *forward_ns;
		return good;
	}
	if (value[len - 1] != '}') {
		return false;
	}
	value[len - 1] = '\0';
	rest = value + 1;
	while ((part = strsep(&rest, ","))) {
		char *number = strchr(part, '=');
		char *name;

		if (!number) {
			if (*trim(part)) {
				return false;
			}
			continue;
		}
		*number++ = '\0';
		name = trim(part);
		if (strcmp(name, "forward") == 0) {
			if (!read_limit(trim(number), forward_ns)) {
				return false;
			}
		} else if (strcmp(name, "backward") != 0 || !read_limit(trim(number), back_ns)) {
			return false;
		}
	}
	return true;
}

static bool
take_startup(struct reading *reading, char *value)
{
	struct restart_policy *policy = reading->policy;
	int64_t forward_ns = 0, back_ns = 0;

	if (!read_limits(value, &forward_ns, &back_ns)) {
		return false;
	}
	policy->panic_ns = forward_ns;
	/* 0 would mean "as panic_ns": no limit backward becomes one that nothing exceeds */
	policy->panic_back_ns = back_ns > 0 ? back_ns : INT64_MAX;
	policy_blame(policy, BLAME_PANIC, reading->text.place, reading->text.line);
	return true;
}

static bool
take_agreeing(struct reading *reading, char *value)
{
	int count;

	if (!text_to_int(value, 10, 0, 1000, &count)) {
		return false;
	}
	reading->policy->quorum = count < 1 ? 1 : (unsigned)count;
	policy_blame(reading->policy, BLAME_QUORUM, reading->text.place, reading->text.line);
	return true;
}

static bool
take_step(struct reading *reading, char *value)
{
	int64_t limit_ns;

	if (!read_limit(value, &limit_ns)) {
		return false;
	}
	reading->policy->step_forward_ns = reading->policy->step_back_ns = limit_ns;
	policy_blame(reading->policy, BLAME_STEP, reading->text.place, reading->text.line);
	return true;
}

static const struct {
	const char *key;
	bool (*take)(struct reading *reading, char *value);
} keys[] = {
	{ "synchronization.startup-step-panic-threshold", take_startup },
	{ "synchronization.minimum-agreeing-sources", take_agreeing },
	{ "synchronization.algorithm.step-threshold", take_step },
};

static void
end_source(struct reading *reading)
{
	if (!reading->in_source) {
		return;
	}
	reading->in_source = false;
	if (!reading->source.name[0]) {
		policy_doubt(reading->policy, reading->source.place, "a source without address");
		return;
	}
	policy_add_line(reading->policy, &reading->source);
}

/* Cut the port off "time.example:4460" and "[2001:db8::1]:123"; a bare IPv6 address has none. */
static void
cut_port(char *name)
{
	char *colon = strchr(name, ':');

	if (name[0] == '[') {
		size_t len = strcspn(name, "]");

		memmove(name, name + 1, len - (len > 0));
		name[len - (len > 0)] = '\0';
	} else if (colon && !strchr(colon + 1, ':')) {
		*colon = '\0';
	}
}

static void
take_source_key(struct reading *reading, const char *key, const char *value)
{
	struct restart_line *source = &reading->source;
	char mode[16];
	int count;

	if (strcmp(key, "address") == 0) {
		if (!read_string(value, source->name, sizeof(source->name))) {
			doubt(reading);
		}
		cut_port(source->name);
	} else if (strcmp(key, "mode") == 0) {
		if (!read_string(value, mode, sizeof(mode))) {
			doubt(reading);
		} else if (strcmp(mode, "pool") == 0 || strcmp(mode, "nts-pool") == 0) {
			source->flags |= RESTART_POOL;
			source->addresses = POOL_COUNT;
		} else if (strcmp(mode, "sock") == 0 || strcmp(mode, "pps") == 0) {
			source->flags |= RESTART_REFCLOCK;
		}
		source->flags |= strncmp(mode, "nts", 3) == 0 ? RESTART_AUTH : 0;
	} else if (strcmp(key, "count") == 0 && text_to_int(value, 10, 1, 16, &count)) {
		source->addresses = (unsigned)count;
	} else if (strcmp(key, "path") == 0 && !source->name[0]) {
		read_string(value, source->name, sizeof(source->name));
	}
}

/* "[synchronization]", "[[source]]". */
static void
take_table(struct reading *reading, char *line)
{
	bool list = line[1] == '[';
	char *name = trim(line + (list ? 2 : 1));

	name[strcspn(name, "]")] = '\0';
	end_source(reading);
	snprintf(reading->table, sizeof(reading->table), "%s", trim(name));
	if (list && strcmp(reading->table, "source") == 0) {
		reading->in_source = true;
		reading->source = (struct restart_line){ .addresses = 1 };
		memcpy(reading->source.place, reading->text.place, sizeof(reading->source.place));
	}
}

static void
read_line(struct reading *reading)
{
	char copy[POLICY_LINE_BYTES], key[2 * KEY_BYTES];
	char *line, *value;

	memcpy(copy, reading->text.line, sizeof(copy));
	cut_comment(copy);
	line = trim(copy);
	if (line[0] == '[') {
		take_table(reading, line);
		return;
	}
	value = strchr(line, '=');
	if (!value) {
		return;
	}
	*value++ = '\0';
	value = trim(value);
	line = trim(line);
	if (reading->in_source) {
		take_source_key(reading, line, value);
		return;
	}
	snprintf(
	    key, sizeof(key), "%s%s%.150s", reading->table, reading->table[0] ? "." : "", line);
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strcmp(key, keys[i].key) == 0 &&
		    (reading->text.cut || value[0] == '\0' || !keys[i].take(reading, value))) {
			doubt(reading);
		}
	}
	/* tables of ours that are written as a value in one line are not read here */
	if (strcmp(key, "synchronization") == 0 || strcmp(key, "source") == 0 ||
	    strcmp(key, "synchronization.algorithm") == 0) {
		doubt(reading);
	}
}

void
ntpd_rs_read_policy(const char *config, const char *options UNUSED, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };

	*policy = (struct restart_policy){ .known = true,
		.rules = RESTART_RULES_NTPD_RS,
		.step_forward_ns = duration_from_s(STEP_S),
		.step_back_ns = duration_from_s(STEP_S),
		.step_updates = -1,
		.panic_back_ns = duration_from_s(PANIC_BACK_S),
		.quorum = QUORUM,
		.slew_ppm = SLEW_PPM,
		.drift_file = true };
	policy_blame(policy, BLAME_STEP, "ntpd-rs", "step-threshold");
	policy_text_begin(&reading.text, config, "/etc/ntpd-rs/ntp.toml");
	while (policy_text_next(&reading.text)) {
		read_line(&reading);
	}
	end_source(&reading);
}
