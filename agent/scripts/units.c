#include "agent/scripts/units.h"

#include <stdlib.h>
#include <string.h>

const char *const units_start_keys[] = { "ExecCondition", "ExecStartPre", "ExecStart",
	"ExecStartPost", NULL };

/* Drop the prefixes of systemd.service(5); with an @ the second word, a mere name, goes, too. */
static void
strip_prefixes(struct arguments *words)
{
	const char *word = words->list[0];
	bool named = false;

	for (; *word && strchr("@-:+!|", *word); word++) {
		named |= *word == '@';
	}
	words->list[0] = word;
	if (named && words->count > 1) {
		memmove(
		    &words->list[1], &words->list[2], (words->count - 2) * sizeof(words->list[0]));
		words->count--;
	}
}

/* The line's number stands in its text: "/etc/systemd/system/a.service:4: ExecStart=x". */
static unsigned
line_number(const struct unit_setting *setting)
{
	const char *colon = strstr(setting->line, ": ");

	while (colon && colon > setting->line && colon[-1] != ':') {
		colon--;
	}
	return colon ? (unsigned)strtoul(colon, NULL, 10) : 1;
}

/* Visit one line; a word ";" begins another command. */
static void
visit_line(struct follow *follow, const struct unit_setting *setting,
    const struct variables *variables, const struct script *script)
{
	struct arguments *split = arena_alloc(follow->arena, sizeof(*split));
	struct arguments *words = arena_alloc(follow->arena, sizeof(*words));
	size_t at = 0;

	arguments_split(follow->arena, setting->value, split);
	while (at < split->count) {
		struct arguments one = { .count = 0 };

		for (; at < split->count && strcmp(split->list[at], ";") != 0; at++) {
			arguments_add(&one, split->list[at]);
		}
		at++;
		words->count = 0;
		arguments_expand(follow->arena, &one, variables, words, NULL);
		if (words->count > 0) {
			strip_prefixes(words);
			follow_words(follow, script, words, line_number(setting));
		}
	}
}

void
units_visit(struct follow *follow, const struct unit *unit, const char *const *keys,
    const struct script *script)
{
	struct variables *variables = arena_alloc(follow->arena, sizeof(*variables));
	bool read = false;

	for (; unit->path && !unit->masked && *keys; keys++) {
		const struct unit_setting *at = NULL;

		while ((at = unit_next(unit, "Service", *keys, at))) {
			struct script here = *script;

			if (!read && strchr(at->value, '$')) {
				unit_environment(follow->root, unit, follow->arena, variables);
				read = true;
			}
			here.source = script->source ? script->source : at->line;
			here.path = arena_strndup(follow->arena, at->line, strcspn(at->line, ":"));
			visit_line(follow, at, variables, &here);
		}
	}
}

void
units_visit_start(struct follow *follow, const char *name, const struct script *script)
{
	struct unit *unit = arena_alloc(follow->arena, sizeof(*unit));

	unit_read(follow->root, name, follow->arena, unit);
	units_visit(follow, unit, units_start_keys, script);
}
