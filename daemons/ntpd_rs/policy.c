/*
 * Reads the policy of ntpd-rs from ntp.toml.  ntpd-rs does not start with a key that it does not
 * know, or with a value of another type: then the policy is not known.
 * Source: ntp-ctl validate of 1.4.0.
 */
#include "daemons/policy.h"
#include "common/duration.h"
#include "daemons/ntpd_rs/toml.h"
#include "daemons/options.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

#define STEP_S 0.010
#define PANIC_BACK_S 86400.0
#define QUORUM 3
#define SLEW_PPM 200.0
#define POOL_COUNT 4

struct reading {
	struct restart_policy *policy;
	char place[RESTART_PLACE_BYTES]; /* of the item that is read */
	char words[RESTART_TEXT_BYTES];  /* its line */
	struct restart_line source;      /* the one that is being read, if in_source */
	bool in_source, has_mode;
	bool startup_begun; /* startup-step-panic-threshold is a table: what it lacks is no limit */
};

static void
doubt(struct reading *reading)
{
	policy_doubt(reading->policy, reading->place, reading->words);
}

/* Note the place of the item, and its line as far as it fits. */
static void
note_place(struct reading *reading, const struct toml_item *item)
{
	size_t len = strcspn(item->words, "\r\n");

	len = len < sizeof(reading->words) ? len : sizeof(reading->words) - 1;
	memcpy(reading->words, item->words, len);
	reading->words[len] = '\0';
	policy_place(reading->place, item->file, item->line);
}

static bool
is_digit(char c)
{
	return c != '\0' && strchr("0123456789abcdefABCDEF", c);
}

/* Copy a number without its underscores; false where TOML does not allow it to be so written. */
static bool
plain_number(const char *value, char *out, size_t size)
{
	const char *first = value + (*value == '+' || *value == '-');

	if (strlen(value) >= size ||
	    (first[0] == '0' && first[1] && strchr("0123456789_", first[1]))) {
		return false;
	}
	for (const char *at = value; *at; at++) {
		if ((*at == '_' || *at == '.') &&
		    (at == first || !is_digit(at[-1]) || !is_digit(at[1]))) {
			return false;
		}
		if (*at != '_') {
			*out++ = *at;
		}
	}
	*out = '\0';
	return true;
}

/* Read a limit in seconds, as 1_000.  "inf" gives 0, which is no limit; 0 s gives 1 ns. */
static bool
read_limit(const struct toml_item *item, int64_t *limit_ns)
{
	const char *value = item->text;
	char text[64];
	double number_s;

	if (item->kind == TOML_STRING || strcmp(value, "inf") == 0 || strcmp(value, "+inf") == 0) {
		*limit_ns = 0;
		return strcmp(value + (*value == '+'), "inf") == 0;
	}
	if (item->kind != TOML_OTHER) {
		return false;
	}
	if (!plain_number(value, text, sizeof(text)) || !text_to_double(text, &number_s) ||
	    number_s < 0) {
		return false;
	}
	*limit_ns = duration_from_s(number_s);
	*limit_ns = *limit_ns > 0 ? *limit_ns : 1;
	return true;
}

static void
set_startup(struct reading *reading, int64_t forward_ns, int64_t back_ns)
{
	reading->policy->panic_ns = forward_ns;
	/* 0 would mean "as panic_ns": no limit backward becomes one that nothing exceeds */
	reading->policy->panic_back_ns = back_ns > 0 ? back_ns : INT64_MAX;
	policy_blame(reading->policy, BLAME_PANIC, reading->place, reading->words);
}

/* One limit for both directions, or a table of two: what it lacks is no limit. */
static bool
take_startup(struct reading *reading, const struct toml_item *item)
{
	int64_t limit_ns = 0;

	if (item->kind != TOML_TABLE &&
	    (!read_limit(item, &limit_ns) || (limit_ns == 0 && item->kind != TOML_STRING))) {
		return false; /* ntpd-rs takes a bare inf in the table only */
	}
	set_startup(reading, limit_ns, limit_ns);
	reading->startup_begun = true;
	return true;
}

static bool
take_startup_part(struct reading *reading, const struct toml_item *item)
{
	struct restart_policy *policy = reading->policy;
	bool forward = strcmp(strrchr(item->path, '.'), ".forward") == 0;
	int64_t limit_ns = 0;

	if (!reading->startup_begun) { /* no header: a dotted key begins the table */
		set_startup(reading, 0, 0);
		reading->startup_begun = true;
	}
	if (!read_limit(item, &limit_ns)) {
		return false;
	}
	set_startup(reading, forward ? limit_ns : policy->panic_ns,
	    forward ? policy->panic_back_ns : limit_ns);
	return true;
}

/* Read a whole number, as 1_0, +3 or 0x10. */
static bool
read_count(const struct toml_item *item, int max, int *count)
{
	static const struct {
		const char *prefix;
		int base;
	} bases[] = { { "0x", 16 }, { "0o", 8 }, { "0b", 2 }, { "+", 10 }, { "", 10 } };
	char text[32];
	size_t b = 0;

	if (item->kind != TOML_OTHER || !plain_number(item->text, text, sizeof(text))) {
		return false;
	}
	while (strncmp(text, bases[b].prefix, strlen(bases[b].prefix)) != 0) {
		b++;
	}
	return text_to_int(text + strlen(bases[b].prefix), bases[b].base, 0, max, count);
}

static bool
take_agreeing(struct reading *reading, const struct toml_item *item)
{
	int count;

	if (!read_count(item, 1000, &count)) {
		return false;
	}
	reading->policy->quorum = count < 1 ? 1 : (unsigned)count;
	policy_blame(reading->policy, BLAME_QUORUM, reading->place, reading->words);
	return true;
}

static bool
take_step(struct reading *reading, const struct toml_item *item)
{
	int64_t limit_ns;

	if (item->kind != TOML_OTHER || !read_limit(item, &limit_ns)) {
		return false;
	}
	reading->policy->step_forward_ns = reading->policy->step_back_ns = limit_ns;
	policy_blame(reading->policy, BLAME_STEP, reading->place, reading->words);
	return true;
}

static void
end_source(struct reading *reading)
{
	if (!reading->in_source) {
		return;
	}
	reading->in_source = false;
	if (!reading->source.name[0] || !reading->has_mode) {
		policy_doubt(
		    reading->policy, reading->source.place, "a source without address or mode");
		return;
	}
	policy_add_line(reading->policy, &reading->source);
}

static bool
take_source(struct reading *reading, const struct toml_item *item)
{
	if (item->kind != TOML_ELEMENT) {
		return item->kind == TOML_ARRAY;
	}
	end_source(reading);
	reading->in_source = true;
	reading->has_mode = false;
	reading->source = (struct restart_line){ .addresses = 1 };
	memcpy(reading->source.place, reading->place, sizeof(reading->source.place));
	return true;
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

static bool
take_address(struct reading *reading, const struct toml_item *item)
{
	struct restart_line *source = &reading->source;

	if (item->kind != TOML_STRING || strlen(item->text) >= sizeof(source->name)) {
		return false;
	}
	snprintf(source->name, sizeof(source->name), "%s", item->text);
	cut_port(source->name);
	return true;
}

static bool
take_path(struct reading *reading, const struct toml_item *item)
{
	struct restart_line *source = &reading->source;

	if (item->kind != TOML_STRING || strlen(item->text) >= sizeof(source->name)) {
		return false;
	}
	snprintf(source->name, sizeof(source->name), "%s", item->text);
	return true;
}

static bool
take_mode(struct reading *reading, const struct toml_item *item)
{
	static const struct {
		const char *mode;
		unsigned flags;
	} modes[] = { { "server", 0 }, { "pool", RESTART_POOL }, { "nts", RESTART_AUTH },
		{ "nts-pool", RESTART_POOL | RESTART_AUTH }, { "sock", RESTART_REFCLOCK },
		{ "pps", RESTART_REFCLOCK } };
	struct restart_line *source = &reading->source;

	for (size_t i = 0; item->kind == TOML_STRING && i < COUNT(modes); i++) {
		if (strcmp(item->text, modes[i].mode) == 0) {
			reading->has_mode = true;
			source->flags |= modes[i].flags;
			source->nts |= (modes[i].flags & RESTART_AUTH) != 0; /* it knows no keys */
			if (modes[i].flags & RESTART_POOL && source->addresses == 1) {
				source->addresses = POOL_COUNT;
			}
			return true;
		}
	}
	return false;
}

static bool
take_count(struct reading *reading, const struct toml_item *item)
{
	int count;

	if (!read_count(item, 16, &count) || count < 1) {
		return false;
	}
	reading->source.addresses = (unsigned)count;
	return true;
}

static bool
take_table(struct reading *reading UNUSED, const struct toml_item *item)
{
	return item->kind == TOML_TABLE;
}

static bool
take_any(struct reading *reading UNUSED, const struct toml_item *item UNUSED)
{
	return true;
}

/* Every key that ntpd-rs knows; a row that ends with "." is about all keys below it. */
static const struct {
	const char *path;
	bool (*take)(struct reading *reading, const struct toml_item *item);
} keys[] = {
	{ "source", take_source },
	{ "source.address", take_address },
	{ "source.mode", take_mode },
	{ "source.count", take_count },
	{ "source.path", take_path },
	{ "source.ignore", take_any },
	{ "source.certificate-authority", take_any },
	{ "source.measurement_noise_estimate", take_any },
	{ "source.precision", take_any },
	{ "source.period", take_any },
	{ "source.accuracy", take_any },
	{ "source.ntp-version", take_any },
	{ "source.poll-interval-limits", take_any },
	{ "source.poll-interval-limits.", take_any },
	{ "source.initial-poll-interval", take_any },
	{ "synchronization", take_table },
	{ "synchronization.startup-step-panic-threshold", take_startup },
	{ "synchronization.startup-step-panic-threshold.forward", take_startup_part },
	{ "synchronization.startup-step-panic-threshold.backward", take_startup_part },
	{ "synchronization.single-step-panic-threshold", take_any },
	{ "synchronization.single-step-panic-threshold.", take_any },
	{ "synchronization.accumulated-step-panic-threshold", take_any },
	{ "synchronization.minimum-agreeing-sources", take_agreeing },
	{ "synchronization.local-stratum", take_any },
	{ "synchronization.algorithm", take_table },
	{ "synchronization.algorithm.step-threshold", take_step },
	{ "synchronization.algorithm.precision-low-probability", take_any },
	{ "synchronization.algorithm.precision-high-probability", take_any },
	{ "synchronization.algorithm.precision-hysteresis", take_any },
	{ "synchronization.algorithm.precision-minimum-weight", take_any },
	{ "synchronization.algorithm.poll-interval-low-weight", take_any },
	{ "synchronization.algorithm.poll-interval-high-weight", take_any },
	{ "synchronization.algorithm.poll-interval-hysteresis", take_any },
	{ "synchronization.algorithm.poll-interval-step-threshold", take_any },
	{ "synchronization.algorithm.delay-outlier-threshold", take_any },
	{ "synchronization.algorithm.initial-wander", take_any },
	{ "synchronization.algorithm.initial-frequency-uncertainty", take_any },
	{ "synchronization.algorithm.maximum-source-uncertainty", take_any },
	{ "synchronization.algorithm.range-statistical-weight", take_any },
	{ "synchronization.algorithm.range-delay-weight", take_any },
	{ "synchronization.algorithm.steer-offset-threshold", take_any },
	{ "synchronization.algorithm.steer-offset-leftover", take_any },
	{ "synchronization.algorithm.steer-frequency-threshold", take_any },
	{ "synchronization.algorithm.steer-frequency-leftover", take_any },
	{ "synchronization.algorithm.slew-maximum-frequency-offset", take_any },
	{ "synchronization.algorithm.slew-minimum-duration", take_any },
	{ "synchronization.algorithm.maximum-frequency-steer", take_any },
	{ "synchronization.algorithm.ignore-server-dispersion", take_any },
	{ "synchronization.algorithm.meddling-threshold", take_any },
	{ "server", take_any },
	{ "server.", take_any },
	{ "nts-ke-server", take_any },
	{ "nts-ke-server.", take_any },
	{ "source-defaults", take_any },
	{ "source-defaults.", take_any },
	{ "observability", take_any },
	{ "observability.", take_any },
	{ "keyset", take_any },
	{ "keyset.", take_any },
};

static bool
is_path(const char *row, const char *path)
{
	size_t len = strlen(row);

	return row[len - 1] == '.' ? strncmp(row, path, len) == 0 : strcmp(row, path) == 0;
}

static void
take_item(void *owner, const struct toml_item *item)
{
	struct reading *reading = owner;

	note_place(reading, item);
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (is_path(keys[i].path, item->path)) {
			if (!keys[i].take(reading, item)) {
				doubt(reading);
			}
			return;
		}
	}
	doubt(reading);
}

/* What is no option is ignored.  Source: NtpDaemonOptions in ntpd/src/daemon/config of ntpd-rs. */
static const struct long_option longs[] = { { "config", 'c' }, { "log-level", 'l' },
	{ "help", 'h' }, { "version", 'v' }, { NULL, '\0' } };

const struct option_rules ntpd_rs_options = { .with_value = "cl", .longs = longs };

void
ntpd_rs_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };
	struct options read = { .has = { false } };

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
	toml_read(config, "/etc/ntpd-rs/ntp.toml", take_item, &reading);
	end_source(&reading);
	options_read(&read, options, &ntpd_rs_options);
	if (read.has['h'] || read.has['v']) {
		policy_doubt(policy, "", options);
	}
	options_free(&read);
}
