/*
 * Reads the policy of OpenNTPD from ntpd.conf and its options.
 * Source: its parse.y; ntpd -n of 6.2p3.  `trusted` is of later versions.
 */
#include "daemons/policy.h"
#include "daemons/options.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Source: ntpd.h: SETTIME_MIN_OFFSET, for -s; AUTO_THRESHOLD, since 6.8, only for steps forward */
#define SETTIME_NS (180 * NS_PER_S)
#define AUTOMATIC_NS (60 * NS_PER_S)
#define SLEW_PPM 500.0
#define SERVERS_ADDRESSES 8 /* MAX_SERVERS_DNS */

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	bool automatic;
	char joined[2 * POLICY_LINE_BYTES]; /* the line, with the lines that it continues */
};

static void
doubt(struct reading *reading)
{
	policy_doubt(reading->policy, reading->text.place, reading->text.line);
}

/* With `trusted` or a constraint, OpenNTPD 6.8 and later may set the clock at every start. */
static void
take_trust(struct reading *reading)
{
	reading->automatic = true;
	policy_blame(reading->policy, BLAME_STEP, reading->text.place, reading->text.line);
}

/* The options of statements: who takes one, and the range of its number. */
enum statement {
	STATEMENT_SOURCE = 1 << 0,
	STATEMENT_SENSOR = 1 << 1,
	STATEMENT_LISTEN = 1 << 2,
};

static const struct {
	const char *name;
	unsigned of;  /* of enum statement */
	int min, max; /* both 0: any text; min > max: no value */
} options_known[] = {
	{ "weight", STATEMENT_SOURCE | STATEMENT_SENSOR, 1, 10 },
	{ "trusted", STATEMENT_SOURCE | STATEMENT_SENSOR, 1, 0 },
	{ "correction", STATEMENT_SENSOR, -127000000, 127000000 },
	{ "stratum", STATEMENT_SENSOR, 1, 15 },
	{ "refid", STATEMENT_SENSOR, 0, 0 },
	{ "rtable", STATEMENT_LISTEN, 0, 65535 },
};

/* Whether @word is a number in the range of option @o; text_to_int() alone would only cap it. */
static bool
is_value(size_t o, const char *word)
{
	int min = options_known[o].min, max = options_known[o].max, value;

	return (min == 0 && max == 0) ||
	    (text_to_int(word, 10, min - 1, max + 1, &value) && value >= min && value <= max);
}

/* Read the options behind a statement; @trusted: `trusted` is one of them. */
static bool
read_options(unsigned statement, char *const *words, size_t count, bool *trusted)
{
	*trusted = false;
	for (size_t i = 0; i < count; i++) {
		size_t o = 0;

		while (o < COUNT(options_known) && strcmp(options_known[o].name, words[i]) != 0) {
			o++;
		}
		if (o == COUNT(options_known) || !(options_known[o].of & statement)) {
			return false;
		}
		if (options_known[o].min > options_known[o].max) {
			*trusted = true;
		} else if (++i == count || !is_value(o, words[i])) {
			return false;
		}
	}
	return true;
}

static bool
take_source(struct reading *reading, char *const *words, size_t count)
{
	bool pool = strcmp(words[0], "servers") == 0, trusted;
	struct restart_line line = { .addresses = pool ? SERVERS_ADDRESSES : 1,
		.flags = pool ? RESTART_POOL : 0 };

	if (count < 2 || strlen(words[1]) >= sizeof(line.name) ||
	    !read_options(STATEMENT_SOURCE, words + 2, count - 2, &trusted)) {
		return false;
	}
	snprintf(line.name, sizeof(line.name), "%s", words[1]);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	if (trusted) {
		line.flags |= RESTART_AUTH;
		take_trust(reading);
	}
	policy_add_line(reading->policy, &line);
	return true;
}

static bool
take_sensor(struct reading *reading, char *const *words, size_t count)
{
	struct restart_line line = { .flags = RESTART_REFCLOCK, .addresses = 1 };
	bool trusted;

	if (count < 2 || strlen(words[1]) >= sizeof(line.name) ||
	    !read_options(STATEMENT_SENSOR, words + 2, count - 2, &trusted)) {
		return false;
	}
	if (trusted) {
		take_trust(reading);
	}
	if (strcmp(words[1], "*") != 0) { /* "*": any sensor; most hosts have none */
		snprintf(line.name, sizeof(line.name), "%s", words[1]);
		memcpy(line.place, reading->text.place, sizeof(line.place));
		policy_add_line(reading->policy, &line);
	}
	return true;
}

static bool
take_constraint(struct reading *reading, char *const *words, size_t count)
{
	if (count < 3 || strcmp(words[1], "from") != 0) {
		return false;
	}
	take_trust(reading);
	return true;
}

static bool
take_listen(struct reading *reading UNUSED, char *const *words, size_t count)
{
	bool trusted;

	return count >= 3 && strcmp(words[1], "on") == 0 &&
	    read_options(STATEMENT_LISTEN, words + 3, count - 3, &trusted);
}

static bool
take_query(struct reading *reading UNUSED, char *const *words, size_t count)
{
	return count == 3 && strcmp(words[1], "from") == 0;
}

static const struct {
	const char *name;
	bool (*take)(struct reading *reading, char *const *words, size_t count);
} statements[] = {
	{ "server", take_source },
	{ "servers", take_source },
	{ "sensor", take_sensor },
	{ "constraint", take_constraint },
	{ "constraints", take_constraint },
	{ "listen", take_listen },
	{ "query", take_query },
};

/* Characters that cannot stand in a word without quotes.  Source: its parse.y, yylex(). */
#define ENDS_WORD " \t#(){}<>!=/,\"'\\\r"

/* Whether a word or number may begin with @c. */
static bool
is_first(char c)
{
	return isalnum((unsigned char)c) || strchr(":_*-", c);
}

/*
 * Split a line into words, in place; a quoted one may have any character, a comment ends the line.
 * Returns false where OpenNTPD sees no word, or where it may be one with an escape.
 */
static bool
split(char *line, char **words, size_t *count)
{
	*count = 0;
	for (;;) {
		char end;
		size_t len;

		line += strspn(line, " \t");
		if (*line == '\0' || *line == '#') {
			return true;
		}
		if (*count == POLICY_WORDS_MAX) {
			return false;
		}
		end = *line == '"' || *line == '\'' ? *line : '\0';
		if (end) {
			len = strcspn(++line, (char[]){ end, '\\', '\0' });
			if (line[len] != end) {
				return false;
			}
		} else {
			len = strcspn(line, ENDS_WORD);
			/* the word ends here: what comes next is looked at after it */
			if (len == 0 || !is_first(line[0]) ||
			    (line[len] && !strchr(" \t#", line[len]))) {
				return false;
			}
		}
		words[(*count)++] = line;
		line += len;
		if (*line == '#') {
			*line = '\0';
			return true;
		}
		if (*line) {
			*line++ = '\0';
		}
	}
}

/* Take a line that is whole.  OpenNTPD does not start with one that it does not know. */
static void
take_joined(struct reading *reading)
{
	char *words[POLICY_WORDS_MAX];
	size_t count, s = 0;
	bool good = split(reading->joined, words, &count);

	while (good && count > 0 && s < COUNT(statements) &&
	    strcmp(statements[s].name, words[0]) != 0) {
		s++;
	}
	if (!good || s == COUNT(statements) ||
	    (count > 0 && !statements[s].take(reading, words, count))) {
		doubt(reading);
	}
	reading->joined[0] = '\0';
}

static void
read_line(struct reading *reading)
{
	const char *line = reading->text.line;
	size_t len = strlen(reading->joined), more = strlen(line), slashes = 0;

	if (reading->text.cut || len + more >= sizeof(reading->joined)) {
		doubt(reading);
		return;
	}
	memcpy(reading->joined + len, line, more + 1);
	while (slashes < more && line[more - 1 - slashes] == '\\') {
		slashes++;
	}
	if (slashes % 2 == 1) { /* a comment goes on in the next line, too */
		reading->joined[len + more - 1] = '\0';
	} else {
		take_joined(reading);
	}
}

/* Up to 6.2p3, OpenNTPD does not start with a last line that has no end. */
static void
read_end(struct reading *reading, const char *config)
{
	char *words[POLICY_WORDS_MAX];
	size_t len = strlen(config), count;

	if (reading->joined[0]) {
		doubt(reading);
	} else if (len > 0 && config[len - 1] != '\n' &&
	    (!split(reading->text.line, words, &count) || count > 0)) {
		policy_doubt(reading->policy, reading->text.place, "the last line has no end");
	}
}

const struct option_rules openntpd_options = { .with_value = "fp" };

void
openntpd_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };
	struct options read = { .has = { false } };

	*policy = (struct restart_policy){ .known = true,
		.rules = RESTART_RULES_MEDIAN,
		.quorum = 1,
		.slew_ppm = SLEW_PPM,
		.drift_file = true };
	policy_text_begin(&reading.text, config, "/etc/openntpd/ntpd.conf");
	while (policy_text_next(&reading.text)) {
		read_line(&reading);
	}
	read_end(&reading, config);
	options_read(&read, options, &openntpd_options);
	if (read.has['s']) {
		policy->step_forward_ns = policy->step_back_ns = SETTIME_NS;
		policy_blame(policy, BLAME_STEP, "", "-s");
	}
	if (reading.automatic) {
		policy->step_forward_ns = AUTOMATIC_NS;
	}
	if (read.has['n']) {
		policy->passive = policy->one_shot = true;
		policy_blame(policy, BLAME_ONE_SHOT, "", "-n");
	}
	if (read.others.len > 0) {
		policy_doubt(policy, "", buf_str(&read.others));
	}
	options_free(&read);
}
