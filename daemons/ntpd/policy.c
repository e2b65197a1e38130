/* Reads the policy of ntpd and NTPsec from ntp.conf and their options. */
#include "daemons/policy.h"
#include "common/duration.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Source: ntp.h of both: CLOCK_MAX, CLOCK_PANIC; the step of -x; the kernel's fastest slew */
#define STEP_S 0.128
#define STEP_SLEW_S 600.0
#define PANIC_S 1000.0
#define SLEW_PPM 500.0
#define START_DISPERSION_S 0.9375 /* of 4 samples: 16 s * (1/32 + ... + 1/256) */
#define MINPOLL 6
/* the daemon takes all addresses of a pool, until it has maxclock associations */
#define POOL_ADDRESSES 11
#define DAYS_1900_TO_1970 25567
#define YEARS_MAX 273 /* since 1900 */

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	bool ntpsec;
	bool quiet; /* defaults are being set: nobody is to blame */
};

static void
blame(struct reading *reading, enum restart_blamed what)
{
	if (!reading->quiet) {
		policy_blame(reading->policy, what, reading->text.place, reading->text.line);
	}
}

static void
tinker_step(struct reading *reading, double value)
{
	reading->policy->step_forward_ns = duration_from_s(value);
	reading->policy->step_back_ns = duration_from_s(value);
	blame(reading, BLAME_STEP);
}

static void
tinker_stepfwd(struct reading *reading, double value)
{
	reading->policy->step_forward_ns = duration_from_s(value);
	blame(reading, BLAME_STEP);
}

static void
tinker_stepback(struct reading *reading, double value)
{
	reading->policy->step_back_ns = duration_from_s(value);
	blame(reading, BLAME_STEP);
}

static void
tinker_panic(struct reading *reading, double value)
{
	reading->policy->panic_ns = duration_from_s(value);
	blame(reading, BLAME_PANIC);
}

static void
tos_minsane(struct reading *reading, double value)
{
	reading->policy->quorum = value > 1000 ? 1000 : value < 1 ? 1 : (unsigned)value;
	blame(reading, BLAME_QUORUM);
}

static void
tos_minclock(struct reading *reading, double value)
{
	reading->policy->cluster_to = value > 1000 ? 1000 : value < 1 ? 1 : (unsigned)value;
}

static void
tos_maxdist(struct reading *reading, double value)
{
	reading->policy->distance_max_ns = duration_from_s(value);
}

/* A stratum of 16 turns orphan mode off. */
static void
tos_orphan(struct reading *reading, double value)
{
	reading->policy->own_clock = value < 16;
	blame(reading, BLAME_ORPHAN);
}

struct setting {
	const char *command, *name;
	bool whole; /* a number without a fraction */
	void (*take)(struct reading *reading, double value);
};

static const struct setting settings[] = {
	{ "tinker", "step", false, tinker_step },
	{ "tinker", "stepfwd", false, tinker_stepfwd },
	{ "tinker", "stepback", false, tinker_stepback },
	{ "tinker", "panic", false, tinker_panic },
	{ "tos", "minsane", true, tos_minsane },
	{ "tos", "minclock", true, tos_minclock },
	{ "tos", "maxdist", false, tos_maxdist },
	{ "tos", "orphan", true, tos_orphan },
};

static const struct setting *
find_setting(const char *command, const char *name)
{
	for (size_t i = 0; i < COUNT(settings); i++) {
		if (strcmp(command, settings[i].command) == 0 &&
		    strcmp(name, settings[i].name) == 0) {
			return &settings[i];
		}
	}
	return NULL;
}

static void
doubt(struct reading *reading)
{
	policy_doubt(reading->policy, reading->text.place, reading->text.line);
}

/*
 * Read "2024-01-01", or days since 1900: ntp 4.2.8 sets an earlier clock to that day.  A day that
 * int64_t nanoseconds since 1970 cannot hold is refused.
 */
static bool
take_basedate(struct reading *reading, const char *word)
{
	struct tm date = { .tm_year = 0 };
	const char *end;
	int days;

	if (reading->ntpsec) {
		return true; /* a syntax error for NTPsec, which skips the line */
	}
	word += *word == '"';
	end = strptime(word, "%Y-%m-%d", &date);
	if (end && (*end == '\0' || *end == '"') && date.tm_year >= 0 && date.tm_year < YEARS_MAX) {
		reading->policy->basedate_ns = (int64_t)timegm(&date) * NS_PER_S;
	} else if (text_to_int(word, 10, 0, YEARS_MAX * 365, &days)) {
		reading->policy->basedate_ns =
		    (int64_t)(days - DAYS_1900_TO_1970) * 86400 * NS_PER_S;
	} else {
		return false;
	}
	blame(reading, BLAME_PRESET);
	return true;
}

/* `tinker step 0.5 panic 0.5`: names and values in turn; pairs with other names are skipped. */
static void
read_pairs(struct reading *reading, char *const *words, size_t count)
{
	for (size_t at = 1; at < count; at += 2) {
		const struct setting *setting = find_setting(words[0], words[at]);
		double value;

		if (strcmp(words[at], "basedate") == 0) {
			if (at + 1 >= count || !take_basedate(reading, words[at + 1])) {
				doubt(reading);
				return;
			}
			continue;
		}
		if (!setting) {
			continue;
		}
		if (at + 1 >= count || !text_to_double(words[at + 1], &value) || value < 0 ||
		    strpbrk(words[at + 1], setting->whole ? "xX.eE" : "xX")) {
			doubt(reading);
			return;
		}
		setting->take(reading, value);
	}
}

/* `disable ntp`: the daemon answers and measures, and leaves the clock alone. */
static void
read_switches(struct reading *reading, char *const *words, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (strcmp(words[i], "ntp") == 0) {
			reading->policy->passive = strcmp(words[0], "disable") == 0;
			blame(reading, BLAME_PASSIVE);
		}
	}
}

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
	{ "iburst", RESTART_IBURST },
	{ "prefer", RESTART_PREFER },
	{ "true", RESTART_TRUE },
	{ "noselect", RESTART_NOSELECT },
	{ "key", RESTART_AUTH },
	{ "nts", RESTART_AUTH },
	{ "autokey", RESTART_AUTH },
};

static void
read_source_words(struct restart_line *line, char *const *words, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		for (size_t i = 0; i < COUNT(flags); i++) {
			if (strcmp(words[at], flags[i].name) == 0) {
				line->flags |= flags[i].flag;
			}
		}
		if (strcmp(words[at], "minpoll") == 0 && at + 1 < count) {
			text_to_int(words[at + 1], 10, 0, 17, &line->minpoll);
		}
	}
}

/* Copy @word without the quotes that it may have. */
static void
copy_name(char *out, size_t size, const char *word)
{
	size_t len;

	word += *word == '"';
	len = strcspn(word, "\"");
	snprintf(out, size, "%.*s", (int)len, word);
}

static void
add_source(struct reading *reading, char *const *words, size_t count, unsigned kind)
{
	struct restart_line line = { .flags = kind, .addresses = 1, .minpoll = MINPOLL };
	size_t at = 1;

	if (kind & RESTART_POOL) {
		line.addresses = POOL_ADDRESSES;
	}
	if (at < count && (strcmp(words[at], "-4") == 0 || strcmp(words[at], "-6") == 0)) {
		at++;
	}
	if (at >= count) {
		doubt(reading);
		return;
	}
	copy_name(line.name, sizeof(line.name), words[at]);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	read_source_words(&line, words + at + 1, count - at - 1);
	/* 127.127.T.U is a refclock of type T; type 1 is the local clock itself */
	if (strncmp(line.name, "127.127.", 8) == 0 ||
	    (kind & RESTART_REFCLOCK && strcmp(line.name, "local") == 0)) {
		line.flags |= RESTART_REFCLOCK;
		if (strncmp(line.name, "127.127.1.", 10) == 0 || line.name[0] == 'l') {
			reading->policy->own_clock = true;
			blame(reading, BLAME_ORPHAN);
			return;
		}
	}
	policy_add_line(reading->policy, &line);
}

static void
take_server(struct reading *reading, char *const *words, size_t count)
{
	add_source(reading, words, count, 0);
}

static void
take_pool(struct reading *reading, char *const *words, size_t count)
{
	add_source(reading, words, count, RESTART_POOL);
}

/* NTPsec takes `peer` for `server`. */
static void
take_peer(struct reading *reading, char *const *words, size_t count)
{
	add_source(reading, words, count, reading->ntpsec ? 0 : RESTART_PEER);
}

/* Only NTPsec has `refclock`; for ntp 4.2.8 it is a syntax error. */
static void
take_refclock(struct reading *reading, char *const *words, size_t count)
{
	if (reading->ntpsec) {
		add_source(reading, words, count, RESTART_REFCLOCK);
	}
}

static void
take_driftfile(struct reading *reading, char *const *words, size_t count)
{
	if (count > 1) {
		copy_name(
		    reading->policy->drift_path, sizeof(reading->policy->drift_path), words[1]);
	}
	reading->policy->drift_file = count > 1;
}

/* Servers that announce themselves by broadcast are not known before they do. */
static void
take_broadcast(struct reading *reading, char *const *words UNUSED, size_t count UNUSED)
{
	doubt(reading);
}

static const struct {
	const char *name;
	void (*take)(struct reading *reading, char *const *words, size_t count);
} commands[] = {
	{ "tinker", read_pairs }, { "tos", read_pairs }, { "disable", read_switches },
	{ "enable", read_switches }, { "driftfile", take_driftfile }, { "server", take_server },
	{ "pool", take_pool }, { "peer", take_peer }, { "refclock", take_refclock },
	{ "broadcastclient", take_broadcast }, { "multicastclient", take_broadcast },
	{ "manycastclient", take_broadcast },
	{ "includefile", take_broadcast }, /* if left in the text, the file could not be read */
};

/* ntpd's words are case-sensitive: "Server" is a syntax error, and the daemon skips the line. */
static void
read_line(struct reading *reading)
{
	char copy[POLICY_LINE_BYTES], *words[POLICY_WORDS_MAX];
	size_t count;

	reading->text.line[strcspn(reading->text.line, "#")] = '\0';
	memcpy(copy, reading->text.line, sizeof(copy));
	count = split_words(copy, words, POLICY_WORDS_MAX);
	for (size_t i = 0; count > 0 && i < COUNT(commands); i++) {
		if (strcmp(words[0], commands[i].name) == 0) {
			if (reading->text.cut) {
				doubt(reading);
				return;
			}
			commands[i].take(reading, words, count);
		}
	}
}

static const struct long_option longs[] = {
	{ "panicgate", 'g' },
	{ "force-step-once", 'G' },
	{ "slew", 'x' },
	{ "quit", 'q' },
	{ "driftfile", 'f' },
	{ "configfile", 'c' },
	{ "set-debug-level", 'D' },
	{ "jaildir", 'i' },
	{ "interface", 'I' },
	{ "keyfile", 'k' },
	{ "logfile", 'l' },
	{ "pidfile", 'p' },
	{ "priority", 'P' },
	{ "propagationdelay", 'r' },
	{ "statsdir", 's' },
	{ "trustedkey", 't' },
	{ "user", 'u' },
	{ "updateinterval", 'U' },
	{ "uinterval", 'U' },
	{ "wait-sync", 'w' },
	{ "saveconfigquit", '1' },
	{ "var", '2' },
	{ "dvar", '2' },
	{ NULL, 0 },
};

/* Take "NTPD_PANICGATE=", a variable of ntp 4.2.8's environment, as the option that it names. */
static bool
take_variable(struct options *options, const char *word)
{
	size_t len = strcspn(word, "=");

	if (strncmp(word, "NTPD_", 5) != 0) {
		return false;
	}
	for (const struct long_option *option = longs; option->name; option++) {
		size_t i = 0;

		while (i < len - 5 && option->name[i] &&
		    (word[5 + i] == '_' ? '-' : tolower((unsigned char)word[5 + i])) ==
			option->name[i]) {
			i++;
		}
		if (i == len - 5 && option->name[i] == '\0') {
			options->has[(unsigned char)option->letter] = true;
		}
	}
	return true;
}

/* ntp 4.2.8 accepts servers as arguments.  That is rare; here it makes the policy not known. */
static void
read_operands(struct reading *reading, struct options *options)
{
	struct policy_text text;

	policy_text_begin(&text, buf_str(&options->others), "");
	while (policy_text_next(&text)) {
		if (text.line[0] && (reading->ntpsec || !take_variable(options, text.line))) {
			policy_doubt(reading->policy, "", text.line);
		}
	}
}

static void
take_options(struct reading *reading, const char *text)
{
	struct restart_policy *policy = reading->policy;
	struct options options = { .has = { false } };

	options_read(&options, text, "cDfiIklpPrstuUw12", longs);
	read_operands(reading, &options);
	if (options.has['x']) {
		tinker_step(reading, STEP_SLEW_S);
		policy_blame(policy, BLAME_STEP, "", "-x");
	}
	if (options.has['g']) {
		policy->panic_pass = true;
		policy_blame(policy, BLAME_PASS, "", "-g");
	}
	policy->step_any = options.has['G'];
	if (options.has['q'] || (!reading->ntpsec && options.has['1'])) {
		policy->one_shot = true;
		policy_blame(policy, BLAME_ONE_SHOT, "", "-q");
	}
	policy->drift_file = options.has['f'];
	options_free(&options);
}

static void
read_all(struct reading *reading, const char *config, const char *options, const char *path)
{
	struct restart_policy *policy = reading->policy;

	*policy = (struct restart_policy){ .known = true,
		.rules = RESTART_RULES_NTPD,
		.quorum = 1,
		.step_updates = -1,
		.slew_ppm = SLEW_PPM };
	reading->quiet = true;
	tinker_panic(reading, PANIC_S);
	tinker_step(reading, STEP_S);
	take_options(reading, options);
	reading->quiet = false;
	/* the file comes after the options: a tinker in it overrides -x */
	policy_text_begin(&reading->text, config, path);
	while (policy_text_next(&reading->text)) {
		read_line(reading);
	}
	if (policy->step_any) {
		policy_blame(policy, BLAME_STEP, "", "-G");
	}
	policy->start_dispersion_ns = reading->ntpsec ? 0 : duration_from_s(START_DISPERSION_S);
}

void
ntp_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };

	read_all(&reading, config, options, "/etc/ntp.conf");
}

void
ntpsec_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy, .ntpsec = true };

	read_all(&reading, config, options, "/etc/ntpsec/ntp.conf");
}
