/* Holds what each host has against what it would get, and remarks what is lost. */
#include "orchestrator/import/import.h"

#include "common/hash.h"
#include "daemons/platforms/platform.h"
#include "orchestrator/lint/files/files.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/render/render.h"

#include <stdlib.h>
#include <string.h>

#define EXTRA_BYTES 256 /* a longer line stays a remark */

struct comparing {
	struct import *import;
	struct diags *found; /* what is wrong with the files as they are */
	int64_t now_ns;
	bool offers; /* lines are offered to `extra`, and nothing is remarked yet */
	struct topology topology;
	struct render *render;
};

/* Let what it would ask have the names that it knows them by: one server has several. */
static void
name_alike(const struct import *import, const struct import_host *host, struct config *after)
{
	for (size_t i = 0; i < after->source_count; i++) {
		size_t asked = import_find(import, after->sources[i].name);

		for (size_t k = 0; asked != IMPORT_NONE && k < host->config.source_count; k++) {
			if (host->asks[k] == asked) {
				after->sources[i].name = host->config.sources[k].name;
				break;
			}
		}
	}
}

/* Name the sources that only the first of @pair has, in one remark that begins with @words. */
static void
tell_sources(struct import *import, struct import_host *host, const char *words,
    const struct config *const pair[2])
{
	struct buf text = { .limit_bytes = 4096 };
	const char **names;
	size_t count = config_only(&import->arena, pair[0], pair[1], &names);

	for (size_t i = 0; i < count; i++) {
		const struct config_source *source = config_source(&host->config, names[i]);

		buf_printf(&text, "%s%s", i > 0 ? ", " : words, names[i]);
		if (source && source->number > 0) {
			buf_printf(&text, " (%s:%u)", source->file, source->number);
		}
	}
	if (count > 0) {
		import_remark(import, host, "%s", buf_str(&text));
	}
	buf_free(&text);
}

/* Whether a rule says of the line that its daemon does not take it as it is meant. */
static bool
is_mistake(const struct comparing *comparing, const struct config_line *line)
{
	const char *words = arena_printf(&comparing->import->arena, "`%s`", line->text);

	for (size_t i = 0; i < comparing->found->count; i++) {
		const struct diag *diag = &comparing->found->list[i];

		if (diag->severity == SEVERITY_ERROR && diag->pos.line == line->number &&
		    strncmp(diag->text, words, strlen(words)) == 0) {
			return true;
		}
	}
	return false;
}

/* The line with one blank between words, and without the comment that ntpd takes behind one. */
static const char *
tidied(struct arena *arena, const struct daemon_driver *driver, const char *line)
{
	bool ntpd = driver->includes != DAEMON_INCLUDES_CHRONY;
	char *text = arena_strdup(arena, line), *to = text;

	for (const char *at = line; *at && !(ntpd && *at == '#'); at++) {
		bool blank = strchr(" \t\r", *at) != NULL;

		if (!blank || (to > text && to[-1] != ' ')) {
			*to++ = blank ? ' ' : *at;
		}
	}
	while (to > text && to[-1] == ' ') {
		to--;
	}
	*to = '\0';
	return text;
}

/* Offer lines that nothing else keeps to `extra`. */
static void
offer_extras(const struct comparing *comparing, struct import_host *host, const struct lost *lost,
    size_t count)
{
	struct arena *arena = &comparing->import->arena;

	host->extras = arena_alloc(arena, (count + 1) * sizeof(*host->extras));
	for (size_t i = 0; i < count; i++) {
		const char *text = tidied(arena, host->driver, lost[i].line->text);

		if (lost[i].where && strcmp(lost[i].where, "extra") == 0 && text[0] &&
		    strlen(text) < EXTRA_BYTES && import_is_plain(text) &&
		    !lint_extra_instead(host->driver->name, text) &&
		    !is_mistake(comparing, lost[i].line)) {
			host->extras[host->extra_count++] = text;
		}
	}
}

static void
tell_lost(struct import *import, struct import_host *host, const struct config *after)
{
	struct lost *lost;
	size_t count = config_lost(&import->arena, &host->config, after, &lost);

	for (size_t i = 0; i < count; i++) {
		import_remark(import, host, "lost: %s:%u: `%s`%s%s", lost[i].line->file,
		    lost[i].line->number, lost[i].text, lost[i].where ? ": to be declared by " : "",
		    lost[i].where ? lost[i].where : "");
	}
	import->lost_count += count;
}

/* Whom the site's servers answer beside those that this one answered. */
static void
tell_answers(struct import *import, struct import_host *host, const struct config *after)
{
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; i < after->answers.count; i++) {
		const struct config_answer *row = &after->answers.list[i];

		if (row->line && (row->gives & ANSWER_TIME) && !config_is_loopback(&row->network) &&
		    config_answers_differ_in(
			&host->config.answers, &after->answers, &row->network, ANSWER_TIME)) {
			import_remark(import, host,
			    "it would answer %s, too, as the site's other servers do",
			    network_text(&row->network, text));
		}
	}
}

/* A line that a hand wrote and that its daemon does not read: whoever wrote it believes that it
 * counts. */
static void
tell_unended(struct import *import, struct import_host *host)
{
	static const char suffix[] = ".sources";

	for (size_t i = 0; i < host->files.count; i++) {
		const struct file_entry *file = &host->files.list[i];
		size_t len = strlen(file->path);

		if (!file->absent && file->len > 0 && file->content[file->len - 1] != '\n' &&
		    len > strlen(suffix) &&
		    strcmp(file->path + len - strlen(suffix), suffix) == 0) {
			import_remark(import, host,
			    "%s: chronyd does not read its last line, which has no line end",
			    file->path);
		}
	}
}

static void
tell_others(struct import *import, struct import_host *host)
{
	for (size_t i = 0; i < host->other_count; i++) {
		import_remark(import, host, "%s is %s, too: two daemons must not set one clock",
		    host->others[i].path,
		    host->others[i].enabled ? "read by a daemon that is enabled" : "there");
	}
	if (host->server && !(host->driver->features & DAEMON_SERVES)) {
		import_remark(import, host,
		    "it runs %s, which cannot be a server of a tier: name the daemon that is to "
		    "take its place",
		    host->driver->title);
	}
}

/* Its own daemon as its platform has it; as Debian has it where it is only watched there. */
static const struct daemon_driver *
driver_there(const struct import_host *host)
{
	const struct daemon_driver *const *drivers =
	    host->own.family ? platform_family_drivers(host->own.family) : NULL;

	for (size_t i = 0; drivers && drivers[i]; i++) {
		if (strcmp(drivers[i]->name, host->driver->name) == 0) {
			return drivers[i];
		}
	}
	return daemon_find(host->driver->name);
}

/* What it would run: its own daemon, or the first that can do what the site asks of it. */
static const struct daemon_driver *
driver_after(const struct import_host *host)
{
	const struct daemon_driver *driver = driver_there(host);
	bool can = driver && (!host->server || (driver->features & DAEMON_SERVES));

	return can ? driver : daemon_drivers[0];
}

static void
tell_all(struct import *import, struct import_host *host, struct config *after)
{
	tell_others(import, host);
	tell_unended(import, host);
	name_alike(import, host, after);
	tell_sources(import, host,
	    "asks no longer: ", (const struct config *const[]){ &host->config, after });
	tell_sources(import, host,
	    "it would ask, too: ", (const struct config *const[]){ after, &host->config });
	tell_lost(import, host, after);
	tell_answers(import, host, after);
}

static int
compare_host(struct comparing *comparing, struct import_host *host, struct error *err)
{
	struct import *import = comparing->import;
	const struct host *of = topology_host(&comparing->topology, host->name);
	const struct daemon_driver *driver;
	struct file_set files;
	struct config after;
	struct lost *lost;

	if (!of || !host->driver || !driver_there(host)) {
		return 0; /* of what cannot be managed nothing is lost */
	}
	driver = driver_after(host);
	if (render_host(comparing->render, of, driver, &import->arena, &files, err) < 0) {
		return -1;
	}
	if (!config_read(&import->arena, driver, driver->config_path, &files, "", &after)) {
		return 0;
	}
	if (!comparing->offers) {
		tell_all(import, host, &after);
	} else if (driver->includes == host->driver->includes) {
		size_t count = config_lost(&import->arena, &host->config, &after, &lost);

		offer_extras(comparing, host, lost, count);
	}
	return 0;
}

/* Tells hosts apart by what they have. */
static uint64_t
likeness(const struct import_host *host)
{
	uint64_t hash = hash_add(HASH_START, host->driver->name, strlen(host->driver->name) + 1);

	hash = hash_add(hash, host->server ? "s" : "c", 1);
	for (size_t i = 0; i < host->config.lines.count; i++) {
		const char *text = host->config.lines.list[i].text;

		hash = hash_add(hash, text, strlen(text) + 1);
	}
	return hash;
}

static bool
is_judged(const struct comparing *comparing, const struct import_host *host)
{
	return host->driver && (host->driver->features & DAEMON_SERVES) &&
	    topology_host(&comparing->topology, host->name);
}

/* Judge the files of hosts that have the same once; what plan would say of them is kept. */
static void
judge(struct comparing *comparing)
{
	struct import *import = comparing->import;
	struct diags found = { .errors = 0 };
	struct files_lint *run =
	    files_lint_new(&comparing->topology, comparing->now_ns, &found, &import->arena);
	uint64_t *alike = arena_alloc(&import->arena, import->host_count * sizeof(*alike));

	for (size_t i = 0; i < import->host_count; i++) {
		alike[i] =
		    is_judged(comparing, &import->hosts[i]) ? likeness(&import->hosts[i]) : 0;
	}
	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];
		struct files_case judged = {
			.driver = host->driver, .files = &host->files, .start = host->start
		};

		for (size_t k = i + 1; alike[i] && k < import->host_count; k++) {
			judged.others += alike[k] == alike[i];
			alike[k] = alike[k] == alike[i] ? 0 : alike[k];
		}
		if (alike[i]) {
			judged.host = topology_host(&comparing->topology, host->name);
			files_lint(run, &judged);
		}
	}
	for (size_t i = 0; i < found.count; i++) {
		const struct diag *diag = &found.list[i];

		if (lint_rule_find(diag->rule, NULL)->where & JUDGED_PLAN) {
			diags_add(comparing->found, diag->severity, diag->rule, diag->pos, "%s",
			    diag->text);
		}
	}
	files_lint_free(run);
	diags_free(&found);
}

/* Load what would be written now, and compare each host with it. */
static int
compare_all(struct comparing *comparing, const char *site, struct error *err)
{
	struct import *import = comparing->import;
	struct buf draft = { .limit_bytes = 64 << 20 };
	struct diags wrong = { .errors = 0 };
	int status = -1;

	import_emit(import, site, NULL, &draft);
	if (topology_load_text(
		&comparing->topology, "site.yaml", buf_str(&draft), draft.len, &wrong) < 0) {
		const struct diag *first = wrong.count > 0 ? &wrong.list[0] : NULL;

		error_set(err, "the site that these files amount to is none: line %u: %s",
		    first ? first->pos.line : 0, first ? first->text : "no reason is told");
		goto out;
	}
	if (comparing->offers) {
		judge(comparing);
	}
	comparing->render = render_new(&comparing->topology, NULL, err);
	status = comparing->render ? 0 : -1;
	for (size_t i = 0; i < import->host_count && status == 0; i++) {
		status = compare_host(comparing, &import->hosts[i], err);
	}
out:
	render_free(comparing->render);
	comparing->render = NULL;
	diags_free(&wrong);
	buf_free(&draft);
	return status;
}

int
import_compare(
    struct import *import, const char *site, int64_t now_ns, struct diags *diags, struct error *err)
{
	struct comparing first = {
		.import = import, .found = diags, .now_ns = now_ns, .offers = true
	};
	struct comparing second = { .import = import, .found = diags };
	int status = compare_all(&first, site, err);

	topology_free(&first.topology);
	if (status == 0) {
		status = compare_all(&second, site, err);
		topology_free(&second.topology);
	}
	return status;
}
