/*
 * Reads the policy of chronyd from chrony.conf and its options.  Long, because each directive is a
 * few lines here.
 */
#include "daemons/policy.h"
#include "common/duration.h"
#include "daemons/chrony/grammar.h"
#include "daemons/chrony/startup.h"
#include "daemons/options.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SLEW_PPM 83333.333 /* default of maxslewrate */
#define SLEW_MAX_PPM 100000.0
#define MINPOLL 6
#define FOLDERS_MAX 10
#define POOL_SOURCES 4 /* default of maxsources */

enum auth_mode {
	AUTH_MIX,
	AUTH_REQUIRE,
	AUTH_PREFER,
	AUTH_IGNORE,
};

struct reading {
	struct restart_policy *policy;
	struct policy_text text;
	double makestep_s;
	int makestep_limit;
	double maxchange_s;
	int maxchange_start, maxchange_ignore;
	bool has_makestep, has_maxchange;
	bool dumpdir; /* samples are kept from one run to the next */
	unsigned refclocks;
	bool restarted; /* -R */
	enum auth_mode auth;
	struct chrony_startup startup;
};

/* chronyd reads numbers by sscanf(), which leaves what is behind them: "3.0" is 3. */
static bool
number(char *const *words, size_t count, size_t at, double *value)
{
	return at < count && sscanf(words[at], "%lf", value) == 1 && isfinite(*value);
}

static bool
whole(char *const *words, size_t count, size_t at, int *value)
{
	long read = 0;

	if (at >= count || sscanf(words[at], "%ld", &read) != 1 || read < INT32_MIN ||
	    read > INT32_MAX) {
		return false;
	}
	*value = (int)read;
	return true;
}

static void
blame(struct reading *reading, enum restart_blamed what)
{
	policy_blame(reading->policy, what, reading->text.place, reading->text.line);
}

static bool
take_makestep(struct reading *reading, char *const *words, size_t count)
{
	double threshold_s;
	int limit;

	if (!number(words, count, 0, &threshold_s) || threshold_s < 0 ||
	    !whole(words, count, 1, &limit)) {
		return false;
	}
	reading->makestep_s = threshold_s;
	reading->makestep_limit = limit;
	reading->has_makestep = true;
	blame(reading, BLAME_STEP);
	return true;
}

static bool
take_maxchange(struct reading *reading, char *const *words, size_t count)
{
	double offset_s;
	int start, ignore;

	if (!number(words, count, 0, &offset_s) || offset_s < 0 ||
	    !whole(words, count, 1, &start) || !whole(words, count, 2, &ignore)) {
		return false;
	}
	reading->has_maxchange = true;
	reading->maxchange_s = offset_s;
	reading->maxchange_start = start;
	reading->maxchange_ignore = ignore;
	blame(reading, BLAME_PANIC);
	blame(reading, BLAME_HOLD);
	return true;
}

static bool
take_minsources(struct reading *reading, char *const *words, size_t count)
{
	int sources;

	if (!whole(words, count, 0, &sources)) {
		return false;
	}
	reading->policy->quorum = sources < 1 ? 1 : sources > 1000 ? 1000 : (unsigned)sources;
	blame(reading, BLAME_QUORUM);
	return true;
}

static bool
take_maxslewrate(struct reading *reading, char *const *words, size_t count)
{
	double rate_ppm;

	if (!number(words, count, 0, &rate_ppm) || rate_ppm < 0) {
		return false;
	}
	reading->policy->slew_ppm = rate_ppm > SLEW_MAX_PPM ? SLEW_MAX_PPM : rate_ppm;
	blame(reading, BLAME_SLEW);
	return true;
}

static bool
take_maxdistance(struct reading *reading, char *const *words, size_t count)
{
	double distance_s;

	if (!number(words, count, 0, &distance_s) || distance_s < 0) {
		return false;
	}
	reading->policy->distance_max_ns = duration_from_s(distance_s);
	return true;
}

static bool
take_maxjitter(struct reading *reading, char *const *words, size_t count)
{
	double jitter_s;

	if (!number(words, count, 0, &jitter_s)) {
		return false;
	}
	reading->policy->jitter_max_ns = jitter_s < 1e-9 ? 1 : duration_from_s(jitter_s);
	blame(reading, BLAME_JITTER);
	return true;
}

static bool
take_driftfile(struct reading *reading, char *const *words, size_t count)
{
	if (count > 0) {
		snprintf(reading->policy->drift_path, sizeof(reading->policy->drift_path), "%.95s",
		    words[0]);
	}
	reading->policy->drift_file = count > 0;
	return count > 0;
}

static bool
take_local(struct reading *reading, char *const *words UNUSED, size_t count UNUSED)
{
	reading->policy->own_clock = true;
	blame(reading, BLAME_ORPHAN);
	return true;
}

static bool
take_auth_mode(struct reading *reading, char *const *words, size_t count)
{
	static const char *const names[] = {
		[AUTH_MIX] = "mix",
		[AUTH_REQUIRE] = "require",
		[AUTH_PREFER] = "prefer",
		[AUTH_IGNORE] = "ignore",
	};

	for (size_t i = 0; count > 0 && i < COUNT(names); i++) {
		if (strcasecmp(words[0], names[i]) == 0) {
			reading->auth = (enum auth_mode)i;
			return true;
		}
	}
	return false;
}

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
	{ "iburst", RESTART_IBURST },
	{ "prefer", RESTART_PREFER },
	{ "trust", RESTART_TRUE },
	{ "require", RESTART_REQUIRE },
	{ "noselect", RESTART_NOSELECT },
	{ "offline", RESTART_NOSELECT },
	{ "key", RESTART_AUTH },
	{ "nts", RESTART_AUTH },
};

static bool
read_source_words(struct restart_line *line, char *const *words, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		int value;

		for (size_t i = 0; i < COUNT(flags); i++) {
			if (strcasecmp(words[at], flags[i].name) == 0) {
				line->flags |= flags[i].flag;
			}
		}
		line->nts |= strcasecmp(words[at], "nts") == 0;
		if (strcasecmp(words[at], "minpoll") == 0) {
			if (!whole(words, count, at + 1, &value)) {
				return false;
			}
			line->minpoll = value < -10 ? -10 : value > 24 ? 24 : value;
		} else if (strcasecmp(words[at], "maxsources") == 0) {
			if (!whole(words, count, at + 1, &value)) {
				return false;
			}
			line->addresses = value < 1 ? 1 : value > 16 ? 16 : (unsigned)value;
		} else if (strcasecmp(words[at], "port") == 0 &&
		    whole(words, count, at + 1, &value)) {
			line->port = (uint16_t)value;
		}
	}
	return true;
}

static bool
add_source(struct reading *reading, char *const *words, size_t count, unsigned kind)
{
	struct restart_line line = { .flags = kind, .addresses = 1, .minpoll = MINPOLL };

	if (count == 0) {
		return false;
	}
	if (kind & RESTART_POOL) {
		line.addresses = POOL_SOURCES;
	}
	snprintf(line.name, sizeof(line.name), "%s", words[0]);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	if (!read_source_words(&line, words + 1, count - 1)) {
		return false;
	}
	policy_add_line(reading->policy, &line);
	return true;
}

static bool
take_server(struct reading *reading, char *const *words, size_t count)
{
	return add_source(reading, words, count, 0);
}

static bool
take_pool(struct reading *reading, char *const *words, size_t count)
{
	return add_source(reading, words, count, RESTART_POOL);
}

static bool
take_peer(struct reading *reading, char *const *words, size_t count)
{
	return add_source(reading, words, count, RESTART_PEER);
}

static bool
take_dumpdir(struct reading *reading, char *const *words UNUSED, size_t count)
{
	reading->dumpdir = count > 0;
	return count > 0;
}

/* The servers of initstepslew are asked once, at the start. */
static bool
take_initstepslew(struct reading *reading, char *const *words, size_t count)
{
	double threshold_s;

	if (!number(words, count, 0, &threshold_s) || threshold_s < 0) {
		return false;
	}
	reading->policy->preset_step_ns = duration_from_s(threshold_s) + 1;
	blame(reading, BLAME_PRESET);
	for (size_t i = 1; i < count; i++) {
		if (!add_source(reading, words + i, 1, RESTART_INIT)) {
			return false;
		}
	}
	return true;
}

/* chronyd ends at more folders than it has room for. */
static bool
take_confdir(struct reading *reading, char *const *words UNUSED, size_t count)
{
	if (count > FOLDERS_MAX) {
		policy_refuse(reading->policy, reading->text.place, reading->text.line);
	}
	return true;
}

/*
 * chronyc shows a refclock by its refid; without one chronyd makes it of the driver's first three
 * letters and of how many refclocks stand before: "SOC0", "SHM1".
 * Source: RCL_AddRefclock() of chrony's refclock.c.
 */
static bool
take_refclock(struct reading *reading, char *const *words, size_t count)
{
	char *named[POLICY_WORDS_MAX], refid[8];
	unsigned index = reading->refclocks++;

	snprintf(refid, sizeof(refid), "%-3.3s%u", words[0], index % 10);
	if (index >= 10) {
		refid[2] = (char)('0' + index / 10 % 10);
	}
	memcpy(named, words, count * sizeof(named[0]));
	named[0] = refid;
	for (size_t i = 2; i + 1 < count; i++) {
		if (strcasecmp(words[i], "refid") == 0) {
			named[0] = words[i + 1];
		}
	}
	return add_source(reading, named, count, RESTART_REFCLOCK);
}

/* The line keeps chronyd from asking any source of one family, or, with IP_NONE, of both. */
static void
fence_all(struct reading *reading, enum ip_family family)
{
	static const enum ip_family families[] = { IP_V4, IP_V6 };

	for (size_t i = 0; i < COUNT(families); i++) {
		struct restart_fence fence = { .whole = true, .stops = FENCE_ALL };

		if (family != IP_NONE && family != families[i]) {
			continue;
		}
		fence.network.ip.family = families[i];
		memcpy(fence.place, reading->text.place, sizeof(fence.place));
		snprintf(fence.text, sizeof(fence.text), "%.63s", reading->text.line);
		policy_add_fence(reading->policy, &fence);
	}
}

/* From the loopback's address no packet leaves the host. */
static bool
take_bind_address(struct reading *reading, char *const *words, size_t count UNUSED)
{
	struct ip ip, loopback;

	if (ip_parse(words[0], &ip) && ip_parse("::1", &loopback) &&
	    ((ip.family == IP_V4 && ip.bytes[0] == 127) || ip_equal(&ip, &loopback))) {
		fence_all(reading, ip.family);
	}
	return true;
}

static bool
take_bind_device(struct reading *reading, char *const *words, size_t count UNUSED)
{
	if (strcmp(words[0], "lo") == 0) {
		fence_all(reading, IP_NONE);
	}
	return true;
}

/* The caller replaces each include by the file's text: one that is left could not be read. */
static bool
take_include(struct reading *reading UNUSED, char *const *words UNUSED, size_t count UNUSED)
{
	return false;
}

/* The directives that say what a start does; grammar.c knows all. */
struct directive {
	const char *name;
	bool (*take)(struct reading *reading, char *const *words, size_t count);
};

static const struct directive directives[] = {
	{ "makestep", take_makestep },
	{ "maxchange", take_maxchange },
	{ "minsources", take_minsources },
	{ "maxslewrate", take_maxslewrate },
	{ "maxdistance", take_maxdistance },
	{ "maxjitter", take_maxjitter },
	{ "driftfile", take_driftfile },
	{ "dumpdir", take_dumpdir },
	{ "initstepslew", take_initstepslew },
	{ "local", take_local },
	{ "authselectmode", take_auth_mode },
	{ "server", take_server },
	{ "pool", take_pool },
	{ "peer", take_peer },
	{ "refclock", take_refclock },
	{ "include", take_include },
	{ "confdir", take_confdir },
	{ "bindacqaddress", take_bind_address },
	{ "bindacqdevice", take_bind_device },
};

/* Whether the line does what it says: chronyd ends at one that it does not accept. */
static bool
is_accepted(struct reading *reading)
{
	struct restart_policy *policy = reading->policy;
	struct chrony_checked checked = chrony_check_line(reading->text.line);

	if (reading->text.cut) {
		checked.line = CHRONY_REFUSED;
	}
	if (reading->text.lenient && checked.line == CHRONY_REFUSED) {
		return false; /* of a folder of sources; chronyd skips the line */
	}
	switch (checked.line) {
	case CHRONY_EMPTY:
		return false;
	case CHRONY_REFUSED:
		if (reading->text.place[0]) {
			policy_refuse(policy, reading->text.place, reading->text.line);
		} else { /* quotes that got lost may have made another line of it */
			policy_doubt(policy, "", reading->text.line);
		}
		return false;
	case CHRONY_UNSURE:
		policy->asks = true;
		policy_blame(policy, BLAME_VERSION, reading->text.place, reading->text.line);
		return true;
	case CHRONY_ACCEPTED:
		break;
	}
	if (reading->text.lenient && (checked.since > 0 || checked.until > 0)) {
		policy_doubt(policy, reading->text.place, reading->text.line);
		return true;
	}
	policy_need_version(
	    policy, checked.since, checked.until, reading->text.place, reading->text.line);
	return true;
}

static void
read_line(struct reading *reading)
{
	char copy[POLICY_LINE_BYTES], *words[POLICY_WORDS_MAX];
	size_t count;

	memcpy(copy, reading->text.line, sizeof(copy));
	count = split_words(copy, words, POLICY_WORDS_MAX);
	if (count == 0 || (reading->restarted && strcasecmp(words[0], "initstepslew") == 0) ||
	    !is_accepted(reading)) {
		return;
	}
	chrony_startup_take(&reading->startup, reading->policy, &reading->text, words, count);
	for (size_t i = 0; i < COUNT(directives); i++) {
		if (strcasecmp(words[0], directives[i].name) == 0 &&
		    !directives[i].take(reading, words + 1, count - 1)) {
			policy_doubt(reading->policy, reading->text.place, reading->text.line);
		}
	}
}

/*
 * Apply authselectmode, which puts authenticated sources above the others.
 * Source: update_sel_options() in chrony's sources.c.
 */
static void
settle_auth(struct reading *reading)
{
	struct restart_policy *policy = reading->policy;
	size_t with = 0, without = 0;

	for (size_t i = 0; i < policy->line_count; i++) {
		if (!(policy->lines[i].flags & (RESTART_REFCLOCK | RESTART_NOSELECT))) {
			with += (policy->lines[i].flags & RESTART_AUTH) != 0;
			without += (policy->lines[i].flags & RESTART_AUTH) == 0;
		}
	}
	for (size_t i = 0; i < policy->line_count; i++) {
		struct restart_line *line = &policy->lines[i];
		bool above = line->flags & (RESTART_AUTH | RESTART_REFCLOCK);

		if (line->flags & RESTART_NOSELECT) {
			continue; /* it has no vote, and does not count above */
		}
		if (reading->auth == AUTH_MIX && with > 0 && without > 0 && above) {
			line->flags |= RESTART_TRUE | RESTART_REQUIRE;
		}
		if (!above &&
		    (reading->auth == AUTH_REQUIRE || (reading->auth == AUTH_PREFER && with > 0))) {
			line->flags |= RESTART_NOSELECT;
		}
	}
}

/* A maxchange that holds from a later update on does not guard the first correction. */
static void
settle_maxchange(struct reading *reading)
{
	struct restart_policy *policy = reading->policy;
	int64_t limit_ns = duration_from_s(reading->maxchange_s);

	if (!reading->has_maxchange || reading->maxchange_start > 0 ||
	    reading->maxchange_start < 0) {
		return;
	}
	limit_ns = limit_ns > 0 ? limit_ns : 1;
	if (reading->maxchange_ignore < 0) {
		policy->hold_ns = limit_ns;
	} else {
		policy->panic_ns = limit_ns;
	}
}

/* Complete the policy: chronyd's options decide what of the file holds. */
static void
settle(struct reading *reading, const bool has[128])
{
	struct restart_policy *policy = reading->policy;
	bool restart = has['R']; /* it ignores initstepslew, and makestep with a positive limit */

	if (reading->has_makestep &&
	    (reading->makestep_limit < 0 || (reading->makestep_limit > 0 && !restart))) {
		policy->step_forward_ns = duration_from_s(reading->makestep_s);
		policy->step_back_ns = policy->step_forward_ns;
		policy->step_any = policy->step_forward_ns == 0;
		policy->step_updates = reading->makestep_limit < 0 ? -1 : reading->makestep_limit;
	}
	policy->reload = has['r'] && reading->dumpdir;
	settle_maxchange(reading);
	policy_mark_deaf(policy);
	settle_auth(reading);
	if (restart) {
		policy->preset_step_ns = 0;
	}
	if (has['s']) {
		policy->preset_rtc = true;
		policy_blame(policy, BLAME_PRESET, "", "-s");
	}
	if (has['x'] || has['Q'] || has['p']) {
		policy->passive = true;
		policy_blame(policy, BLAME_PASSIVE, "", has['x'] ? "-x" : "-Q");
	}
	if (has['q'] || has['Q'] || has['p'] || has['t']) {
		policy->one_shot = true;
		policy_blame(policy, BLAME_ONE_SHOT, "",
		    has['q']       ? "-q"
			: has['Q'] ? "-Q"
			: has['t'] ? "-t"
				   : "-p");
	}
	if (has['q']) {
		policy->step_any = true;
		policy_blame(policy, BLAME_STEP, "", "-q");
	}
}

static bool
is_directive(const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT(directives); i++) {
		if (strlen(directives[i].name) == len &&
		    strncasecmp(word, directives[i].name, len) == 0) {
			return true;
		}
	}
	return false;
}

/*
 * Directives among the arguments replace the file.  Each argument is one directive; if the quotes
 * of an argument are lost and it comes as several, a word that names a directive begins the next.
 */
static void
read_arguments(struct reading *reading, const struct buf *others)
{
	struct buf text = { .limit_bytes = others->limit_bytes };

	for (const char *word = others->data; *word;) {
		size_t len = strcspn(word, "\n");

		buf_text(&text, is_directive(word, strcspn(word, " \n")) ? "\n" : " ");
		buf_add(&text, word, len);
		word += len + (word[len] == '\n');
	}
	policy_text_begin(&reading->text, buf_str(&text), "");
	while (policy_text_next(&reading->text)) {
		reading->text.place[0] = '\0';
		read_line(reading);
	}
	buf_free(&text);
}

const struct option_rules chrony_options = { .with_value = "fFlLPtu" };

void
chrony_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };
	struct options read = { .has = { false } };

	*policy = (struct restart_policy){ .known = true,
		.newest = CHRONY_VERSION_NEWEST,
		.rules = RESTART_RULES_CHRONY,
		.quorum = 1,
		.slew_ppm = SLEW_PPM };
	options_read(&read, options, &chrony_options);
	reading.restarted = read.has['R'];
	if (read.others.len > 0) {
		read_arguments(&reading, &read.others);
	} else {
		policy_text_begin(&reading.text, config, "/etc/chrony/chrony.conf");
		while (policy_text_next(&reading.text)) {
			read_line(&reading);
		}
	}
	settle(&reading, read.has);
	chrony_startup_settle(&reading.startup, policy, &read);
	options_free(&read);
}
