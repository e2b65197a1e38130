#include "orchestrator/rollout/facts/change.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "outcome", offsetof(struct fact_change, outcome) },
	{ "by", offsetof(struct fact_change, by) },
	{ "run", offsetof(struct fact_change, run) },
	{ "holder", offsetof(struct fact_change, holder) },
	{ "began", offsetof(struct fact_change, began) },
	{ "ended", offsetof(struct fact_change, ended) },
	{ "since", offsetof(struct fact_change, since) },
	{ "reason", offsetof(struct fact_change, reason) },
	{ "ago", offsetof(struct fact_change, ago) },
};

/* Take a line "NAME TEXT"; of two lines with one name the first counts. */
static void
take_line(struct fact_change *change, char *line)
{
	char *text = strchr(line, ' ');

	if (!text || !text[1]) {
		return;
	}
	*text++ = '\0';
	for (size_t i = 0; i < COUNT(members); i++) {
		const char **member = (const char **)(void *)((char *)change + members[i].offset);

		if (strcmp(members[i].name, line) == 0 && !*member) {
			*member = text;
		}
	}
}

void
fact_change_take(struct arena *arena, const struct record *record, struct fact_change *change)
{
	char *text, *line;

	if (change->there) {
		return;
	}
	change->there = true;
	text = arena_strdup(arena, record->text);
	while ((line = strsep(&text, "\n"))) {
		take_line(change, line);
	}
}

bool
fact_change_is_kept(const struct fact_change *change)
{
	return change->there && change->outcome && strcmp(change->outcome, "kept") == 0;
}

const char *
fact_change_who(const struct fact_change *change, char words[FACT_CHANGE_WORDS_BYTES])
{
	const char *since = change->since ? change->since : change->began;

	snprintf(words, FACT_CHANGE_WORDS_BYTES, "%.100s%s%.40s%s%.30s%s%.12s%s",
	    change->holder ? change->holder : "somebody", change->run ? ", run " : "",
	    change->run ? change->run : "", since ? ", since " : "", since ? since : "",
	    change->ago ? " (" : "", change->ago ? change->ago : "", change->ago ? " s ago)" : "");
	return words;
}

const char *
fact_change_story(const struct fact_change *change, struct arena *arena)
{
	static const struct {
		const char *by, *words;
	} tellers[] = {
		{ "guard", "by its guard" },
		{ "boot", "at the next boot" },
		{ "apply", "by the next apply" },
		{ "unlock", "by an unlock" },
	};
	static const struct {
		const char *outcome, *words;
	} outcomes[] = {
		{ "back", "was put back" },
		{ "still",
		    "was put back, but the daemon was not restarted (with the old files that could "
		    "step the clock)," },
		{ "stuck", "was put back only in part," },
		{ "broken", "could not be put back" },
	};
	char who[FACT_CHANGE_WORDS_BYTES];
	const char *by = NULL, *outcome = NULL;

	for (size_t i = 0; change->by && i < COUNT(tellers); i++) {
		by = strcmp(tellers[i].by, change->by) == 0 ? tellers[i].words : by;
	}
	for (size_t i = 0; change->outcome && i < COUNT(outcomes); i++) {
		outcome =
		    strcmp(outcomes[i].outcome, change->outcome) == 0 ? outcomes[i].words : outcome;
	}
	if (!by || !outcome) {
		return NULL;
	}
	return arena_printf(arena, "the last change (%s) %s %s: %.300s",
	    fact_change_who(change, who), outcome, by, change->reason ? change->reason : "");
}
