#include "daemons/policy_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copy @text; if it is too long keep its end, which tells more of a path than its beginning. */
static void
copy_end(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len < size) {
		memcpy(out, text, len + 1);
	} else {
		snprintf(out, size, "...%s", text + len - (size - 4));
	}
}

void
policy_text_begin(struct policy_text *text, const char *config, const char *path)
{
	*text = (struct policy_text){ .at = config, .end = config + strlen(config), .number = 1 };
	copy_end(text->file, sizeof(text->file), path);
}

/* Copy the next line to @text->line, cut if it is too long; @text->at moves behind it. */
static bool
take_line(struct policy_text *text)
{
	const char *stop;
	size_t len;

	if (text->at >= text->end) {
		return false;
	}
	stop = memchr(text->at, '\n', (size_t)(text->end - text->at));
	stop = stop ? stop : text->end;
	len = (size_t)(stop - text->at);
	text->cut = len >= sizeof(text->line);
	if (text->cut) {
		len = sizeof(text->line) - 1;
	}
	memcpy(text->line, text->at, len);
	text->line[len] = '\0';
	text->at = stop < text->end ? stop + 1 : text->end;
	return true;
}

/* Whether the line is `#line N FILE` or its kin; if so, the next line is at that place. */
static bool
moves(struct policy_text *text)
{
	static const char source_mark[] = "#sources ", line_mark[] = "#line ";
	bool lenient = strncmp(text->line, source_mark, strlen(source_mark)) == 0;
	const char *from = text->line + strlen(lenient ? source_mark : line_mark);
	char *file;
	unsigned long number;

	if (!lenient && strncmp(text->line, line_mark, strlen(line_mark)) != 0) {
		return false;
	}
	number = strtoul(from, &file, 10);
	if (file == from || file[0] != ' ' || file[1] == '\0' || number > 1000000000) {
		return false;
	}
	text->number = (unsigned)number;
	text->lenient = lenient;
	copy_end(text->file, sizeof(text->file), file + 1);
	return true;
}

bool
policy_text_next(struct policy_text *text)
{
	text->moved = false;
	while (take_line(text)) {
		if (moves(text)) {
			text->moved = true;
		} else {
			snprintf(
			    text->place, sizeof(text->place), "%s:%u", text->file, text->number++);
			return true;
		}
	}
	return false;
}

void
policy_place(char place[RESTART_PLACE_BYTES], const char *file, unsigned line)
{
	char end[RESTART_PLACE_BYTES - 12];

	copy_end(end, sizeof(end), file);
	snprintf(place, RESTART_PLACE_BYTES, "%s:%u", end, line);
}

void
policy_blame(
    struct restart_policy *policy, enum restart_blamed what, const char *place, const char *words)
{
	struct restart_blame *blame = &policy->blames[what];
	size_t at = 0;

	snprintf(blame->place, sizeof(blame->place), "%s", place);
	words += strspn(words, " \t");
	for (; *words && *words != '\r' && at + 1 < sizeof(blame->text); words++) {
		bool space = *words == ' ' || *words == '\t';

		if (space && (at == 0 || blame->text[at - 1] == ' ')) {
			continue;
		}
		blame->text[at++] = space ? ' ' : *words < 0x20 || *words == 0x7f ? '?' : *words;
	}
	while (at > 0 && blame->text[at - 1] == ' ') {
		at--;
	}
	blame->text[at] = '\0';
}

void
policy_doubt(struct restart_policy *policy, const char *place, const char *words)
{
	if (policy->known) {
		policy_blame(policy, BLAME_UNKNOWN, place, words);
	}
	policy->known = false;
}

void
policy_refuse(struct restart_policy *policy, const char *place, const char *words)
{
	if (!policy->refused) {
		policy_blame(policy, BLAME_REFUSED, place, words);
	}
	policy->refused = true;
	policy_doubt(policy, place, words);
}

void
policy_refuse_by_all(struct restart_policy *policy, const char *place, const char *words)
{
	policy_refuse(policy, place, words);
	policy->refused_by_all = true;
}

/* Returns a new need of the line; NULL: there is no room for it, which makes a doubt. */
static struct restart_need *
add_need(struct restart_policy *policy, const char *place, const char *words)
{
	struct restart_need *need = &policy->needs[policy->need_count];

	if (policy->need_count == RESTART_NEEDS_MAX) {
		policy_doubt(policy, place, words);
		return NULL;
	}
	policy->need_count++;
	*need = (struct restart_need){ .path = "" };
	snprintf(need->place, sizeof(need->place), "%s", place);
	snprintf(need->text, sizeof(need->text), "%.63s", words + strspn(words, " \t"));
	return need;
}

void
policy_need_file(
    struct restart_policy *policy, const char *path, const char *place, const char *words)
{
	struct restart_need *need = add_need(policy, place, words);

	if (need) {
		snprintf(need->path, sizeof(need->path), "%.95s", path);
	}
}

void
policy_need_user(
    struct restart_policy *policy, const char *user, const char *place, const char *words)
{
	struct restart_need *need = add_need(policy, place, words);

	if (need) {
		snprintf(need->user, sizeof(need->user), "%.63s", user);
	}
}

void
policy_need_version(struct restart_policy *policy, unsigned since, unsigned until,
    const char *place, const char *words)
{
	bool sooner = until > 0 && (policy->until == 0 || until < policy->until);

	if (since > policy->since || sooner) {
		policy_blame(policy, BLAME_VERSION, place, words);
	}
	policy->since = since > policy->since ? since : policy->since;
	policy->until = sooner ? until : policy->until;
}

void
policy_add_line(struct restart_policy *policy, const struct restart_line *line)
{
	if (policy->line_count == RESTART_LINES_MAX) {
		policy_doubt(policy, line->place, "more sources than can be judged");
		return;
	}
	policy->lines[policy->line_count++] = *line;
}
