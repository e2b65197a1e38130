/* chrony.conf and the options of chronyd, as a policy. */
#include "common/duration.h"
#include "daemons/policy.h"
#include "daemons/status_text.h"

#include <string.h>
#include <strings.h>

#define WORDS_MAX 64
#define LINE_BYTES 2048
#define SLEW_PPM 83333.333 /* maxslewrate, when nothing is said */

struct reading {
	struct restart_policy *policy;
	double makestep_s, makestep_limit;
	double maxchange_s, maxchange_start, maxchange_ignore;
	bool has_maxchange, initstepslew;
	unsigned sources, bursting; /* declared, and of these with iburst */
};

static bool
numbers(char *const *words, size_t count, size_t wanted, double *values)
{
	for (size_t i = 0; i < wanted; i++) {
		if (i >= count || !text_to_double(words[i], &values[i])) {
			return false;
		}
	}
	return true;
}

static bool
take_makestep(struct reading *reading, char *const *words, size_t count)
{
	double values[2];

	if (!numbers(words, count, 2, values) || values[0] < 0) {
		return false;
	}
	reading->makestep_s = values[0];
	reading->makestep_limit = values[1];
	return true;
}

static bool
take_maxchange(struct reading *reading, char *const *words, size_t count)
{
	double values[3];

	if (!numbers(words, count, 3, values) || values[0] < 0) {
		return false;
	}
	reading->has_maxchange = true;
	reading->maxchange_s = values[0];
	reading->maxchange_start = values[1];
	reading->maxchange_ignore = values[2];
	return true;
}

static bool
take_minsources(struct reading *reading, char *const *words, size_t count)
{
	int sources;

	if (count < 1 || !text_to_int(words[0], 10, 1, 1000, &sources)) {
		return false;
	}
	reading->policy->quorum = (unsigned)sources;
	return true;
}

static bool
take_maxslewrate(struct reading *reading, char *const *words, size_t count)
{
	return numbers(words, count, 1, &reading->policy->slew_ppm);
}

static bool
take_driftfile(struct reading *reading, char *const *words UNUSED, size_t count)
{
	reading->policy->drift_file = count > 0;
	return count > 0;
}

static bool
take_initstepslew(struct reading *reading, char *const *words UNUSED, size_t count UNUSED)
{
	reading->initstepslew = true;
	return true;
}

static bool
take_source(struct reading *reading, char *const *words, size_t count)
{
	reading->sources++;
	for (size_t i = 1; i < count; i++) {
		if (strcasecmp(words[i], "iburst") == 0) {
			reading->bursting++;
			break;
		}
	}
	return true;
}

struct directive {
	const char *name;
	bool (*take)(struct reading *reading, char *const *words, size_t count);
};

static const struct directive directives[] = {
	{ "makestep", take_makestep },
	{ "maxchange", take_maxchange },
	{ "minsources", take_minsources },
	{ "maxslewrate", take_maxslewrate },
	{ "driftfile", take_driftfile },
	{ "initstepslew", take_initstepslew },
	{ "server", take_source },
	{ "pool", take_source },
	{ "peer", take_source },
};

static void
read_line(struct reading *reading, char *line)
{
	char *words[WORDS_MAX];
	size_t count = split_words(line, words, WORDS_MAX);

	if (count == 0 || strchr("!;#%", words[0][0])) {
		return;
	}
	for (size_t i = 0; i < COUNT(directives); i++) {
		if (strcasecmp(words[0], directives[i].name) == 0 &&
		    !directives[i].take(reading, words + 1, count - 1)) {
			reading->policy->known = false;
		}
	}
}

/* Its options settle what the file left open. */
static void
settle(struct reading *reading, const bool has[128])
{
	struct restart_policy *policy = reading->policy;
	bool restart = has['R']; /* no makestep with a positive limit, no initstepslew */

	if (reading->makestep_limit < 0 || (reading->makestep_limit > 0 && !restart)) {
		policy->step_forward_ns = duration_from_s(reading->makestep_s);
		policy->step_back_ns = policy->step_forward_ns;
		policy->step_any = policy->step_forward_ns == 0;
	}
	/* from a later update on it does not guard the one that counts here */
	if (reading->has_maxchange && reading->maxchange_start <= 0) {
		int64_t *limit_ns =
		    reading->maxchange_ignore < 0 ? &policy->hold_ns : &policy->panic_ns;

		*limit_ns = duration_from_s(reading->maxchange_s);
	}
	policy->preset = has['s'] || (reading->initstepslew && !restart);
	policy->passive = has['x'] || has['Q'];
	policy->step_any |= has['q'];
}

void
chrony_read_policy(const char *config, const char *options, struct restart_policy *policy)
{
	struct reading reading = { .policy = policy };
	const char *end = config + strlen(config);
	char line[LINE_BYTES];
	bool has[128] = { false };
	size_t others;

	*policy = (struct restart_policy){
		.known = true, .rules = RESTART_RULES_CHRONY, .quorum = 1, .slew_ppm = SLEW_PPM
	};
	while (next_line(&config, end, line, sizeof(line))) {
		read_line(&reading, line);
	}
	read_options(options, "fFlLPtu", NULL, has, &others);
	settle(&reading, has);
	if (others > 0) {
		policy->known = false; /* directives as arguments: the file is not read */
	}
}
