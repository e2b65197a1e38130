/* ntp.conf and the options of ntpd and NTPsec, as a policy. */
#include "common/duration.h"
#include "daemons/policy.h"
#include "daemons/status_text.h"

#include <string.h>
#include <strings.h>

#define WORDS_MAX 64
#define LINE_BYTES 2048
/* ntp.h of both: CLOCK_MAX, CLOCK_PANIC; -x; and what the kernel's slew can do */
#define STEP_S 0.128
#define STEP_SLEW_S 600.0
#define PANIC_S 1000.0
#define SLEW_PPM 500.0

static void
set_steps(struct restart_policy *policy, double forward_s, double back_s)
{
	policy->step_forward_ns = duration_from_s(forward_s);
	policy->step_back_ns = duration_from_s(back_s);
}

static void
tinker_step(struct restart_policy *policy, double value)
{
	set_steps(policy, value, value);
}

static void
tinker_stepfwd(struct restart_policy *policy, double value)
{
	policy->step_forward_ns = duration_from_s(value);
}

static void
tinker_stepback(struct restart_policy *policy, double value)
{
	policy->step_back_ns = duration_from_s(value);
}

static void
tinker_panic(struct restart_policy *policy, double value)
{
	policy->panic_ns = duration_from_s(value);
}

static void
tos_minsane(struct restart_policy *policy, double value)
{
	policy->quorum = value > 1000 ? 1000 : value < 1 ? 1 : (unsigned)value;
}

struct setting {
	const char *command, *name;
	void (*take)(struct restart_policy *policy, double value);
};

static const struct setting settings[] = {
	{ "tinker", "step", tinker_step },
	{ "tinker", "stepfwd", tinker_stepfwd },
	{ "tinker", "stepback", tinker_stepback },
	{ "tinker", "panic", tinker_panic },
	{ "tos", "minsane", tos_minsane },
};

/* `tinker step 0.5 panic 0.5`: names and values in turn. */
static void
read_pairs(struct restart_policy *policy, char *const *words, size_t count)
{
	for (size_t at = 1; at < count; at += 2) {
		for (size_t i = 0; i < COUNT(settings); i++) {
			double value;

			if (strcasecmp(words[0], settings[i].command) != 0 ||
			    strcasecmp(words[at], settings[i].name) != 0) {
				continue;
			}
			if (at + 1 >= count || !text_to_double(words[at + 1], &value) ||
			    value < 0) {
				policy->known = false;
				return;
			}
			settings[i].take(policy, value);
		}
	}
}

/* `disable ntp`: it answers and measures, and leaves the clock alone. */
static void
read_switches(struct restart_policy *policy, char *const *words, size_t count, bool passive)
{
	for (size_t i = 1; i < count; i++) {
		if (strcasecmp(words[i], "ntp") == 0) {
			policy->passive = passive;
		}
	}
}

static void
read_line(struct restart_policy *policy, char *line)
{
	char *words[WORDS_MAX];
	size_t count;

	line[strcspn(line, "#")] = '\0';
	count = split_words(line, words, WORDS_MAX);
	if (count == 0) {
		return;
	}
	if (strcasecmp(words[0], "disable") == 0 || strcasecmp(words[0], "enable") == 0) {
		read_switches(policy, words, count, strcasecmp(words[0], "disable") == 0);
	} else if (strcasecmp(words[0], "driftfile") == 0) {
		policy->drift_file = count > 1;
	} else {
		read_pairs(policy, words, count);
	}
}

void
ntp_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	static const struct long_option longs[] = {
		{ "panicgate", 'g' },
		{ "force-step-once", 'G' },
		{ "slew", 'x' },
		{ "driftfile", 'f' },
		{ "configfile", 'c' },
		{ NULL, 0 },
	};
	const char *end = config + strlen(config);
	char line[LINE_BYTES];
	bool has[128] = { false };
	size_t others;

	*policy = (struct restart_policy){ .known = true, .quorum = 1, .slew_ppm = SLEW_PPM };
	read_options(options, "cDfiIklpPrstuUw", longs, has, &others);
	tinker_panic(policy, PANIC_S);
	tinker_step(policy, has['x'] ? STEP_SLEW_S : STEP_S);
	policy->panic_pass = has['g'];
	policy->step_any = has['G'];
	policy->drift_file = has['f'];
	/* the file comes after the options: a tinker in it overrides -x */
	while (next_line(&config, end, line, sizeof(line))) {
		read_line(policy, line);
	}
}
