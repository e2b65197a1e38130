#include "orchestrator/show/audit.h"

#include "common/clock.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/table.h"
#include "orchestrator/lint/findings.h"

#include <stdio.h>
#include <string.h>

#define CELL_BYTES 128
#define COLUMNS 6

static const enum door shown_doors[] = { DOOR_TIME, DOOR_STATUS, DOOR_CLIENTS, DOOR_CONFIG,
	DOOR_COMMANDS };

static void
add_word(char *cell, const char *before, const char *word, const char *after)
{
	size_t used = strlen(cell);

	snprintf(
	    cell + used, CELL_BYTES - used, "%s%s%s%s", used > 0 ? ", " : "", before, word, after);
}

/* "time, status": the doors that should be open to who asked. */
static void
put_expected(const struct audit *audit, const struct audit_row *row, char *cell)
{
	size_t either = 0;

	for (size_t i = 0; i < COUNT(shown_doors); i++) {
		enum door door = shown_doors[i];
		enum access_rule rule =
		    audit_rule(audit->topology, row->host, door, &row->seen.from);

		if (rule == ACCESS_MUST) {
			add_word(cell, "", door_name((int)door), "");
		}
		either += rule == ACCESS_EITHER;
	}
	if (either == COUNT(shown_doors)) {
		snprintf(cell, CELL_BYTES, "anything: it is itself");
	} else if (!cell[0]) {
		snprintf(cell, CELL_BYTES, "nothing");
	}
}

static bool
put_came(const struct audit *audit, const struct audit_row *row, char *cell)
{
	bool wrong = row->seen.strange > 0;

	for (size_t i = 0; i < COUNT(shown_doors); i++) {
		enum door door = shown_doors[i];
		enum door_answer answer = row->seen.doors[door].answer;
		enum audit_result result = audit_door(audit, row, door);
		bool told =
		    answer == DOOR_ANSWERED || (answer == DOOR_REFUSED && result == AUDIT_OPEN);

		wrong = wrong || result == AUDIT_OPEN || result == AUDIT_MISSING ||
		    answer == DOOR_GARBAGE;
		if (answer == DOOR_GARBAGE) {
			add_word(cell, "garbage for ", door_name((int)door), "!");
		} else if (result == AUDIT_MISSING) {
			add_word(cell, "no ", door_name((int)door), "!");
		} else if (told) {
			add_word(cell, "", door_name((int)door), result == AUDIT_OPEN ? "!" : "");
		}
	}
	if (row->seen.doors[DOOR_TIME].packets > 1) {
		add_word(cell, "", "more than once", "!");
		wrong = true;
	}
	if (row->seen.strange > 0) {
		add_word(cell, "", "another address", "!");
	}
	if (!cell[0]) {
		snprintf(cell, CELL_BYTES, "nothing");
	}
	return wrong;
}

static void
put_factor(const struct audit_row *row, char *cell)
{
	double most = 0;

	for (int i = 0; i < DOOR_COUNT; i++) {
		double factor = door_factor(&row->seen.doors[i]);

		most = factor > most ? factor : most;
	}
	snprintf(cell, CELL_BYTES, most > 0 ? "x%.1f" : "-", most);
}

/* Fill the cells of a line; returns whether something is wrong in it. */
static bool
fill(const struct audit *audit, const struct audit_row *row, char cells[COLUMNS][CELL_BYTES])
{
	memset(cells, 0, COLUMNS * CELL_BYTES);
	snprintf(cells[0], CELL_BYTES, "%s", row->host->name);
	ip_text(&row->seen.to, cells[1]);
	if (row->seen.from.family == IP_NONE) {
		snprintf(cells[2], CELL_BYTES, "-");
		snprintf(cells[3], CELL_BYTES, "-");
		snprintf(cells[4], CELL_BYTES, "not asked: %s",
		    row->seen.why[0] ? row->seen.why : "nothing was heard of it");
		snprintf(cells[5], CELL_BYTES, "-");
		return false;
	}
	ip_text(&row->seen.from, cells[2]);
	put_expected(audit, row, cells[3]);
	put_factor(row, cells[5]);
	return put_came(audit, row, cells[4]);
}

void
audit_print(const struct audit *audit, bool colour)
{
	static const char heads[COLUMNS][CELL_BYTES] = { "HOST", "ADDRESS", "ASKED FROM",
		"SHOULD TELL", "TELLS", "FACTOR" };
	char cells[COLUMNS][CELL_BYTES];
	int widths[COLUMNS];

	for (int i = 0; i < COLUMNS; i++) {
		widths[i] = (int)strlen(heads[i]);
	}
	for (size_t k = 0; k < audit->count; k++) {
		fill(audit, &audit->rows[k], cells);
		for (int i = 0; i < COLUMNS; i++) {
			int width = (int)strlen(cells[i]);

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
	for (size_t k = 0; k <= audit->count; k++) {
		bool wrong = k > 0 && fill(audit, &audit->rows[k - 1], cells);

		for (int i = 0; i < COLUMNS; i++) {
			const char *tint = !colour ? ""
			    : k == 0               ? COLOUR_BOLD
			    : i != 4               ? ""
			    : wrong                ? COLOUR_RED
						   : COLOUR_GREEN;

			printf("%s%-*s%s%s", tint, i + 1 < COLUMNS ? widths[i] : 0,
			    k == 0 ? heads[i] : cells[i], *tint ? COLOUR_NONE : "",
			    i + 1 < COLUMNS ? "  " : "\n");
		}
	}
}

/* --- as JSON --- */

static const char *
expected_word(enum access_rule rule)
{
	switch (rule) {
	case ACCESS_MUST:
		return "answer";
	case ACCESS_MUST_NOT:
		return "silence";
	case ACCESS_EITHER:
		break;
	}
	return "either";
}

static json_t *
door_json(const struct audit *audit, const struct audit_row *row, enum door door, json_t *came)
{
	const struct door_seen *seen = &row->seen.doors[door];
	enum audit_result result = audit_door(audit, row, door);
	enum access_rule rule = audit_rule(audit->topology, row->host, door, &row->seen.from);
	json_t *json = json_pack("{s:s, s:O, s:o, s:i, s:i, s:I, s:i, s:b}", "expected",
	    expected_word(rule), "came", json_object_get(came, "answer"), "right",
	    result == AUDIT_UNTRIED ? json_null() : json_boolean(result == AUDIT_RIGHT), "sent",
	    (int)seen->sent, "packets", (int)seen->packets, "bytes", (json_int_t)seen->bytes,
	    "question_bytes", (int)seen->question_bytes, "flooded", seen->flooded);

	json_object_set_new(json, "factor", json_real(door_factor(seen)));
	return json;
}

static json_t *
row_json(const struct audit *audit, const struct audit_row *row)
{
	json_t *list = doors_json(&row->seen, 1), *seen = json_incref(json_array_get(list, 0));
	json_t *doors = json_object();

	for (int i = 0; i < DOOR_COUNT; i++) {
		json_object_set_new(doors, door_name(i),
		    door_json(audit, row, (enum door)i,
			json_object_get(json_object_get(seen, "doors"), door_name(i))));
	}
	json_object_set_new(seen, "doors", doors);
	json_object_set_new(seen, "host", json_string(row->host->name));
	json_decref(list);
	return seen;
}

json_t *
audit_json(const struct audit *audit, const char *from, const struct diags *diags)
{
	json_t *addresses = json_array();
	json_t *findings = findings_json(diags, audit->topology->file);
	json_t *json = json_pack("{s:s, s:s?, s:o}", "site", audit->topology->site, "from", from,
	    "addresses", addresses);

	for (size_t i = 0; i < audit->count; i++) {
		json_array_append_new(addresses, row_json(audit, &audit->rows[i]));
	}
	json_object_update(json, findings);
	json_decref(findings);
	return json;
}

/* --- proofs of membership --- */

#define MEMBER_COLUMNS 7

static const char *
colour_of(enum member_result result)
{
	return member_is_wrong(result)                         ? COLOUR_RED
	    : result == MEMBER_UNSEEN                          ? COLOUR_YELLOW
	    : result == MEMBER_PROVED || result == MEMBER_GONE ? COLOUR_GREEN
							       : "";
}

static const char *
ip_or_dash(const struct ip *ip, char out[IP_TEXT_BYTES])
{
	return ip->family == IP_NONE ? "-" : ip_text(ip, out);
}

void
member_print(
    const struct topology *topology, const struct member_row *rows, size_t count, bool colour)
{
	static const char *const heads[] = { "HOST", "ADDRESS", "ASKED FROM", "WAY", "EXPECTED",
		"CAME", "WHICH MEANS", NULL };
	struct table table = { .heads = heads, .columns = MEMBER_COLUMNS, .state_column = 6 };

	for (size_t i = 0; i < count; i++) {
		const struct member_row *row = &rows[i];
		char to[IP_TEXT_BYTES], from[IP_TEXT_BYTES];
		const char *texts[MEMBER_COLUMNS];
		char(*cells)[TABLE_CELL_BYTES];
		struct member_words words;

		member_tell(topology, row, &words);
		texts[0] = row->verify->host->name;
		texts[1] = ip_or_dash(&row->to, to);
		texts[2] = ip_or_dash(&row->seen.from, from);
		texts[3] = verify_way_words[row->verify->way];
		texts[4] = words.expected;
		texts[5] = words.came;
		texts[6] = words.means;
		cells = table_add(&table, colour_of(words.result));
		for (int k = 0; k < MEMBER_COLUMNS; k++) {
			snprintf(
			    cells[k], TABLE_CELL_BYTES, "%.*s", TABLE_CELL_BYTES - 1, texts[k]);
		}
	}
	table_print(&table, colour);
	table_free(&table);
}

static json_t *
row_of_member(const struct topology *topology, const struct member_row *row)
{
	char to[IP_TEXT_BYTES], from[IP_TEXT_BYTES], day[CLOCK_DAY_BYTES];
	const struct verify *verify = row->verify;
	struct member_words words;
	json_t *json;

	member_tell(topology, row, &words);
	json = json_pack("{s:s, s:s, s:s?, s:s, s:b, s:s?, s:s?, s:s, s:s, s:s, s:s}", "host",
	    verify->host->name, "way", verify_way_words[verify->way], "by",
	    verify->by.count > 0 ? verify->by.list[0].text : NULL, "until",
	    clock_day(verify->until_ns - NS_PER_S, day), "over", row->past, "to",
	    row->to.family == IP_NONE ? NULL : ip_text(&row->to, to), "from",
	    row->seen.from.family == IP_NONE ? NULL : ip_text(&row->seen.from, from), "expected",
	    words.expected, "came", words.came, "result", member_result_name(words.result), "means",
	    words.means);
	return json;
}

json_t *
member_shown_json(const struct topology *topology, const struct member_row *rows, size_t count,
    const char *from, const struct diags *diags)
{
	json_t *list = json_array();
	json_t *findings = findings_json(diags, topology->file);
	json_t *json =
	    json_pack("{s:s, s:s?, s:o}", "site", topology->site, "from", from, "proofs", list);

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, row_of_member(topology, &rows[i]));
	}
	json_object_update(json, findings);
	json_decref(findings);
	return json;
}
