/*
 * Reads the policy of ntpd and NTPsec from ntp.conf and their options.  Long, because each command
 * of ntp.conf is a few lines here.
 */
#include "daemons/policy.h"
#include "common/duration.h"
#include "daemons/ntpd/basedate.h"
#include "daemons/ntpd/grammar.h"
#include "daemons/ntpd/interfaces.h"
#include "daemons/options.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

/* Source: ntp.h of both: CLOCK_MAX, CLOCK_PANIC; the step of -x; the kernel's fastest slew */
#define STEP_S 0.128
#define STEP_SLEW_S 600.0
#define PANIC_S 1000.0
#define SLEW_PPM 500.0
#define START_DISPERSION_S 0.9375 /* of 4 samples: 16 s * (1/32 + ... + 1/256) */
#define MINPOLL 6
/* the daemon takes all addresses of a pool, until it has maxclock associations */
#define POOL_ADDRESSES 11

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	struct ntp_interfaces interfaces;
	bool ntpsec;
	enum ntp_dialect dialect;
	bool one_interface; /* -I or -L: with them the daemon ends at a line `interface` */
	bool quiet;         /* defaults are being set: nobody is to blame */
};

static void
blame(struct reading *reading, enum restart_blamed what)
{
	if (!reading->quiet) {
		policy_blame(reading->policy, what, reading->text.place, reading->text.line);
	}
}

/* A threshold below zero is none, as 0 is. */
static int64_t
threshold_ns(double value)
{
	return value < 0 ? 0 : duration_from_s(value);
}

static void
tinker_step(struct reading *reading, double value)
{
	reading->policy->step_forward_ns = threshold_ns(value);
	reading->policy->step_back_ns = threshold_ns(value);
	blame(reading, BLAME_STEP);
}

static void
tinker_stepfwd(struct reading *reading, double value)
{
	reading->policy->step_forward_ns = threshold_ns(value);
	blame(reading, BLAME_STEP);
}

static void
tinker_stepback(struct reading *reading, double value)
{
	reading->policy->step_back_ns = threshold_ns(value);
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
	reading->policy->distance_max_ns = value < 1e-9 ? 1 : duration_from_s(value);
}

static void
tos_floor(struct reading *reading, double value)
{
	reading->policy->stratum_from = value < 1 ? 0 : value > 16 ? 16 : (unsigned)value;
	blame(reading, BLAME_STRATUM);
}

static void
tos_ceiling(struct reading *reading, double value)
{
	reading->policy->stratum_below = value < 1 ? 1 : value > 16 ? 16 : (unsigned)value;
	blame(reading, BLAME_STRATUM);
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
	void (*take)(struct reading *reading, double value);
};

static const struct setting settings[] = {
	{ "tinker", "step", tinker_step },
	{ "tinker", "stepfwd", tinker_stepfwd },
	{ "tinker", "stepback", tinker_stepback },
	{ "tinker", "panic", tinker_panic },
	{ "tos", "minsane", tos_minsane },
	{ "tos", "minclock", tos_minclock },
	{ "tos", "maxdist", tos_maxdist },
	{ "tos", "orphan", tos_orphan },
	{ "tos", "floor", tos_floor },
	{ "tos", "ceiling", tos_ceiling },
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

/* `tos basedate`: ntp 4.2.8 sets an earlier clock to that day. */
static bool
take_basedate(struct reading *reading, const char *word)
{
	if (!ntp_basedate_read(word, &reading->policy->basedate_ns)) {
		return false;
	}
	blame(reading, BLAME_PRESET);
	return true;
}

/* `tinker step 0.5 panic 0.5`: a wrong value of a setting that matters makes all doubtful. */
static void
read_pairs(struct reading *reading, const struct ntp_line *line)
{
	const char *command = line->tokens[0].text, *text = "";
	const struct ntp_option *table =
	    strcmp(command, "tos") == 0 ? ntp_tos_options : ntp_tinker_options;
	const struct ntp_option *option = NULL;
	const struct setting *setting;
	enum ntp_reading read;
	size_t at = 1;
	double value = 0;

	while ((read = ntp_option_read(line, &at, table, reading->dialect, &option, &text)) ==
	    NTP_OPTION) {
		setting = find_setting(command, option->name);
		if (option->value == NTP_VALUE_DATE ? !take_basedate(reading, text)
						    : setting &&
			    (!text_to_double(text, &value) ||
				(value < 0 && strncmp(option->name, "step", 4) != 0 &&
				    strcmp(command, "tos") != 0))) {
			doubt(reading);
			return;
		}
		if (setting) {
			setting->take(reading, value);
		}
	}
	if (read == NTP_NOTHING &&
	    (find_setting(command, option->name) || option->value == NTP_VALUE_DATE)) {
		doubt(reading);
	}
}

/* `disable ntp`: the daemon answers and measures, and leaves the clock alone. */
static void
read_switches(struct reading *reading, const struct ntp_line *line)
{
	const struct ntp_option *option;
	const char *value;
	size_t at = 1;

	while (ntp_option_read(line, &at, ntp_switches, reading->dialect, &option, &value) ==
	    NTP_OPTION) {
		if (strcmp(option->name, "ntp") == 0) {
			reading->policy->passive = strcmp(line->tokens[0].text, "disable") == 0;
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

/* Returns false: the line counts for nothing. */
static bool
read_source_options(
    struct reading *reading, const struct ntp_line *words, size_t at, struct restart_line *line)
{
	const struct ntp_option *option;
	const char *value;
	enum ntp_reading read;

	while ((read = ntp_option_read(words, &at, ntp_source_options, reading->dialect, &option,
		    &value)) == NTP_OPTION) {
		for (size_t i = 0; i < COUNT(flags); i++) {
			line->flags |= strcmp(option->name, flags[i].name) == 0 ? flags[i].flag : 0;
		}
		line->nts |= strcmp(option->name, "nts") == 0;
		if (strcmp(option->name, "minpoll") == 0) {
			text_to_int(value, 0, 0, 17, &line->minpoll);
		} else if (strcmp(option->name, "path") == 0) {
			snprintf(line->device, sizeof(line->device), "%.47s", value);
		}
	}
	return read == NTP_END;
}

/* 127.127.T.U is a refclock of type T; type 1 is the local clock itself. */
static void
keep_source(struct reading *reading, struct restart_line *line)
{
	if (strncmp(line->name, "127.127.", 8) == 0) {
		line->flags |= RESTART_REFCLOCK;
		ntp_refclock_device(line->name, line->device, sizeof(line->device));
		if (strncmp(line->name, "127.127.1.", 10) == 0) {
			reading->policy->own_clock = true;
			blame(reading, BLAME_ORPHAN);
			return;
		}
	}
	policy_add_line(reading->policy, line);
}

static void
add_source(struct reading *reading, const struct ntp_line *words, unsigned kind)
{
	struct restart_line line = { .flags = kind, .addresses = 1, .minpoll = MINPOLL };
	size_t at = 1;

	if (kind & RESTART_POOL) {
		line.addresses = POOL_ADDRESSES;
	}
	if (at < words->count && words->tokens[at].kind == NTP_WORD) {
		at++; /* -4, -6 */
	}
	if (at >= words->count || words->tokens[at].kind != NTP_STRING) {
		return; /* a syntax error, which the daemon skips */
	}
	snprintf(line.name, sizeof(line.name), "%s", words->tokens[at].text);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	if (read_source_options(reading, words, at + 1, &line)) {
		keep_source(reading, &line);
	}
}

static void
take_server(struct reading *reading, const struct ntp_line *words)
{
	add_source(reading, words, 0);
}

static void
take_pool(struct reading *reading, const struct ntp_line *words)
{
	add_source(reading, words, RESTART_POOL);
}

/* NTPsec takes `peer` for `server`. */
static void
take_peer(struct reading *reading, const struct ntp_line *words)
{
	add_source(reading, words, reading->ntpsec ? 0 : RESTART_PEER);
}

/*
 * NTPsec names the hardware clock `refclock TYPE unit U` by 127.127.T.U, and ends at a type that it
 * does not have.  Only NTPsec has this command; for ntp 4.2.8 it is a syntax error.
 */
static void
take_refclock(struct reading *reading, const struct ntp_line *words)
{
	struct restart_line line = {
		.flags = RESTART_REFCLOCK, .addresses = 1, .minpoll = MINPOLL
	};
	unsigned type = words->count > 1 ? ntp_refclock_type(words->tokens[1].text) : 0;
	size_t at = 2;
	int unit = 0;

	if (words->count < 2) {
		return;
	}
	if (at < words->count && strcmp(words->tokens[at].text, "unit") == 0) {
		if (at + 1 >= words->count || words->tokens[at + 1].kind != NTP_INTEGER ||
		    !text_to_int(words->tokens[at + 1].text, 10, 0, 255, &unit)) {
			return;
		}
		at += 2;
	}
	if (ntp_options_end(words, at, ntp_source_options, reading->dialect) == 0) {
		return;
	}
	if (type == 0) {
		policy_refuse(reading->policy, reading->text.place, reading->text.line);
		return;
	}
	if (!ntp_refclock_is_everywhere(type)) {
		doubt(reading); /* a daemon that was built without it ends here */
		return;
	}
	snprintf(line.name, sizeof(line.name), "127.127.%u.%d", type, unit);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	read_source_options(reading, words, at, &line);
	keep_source(reading, &line);
}

static void
take_driftfile(struct reading *reading, const struct ntp_line *words)
{
	if (words->count > 1) {
		snprintf(reading->policy->drift_path, sizeof(reading->policy->drift_path), "%.95s",
		    words->tokens[1].text);
	}
	reading->policy->drift_file = words->count > 1;
}

/* What is left in the text could not be read; and who announces himself is not known before. */
static void
take_unknown(struct reading *reading, const struct ntp_line *words UNUSED)
{
	doubt(reading);
}

static void
begin_fence(const struct reading *reading, struct restart_fence *fence)
{
	*fence = (struct restart_fence){ .stops = 0 };
	memcpy(fence->place, reading->text.place, sizeof(fence->place));
	snprintf(fence->text, sizeof(fence->text), "%.63s", reading->text.line);
}

/* Add the fence around all addresses of a family; IP_NONE: of both. */
static void
add_fence_of(struct reading *reading, struct restart_fence *fence, enum ip_family family)
{
	static const enum ip_family families[] = { IP_V4, IP_V6 };

	for (size_t i = 0; i < COUNT(families); i++) {
		fence->network = (struct network){ .ip.family = families[i] };
		if (family == IP_NONE || family == families[i]) {
			policy_add_fence(reading->policy, fence);
		}
	}
}

/* Read the mask "255.255.255.0" to a prefix; false: it is none, or has gaps. */
static bool
read_mask(const char *text, unsigned *prefix)
{
	struct ip mask;
	unsigned bits, set = 0;

	if (!ip_parse(text, &mask)) {
		return false;
	}
	bits = mask.family == IP_V4 ? 32 : 128;
	while (set < bits && mask.bytes[set / 8] >> (7 - set % 8) & 1) {
		set++;
	}
	*prefix = set;
	for (; set < bits; set++) {
		if (mask.bytes[set / 8] >> (7 - set % 8) & 1) {
			return false;
		}
	}
	return true;
}

/* Read "192.0.2.1", "192.0.2.0/24" (NTPsec) or a name, with the mask behind it. */
static bool
read_network(
    struct reading *reading, const char *text, const char *mask_text, struct restart_fence *fence)
{
	unsigned prefix;
	char address[IP_TEXT_BYTES];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	int value;

	snprintf(address, sizeof(address), "%.*s", len < sizeof(address) ? (int)len : 0, text);
	if (!ip_parse(address, &fence->network.ip)) {
		snprintf(fence->name, sizeof(fence->name), "%.127s", text);
		return !slash;
	}
	prefix = fence->network.ip.family == IP_V4 ? 32 : 128;
	if (slash && (!reading->ntpsec || !text_to_int(slash + 1, 10, 0, (int)prefix, &value))) {
		return false;
	}
	prefix = slash ? (unsigned)value : prefix;
	if (mask_text && !read_mask(mask_text, &prefix)) {
		return false;
	}
	if (prefix > (fence->network.ip.family == IP_V4 ? 32U : 128U)) {
		return false;
	}
	for (unsigned bit = prefix; bit < 128; bit++) {
		fence->network.ip.bytes[bit / 8] &= (uint8_t) ~(0x80U >> (bit % 8));
	}
	fence->network.prefix = prefix;
	return true;
}

/* What the flags of `restrict` from token @at on stop. */
static unsigned
read_stops(const struct reading *reading, const struct ntp_line *words, size_t at)
{
	const struct ntp_option *option;
	const char *value;
	unsigned stops = 0;

	while (ntp_option_read(words, &at, ntp_restrict_flags, reading->dialect, &option, &value) ==
	    NTP_OPTION) {
		if (strcmp(option->name, "ignore") == 0) {
			stops |= FENCE_ALL;
		} else if (strcmp(option->name, "noserve") == 0) {
			stops |= FENCE_SERVICE;
		} else if (strcmp(option->name, "notrust") == 0) {
			stops |= reading->ntpsec ? FENCE_UNSIGNED : FENCE_POOL;
		} else if (strcmp(option->name, "nopeer") == 0 && !reading->ntpsec) {
			stops |= FENCE_POOL;
		}
	}
	return stops;
}

static bool
is_word(const struct ntp_line *words, size_t at, const char *word)
{
	return at < words->count && words->tokens[at].kind == NTP_WORD &&
	    strcmp(words->tokens[at].text, word) == 0;
}

/* `restrict default ignore`: packets of a source that it fits best are dropped. */
static void
take_restrict(struct reading *reading, const struct ntp_line *words)
{
	enum ip_family family = IP_NONE;
	struct restart_fence fence;
	size_t at = 1, who;
	const char *mask = NULL;

	begin_fence(reading, &fence);
	if (is_word(words, at, "-4") || is_word(words, at, "-6")) {
		family = words->tokens[at++].text[1] == '4' ? IP_V4 : IP_V6;
	} else if (at < words->count && words->tokens[at].text[0] == '-') {
		family = words->tokens[at].text[1] == '4' ? IP_V4 : IP_V6;
		at++;
	}
	who = at++;
	if (who >= words->count || words->tokens[who].kind == NTP_SPECIAL) {
		return; /* a syntax error, which the daemon skips */
	}
	if (is_word(words, at, "mask") && at + 1 < words->count) {
		mask = words->tokens[at + 1].text;
		at += 2;
	}
	if (!reading->ntpsec && is_word(words, at, "ippeerlimit")) {
		at += 2;
	}
	fence.stops = read_stops(reading, words, at);
	if (is_word(words, who, "default")) {
		add_fence_of(reading, &fence, family);
	} else if (is_word(words, who, "source")) {
		fence.hole = reading->ntpsec;
		policy_add_fence(reading->policy, &fence);
	} else if (read_network(reading, words->tokens[who].text, mask, &fence)) {
		policy_add_fence(reading->policy, &fence);
	} else if (reading->ntpsec || mask) {
		doubt(reading);
	}
}

/* With -I or -L among the options the daemon ends at such a line. */
static void
take_interface(struct reading *reading, const struct ntp_line *words)
{
	struct restart_fence fence;

	begin_fence(reading, &fence);
	if (!ntp_interfaces_take(&reading->interfaces, words, &fence)) {
		return; /* a syntax error, which the daemon skips */
	}
	if (reading->one_interface) {
		policy_refuse_by_all(reading->policy, reading->text.place, reading->text.line);
	}
}

static const struct {
	const char *name;
	unsigned dialects;
	void (*take)(struct reading *reading, const struct ntp_line *words);
} commands[] = {
	{ "tinker", NTP_428 | NTP_SEC, read_pairs },
	{ "tos", NTP_428 | NTP_SEC, read_pairs },
	{ "disable", NTP_428 | NTP_SEC, read_switches },
	{ "enable", NTP_428 | NTP_SEC, read_switches },
	{ "driftfile", NTP_428 | NTP_SEC, take_driftfile },
	{ "server", NTP_428 | NTP_SEC, take_server },
	{ "pool", NTP_428 | NTP_SEC, take_pool },
	{ "peer", NTP_428 | NTP_SEC, take_peer },
	{ "refclock", NTP_SEC, take_refclock },
	{ "restrict", NTP_428 | NTP_SEC, take_restrict },
	{ "unrestrict", NTP_SEC, take_unknown },
	{ "interface", NTP_428 | NTP_SEC, take_interface },
	{ "nic", NTP_428 | NTP_SEC, take_interface },
	{ "unpeer", NTP_428 | NTP_SEC, take_unknown },
	{ "unconfig", NTP_428 | NTP_SEC, take_unknown },
	{ "broadcastclient", NTP_428, take_unknown },
	{ "multicastclient", NTP_428, take_unknown },
	{ "manycastclient", NTP_428, take_unknown },
	{ "includefile", NTP_428 | NTP_SEC, take_unknown },
};

/* ntpd's words are case-sensitive: "Server" is a syntax error, and the daemon skips the line. */
static void
read_line(struct reading *reading)
{
	struct ntp_line line;
	bool complete;

	reading->text.line[strcspn(reading->text.line, "#")] = '\0'; /* as it is blamed */
	complete = ntp_line_read(reading->text.line, &line) && !reading->text.cut;
	for (size_t i = 0; line.count > 0 && i < COUNT(commands); i++) {
		if (commands[i].dialects & (unsigned)reading->dialect &&
		    is_word(&line, 0, commands[i].name)) {
			if (!complete) {
				doubt(reading);
				return;
			}
			commands[i].take(reading, &line);
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

#define WITH_VALUE "cDfiIklpPrstuUw12"

const struct option_rules ntp_options = {
	.with_value = WITH_VALUE, .longs = longs, .variables = "NTPD"
};
const struct option_rules ntpsec_options = { .with_value = WITH_VALUE, .longs = longs };

/* ntp 4.2.8 accepts servers as arguments.  That is rare; here it makes the policy not known. */
static void
read_operands(struct reading *reading, const struct options *options)
{
	struct policy_text text;

	policy_text_begin(&text, buf_str(&options->others), "");
	while (policy_text_next(&text)) {
		if (text.line[0]) {
			policy_doubt(reading->policy, "", text.line);
		}
	}
}

static void
take_options(struct reading *reading, const char *text)
{
	struct restart_policy *policy = reading->policy;
	struct options options = { .has = { false } };

	options_read(&options, text, reading->ntpsec ? &ntpsec_options : &ntp_options);
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
	reading->one_interface = options.has['I'] || options.has['L'];
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
	ntp_interfaces_settle(&reading->interfaces, policy);
	policy_mark_deaf(policy);
	if (policy->step_any) {
		policy_blame(policy, BLAME_STEP, "", "-G");
	}
	policy->start_dispersion_ns = reading->ntpsec ? 0 : duration_from_s(START_DISPERSION_S);
}

void
ntp_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy, .dialect = NTP_428 };

	read_all(&reading, config, options, "/etc/ntp.conf");
}

void
ntpsec_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy, .ntpsec = true, .dialect = NTP_SEC };

	read_all(&reading, config, options, "/etc/ntpsec/ntp.conf");
}
