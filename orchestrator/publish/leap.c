/* What the hosts say together of a leap second to come. */
#include "verdict/leap.h"
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/topology.h"

#define NAMED_MAX 3 /* hosts that the text names */

/* Whether the daemon of @row can tell: it was heard, and follows a source. */
static bool
can_tell(const struct fleet_host *row)
{
	return is_heard(row) && row->report.status.leap != LEAP_UNSYNC &&
	    row->report.status.stratum < 16;
}

/* One of the hosts that announce what most announce, NULL: nobody announces anything. */
static const struct fleet_host *
find_teller(const struct fleet *fleet)
{
	const struct fleet_host *tellers[2] = { NULL, NULL };
	size_t counts[2] = { 0, 0 };

	for (size_t i = 0; i < fleet->count; i++) {
		const struct fleet_host *row = &fleet->hosts[i];

		if (can_tell(row) && leap_is_announced(row->report.status.leap)) {
			size_t kind = row->report.status.leap == LEAP_DELETE;

			tellers[kind] = tellers[kind] ? tellers[kind] : row;
			counts[kind]++;
		}
	}
	return counts[1] > counts[0] ? tellers[1] : tellers[0];
}

static void
count_hosts(const struct fleet *fleet, struct arena *arena, struct leap_view *view)
{
	view->names = arena_alloc(arena, (fleet->count + 1) * sizeof(*view->names));
	for (size_t i = 0; i < fleet->count; i++) {
		const struct fleet_host *row = &fleet->hosts[i];

		if (!can_tell(row)) {
			continue;
		}
		if (row->report.status.leap == view->leap) {
			view->knows++;
		} else if (host_is_smeared(row->host)) {
			view->smeared++;
		} else {
			view->names[view->ignorant++] = row->host->name;
		}
	}
}

/* Returns ": time2, web1, web2 and 4 more do not", or "". */
static const char *
ignorant_words(struct arena *arena, const struct leap_view *view)
{
	const char *words = "";

	for (size_t i = 0; i < view->ignorant && i < NAMED_MAX; i++) {
		words = arena_printf(arena, "%s%s%s", words, i == 0 ? "; " : ", ", view->names[i]);
	}
	if (view->ignorant > NAMED_MAX) {
		words = arena_printf(arena, "%s and %zu more", words, view->ignorant - NAMED_MAX);
	}
	return view->ignorant == 0
	    ? ""
	    : arena_printf(arena, "%s %s not", words, view->ignorant > 1 ? "do" : "does");
}

void
summarise_leap(const struct fleet *fleet, struct arena *arena, struct leap_view *view)
{
	const struct fleet_host *teller = find_teller(fleet);
	char coming[LEAP_WORDS_BYTES];

	*view = (struct leap_view){ .leap = LEAP_NONE, .text = "" };
	if (!teller) {
		return;
	}
	view->leap = teller->report.status.leap;
	count_hosts(fleet, arena, view);
	leap_coming(view->leap, teller->report.real_ns, coming);
	view->text = arena_printf(arena, "%s: %zu host%s know%s it%s%s", coming, view->knows,
	    view->knows > 1 ? "s" : "", view->knows > 1 ? "" : "s", ignorant_words(arena, view),
	    view->smeared > 0 ? arena_printf(arena, "; %zu get%s it smeared", view->smeared,
				    view->smeared > 1 ? "" : "s")
			      : "");
}
