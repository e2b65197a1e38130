#include "orchestrator/config/config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_USUAL 4 /* chrony's default of maxsources */
#define POOL_MOST 16 /* of `maxsources` in site.yaml */

/* The line of the text at "FILE:N"; a path that is long was cut at its beginning. */
static const struct config_line *
line_at(const struct config_lines *lines, const char *place)
{
	const char *colon = strrchr(place, ':');
	unsigned number = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
	size_t len = colon ? (size_t)(colon - place) : 0;

	for (size_t i = 0; i < lines->count && number > 0; i++) {
		size_t file = strlen(lines->list[i].file);

		if (lines->list[i].number == number && file >= len &&
		    strncmp(lines->list[i].file + file - len, place, len) == 0) {
			return &lines->list[i];
		}
	}
	return NULL;
}

static int
number_behind(const struct daemon_driver *driver, const struct config_line *line, const char *word,
    int without)
{
	size_t at = config_word(driver->includes, line, word);
	char *end;
	long value;

	if (at == 0 || at + 1 >= line->count) {
		return without;
	}
	value = strtol(line->words[at + 1], &end, 10);
	return end > line->words[at + 1] && value > -100 && value <= 65535 ? (int)value : without;
}

static char *
small(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *at = copy; *at; at++) {
		*at = (char)tolower((unsigned char)*at);
	}
	return copy;
}

/*
 * How many servers of a pool are followed.  chrony and ntpd-rs say so with each pool; an ntpd
 * shares what `maxclock` leaves among its pools, and OpenNTPD takes what the name has.
 */
static unsigned
pool_size(const struct restart_line *line, enum restart_rules rules)
{
	bool said = rules == RESTART_RULES_CHRONY || rules == RESTART_RULES_NTPD_RS;

	if (!(line->flags & RESTART_POOL) || line->addresses < 2) {
		return 0;
	}
	if (said) {
		return line->addresses < POOL_MOST ? line->addresses : POOL_MOST;
	}
	return line->addresses < POOL_USUAL ? line->addresses : POOL_USUAL;
}

static void
add_source(struct arena *arena, const struct restart_line *from, enum restart_rules rules,
    struct config *config)
{
	const struct config_line *line = line_at(&config->lines, from->place);
	struct config_source *source = &config->sources[config->source_count++];

	*source = (struct config_source){ .name = from->flags & RESTART_REFCLOCK
		    ? arena_strdup(arena, from->name)
		    : small(arena, from->name),
		.flags = from->flags,
		.line = line,
		.file = line ? line->file : "",
		.number = line ? line->number : 0,
		.nts = from->nts,
		.maxsources = pool_size(from, rules),
		.minpoll = POLL_UNTOLD,
		.maxpoll = POLL_UNTOLD,
		.port = from->port };
	if (!line) {
		return;
	}
	if ((from->flags & RESTART_DEAF) &&
	    !config_word(config->driver->includes, line, "noselect") &&
	    !config_word(config->driver->includes, line, "offline")) {
		source->flags &= ~(unsigned)RESTART_NOSELECT; /* it is meant to be followed */
	}
	source->minpoll = number_behind(config->driver, line, "minpoll", POLL_UNTOLD);
	source->maxpoll = number_behind(config->driver, line, "maxpoll", POLL_UNTOLD);
	source->key = (unsigned)number_behind(config->driver, line, "key", 0);
	source->burst = config_word(config->driver->includes, line, "burst") > 0;
}

bool
config_read(struct arena *arena, const struct daemon_driver *driver, const char *path,
    const struct file_set *files, const char *options, struct config *config)
{
	struct buf text = { .limit_bytes = CONFIG_BYTES_MAX };
	struct restart_policy *policy;

	*config = (struct config){ .driver = driver, .path = path };
	if (!config_merge(arena, files, driver->includes, path, &text)) {
		return false;
	}
	config_cut(arena, buf_str(&text), driver->includes, path, &config->lines);
	policy = malloc(sizeof(*policy)); /* it is large, and there may be thousands of hosts */
	if (!policy) {
		abort();
	}
	driver->read_policy(buf_str(&text), options, policy);
	config->known = policy->known;
	config->sources = arena_alloc(arena, (policy->line_count + 1) * sizeof(*config->sources));
	for (size_t i = 0; i < policy->line_count; i++) {
		add_source(arena, &policy->lines[i], policy->rules, config);
	}
	config_answers_read(arena, driver, &config->lines, &config->answers);
	free(policy);
	buf_free(&text);
	return true;
}

const struct config_source *
config_source(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->source_count; i++) {
		if (strcmp(config->sources[i].name, name) == 0) {
			return &config->sources[i];
		}
	}
	return NULL;
}

size_t
config_only(
    struct arena *arena, const struct config *a, const struct config *b, const char ***names)
{
	const char **list = arena_alloc(arena, (a->source_count + 1) * sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < a->source_count; i++) {
		const struct config_source *source = &a->sources[i];

		if (!(source->flags & (RESTART_REFCLOCK | RESTART_INIT)) &&
		    !config_source(b, source->name)) {
			list[count++] = source->name;
		}
	}
	*names = list;
	return count;
}
