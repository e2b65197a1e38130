/* The checks of a daemon's sources: whether time comes from them, is let in, proved and believed.
 */
#include "common/duration.h"
#include "orchestrator/doctor/checks.h"

#include <string.h>

#define NAMED_MAX 4

/* Names of some sources, ", " between, those behind the first few as a number. */
struct names {
	const char *text;
	size_t count;
};

static void
add_name(struct examining *examining, struct names *names, const char *name)
{
	struct arena *arena = &examining->doctor->arena;

	names->count++;
	if (names->count <= NAMED_MAX) {
		names->text = names->text ? arena_printf(arena, "%s, %s", names->text, name)
					  : arena_strdup(arena, name);
	}
}

static const char *
names_text(struct examining *examining, const struct names *names)
{
	return names->count > NAMED_MAX ? arena_printf(&examining->doctor->arena, "%s and %zu more",
					      names->text, names->count - NAMED_MAX)
					: names->text;
}

/* "time.example (192.0.2.1)", or the address alone. */
static const char *
called(struct examining *examining, const struct exam_source *source)
{
	if (!source->address[0] || strcmp(source->name, source->address) == 0) {
		return source->name;
	}
	return arena_printf(&examining->doctor->arena, "%s (%s)", source->name, source->address);
}

static bool
is_name(const struct exam_source *source)
{
	return strcmp(source->name, source->address) != 0;
}

/* Names that the daemon asks by addresses of before. */
static void
say_stale(struct examining *examining)
{
	for (size_t i = 0; i < examining->report->name_count; i++) {
		const struct stale_name *stale = &examining->report->names[i];

		doctor_say(examining, DOCTOR_WARN,
		    arena_printf(&examining->doctor->arena,
			"`timetier refresh %s` has it look the name up again, where it is a host "
			"of the site; else restart %s when its verdict below is safe",
			examining->input->host, doctor_daemon(examining)),
		    "%s leads to %s now, and %s still asks %s", stale->name,
		    stale->now[0] ? stale->now : "nothing any more", doctor_daemon(examining),
		    stale->was);
	}
}

void
doctor_resolver(struct examining *examining)
{
	const struct exam *exam = examining->exam;
	struct names lost = { NULL, 0 };
	size_t count = 0;

	for (size_t i = 0; i < exam->source_count; i++) {
		count += is_name(&exam->sources[i]);
		if (!exam->sources[i].address[0] && !exam->sources[i].fence[0]) {
			add_name(examining, &lost, exam->sources[i].name);
		}
	}
	if (lost.count > 0) {
		doctor_say(examining, lost.count == exam->source_count ? DOCTOR_BAD : DOCTOR_WARN,
		    "`getent ahosts NAME` and /etc/resolv.conf there tell more; sources that are "
		    "addresses need no resolver",
		    "names of sources that lead nowhere: %s (%zu of %zu sources)",
		    names_text(examining, &lost), lost.count, exam->source_count);
	} else if (count > 0) {
		doctor_say(
		    examining, DOCTOR_OK, NULL, "the names of its sources lead to addresses");
	} else if (exam->source_count > 0) {
		doctor_say(
		    examining, DOCTOR_OK, NULL, "its sources are addresses: none is looked up");
	}
	if (examining->report->resolver[0]) {
		doctor_say(examining, DOCTOR_WARN, "let that file be readable for everybody",
		    "%s cannot look names up after its start: %s", doctor_daemon(examining),
		    examining->report->resolver);
	}
	say_stale(examining);
}

/* ---- the network */

struct heard {
	size_t asked;
	struct names good, silent, refusing;
};

static void
count_heard(struct examining *examining, struct heard *heard)
{
	const struct exam *exam = examining->exam;

	for (size_t i = 0; i < exam->source_count; i++) {
		const struct exam_source *source = &exam->sources[i];

		if (source->sent == 0) {
			continue;
		}
		heard->asked++;
		if (source->good) {
			add_name(examining, &heard->good, called(examining, source));
		} else if (source->kiss[0]) {
			add_name(examining, &heard->refusing,
			    arena_printf(&examining->doctor->arena, "%s (%s)", source->address,
				source->kiss));
		} else if (source->answered == 0) {
			add_name(examining, &heard->silent, called(examining, source));
		} else {
			doctor_say(examining, DOCTOR_WARN,
			    "see to that server, or take another one",
			    "%s answers, and is not fit to be followed: %s",
			    called(examining, source), source->why);
		}
	}
}

void
doctor_network(struct examining *examining)
{
	struct heard heard = { .asked = 0 };

	if (!examining->exam->measured) {
		if (examining->exam->refclocks == 0) {
			doctor_say(examining, DOCTOR_WARN,
			    examining->input->unmeasured
				? "`timetier agent install` puts the present agent there"
				: "the check `restart` tells what of its configuration is not "
				  "understood",
			    "its sources were not asked from there: %s",
			    examining->input->unmeasured ? "its agent is of an older release"
							 : "none is known");
		}
		return;
	}
	count_heard(examining, &heard);
	if (heard.silent.count > 0 && heard.silent.count == heard.asked) {
		doctor_say(examining, DOCTOR_BAD,
		    "let UDP out to port 123, and the answers in: look at this host's own "
		    "firewall (`nft list ruleset`), then at those on the way; `timetier probe` "
		    "asks the same servers from elsewhere",
		    "none of its sources answers this host, asked just now: %s",
		    names_text(examining, &heard.silent));
		return;
	}
	if (heard.silent.count > 0) {
		doctor_say(examining, DOCTOR_WARN,
		    "ask them from elsewhere (`timetier probe`): where they answer, something on "
		    "the way from here drops UDP of port 123; else take others",
		    "asked just now from this host, no answer: %s",
		    names_text(examining, &heard.silent));
	}
	if (heard.refusing.count > 0) {
		doctor_say(examining, DOCTOR_WARN,
		    "DENY and RSTR: its operator lets this host in, or another server is taken; "
		    "RATE: it is asked too often, by this host or behind the same address",
		    "they refuse to answer this host: %s", names_text(examining, &heard.refusing));
	}
	if (heard.good.count > 0) {
		doctor_say(examining, DOCTOR_OK, NULL,
		    "asked just now from this host: %zu of %zu "
		    "answer",
		    heard.good.count, heard.asked);
	}
}

/* ---- what the daemon lets in */

void
doctor_access(struct examining *examining)
{
	const struct exam *exam = examining->exam;
	size_t fenced = 0, open = 0;

	for (size_t i = 0; i < exam->source_count; i++) {
		open += exam->sources[i].good && !exam->sources[i].fence[0];
		fenced += exam->sources[i].fence[0] != '\0';
	}
	for (size_t i = 0; i < exam->source_count; i++) {
		const struct exam_source *source = &exam->sources[i];

		if (source->fence[0]) {
			doctor_say(examining, open == 0 ? DOCTOR_BAD : DOCTOR_WARN,
			    "let that line let its sources in, or take it out",
			    "%s drops what %s answers, by %s", doctor_daemon(examining),
			    called(examining, source), source->fence);
		}
	}
	if (fenced == 0 && open > 0) {
		doctor_say(examining, DOCTOR_OK, NULL,
		    "no line of its configuration keeps its sources out");
	}
}

/* ---- keys, and what else makes a daemon deaf */

/* A daemon that was told of the source by now, and has heard nothing although the host does. */
static bool
is_deaf(const struct exam_source *source, const struct source_status *seen)
{
	return source->good && !source->fence[0] && seen && seen->reach == 0;
}

static void
say_deaf(struct examining *examining, const struct exam_source *source)
{
	if (source->key) {
		doctor_say(examining, DOCTOR_BAD,
		    "compare number, type and text of the key here and there, and whether the "
		    "server may use it (trustedkey); of NTS: its certificate, and TCP port 4460",
		    "%s answers this host without a proof, and %s has heard nothing that is proved "
		    "as %s asks",
		    called(examining, source), doctor_daemon(examining),
		    source->place[0] ? source->place : "its line");
		return;
	}
	doctor_say(examining, DOCTOR_WARN,
	    "a daemon that was just started hears it within a minute; else something drops "
	    "packets from port 123 alone, or an address that it is bound to (bindacqaddress, "
	    "interface) does not lead there",
	    "%s answers this host, and %s has heard nothing of it", called(examining, source),
	    doctor_daemon(examining));
}

void
doctor_keys(struct examining *examining)
{
	const struct exam *exam = examining->exam;
	size_t proved = 0, heard = 0, count = examining->doctor->count;

	for (size_t i = 0; i < exam->source_count; i++) {
		const struct source_status *seen = doctor_seen(examining, exam->sources[i].address);

		if (is_deaf(&exam->sources[i], seen)) {
			say_deaf(examining, &exam->sources[i]);
		}
	}
	for (size_t i = 0; i < examining->report->status.source_count; i++) {
		const struct source_status *seen = &examining->report->status.sources[i];

		if (seen->auth == AUTH_BAD) {
			doctor_say(examining, DOCTOR_BAD,
			    "compare number, type and text of the key here and there",
			    "%s does not prove itself by the key that its line asks for",
			    seen->address);
		}
		heard += seen->reach != 0;
		proved += (seen->declared_auth == AUTH_KEY || seen->declared_auth == AUTH_NTS ||
			      seen->auth == AUTH_KEY || seen->auth == AUTH_NTS) &&
		    seen->reach != 0;
	}
	if (examining->doctor->count == count && heard > 0) {
		doctor_say(examining, DOCTOR_OK, NULL,
		    "it hears %zu source%s, of which %zu prove%s who they are", heard,
		    heard == 1 ? "" : "s", proved, proved == 1 ? "s" : "");
	}
}

/* ---- whether enough agree */

void
doctor_votes(struct examining *examining)
{
	const struct exam *exam = examining->exam;
	char offset[DURATION_TEXT_BYTES];
	size_t good = 0, reached = 0;

	for (size_t i = 0; i < exam->source_count; i++) {
		good += exam->sources[i].good && !exam->sources[i].fence[0];
	}
	for (size_t i = 0; i < examining->report->status.source_count; i++) {
		const struct source_status *seen = &examining->report->status.sources[i];

		reached += seen->reach != 0;
		if (seen->state == SOURCE_FALSETICKER) {
			doctor_say(examining, DOCTOR_WARN,
			    "`timetier probe` tells which of them is wrong; take it out when it "
			    "stays so",
			    "%s disagrees with the others: %s", seen->address,
			    duration_text(seen->offset_ns, offset));
		}
	}
	if (exam->measured && exam->refclocks == 0 && good < exam->quorum) {
		doctor_say(examining, DOCTOR_BAD,
		    "give it more sources, or mend what is told above",
		    "%zu of its sources can be used, and it follows nobody before %u agree", good,
		    exam->quorum);
	} else if (exam->measured && exam->refclocks == 0 && good < 3 && good > 0) {
		doctor_say(examining, DOCTOR_WARN,
		    "with three, one that is wrong is outvoted; four leave one to spare",
		    "%zu source%s can be used: nobody can tell which one is wrong", good,
		    good == 1 ? "" : "s");
	} else if (reached > 0) {
		doctor_say(examining, DOCTOR_OK, NULL, "%zu source%s %s heard by %s", reached,
		    reached == 1 ? "" : "s", reached == 1 ? "is" : "are", doctor_daemon(examining));
	}
}
