/* Reads the policy of OpenNTPD from ntpd.conf and its options. */
#include "daemons/policy.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"

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
};

/* With `trusted` or a constraint, OpenNTPD 6.8 and later may set the clock at every start. */
static void
take_trust(struct reading *reading)
{
	reading->automatic = true;
	policy_blame(reading->policy, BLAME_STEP, reading->text.place, reading->text.line);
}

static void
take_source(struct reading *reading, char *const *words, size_t count, unsigned addresses)
{
	struct restart_line line = { .addresses = addresses };

	if (count < 2) {
		policy_doubt(reading->policy, reading->text.place, reading->text.line);
		return;
	}
	line.flags = addresses > 1 ? RESTART_POOL : 0;
	snprintf(line.name, sizeof(line.name), "%s", words[1]);
	memcpy(line.place, reading->text.place, sizeof(line.place));
	for (size_t i = 2; i < count; i++) {
		if (strcmp(words[i], "trusted") == 0) {
			line.flags |= RESTART_AUTH;
			take_trust(reading);
		}
	}
	policy_add_line(reading->policy, &line);
}

static void
take_sensor(struct reading *reading, char *const *words, size_t count)
{
	struct restart_line line = { .flags = RESTART_REFCLOCK, .addresses = 1 };

	for (size_t i = 2; i < count; i++) {
		if (strcmp(words[i], "trusted") == 0) {
			take_trust(reading);
		}
	}
	if (count > 1 && strcmp(words[1], "*") != 0) { /* "*": any sensor; most hosts have none */
		snprintf(line.name, sizeof(line.name), "%s", words[1]);
		memcpy(line.place, reading->text.place, sizeof(line.place));
		policy_add_line(reading->policy, &line);
	}
}

static void
read_line(struct reading *reading)
{
	char copy[POLICY_LINE_BYTES], *words[POLICY_WORDS_MAX];
	size_t count;

	reading->text.line[strcspn(reading->text.line, "#")] = '\0';
	memcpy(copy, reading->text.line, sizeof(copy));
	count = split_words(copy, words, POLICY_WORDS_MAX);
	if (count == 0) {
		return;
	}
	if (reading->text.cut) {
		policy_doubt(reading->policy, reading->text.place, reading->text.line);
	} else if (strcmp(words[0], "server") == 0) {
		take_source(reading, words, count, 1);
	} else if (strcmp(words[0], "servers") == 0) {
		take_source(reading, words, count, SERVERS_ADDRESSES);
	} else if (strcmp(words[0], "constraint") == 0 || strcmp(words[0], "constraints") == 0) {
		take_trust(reading);
	} else if (strcmp(words[0], "sensor") == 0) {
		take_sensor(reading, words, count);
	}
}

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
	options_read(&read, options, "fp", NULL);
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
