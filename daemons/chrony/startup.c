/* Source: the places of LOG_FATAL in chrony 4.3, asked of chronyd one by one. */
#include "daemons/chrony/startup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILTER_MAX 2
#define PRIORITY_MAX 99

static void
mark(struct chrony_mark *mark, const struct policy_text *text)
{
	snprintf(mark->place, sizeof(mark->place), "%s", text->place);
	snprintf(mark->text, sizeof(mark->text), "%.63s", text->line + strspn(text->line, " \t"));
}

/* A whole number as chronyd reads it; 0: it is none. */
static long
number(const char *text)
{
	return strtol(text, NULL, 10);
}

/* `allow 192.0.2.0/33`: more bits than an address has. */
static bool
is_no_subnet(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash && number(slash + 1) > (strchr(text, ':') ? 128 : 32);
}

/*
 * Devices that cannot be opened end chronyd, and so does a socket in a folder that is not there.
 * ":" and what follows are options of the driver.
 */
static void
take_refclock(
    struct restart_policy *policy, const struct policy_text *text, char *const *words, size_t count)
{
	const char *driver = count > 1 ? words[1] : "", *parameter = count > 2 ? words[2] : "";
	char path[POLICY_LINE_BYTES];
	char *slash;

	if (strcmp(driver, "SHM") == 0) {
		return;
	}
	if (strcmp(driver, "SOCK") != 0 && strcmp(driver, "PPS") != 0 &&
	    strcmp(driver, "PHC") != 0) {
		if (strcmp(driver, "RTC") == 0) {
			policy_doubt(policy, text->place, text->line); /* chrony 4.7 has it */
		} else {
			policy_refuse_by_all(policy, text->place, text->line);
		}
		return;
	}
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(parameter, ":"), parameter);
	slash = strrchr(path, '/');
	if (strcmp(driver, "SOCK") == 0 && slash) {
		*(slash == path ? slash + 1 : slash) = '\0';
	}
	if (path[0] == '/') {
		policy_need_file(policy, path, text->place, text->line);
	}
}

/* A card by its name must be there; "*" are those that can do it. */
static void
take_timestamps(struct restart_policy *policy, const struct policy_text *text, const char *card)
{
	char path[POLICY_LINE_BYTES + 16];

	if (strcmp(card, "*") != 0 && !strchr(card, '/')) {
		snprintf(path, sizeof(path), "/sys/class/net/%s", card);
		policy_need_file(policy, path, text->place, text->line);
	}
}

/* Whether @name is one of @names, NULL-ended. */
static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcasecmp(name, *names) == 0) {
			return true;
		}
	}
	return false;
}

void
chrony_startup_take(struct chrony_startup *startup, struct restart_policy *policy,
    const struct policy_text *text, char *const *words, size_t count)
{
	static const char *const limits[] = { "ratelimit", "cmdratelimit", "ntsratelimit", NULL };
	static const char *const networks[] = { "allow", "deny", "cmdallow", "cmddeny", NULL };
	const struct {
		const char *name;
		struct chrony_mark *mark;
	} marks[] = { { "rtcsync", &startup->rtcsync }, { "rtcfile", &startup->rtcfile },
		{ "noclientlog", &startup->noclientlog }, { "mailonchange", &startup->mail } };
	const char *name = words[0], *last = words[count - 1];

	for (size_t i = 0; i < COUNT(marks); i++) {
		if (strcasecmp(name, marks[i].name) == 0) {
			mark(marks[i].mark, text);
		}
	}
	if (is_one_of(name, limits)) {
		mark(&startup->limit, text);
	} else if (is_one_of(name, networks) && is_no_subnet(last)) {
		policy_refuse_by_all(policy, text->place, text->line);
	} else if (strcasecmp(name, "ntsservercert") == 0) {
		mark(&startup->certificate, text);
		startup->certificates++;
	} else if (strcasecmp(name, "ntsserverkey") == 0) {
		mark(&startup->certificate, text);
		startup->keys++;
	} else if (strcasecmp(name, "sched_priority") == 0 &&
	    (number(last) < 0 || number(last) > PRIORITY_MAX)) {
		policy_refuse_by_all(policy, text->place, text->line);
	} else if (strcasecmp(name, "user") == 0) {
		policy_need_user(policy, last, text->place, text->line);
	} else if (strcasecmp(name, "hwtimestamp") == 0 && count > 1) {
		take_timestamps(policy, text, words[1]);
	} else if (strcasecmp(name, "refclock") == 0) {
		take_refclock(policy, text, words, count);
	}
}

/* Both lines are there: the latter is refused. */
static void
exclude(
    struct restart_policy *policy, const struct chrony_mark *one, const struct chrony_mark *other)
{
	if (one->text[0] && other->text[0]) {
		policy_refuse_by_all(policy, other->place, other->text);
	}
}

void
chrony_startup_settle(const struct chrony_startup *startup, struct restart_policy *policy,
    const struct options *options)
{
	const char *filter = options_value(options, 'F');
	long level = filter ? number(filter) : 0;

	exclude(policy, &startup->rtcsync, &startup->rtcfile);
	exclude(policy, &startup->noclientlog, &startup->limit);
	if (startup->mail.text[0] && level != 0) {
		policy_refuse_by_all(policy, startup->mail.place, startup->mail.text);
	}
	if (startup->certificates != startup->keys) {
		policy_refuse_by_all(policy, startup->certificate.place, startup->certificate.text);
	}
	if (labs(level) > FILTER_MAX) {
		policy_refuse_by_all(policy, "", "-F");
	}
}
