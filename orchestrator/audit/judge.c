/* Findings about what was seen. */
#include "orchestrator/audit/audit.h"
#include "orchestrator/lint/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WORDS_BYTES 160

struct judge {
	const struct audit *audit;
	int64_t now_ns;
	struct diags *diags;
};

void
audit_report(const struct audit_finding *finding, struct diags *diags, const char *fmt, ...)
{
	const struct lint_rule *rule = lint_rule_find(finding->rule, NULL);
	const char *because;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	va_end(ap);
	if (lint_accepts(finding->topology, rule, finding->host->name, finding->now_ns, &because)) {
		diags_add_accepted(diags, rule->id, finding->pos, because, text);
	} else {
		diags_add(diags, rule->severity, rule->id, finding->pos, "%s", text);
	}
	free(text);
}

static void report(const struct judge *judge, const char *id, const struct audit_row *row,
    const char *fmt, ...) PRINTF(4, 5);

static void
report(const struct judge *judge, const char *id, const struct audit_row *row, const char *fmt, ...)
{
	const struct audit_finding finding = { judge->audit->topology, id, row->host,
		row->host->pos, judge->now_ns };
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	va_end(ap);
	audit_report(&finding, judge->diags, "%s", text);
	free(text);
}

/* "1 packet of 12 bytes brought 2 of 636 (x53.0)" */
static const char *
amount(const struct door_seen *door, char out[WORDS_BYTES])
{
	snprintf(out, WORDS_BYTES, "1 packet of %u bytes brought %u%s of %llu in all (x%.1f)",
	    door->question_bytes, door->packets, door->flooded ? " or more" : "",
	    (unsigned long long)door->bytes, door_factor(door));
	return out;
}

/* "time3 (192.0.2.3) tells its status to 192.0.2.254": what all findings begin with. */
struct place {
	char to[IP_TEXT_BYTES], from[IP_TEXT_BYTES];
};

static struct place
place_of(const struct audit_row *row)
{
	struct place place;

	ip_text(&row->seen.to, place.to);
	ip_text(&row->seen.from, place.from);
	return place;
}

static void
judge_status(const struct judge *judge, const struct audit_row *row)
{
	const struct door_seen *status = &row->seen.doors[DOOR_STATUS];
	bool told = audit_door(judge->audit, row, DOOR_STATUS) == AUDIT_OPEN;
	struct place place = place_of(row);
	char words[WORDS_BYTES];

	if (told) {
		report(judge, "open-status", row,
		    "%s at %s tells its status (mode 6) to %s, which is no monitor: %s%s%s",
		    row->host->name, place.to, place.from, amount(status, words),
		    row->seen.version[0] ? "; it is " : "", row->seen.version);
	} else if (audit_door(judge->audit, row, DOOR_CONFIG) == AUDIT_OPEN &&
	    row->seen.doors[DOOR_CONFIG].answer == DOOR_REFUSED) {
		report(judge, "open-status", row,
		    "%s at %s answers mode 6 from %s, which is no monitor, if only to say no: %s",
		    row->host->name, place.to, place.from,
		    amount(&row->seen.doors[DOOR_CONFIG], words));
	}
	if (row->seen.doors[DOOR_CONFIG].answer == DOOR_ANSWERED &&
	    audit_door(judge->audit, row, DOOR_CONFIG) == AUDIT_OPEN) {
		report(judge, "monitor-may-modify", row,
		    "%s at %s took a line of configuration (a comment) from %s without any key",
		    row->host->name, place.to, place.from);
	}
}

static void
judge_clients(const struct judge *judge, const struct audit_row *row)
{
	const struct door_seen *door = &row->seen.doors[DOOR_CLIENTS];
	struct place place = place_of(row);
	char words[WORDS_BYTES];

	if (audit_door(judge->audit, row, DOOR_CLIENTS) != AUDIT_OPEN) {
		return;
	}
	if (door->answer == DOOR_REFUSED) {
		report(judge, "monlist", row,
		    "%s at %s speaks mode 7 to %s, if only to say no (error %u): %s",
		    row->host->name, place.to, place.from, door->error, amount(door, words));
	} else {
		report(judge, "monlist", row, "%s at %s lists its clients (mode 7) to %s: %s",
		    row->host->name, place.to, place.from, amount(door, words));
	}
}

static void
judge_commands(const struct judge *judge, const struct audit_row *row)
{
	const struct door_seen *door = &row->seen.doors[DOOR_COMMANDS];
	struct place place = place_of(row);
	char words[WORDS_BYTES];

	if (audit_door(judge->audit, row, DOOR_COMMANDS) == AUDIT_OPEN) {
		report(judge, "command-port", row,
		    "chronyd of %s at %s takes commands (UDP 323) from %s%s: %s", row->host->name,
		    place.to, place.from, door->answer == DOOR_REFUSED ? ", if only to say no" : "",
		    amount(door, words));
	}
}

static void
judge_time(const struct judge *judge, const struct audit_row *row)
{
	enum audit_result result = audit_door(judge->audit, row, DOOR_TIME);
	struct place place = place_of(row);

	if (result == AUDIT_OPEN && row->host->role == HOST_CLIENT) {
		report(judge, "client-serves", row,
		    "client %s at %s gives time to %s: it is no server", row->host->name, place.to,
		    place.from);
	} else if (result == AUDIT_OPEN) {
		report(judge, "open-time", row,
		    "%s at %s gives time to %s, which is not in `serve`", row->host->name, place.to,
		    place.from);
	} else if (result == AUDIT_MISSING && row->seen.low_only) {
		report(judge, "source-port", row,
		    "%s at %s answers %s when it asks from port 123, and not from another port",
		    row->host->name, place.to, place.from);
	} else if (result == AUDIT_MISSING && row->seen.doors[DOOR_TIME].answer != DOOR_GARBAGE) {
		report(judge, "unanswered", row, "%s at %s does not give time to %s: %s%s",
		    row->host->name, place.to, place.from,
		    row->seen.doors[DOOR_TIME].answer == DOOR_CLOSED
			? "nobody listens there, or a firewall says so"
			: "silence",
		    row->seen.low_tried ? ", also when asked from port 123" : "");
	}
	if (audit_door(judge->audit, row, DOOR_STATUS) == AUDIT_MISSING) {
		report(judge, "unanswered", row,
		    "%s at %s does not tell its status (mode 6) to %s, which is a monitor",
		    row->host->name, place.to, place.from);
	}
}

/* Answers that no client expects. */
static void
judge_odd(const struct judge *judge, const struct audit_row *row)
{
	const struct door_seen *time = &row->seen.doors[DOOR_TIME];
	struct place place = place_of(row);
	char words[WORDS_BYTES], stranger[IP_TEXT_BYTES];

	if (row->seen.strange > 0) {
		report(judge, "odd-answer", row,
		    "%s was asked at %s, and %u packet%s came from %s: clients drop such answers",
		    row->host->name, place.to, row->seen.strange, row->seen.strange == 1 ? "" : "s",
		    ip_text(&row->seen.stranger, stranger));
	}
	for (int i = 0; i < DOOR_COUNT; i++) {
		const struct door_seen *door = &row->seen.doors[i];

		if (door->answer == DOOR_GARBAGE) {
			report(judge, "odd-answer", row,
			    "%s at %s was asked for its %s, and what came is no answer to that: %s",
			    row->host->name, place.to, door_name(i), amount(door, words));
		}
	}
	if (time->answer == DOOR_ANSWERED && (time->packets > 1 || time->flooded)) {
		report(judge, "odd-answer", row, "%s at %s answers more than once for the time: %s",
		    row->host->name, place.to, amount(time, words));
	}
}

/* What is closed at one address of a host, and open at another of the other family. */
static void
judge_families(const struct judge *judge, const struct audit_row *row)
{
	static const enum door doors[] = { DOOR_STATUS, DOOR_CLIENTS, DOOR_COMMANDS, DOOR_TIME };
	const struct audit *audit = judge->audit;
	struct place open = place_of(row), shut;

	for (size_t i = 0; i < audit->count; i++) {
		const struct audit_row *other = &audit->rows[i];

		if (other->host != row->host || other->seen.to.family == row->seen.to.family) {
			continue;
		}
		for (size_t k = 0; k < COUNT(doors); k++) {
			if (audit_door(audit, row, doors[k]) != AUDIT_OPEN ||
			    audit_door(audit, other, doors[k]) != AUDIT_RIGHT ||
			    audit_rule(audit->topology, other->host, doors[k], &other->seen.from) !=
				ACCESS_MUST_NOT) {
				continue;
			}
			shut = place_of(other);
			report(judge, "one-family-closed", row,
			    "%s keeps its %s to itself at %s, and not at %s: one family of "
			    "addresses was forgotten",
			    row->host->name, door_name((int)doors[k]), shut.to, open.to);
			return;
		}
	}
}

void
audit_judge(const struct audit *audit, int64_t now_ns, struct diags *diags)
{
	struct judge judge = { audit, now_ns, diags };

	for (size_t i = 0; i < audit->count; i++) {
		const struct audit_row *row = &audit->rows[i];

		if (row->seen.from.family == IP_NONE) {
			continue; /* there is no way to it from where it is asked */
		}
		judge_status(&judge, row);
		judge_clients(&judge, row);
		judge_commands(&judge, row);
		judge_time(&judge, row);
		judge_odd(&judge, row);
		judge_families(&judge, row);
	}
}
