/* Every rule has a folder tests/lint/<id>/ with a site that breaks it and one that does not. */
#include "common/buf.h"
#include "common/file.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */

/* Load and lint @file of the current folder; the text is what `timetier check` prints. */
static char *
findings_of(const char *file, bool *sound)
{
	struct topology topology;
	struct diags diags = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	*sound = topology_load(&topology, file, &diags) == 0;
	lint_run(&topology, NOW_NS, &diags);
	diags_sort(&diags);
	diags_print(&diags, out, false);
	fclose(out);
	diags_free(&diags);
	topology_free(&topology);
	return text;
}

/* Keys are refused when others can read them, and version control keeps no modes. */
static void
protect_keys(void)
{
	(void)chmod("keys.yaml", 0600);
	(void)chmod("all-keys.yaml", 0600);
	(void)chmod("open-keys.yaml", 0644);
}

static void
enter(const char *folder)
{
	if (chdir(folder) != 0) {
		fail_msg("%s: no such folder", folder);
	}
	protect_keys();
}

static void
leave(void)
{
	assert_int_equal(chdir("../../.."), 0);
}

static bool
is_judged_from_site(const struct lint_rule *rule)
{
	return lint_rule_is_judged(rule, &lint_places[0]);
}

/* Some are so wrong that the site cannot be used: then it is the loader that tells of them. */
static bool
is_judged_by_loader(const struct lint_rule *rule)
{
	return is_judged_from_site(rule) && !rule->check;
}

static void
every_rule_tells_exactly_what_is_wrong_with_its_bad_site(void **state UNUSED)
{
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);
		const char *id = rule->id;
		struct buf expected = { 0 };
		struct error err;
		char folder[128], tag[128];
		bool sound;
		char *found;

		if (!is_judged_from_site(rule)) {
			continue;
		}
		snprintf(folder, sizeof(folder), "tests/lint/%s", id);
		snprintf(tag, sizeof(tag), "[%s]", id);
		enter(folder);
		found = findings_of("bad.yaml", &sound);
		if (sound == is_judged_by_loader(rule)) {
			fail_msg("%s/bad.yaml %s:\n%s", folder, sound ? "loads" : "does not load",
			    found);
		}
		if (!strstr(found, tag)) {
			fail_msg("%s/bad.yaml does not break its rule:\n%s", folder, found);
		}
		if (file_read("bad.expected", &expected, &err) != 0) {
			fail_msg("%s/%s", folder, err.text);
		}
		if (strcmp(found, buf_str(&expected)) != 0) {
			fail_msg("%s/bad.yaml: found\n%sand not, as bad.expected says,\n%s", folder,
			    found, buf_str(&expected));
		}
		buf_free(&expected);
		free(found);
		leave();
	}
}

static void
every_rule_is_content_with_its_good_site(void **state UNUSED)
{
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const char *id = lint_rule_at(i)->id;
		char folder[128], tag[128];
		bool sound;
		char *found;

		if (!is_judged_from_site(lint_rule_at(i))) {
			continue;
		}
		snprintf(folder, sizeof(folder), "tests/lint/%s", id);
		snprintf(tag, sizeof(tag), "[%s]", id);
		enter(folder);
		found = findings_of("good.yaml", &sound);
		if (!sound || strstr(found, tag) || strstr(found, ": error: ")) {
			fail_msg("%s/good.yaml is not good:\n%s", folder, found);
		}
		free(found);
		leave();
	}
}

static void
no_two_rules_have_the_same_name_or_number(void **state UNUSED)
{
	for (size_t i = 0; i < lint_rule_count(); i++) {
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(lint_rule_at(i)->id, lint_rule_at(j)->id);
			assert_string_not_equal(lint_rule_at(i)->number, lint_rule_at(j)->number);
		}
	}
}

static size_t
count_families(const struct lint_rule *rule)
{
	size_t count = 0;

	for (const struct lint_family *family = lint_families; family->prefix; family++) {
		count += lint_rule_is_of(rule, family);
	}
	return count;
}

static void
every_rule_says_all_there_is_to_say(void **state UNUSED)
{
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);

		assert_int_equal(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz-"), strlen(rule->id));
		assert_int_equal(
		    strspn(rule->number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") + 3, strlen(rule->number));
		assert_true(strlen(rule->summary) > 10);
		assert_true(strlen(rule->source) > 5);
		assert_true(strlen(rule->remedy) > 5);
		assert_true(is_judged_from_site(rule) || !rule->check);
		assert_int_equal(count_families(rule), 1);
		if (!rule->why || strlen(rule->why) < 80) {
			fail_msg("%s does not say why", rule->id);
		}
		if (is_judged_from_site(rule) && !rule->instead) {
			fail_msg("%s does not say what to write instead", rule->id);
		}
	}
	assert_null(lint_rule_at(lint_rule_count()));
}

/* What a piece of a site lacks, another piece may have: those are no mistakes of the piece. */
static bool
is_for_the_rest_of_the_site(const struct diag *diag)
{
	static const char *const rules[] = { "missing-key", "unknown-name", "unreadable-file" };

	for (size_t i = 0; i < COUNT(rules); i++) {
		if (strcmp(diag->rule, rules[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void
what_every_rule_shows_instead_is_a_piece_of_a_site(void **state UNUSED)
{
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);
		struct diags diags = { 0 };
		struct topology topology;
		size_t loaded;

		if (!rule->instead) {
			continue;
		}
		(void)!topology_load_text(
		    &topology, "instead", rule->instead, strlen(rule->instead), &diags);
		loaded = diags.count;
		lint_run(&topology, NOW_NS, &diags);
		for (size_t d = 0; d < diags.count; d++) {
			const struct diag *diag = &diags.list[d];

			if ((d < loaded && !is_for_the_rest_of_the_site(diag)) ||
			    strcmp(diag->rule, rule->id) == 0) {
				fail_msg("%s, instead:\n%s\n%u: %s [%s]", rule->id, rule->instead,
				    diag->pos.line, diag->text, diag->rule);
			}
		}
		assert_true(diags.count > 0); /* no piece is a whole site */
		diags_free(&diags);
		topology_free(&topology);
	}
}

/* A line of tests/lint/catalogue.txt, in words that point into it. */
struct entry {
	const char *number, *id; /* "-": no rule */
	const char *rest;        /* places and a remark, or why there is no rule; "": nothing */
};

static struct entry
read_entry(char *line)
{
	struct entry entry = { .number = strsep(&line, " ") };

	line += line ? strspn(line, " ") : 0;
	entry.id = line ? strsep(&line, " ") : "";
	entry.rest = line ? line + strspn(line, " ") : "";
	return entry;
}

/* "check,plan": the places of @rule, as the catalogue writes them. */
static const char *
places_of(const struct lint_rule *rule, struct buf *text)
{
	for (size_t i = 0; i < LINT_PLACES; i++) {
		if (lint_rule_is_judged(rule, &lint_places[i])) {
			buf_printf(text, "%s%s", text->len > 0 ? "," : "", lint_places[i].name);
		}
	}
	return buf_str(text);
}

static void
check_entry(const struct entry *entry)
{
	const struct lint_rule *rule = lint_rule_find(entry->number, NULL);
	struct buf text = { 0 };
	const char *places = rule ? places_of(rule, &text) : "";

	if (strcmp(entry->id, "-") == 0 ? rule || strlen(entry->rest) < 10
					: !rule || strcmp(rule->id, entry->id) != 0 ||
		    strcspn(entry->rest, " ") != strlen(places) ||
		    strncmp(entry->rest, places, strlen(places)) != 0) {
		fail_msg("catalogue.txt: \"%s %s %s\", and the rule is %s %s", entry->number,
		    entry->id, entry->rest, rule ? rule->id : "none", places);
	}
	buf_free(&text);
}

/* In a family, each line has the number after that of the line before: none is left out. */
static void
the_catalogue_has_every_number_once_and_every_rule(void **state UNUSED)
{
	struct buf text = { 0 };
	char family[16] = "", *rest, *line;
	size_t rules = 0;
	unsigned last = 0;
	struct error err;

	assert_int_equal(file_read("tests/lint/catalogue.txt", &text, &err), 0);
	rest = text.data;
	while ((line = strsep(&rest, "\n")) && rest) {
		struct entry entry;
		size_t letters;

		if (line[0] == '#') {
			continue;
		}
		entry = read_entry(line);
		letters = strspn(entry.number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		last = strncmp(family, entry.number, letters) == 0 && !family[letters] ? last : 0;
		snprintf(family, sizeof(family), "%.*s", (int)letters, entry.number);
		if (strlen(entry.number) != letters + 3 ||
		    strtoul(entry.number + letters, NULL, 10) != ++last) {
			fail_msg("catalogue.txt: %s is not number %u", entry.number, last);
		}
		check_entry(&entry);
		rules += strcmp(entry.id, "-") != 0;
	}
	if (rules != lint_rule_count()) {
		fail_msg(
		    "catalogue.txt has %zu rules, and there are %zu", rules, lint_rule_count());
	}
	buf_free(&text);
}

static void
a_rule_is_found_by_name_or_number_and_a_wrong_name_gets_the_nearest(void **state UNUSED)
{
	const char *meant = "untouched";
	const struct lint_rule *rule = lint_rule_find("few-sources", &meant);

	assert_non_null(rule);
	assert_string_equal(meant, "untouched");
	assert_ptr_equal(lint_rule_find("src001", NULL), rule);
	assert_null(lint_rule_find("few-source", &meant));
	assert_string_equal(meant, "few-sources");
	assert_null(lint_rule_find("zzzz", &meant));
	assert_null(meant);
}

/* The words are each rule's own; here it counts that none keeps another from being told. */
static void
mistakes_of_writing_and_of_design_are_told_in_one_run(void **state UNUSED)
{
	static const char *const expected[][2] = {
		{ "bad.yaml:3:57: error: ", "[fast-poll]" },
		{ "bad.yaml:4:5: error: ", "[missing-key]" },
		{ "bad.yaml:5:44: error: ", "[bad-value]" },
		{ "bad.yaml:7:42: warning: ", "[burst]" },
		{ "bad.yaml:9:11: error: ", "[few-sources]" },
		{ "bad.yaml:12:5: error: ", "[missing-key]" },
		{ "bad.yaml:13:5: error: ", "[unknown-key]" },
		{ "bad.yaml:14:14: error: ", "[bad-value]" },
		{ "bad.yaml:15:22: error: ", "[duplicate-name]" },
		{ "bad.yaml:17:23: error: ", "[unknown-name]" },
		{ "bad.yaml:18:9: error: ", "[bad-value]" },
		{ "bad.yaml:20:12: error: ", "[unknown-accept]" },
	};
	char *found, *line, *rest;
	bool sound;

	enter("tests/lint/all-at-once");
	found = rest = findings_of("bad.yaml", &sound);
	leave();
	assert_false(sound);
	for (size_t i = 0; i < COUNT(expected); i++) {
		line = strsep(&rest, "\n");
		if (!line || strncmp(line, expected[i][0], strlen(expected[i][0])) != 0 ||
		    !strstr(line, expected[i][1])) {
			fail_msg("%s... %s expected, and not %s", expected[i][0], expected[i][1],
			    line ? line : "the end");
		}
	}
	assert_string_equal(rest, "");
	free(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_tells_exactly_what_is_wrong_with_its_bad_site),
		cmocka_unit_test(every_rule_is_content_with_its_good_site),
		cmocka_unit_test(no_two_rules_have_the_same_name_or_number),
		cmocka_unit_test(every_rule_says_all_there_is_to_say),
		cmocka_unit_test(the_catalogue_has_every_number_once_and_every_rule),
		cmocka_unit_test(what_every_rule_shows_instead_is_a_piece_of_a_site),
		cmocka_unit_test(
		    a_rule_is_found_by_name_or_number_and_a_wrong_name_gets_the_nearest),
		cmocka_unit_test(mistakes_of_writing_and_of_design_are_told_in_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
