/* Finds lines and reports them: what all judges of files need. */
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/topology/extras.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct files_lint *
files_lint_new(
    const struct topology *topology, int64_t now_ns, struct diags *diags, struct arena *places)
{
	struct files_lint *run = calloc(1, sizeof(*run));

	if (!run) {
		abort();
	}
	run->topology = topology;
	run->now_ns = now_ns;
	run->diags = diags;
	run->places = places;
	run->orphans = arena_alloc(&run->kept, (topology->tier_count + 1) * sizeof(*run->orphans));
	run->orphan_hosts =
	    arena_alloc(&run->kept, (topology->tier_count + 1) * sizeof(*run->orphan_hosts));
	return run;
}

void
files_lint_free(struct files_lint *run)
{
	if (run) {
		arena_free(&run->kept);
		free(run);
	}
}

void
files_lint(struct files_lint *run, const struct files_case *input)
{
	static void (*const judges[])(struct judged *) = { judge_start, judge_sources, judge_keys,
		judge_tier, judge_chrony, judge_restrict, judge_words };
	struct judged judged;

	if (judged_read(run, input, &judged)) {
		for (size_t i = 0; i < COUNT(judges); i++) {
			judges[i](&judged);
		}
	}
	arena_free(&run->arena);
}

/* Whether the site accepts @rule here: on the host, its tier or group, or everywhere. */
static bool
is_accepted(const struct judged *judged, const struct lint_rule *rule, const char **because)
{
	const struct host *host = judged->host;
	const char *whose = host->tier ? host->tier->name : host->group ? host->group->name : "";

	return lint_accepts(judged->topology, rule, host->name, judged->run->now_ns, because) ||
	    lint_accepts(judged->topology, rule, whose, judged->run->now_ns, because);
}

/*
 * The line of `extra` that stands at @place of a rendered configuration; or NULL.  A line of
 * `extra` that a template has, too, is one that site.yaml need not have.
 */
static const struct extra_line *
extra_at(const struct judged *judged, struct judged_place place)
{
	const char *daemon = judged->input->driver->name, *text = NULL;
	const struct extra_line *extra;

	for (size_t i = 0; judged->input->rendered && place.file && i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (line->number == place.line && strcmp(line->file, place.file) == 0) {
			text = line->text;
		}
	}
	for (size_t i = 0; text && (extra = host_extra(judged->host, daemon, i)); i++) {
		if (strcmp(extra->text, text) == 0) {
			return extra;
		}
	}
	return NULL;
}

static void
add(struct judged *judged, const char *id, struct judged_place place, char *text)
{
	const struct lint_rule *rule = lint_rule_find(id, NULL);
	struct files_lint *run = judged->run;
	const struct extra_line *extra;
	const char *because = NULL;
	struct pos pos = { .line = place.line };
	char others[64] = "";

	assert(rule && (rule->where & JUDGED_FILES));
	extra = extra_at(judged, place);
	if (extra) {
		pos = extra->pos;
	} else {
		pos.file = arena_printf(run->places, "%s:%s", judged->host->name,
		    place.file ? place.file : judged->input->driver->config_path);
	}
	if (judged->input->others > 0) {
		snprintf(others, sizeof(others), " (and so on %zu more host%s)",
		    judged->input->others, judged->input->others == 1 ? "" : "s");
	}
	if (is_accepted(judged, rule, &because)) {
		diags_add_accepted(run->diags, rule->id, pos, because,
		    arena_printf(&run->arena, "%s%s", text, others));
	} else {
		diags_add(run->diags, rule->severity, rule->id, pos, "%s%s", text, others);
	}
	free(text);
}

void
judged_report(
    struct judged *judged, const char *id, const struct config_line *line, const char *fmt, ...)
{
	struct judged_place place = { line ? line->file : NULL, line ? line->number : 0 };
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	va_end(ap);
	add(judged, id, place, text);
}

void
judged_report_at(
    struct judged *judged, const char *id, struct judged_place place, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	va_end(ap);
	add(judged, id, place, text);
}

struct judged_place
judged_option_place(const struct judged *judged, const char *text)
{
	return judged->arguments && strstr(judged->arguments, text) ? judged->start_place
								    : judged->options_place;
}

struct judged_place
judged_blamed(const struct judged *judged, enum restart_blamed what)
{
	const struct restart_blame *blame = &judged->policy.blames[what];
	struct judged_place place = { .file = NULL };
	const char *colon = strrchr(blame->place, ':');

	if (!blame->place[0]) {
		return blame->text[0] ? judged_option_place(judged, blame->text) : place;
	}
	place.file = arena_strndup(&judged->run->arena, blame->place,
	    colon ? (size_t)(colon - blame->place) : strlen(blame->place));
	place.line = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
	return place;
}

const char *
judged_words(const struct judged *judged, enum restart_blamed what)
{
	const struct restart_blame *blame = &judged->policy.blames[what];

	return blame->text[0] ? arena_printf(&judged->run->arena, "`%s`", blame->text)
			      : "the daemon's default";
}

bool
judged_is(const struct judged *judged, const char *a, const char *b)
{
	return config_is(judged->input->driver->includes, a, b);
}

const struct config_line *
judged_find(const struct judged *judged, const char *word)
{
	const struct config_line *found = NULL;

	for (size_t i = 0; i < judged->line_count; i++) {
		if (judged_is(judged, judged->lines[i].words[0], word)) {
			found = &judged->lines[i];
		}
	}
	return found;
}

size_t
judged_word(const struct judged *judged, const struct config_line *line, const char *word)
{
	return config_word(judged->input->driver->includes, line, word);
}

long
judged_number(
    const struct judged *judged, const struct config_line *line, const char *word, long without)
{
	size_t at = judged_word(judged, line, word);
	char *end;
	long value;

	if (at == 0 || at + 1 >= line->count) {
		return without;
	}
	value = strtol(line->words[at + 1], &end, 10);
	return end > line->words[at + 1] ? value : without;
}

bool
judged_source(const struct judged *judged, const struct config_line *line, const char **name)
{
	static const char *const kinds[] = { "server", "pool", "peer" };
	size_t at = 1;

	if (!judged_is(judged, line->words[0], kinds[0]) &&
	    !judged_is(judged, line->words[0], kinds[1]) &&
	    !judged_is(judged, line->words[0], kinds[2])) {
		return false;
	}
	if (at < line->count && line->words[at][0] == '-') {
		at++; /* -4, -6 */
	}
	*name = at < line->count ? line->words[at] : "";
	return at < line->count;
}

/* @name as all spell it who mean the same: an address in its shortest form, a name in small
 * letters. */
static const char *
one_spelling(struct arena *arena, const char *name)
{
	char text[IP_TEXT_BYTES];
	char *small;
	struct ip ip;

	if (ip_parse(name, &ip)) {
		ip_text(&ip, text);
		return arena_strdup(arena, text);
	}
	small = arena_strdup(arena, name);
	for (char *at = small; *at; at++) {
		*at = (char)tolower((unsigned char)*at);
	}
	return small;
}

/* Configurations name servers in each line: who looks through all of them each time takes minutes.
 */
static void
index_names(struct files_lint *run)
{
	const struct topology *topology = run->topology;
	size_t count = 0;

	for (size_t i = 0; i < topology->server_count; i++) {
		count += topology->hosts[i].addresses.count;
	}
	run->names = arena_alloc(&run->kept, (count + 1) * sizeof(*run->names));
	index_init(&run->by_name, &run->kept, count);
	count = 0;
	for (size_t i = 0; i < topology->server_count; i++) {
		const struct host *host = &topology->hosts[i];

		for (size_t k = 0; k < host->addresses.count; k++) {
			run->names[count] = (struct judged_name){
				one_spelling(&run->kept, host->addresses.list[k].text), host
			};
			index_add(&run->by_name, run->names, sizeof(*run->names), count++);
		}
	}
}

const struct host *
judged_host(const struct judged *judged, const char *name)
{
	struct files_lint *run = judged->run;
	size_t at;

	if (!run->names) {
		index_names(run);
	}
	at = index_find(
	    &run->by_name, run->names, sizeof(*run->names), one_spelling(&run->arena, name));
	return at == INDEX_NONE ? NULL : run->names[at].host;
}

bool
judged_is_sibling(const struct judged *judged, const char *name)
{
	const struct host *host = judged_host(judged, name);

	return host && host->tier && host->tier == judged->host->tier && host != judged->host;
}
