/* The sections that say what the design is: in a few sentences, its sources, its servers. */
#include "orchestrator/review/diagram.h"
#include "orchestrator/review/review.h"

#include "common/clock.h"
#include "orchestrator/catalogue/catalogue.h"
#include "orchestrator/graph/names.h"

#include <string.h>
#include <strings.h>

#define HOSTS_SHOWN 60

static size_t
count_operators(struct arena *arena, const struct topology *topology)
{
	const char **names = arena_alloc(arena, topology->upstream_count * sizeof(*names) + 1);
	size_t count = 0;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		bool seen = false;

		names[i] = operator_of(arena, &topology->upstreams[i]);
		for (size_t k = 0; k < i && !seen; k++) {
			seen = strcasecmp(names[i], names[k]) == 0;
		}
		count += !seen;
	}
	return count;
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void
say_state(const struct review *review, struct document *document)
{
	const struct diags *diags = review->diags;

	if (diags->errors > 0) {
		document_call(document, PAINT_BAD,
		    "The design has %zu error%s: it cannot be rolled out as it is. See Findings.",
		    diags->errors, plural(diags->errors));
	} else if (diags->warnings > 0) {
		document_call(document, PAINT_WARN, "%zu finding%s open. See Findings.",
		    diags->warnings, diags->warnings == 1 ? " is" : "s are");
	} else {
		document_call(document, PAINT_GOOD,
		    "The design follows every rule that timetier knows%s.",
		    diags->accepted > 0 ? ", but for what is accepted with a reason" : "");
	}
}

void
review_summary(const struct review *review, struct document *document)
{
	const struct topology *topology = review->topology;
	size_t clients = topology->host_count - topology->server_count, pool = 0;
	size_t operators = count_operators(document->arena, topology);
	struct buf picture = { 0 }, words = { 0 };

	for (size_t i = 0; i < topology->server_count; i++) {
		pool += topology->hosts[i].pool;
	}
	document_section(document, "summary", "In short");
	say_state(review, document);
	document_say(document,
	    "%zu server%s in %zu tier%s take%s time from %zu source%s outside, run by %zu "
	    "operator%s, "
	    "and give it to %zu declared host%s.%s",
	    topology->server_count, plural(topology->server_count), topology->tier_count,
	    plural(topology->tier_count), topology->server_count == 1 ? "s" : "",
	    topology->upstream_count, plural(topology->upstream_count), operators,
	    plural(operators), clients, plural(clients),
	    pool ? " Some serve the public pool, too: strangers follow them." : "");
	document_say(document,
	    "A clock that jumps breaks what depends on it: logs, tickets, databases, certificates. "
	    "So no "
	    "server here sets its clock by a jump: a start of its time daemon corrects up to %g s "
	    "slowly, and leaves the clock alone beyond that until somebody has looked.",
	    (double)topology->restart.limit_ns / NS_PER_S);
	review_glance(review, document);
	diagram_add(topology, &picture);
	diagram_words(topology, &words);
	document_figure(document, buf_str(&picture), buf_str(&words));
	buf_free(&picture);
	buf_free(&words);
}

static void
add_source(struct document *document, const struct upstream *upstream)
{
	const char *country = upstream_country(upstream);

	document_row(document);
	document_cell(document, PAINT_NONE, "%s", upstream->name);
	document_cell(document, PAINT_NONE, "%s", upstream->addresses.list[0].text);
	document_cell(document, PAINT_NONE, "%s", operator_of(document->arena, upstream));
	document_cell(document, PAINT_NONE, "%s", country ? country : "");
	if (upstream->stratum > 0) {
		document_number(document, "%u", upstream->stratum);
	} else {
		document_number(document, "?");
	}
	document_cell(document, upstream->nts ? PAINT_GOOD : PAINT_QUIET, "%s",
	    upstream->nts ? "by NTS" : "no");
	document_cell(document, PAINT_NONE, "%s",
	    upstream->smear == SMEAR_NONE ? "not smeared" : "smeared over 24 h");
	document_number(document, "%u to %u s", 1U << upstream->minpoll, 1U << upstream->maxpoll);
}

/* What each of them answered when it was asked last. */
static void
add_probed(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Source", "It is", "Stratum", "It follows", "Why",
		NULL };
	const struct kept *kept = review->kept;
	char when[CLOCK_TEXT_BYTES];

	if (kept->at_ns == 0) {
		return;
	}
	document_say(document, "What they answered on %s, when %s asked them:",
	    clock_local_text(kept->at_ns, CLOCK_MINUTE, when, sizeof(when)),
	    kept->from ? kept->from : "the machine that made this page");
	document_table(document, columns);
	for (size_t i = 0; i < review->topology->upstream_count; i++) {
		const struct kept_source *source = &kept->sources[i];
		bool good = strcmp(source->worth, source_worth_name(WORTH_GOOD)) == 0;

		document_row(document);
		document_cell(document, PAINT_NONE, "%s", review->topology->upstreams[i].name);
		document_cell(document, good ? PAINT_GOOD : PAINT_WARN, "%s",
		    source->probed ? source->worth : "new: it was not asked");
		if (source->stratum > 0) {
			document_number(document, "%u", source->stratum);
		} else {
			document_number(document, "?");
		}
		document_cell(document, PAINT_NONE, "%s", source->reference);
		document_cell(document, PAINT_NONE, "%s", source->words);
	}
}

/* Who allowed the use of each source, as the site says, or else as its operator has published. */
static void
add_terms(const struct topology *topology, struct document *document)
{
	static const char *const columns[] = { "Source", "Who may use it", "Where that stands",
		NULL };

	document_say(document, "Each of them is somebody's server, and its use somebody's leave:");
	document_table(document, columns);
	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct upstream *upstream = &topology->upstreams[i];
		const struct service *service = upstream_service(upstream);

		document_row(document);
		document_cell(document, PAINT_NONE, "%s", upstream->name);
		if (upstream->permission) {
			document_cell(document, PAINT_NONE, "%s", upstream->permission);
			document_cell(document, PAINT_NONE, "the site's file");
		} else if (service) {
			document_cell(document, PAINT_NONE, "%s", service->terms);
			document_cell(document, PAINT_QUIET, "%s, read on %s", service->source,
			    service->seen);
		} else {
			document_cell(document, PAINT_WARN, "not known");
			document_cell(document, PAINT_QUIET,
			    "nowhere yet: `permission` in site.yaml is for it");
		}
	}
}

void
review_sources(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Source", "Address", "Operator", "Country",
		"Stratum", "Authenticated", "Leap seconds", "Asked every", NULL };
	const struct topology *topology = review->topology;

	document_section(document, "sources", "Where the time comes from");
	if (topology->upstream_count == 0) {
		document_say(document, "From nobody outside: the site keeps a time of its own.");
		return;
	}
	document_say(document,
	    "A source is believed only together with others: one that is wrong is outvoted. That "
	    "works when no operator, network or satellite system stands behind most of them.");
	document_table(document, columns);
	for (size_t i = 0; i < topology->upstream_count; i++) {
		add_source(document, &topology->upstreams[i]);
	}
	add_probed(review, document);
	add_terms(topology, document);
}

static void
add_server(const struct review *review, struct document *document, const struct host *host)
{
	const struct budget *budget = &host->tier->budget;

	document_row(document);
	document_cell(document, PAINT_NONE, "%s", host->name);
	document_cell(document, PAINT_NONE, "%s", host->tier->name);
	document_cell(document, PAINT_NONE, "%s", host->addresses.list[0].text);
	document_cell(
	    document, PAINT_NONE, "%s", host_unmanaged(host) ? "not managed" : host->daemon);
	document_number(
	    document, "%u of %u", tier_quorum(host->tier), tier_source_count(host->tier));
	document_number(document, "%g ms", (double)budget->offset_ns / NS_PER_MS);
	document_cell(document, host_never_steps(host) ? PAINT_GOOD : PAINT_WARN, "%s",
	    host_unmanaged(host)         ? "not known"
		: host_never_steps(host) ? "never jumps"
					 : "may jump");
	document_number(
	    document, "%g s", (double)topology_limit_ns(review->topology, host) / NS_PER_S);
}

void
review_servers(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Server", "Tier", "Address", "Daemon", "Quorum",
		"Budget", "A restart", "Corrects up to", NULL };
	const struct topology *topology = review->topology;

	document_section(document, "servers", "The servers, and what a restart does");
	document_say(document,
	    "On 19 November 2012 two servers of one operator told the year 2000. Where a time "
	    "daemon "
	    "followed them, gave up and was started again, it set the clock of its host, and of "
	    "all "
	    "below it, back by twelve years. Here a server believes nobody before as many sources "
	    "agree as its quorum says, "
	    "and its daemon is not started again by a program after it gave up.");
	document_table(document, columns);
	for (size_t i = 0; i < topology->server_count && i < HOSTS_SHOWN; i++) {
		add_server(review, document, &topology->hosts[i]);
	}
	if (topology->server_count > HOSTS_SHOWN) {
		document_say(
		    document, "And %zu more servers.", topology->server_count - HOSTS_SHOWN);
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		if (topology->tiers[i].isolated) {
			document_call(document, PAINT_WARN,
			    "Tier %s may run without any source: its servers then agree among "
			    "themselves, and drift from true time together.",
			    topology->tiers[i].name);
		}
	}
}
