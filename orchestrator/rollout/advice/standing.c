#include "orchestrator/rollout/advice/standing.h"

#include "orchestrator/lint/files/files.h"

#include <stdlib.h>
#include <string.h>

#define LINES_NAMED_MAX 6

/* One set of files, and what is wrong with it. */
struct side {
	struct arena arena;
	struct diags diags;
};

static bool
is_ours(const struct advice_input *input, const char *path)
{
	return file_set_find(input->plan->files, path) != NULL;
}

void
advice_files(
    const struct advice_input *input, bool after, struct arena *arena, struct file_set *set)
{
	const struct facts *facts = input->plan->facts;
	size_t most = facts->file_count + input->plan->files->count;

	set->list = arena_alloc(arena, (most + 1) * sizeof(*set->list));
	set->count = 0;
	for (size_t i = 0; after && i < input->plan->files->count; i++) {
		set->list[set->count++] = input->plan->files->list[i];
	}
	for (size_t i = 0; i < facts->file_count; i++) {
		const struct fact_file *file = &facts->files[i];

		if (file->state == FACT_FILE_REGULAR && !(after && is_ours(input, file->path))) {
			set->list[set->count++] = (struct file_entry){
				.path = file->path, .content = file->content, .len = file->len
			};
		}
	}
}

static void
judge(const struct advice_input *input, bool after, struct side *side)
{
	const struct fact_unit *unit =
	    after ? NULL : facts_unit(input->plan->facts, input->plan->driver->unit);
	struct file_set files;
	struct files_lint *run =
	    files_lint_new(input->topology, input->now_ns, &side->diags, &side->arena);

	advice_files(input, after, &side->arena, &files);
	files_lint(run,
	    &(struct files_case){ .host = input->host,
		.driver = input->plan->driver,
		.files = &files,
		.start = unit ? unit->start : NULL,
		.restart = unit ? unit->restart : NULL });
	files_lint_free(run);
	diags_sort(&side->diags);
}

/* The file of a finding: its place without the name of the host before it. */
static const char *
file_of(const struct advice_input *input, const struct diag *diag)
{
	return diag->pos.file + strlen(input->host->name) + 1;
}

/* Whether one of the findings of @side has this rule, file and line. */
static bool
has(const struct side *side, const struct diag *wanted)
{
	for (size_t i = 0; i < side->diags.count; i++) {
		const struct diag *diag = &side->diags.list[i];

		if (strcmp(diag->rule, wanted->rule) == 0 && diag->pos.line == wanted->pos.line &&
		    strcmp(diag->pos.file, wanted->pos.file) == 0) {
			return true;
		}
	}
	return false;
}

/* What is said of the host's files. */
struct said {
	struct arena *arena; /* owns its texts */
	struct advice *list;
	size_t count, max;
};

/* What is said already of this rule and file, or NULL. */
static struct advice *
find(const struct said *said, const struct advice *like)
{
	for (size_t i = 0; i < said->count; i++) {
		struct advice *advice = &said->list[i];

		if (advice->rule == like->rule && advice->replaced == like->replaced &&
		    strcmp(advice->file, like->file) == 0) {
			return advice;
		}
	}
	return NULL;
}

/* Name a further line of what is said already: "; and in lines 12, 14, and 3 more". */
static void
add_line(struct arena *arena, struct advice *advice, unsigned line)
{
	advice->more++;
	if (advice->more <= LINES_NAMED_MAX && line > 0) {
		advice->text = arena_printf(
		    arena, "%s%s %u", advice->text, advice->more == 1 ? "; and line" : ",", line);
	}
}

/* Say what is wrong with the files of @side; @stays: what is wrong with them afterwards, too. */
static void
take(const struct advice_input *input, const struct side *side, const struct side *stays,
    struct said *said)
{
	for (size_t i = 0; i < side->diags.count; i++) {
		const struct diag *diag = &side->diags.list[i];
		struct advice advice = { .rule = lint_rule_find(diag->rule, NULL),
			.file = file_of(input, diag),
			.line = diag->pos.line,
			.accepted = diag->accepted,
			.replaced = stays != NULL };
		struct advice *before;

		if (!(advice.rule->where & JUDGED_PLAN) ||
		    (stays ? has(stays, diag) : is_ours(input, advice.file))) {
			continue;
		}
		before = find(said, &advice);
		if (before) {
			add_line(said->arena, before, advice.line);
		} else if (said->count < said->max) {
			advice.file = arena_strdup(said->arena, advice.file);
			advice.text = arena_strdup(said->arena, diag->text);
			said->list[said->count++] = advice;
		}
	}
}

static int
by_weight(const void *left, const void *right)
{
	const struct advice *a = left, *b = right;
	int files;

	if (a->replaced != b->replaced) {
		return a->replaced ? 1 : -1;
	}
	if (a->rule->severity != b->rule->severity) {
		return a->rule->severity > b->rule->severity ? -1 : 1;
	}
	files = strcmp(a->file, b->file);
	return files != 0 ? files : (a->line > b->line) - (a->line < b->line);
}

bool
advice_replaces(const struct host_plan *made)
{
	for (size_t i = 0; i < made->change_count; i++) {
		const struct file_change *change = &made->changes[i];

		if (!change->of_agent && change->kind != CHANGE_MODE && !change->comments_only) {
			return true;
		}
	}
	return false;
}

/* Whether the host has files, beside those that we may write, that its daemon or unit reads. */
static bool
has_others(const struct facts *facts)
{
	for (size_t i = 0; i < facts->file_count; i++) {
		if (facts->files[i].found) {
			return true;
		}
	}
	return false;
}

size_t
plan_judge_files(
    const struct advice_input *input, struct arena *arena, struct advice *list, size_t max)
{
	struct side now = { .arena = { .blocks = NULL } }, after = { .arena = { .blocks = NULL } };
	bool changes = input->made && input->plan->files && advice_replaces(input->made);
	struct said said = { .arena = arena, .list = list, .max = max };

	if (!input->made || !input->plan->files || (!changes && !has_others(input->plan->facts))) {
		return 0;
	}
	judge(input, true, &after);
	take(input, &after, NULL, &said);
	if (changes) {
		judge(input, false, &now);
		take(input, &now, &after, &said);
	}
	if (said.count > 1) {
		qsort(list, said.count, sizeof(*list), by_weight);
	}
	diags_free(&now.diags);
	diags_free(&after.diags);
	arena_free(&now.arena);
	arena_free(&after.arena);
	return said.count;
}
