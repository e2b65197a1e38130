/*
 * The fleet as JSON.  Names are those of reports (verdict/report.h); durations are nanoseconds,
 * instants RFC 3339 by the collector's clock.  Texts of a host were cut to printable UTF-8 when its
 * report came in.
 *
 * GET /api/v1/fleet[?brief=1][&order=worst|site][&limit=N][&after=NEXT][&since=REVISION]
 *	time, site, version: of this program, started
 *	revision    changes whenever anything of a host changes, and with the site and each start
 *	since       the revision after which hosts[] changed: the others are as they were, but for
 *	            their ages.  Missing when that revision is not of this run of the collector:
 *	            then hosts[] is whole, and what was known before is to be forgotten
 *	next        for the argument after: more hosts follow.  Whoever gets them page by page asks
 *	            for what changed since the revision of the first page, then has all
 *	upstreams and edges are missing with since and after; limit=0 gives the site without hosts
 *	collector   {listen, reports: {accepted, ...}, history: "kept" | "failing"}
 *	headline    {state: good|degraded|bad|unknown, text, detail, host: the worst one or null,
 *	             hosts, counts: {good, free-running, ...}}
 *	restart     {text, safe: hosts, lost: hosts that would not step but follow no source,
 *	             host: the worst one or null, counts: {safe, slew, ...}}
 *	leap        a leap second to come: {kind: none|insert|delete, text: when, who knows it,
 *	             knows: hosts that announce it, smeared: hosts that get it smeared,
 *	             without[]: names of hosts that should announce it and do not}
 *	upstreams[] {name, operator, addresses[],
 *	             state: selected|combined|outlier|falseticker|measured|new|rejected|
 *	             silent|unknown; measured: not followed, as its configuration declares;
 *	             new: it has begun to answer,
 *	             declared: hosts that should use it, heard: those of them that
 *	             are heard, seen: hosts that do use it,
 *	             by: {selected, ...}, offset_ns: the median of what they measure, or null}
 *	tiers[]     {name, servers[], quorum, good, budget: {offset_ns, error_bound_ns}}
 *	groups[]    {name, from[], hosts, counts: {good, ...}, budget}
 *	hosts[]     worst first: {name, role: server|client, tier or group, daemon, health,
 *	             rank: larger is worse, state: good|warn|bad|stale|unknown, reason,
 *	             health_age_ns, fresh: false when nothing below is of now, budget,
 *	             report_age_ns, verdict: {kind, degraded, amount_ns, duration_ns, reasons[]},
 *	             steps, names[] and resolver when a name leads elsewhere or cannot be resolved,
 *	             proof: {state, started, window_ns, window_ends, steps, stepped_ns, touched,
 *	             moved_ns, unwatched_ns, ended, words}, end: {refused, at, exit_status, result,
 *	             words} when its daemon ended,
 *	             offset_ns, error_bound_ns, stratum, source: {name, address} or null,
 *	             sources[]: as in a report, with state as above, name, and auth_words: how it
 *	             proves itself (not of clients, when brief)}
 *	             From report_age_ns on, members are missing while no report has come; from
 *	             offset_ns on, while the daemon does not answer.
 *	edges[]     {from, to, to_group, declared, seen, selected, state, auth, offset_ns or null}
 *
 * GET /api/v1/health[?limit=1000]
 *	state        of the site: good|warn|bad|stale|unknown
 *	hosts        {expected, reporting, good, warn, bad, stale, unknown}: by what stands against
 *	             them, which is a little later than their latest report
 *	tiers[]      {name, state, reason}
 *	condition_count: all; conditions[] has the first of them
 *	conditions[] worst first: {code: over-budget|..., scope: host|tier|site, subject: name of
 *	             the host, the tier, the upstream or the site, state, title, since, reason: with
 *	             what to do}; the codes: orchestrator/health/conditions.c
 *
 * GET /api/v1/events
 *	text/event-stream: {revision} of the fleet at once, then each second in which it has
 *	changed, and every 15 s when it has not; 503 when too many listen
 *
 * GET /api/v1/host/NAME
 *	as in hosts[], and: addresses[], agent_version, interval_ns, status (as in a report,
 *	without sources), rivals[], slewed_ns, rtc_offset_ns, kernel and temperature_c (as in a
 *	report), error
 *
 * GET /api/v1/host/NAME/history?last=DURATION&points=800   or  from=INSTANT&to=INSTANT
 *	host, from, to, step_ns, resolution_ns (0: samples), budget, steps[] as below, and arrays
 *	of one length: time_ms (since 1970), samples, offset_{min,mean,max}_ns,
 *	error_bound_{min,mean,max}_ns, frequency_{min,mean,max}_ppm, health
 *
 * GET /api/v1/steps[?host=NAME&cause=CAUSE&last=DURATION&limit=500]
 *	steps[]     newest first: {host, time, amount_ns: positive is forward,
 *	             before, after: the host's own clock,
 *	             cause: unknown|start-up|first-set|source|daemon|by hand|machine paused|
 *	             leap second, settled: the cause is final, words, boot_id, boot_ns}
 */
#ifndef ORCHESTRATOR_PUBLISH_API_H
#define ORCHESTRATOR_PUBLISH_API_H

#include "orchestrator/collect/collector.h"
#include "orchestrator/publish/rows.h"

/* Each returns a NUL-ended text that the caller frees; @now_ns is by the collector's boot clock.
 * That of the fleet is NULL with @err set when @query->after is wrong. */
char *api_fleet(const struct collector *collector, const struct rows_query *query, int64_t now_ns,
    struct error *err);
char *api_host(const struct collector *collector, const struct fleet_host *row, int64_t now_ns);

#define API_CONDITIONS 1000
#define API_CONDITIONS_MAX 100000

/* The health of the site, with at most @limit conditions; @real_ns is real time. */
char *api_health(
    const struct conditions *conditions, unsigned limit, int64_t real_ns, int64_t now_ns);

#define API_POINTS 800
#define API_STEPS_MAX 500

/* Both return NULL with @err set when the history cannot be read; @real_ns is real time. */
char *api_history(const struct collector *collector, const struct fleet_host *row,
    const struct history_query *query, int64_t real_ns, struct error *err);

char *api_steps(
    const struct collector *collector, const struct step_query *query, struct error *err);

#endif
