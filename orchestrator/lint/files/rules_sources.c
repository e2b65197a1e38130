/* SRC, POLL, TOS, ACL: the lines that name sources, and whether the daemon hears them. */
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>

#define SIBLING_MINPOLL 3
#define VERIFIER_MINPOLL 10
#define DEFAULT_MINPOLL 6
#define DEFAULT_MAXCLOCK 10
#define SERVERS_WANTED 4

/* Report the first source with @word, unless all sources outside the tier have it; true: it did. */
static bool
judge_preference(struct judged *judged, const char *word)
{
	size_t outside = 0, preferred = 0;
	const struct config_line *first = NULL;
	const char *name;

	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];
		bool has = judged_word(judged, line, word);

		if (!judged_source(judged, line, &name) || strncmp(name, "127.127.", 8) == 0 ||
		    judged_word(judged, line, "noselect")) {
			continue;
		}
		if (!judged_is_sibling(judged, name)) {
			outside++;
			preferred += has;
		}
		first = first || !has ? first : line;
	}
	if (!first || preferred == outside) {
		return false;
	}
	judged_report(judged, "preferred-source", first,
	    "`%s`: `%s` makes the time of this source that of the server; one that is wrong is "
	    "followed all the same",
	    first->text, word);
	return true;
}

/*
 * Sources that are all preferred alike are none that is preferred.  The stronger words come first:
 * these outvote, while `prefer` chooses among those that agree.
 */
static void
judge_preferences(struct judged *judged)
{
	static const char *const words[] = { "trust", "true", "prefer" };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (judge_preference(judged, words[i])) {
			return;
		}
	}
}

static void
judge_polls(struct judged *judged, const struct config_line *line, const char *name)
{
	const struct host *of = judged_host(judged, name);
	long minpoll = judged_number(judged, line, "minpoll", DEFAULT_MINPOLL);

	if (judged_is_sibling(judged, name) && minpoll < SIBLING_MINPOLL) {
		judged_report(judged, "fast-sibling", line,
		    "`%s`: faster than 8 s, which is below what a server with a rate limit answers",
		    line->text);
	}
	if (!of && judged_word(judged, line, "noselect") && minpoll < VERIFIER_MINPOLL &&
	    strncmp(name, "127.127.", 8) != 0) {
		judged_report(judged, "fast-verifier", line,
		    "`%s`: nobody follows this source, and it is asked every %d s", line->text,
		    1 << (minpoll < 0 ? 0 : (int)minpoll));
	}
	if (judged_word(judged, line, "xleave") &&
	    (judged->ntpsec || (of && strcmp(of->daemon, "ntpsec") == 0))) {
		judged_report(judged, "xleave", line, "`%s`: %s", line->text,
		    judged->ntpsec
			? "NTPsec does not know the word, and loses what stands behind it"
			: "NTPsec, which answers there, has no interleaved mode");
	}
}

/*
 * A `peer` of the site whose own `peer` line nobody writes: the design has such pairs in tiers that
 * peer symmetrically, and nowhere else.
 */
static void
judge_peer(struct judged *judged, const struct config_line *line, const char *name)
{
	const struct host *of = judged_host(judged, name), *host = judged->host;
	bool pair =
	    of && of->tier == host->tier && host->tier && host->tier->peering == PEERING_SYMMETRIC;

	if (judged_is(judged, line->words[0], "peer") && of && of != host && !pair) {
		judged_report(judged, "one-sided-peer", line,
		    "`%s`: site.yaml has no such pair, so %s gets no `peer` line for %s: it "
		    "answers, and hears nothing from here",
		    line->text, of->name, host->name);
	}
}

/* Lines of `pool` count as associations, beside the servers that they bring. */
static void
judge_maxclock(struct judged *judged)
{
	const struct config_line *first = NULL, *setting = NULL;
	long pools = 0, others = 0, maxclock = DEFAULT_MAXCLOCK;
	const char *name;

	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (judged_is(judged, line->words[0], "tos") &&
		    judged_word(judged, line, "maxclock")) {
			setting = line;
			maxclock = judged_number(judged, line, "maxclock", maxclock);
		}
		if (judged_source(judged, line, &name)) {
			bool pool = judged_is(judged, line->words[0], "pool");

			pools += pool;
			others += !pool;
			first = first || !pool ? first : line;
		}
	}
	if (first && (judged->ntp || judged->ntpsec) &&
	    maxclock - pools - others < SERVERS_WANTED && maxclock - pools < SERVERS_WANTED) {
		judged_report(judged, "maxclock", setting ? setting : first,
		    "maxclock %ld: the %ld line%s of `pool` count, too, and leave room for %ld "
		    "server%s",
		    maxclock, pools, pools == 1 ? "" : "s", maxclock > pools ? maxclock - pools : 0,
		    maxclock - pools == 1 ? "" : "s");
	}
}

/* Sources whose answers the daemon drops; one finding for all that one line shuts out. */
static void
judge_deaf(struct judged *judged)
{
	const struct restart_fence *seen = NULL;

	for (size_t i = 0; i < judged->policy.line_count; i++) {
		const struct restart_line *line = &judged->policy.lines[i];
		const struct restart_fence *fence;
		struct judged_place place;
		struct ip ip = { .family = IP_NONE };
		const char *colon;

		if (!(line->flags & RESTART_DEAF) || (line->flags & RESTART_POOL)) {
			continue;
		}
		ip_parse(line->name, &ip);
		fence = restart_fence_around(&judged->policy, line, &ip);
		if (!fence || fence == seen) {
			continue;
		}
		seen = fence;
		colon = strrchr(fence->place, ':');
		place.file = arena_strndup(&judged->run->arena, fence->place,
		    colon ? (size_t)(colon - fence->place) : strlen(fence->place));
		place.line = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
		judged_report_at(judged, "own-sources-shut", place,
		    "`%s`: the answers of %s, which this host asks, are dropped", fence->text,
		    line->name);
	}
}

static bool
is_address_of(const struct address_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcasecmp(list->list[i].text, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the site gives the host this source: an upstream, or a server of the site. */
static bool
is_given(const struct judged *judged, const char *name)
{
	const struct source_list *sources = host_sources(judged->host);
	const struct host *of = judged_host(judged, name);

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		if (source->upstream ? is_address_of(&source->upstream->addresses, name)
				     : source->server == of) {
			return true;
		}
	}
	return of && judged_is_sibling(judged, name);
}

/* A source in a file beside the main one, which goes on being followed whatever the site says. */
static void
judge_foreign(struct judged *judged, const struct config_line *line, const char *name)
{
	if (strcmp(line->file, judged->input->driver->config_path) != 0 &&
	    !judged_word(judged, line, "noselect") && !is_given(judged, name)) {
		judged_report(judged, "foreign-source", line,
		    "`%s`: the site does not give %s this source, and it is followed all the same",
		    line->text, judged->host->name);
	}
}

void
judge_sources(struct judged *judged)
{
	const char *name;

	for (size_t i = 0; i < judged->line_count; i++) {
		if (judged_source(judged, &judged->lines[i], &name)) {
			judge_polls(judged, &judged->lines[i], name);
			judge_peer(judged, &judged->lines[i], name);
			judge_foreign(judged, &judged->lines[i], name);
		}
	}
	judge_preferences(judged);
	judge_maxclock(judged);
	judge_deaf(judged);
}

const struct lint_rule rules_files_sources[] = {
	{ .id = "preferred-source",
	    .number = "SRC013",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "no source counts more than the others",
	    .source = "ntp.conf(5), prefer, true; chrony.conf(5), prefer, trust",
	    .remedy = "take the word out of your own template",
	    .why = "The majority only decides who is no falseticker; among those the "
		   "preferred source alone sets the clock. `true` and `trust` keep a "
		   "source also when it is outvoted. Both give the vote of many to one." },
	{ .id = "foreign-source",
	    .number = "SRC015",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a host follows the sources that the site gives it, and no others",
	    .source = "chrony.conf(5), sourcedir, confdir; NTPsec's ntp.conf(5), ntp.d",
	    .remedy = "remove the file, or declare its server as an upstream; where it is to stay "
		      "as it is, `accept` the rule for the host",
	    .why = "chronyd reads every file of its folder of sources, NTPsec all of ntp.d, "
		   "whoever wrote it: an apply that says \"done\" leaves such a source in the "
		   "vote, where nobody who reads the site looks for it." },
	{ .id = "fast-sibling",
	    .number = "POLL002",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "servers of a tier ask each other no faster than every 8 s",
	    .source = "ntp.conf(5), discard; chrony.conf(5), ratelimit",
	    .remedy = "`minpoll 4` for siblings, as in the built-in templates",
	    .why = "A server with a rate limit drops what comes faster, so the answers "
		   "that count are rarer than with a slower poll. ntp 4.2.8 takes `minpoll "
		   "0` silently and asks every 8 s." },
	{ .id = "fast-verifier",
	    .number = "POLL004",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_NOTE,
	    .summary = "who only watches a server asks it rarely",
	    .source = "RFC 8633 section 5.4",
	    .remedy = "`minpoll 10 maxpoll 13` for lines with `noselect`",
	    .why = "A source with `noselect` is never followed: asking it every minute "
		   "costs its owner as much as a client does, and brings a number for a "
		   "graph." },
	{ .id = "one-sided-peer",
	    .number = "PEER004",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a line `peer` has its like on the other host",
	    .source = "ntp.conf(5), peer; chrony.conf(5), peer; tried with ntp 4.2.8p15 and chrony "
		      "4.3",
	    .remedy =
		"`server` for one that is only asked; `peering: symmetric` on the tier has both "
		"lines written",
	    .why =
		"`peer` looks as if two hosts watched each other. The host that has no such line "
		"answers, with `nopeer` or without it, and takes nothing: when the one that has "
		"the line goes wrong, nobody beside it says so, and when the other one loses its "
		"sources it has no peer to turn to." },
	{ .id = "xleave",
	    .number = "POLL009",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "interleaved mode is asked for where both ends have it",
	    .source = "NTPsec 1.2.2; chrony.conf(5), xleave",
	    .remedy = "take `xleave` out of your own template",
	    .why = "NTPsec removed interleaved mode: as a server it answers as usual, and "
		   "in its own file the word is a syntax error that takes the rest of the "
		   "line with it, its key included." },
	{ .id = "maxclock",
	    .number = "TOS001",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "`maxclock` leaves room for the servers of a pool",
	    .source = "ntp.conf(5), tos maxclock; fixed in NTPsec 1.2.5",
	    .remedy = "`tos maxclock 11` for 4 lines of `pool`",
	    .why = "Each line of `pool` counts as one of `maxclock` associations itself. "
		   "With many lines few servers are left, and fewer than four cannot "
		   "outvote one that is wrong." },
	{ .id = "own-sources-shut",
	    .number = "ACL009",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "the answers of the host's own sources are let in",
	    .source = "ntp.conf(5), restrict",
	    .remedy = "`restrict source nomodify notrap noquery` in your own template",
	    .why = "`restrict default ignore` drops answers as well as questions. The "
		   "daemon asks its sources for ever, and each of them seems silent." },
	{ .id = NULL },
};
