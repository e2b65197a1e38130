/*
 * Finds differences by E. Myers, "An O(ND) difference algorithm and its variations" (1986), and
 * keeps all rounds of the search.  Then moves each change down as far as its lines repeat, as GNU
 * diff does.
 */
#include "orchestrator/rollout/plan/diff.h"

#include "common/shown.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT 3
#define EDITS_MAX 2000 /* rounds; round d keeps an array of 2d + 1 numbers */

struct line {
	const char *text;
	size_t len; /* with its newline, which the last one may lack */
};

struct side {
	struct line *lines;
	bool *changed; /* for each line; one more stands behind them, always false */
	long count;
};

static void *
allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		abort();
	}
	return memory;
}

static void
split(struct side *side, const char *text, size_t len)
{
	size_t newlines = 1;

	for (size_t i = 0; i < len; i++) {
		newlines += text[i] == '\n';
	}
	side->lines = allocate(newlines + 1, sizeof(*side->lines));
	side->changed = allocate(newlines + 2, sizeof(*side->changed));
	side->count = 0;
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line_len = end ? (size_t)(end - text) + 1 : len;

		side->lines[side->count++] = (struct line){ text, line_len };
		text += line_len;
		len -= line_len;
	}
}

static bool
same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* The rounds of Myers' search: rounds[d][k + d] is how far diagonal k came with d edits. */
struct search {
	const struct side *old, *fresh;
	long *rounds[EDITS_MAX + 1];
	long edits;
};

static long
slide(const struct search *search, long x, long k)
{
	while (x < search->old->count && x - k < search->fresh->count &&
	    same(&search->old->lines[x], &search->fresh->lines[x - k])) {
		x++;
	}
	return x;
}

/* Whether the path on diagonal k comes from above (an insertion) rather than from the left. */
static bool
from_above(const long *before, long d, long k)
{
	/* before[] has diagonals -(d-1) to d-1 */
	return k == -d || (k != d && before[k - 1 + d - 1] < before[k + 1 + d - 1]);
}

/* Do round d; returns whether it reached the ends of both texts. */
static bool
search_round(struct search *search, long d)
{
	long *now = search->rounds[d] = allocate((size_t)(2 * d + 1), sizeof(long));
	const long *before = d > 0 ? search->rounds[d - 1] : NULL;
	bool reached = false;

	for (long k = -d; k <= d; k += 2) {
		long x;

		if (d == 0) {
			x = 0;
		} else if (from_above(before, d, k)) {
			x = before[k + 1 + d - 1];
		} else {
			x = before[k - 1 + d - 1] + 1;
		}
		/* a path that has left the grid is kept, but followed no further */
		now[k + d] = x <= search->old->count && x - k <= search->fresh->count
		    ? slide(search, x, k)
		    : x;
		reached |= now[k + d] >= search->old->count &&
		    now[k + d] - k >= search->fresh->count &&
		    k == search->old->count - search->fresh->count;
	}
	return reached;
}

static void
walk_back(const struct search *search, struct side *old, struct side *fresh)
{
	long x = old->count, y = fresh->count;

	for (long d = search->edits; d > 0; d--) {
		const long *before = search->rounds[d - 1];
		long k = x - y;
		bool above = from_above(before, d, k);
		long before_k = above ? k + 1 : k - 1;
		long before_x = before[before_k + d - 1], before_y = before_x - before_k;

		if (above) {
			fresh->changed[before_y] = true;
		} else {
			old->changed[before_x] = true;
		}
		x = before_x;
		y = before_y;
	}
}

static void
mark_all(struct side *side)
{
	for (long i = 0; i < side->count; i++) {
		side->changed[i] = true;
	}
}

static void
mark_changes(struct side *old, struct side *fresh)
{
	struct search search = { .old = old, .fresh = fresh, .edits = -1 };
	long d = 0;

	while (d <= EDITS_MAX && search.edits < 0) {
		if (search_round(&search, d)) {
			search.edits = d;
		}
		d++;
	}
	if (search.edits >= 0) {
		walk_back(&search, old, fresh);
	} else {
		mark_all(old);
		mark_all(fresh);
	}
	while (d > 0) {
		free(search.rounds[--d]);
	}
}

/*
 * Move each run of changed lines of one side down while the line behind it equals its first.
 * @other keeps in step: a run only moves past lines that are unchanged there, too.
 */
static void
move_down(struct side *side, const struct side *other)
{
	long i = 0, k = 0; /* k: the line of @other that stands against line i */

	while (i < side->count) {
		long start, end;

		if (!side->changed[i]) {
			while (other->changed[k]) {
				k++;
			}
			i++;
			k++;
			continue;
		}
		start = i;
		for (end = i; side->changed[end]; end++) {
		}
		while (end < side->count && !other->changed[k] &&
		    same(&side->lines[start], &side->lines[end])) {
			side->changed[start++] = false;
			side->changed[end++] = true;
			k++;
			while (side->changed[end]) {
				end++;
			}
		}
		i = end;
	}
}

static void
put_line(struct buf *out, char sign, const struct line *line)
{
	buf_add(out, &sign, 1);
	shown_add(out, line->text, line->len, SHOWN_NEWLINES | SHOWN_TABS);
	if (line->len == 0 || line->text[line->len - 1] != '\n') {
		buf_text(out, "\n\\ No newline at end of file\n");
	}
}

static void
put_range(struct buf *out, char sign, long from, long count)
{
	buf_printf(out, "%c%ld", sign, count > 0 ? from + 1 : from);
	if (count != 1) {
		buf_printf(out, ",%ld", count);
	}
}

/* A place in both texts at once. */
struct place {
	long old, fresh;
};

/* Where the hunk that begins at the change @at ends: behind its last change. */
static struct place
find_end(const struct side *old, const struct side *fresh, struct place at)
{
	struct place end = at;
	long quiet = 0;

	while (quiet <= 2 * CONTEXT && (at.old < old->count || at.fresh < fresh->count)) {
		bool gone = old->changed[at.old], come = !gone && fresh->changed[at.fresh];

		at.old += !come;
		at.fresh += !gone;
		quiet = gone || come ? 0 : quiet + 1;
		end = gone || come ? at : end;
	}
	return end;
}

static void
put_hunk(struct buf *out, const struct side *old, const struct side *fresh, struct place from,
    struct place to)
{
	struct place at = from;

	buf_text(out, "@@ ");
	put_range(out, '-', from.old, to.old - from.old);
	buf_text(out, " ");
	put_range(out, '+', from.fresh, to.fresh - from.fresh);
	buf_text(out, " @@\n");
	while (at.old < to.old || at.fresh < to.fresh) {
		if (at.old < to.old && old->changed[at.old]) {
			put_line(out, '-', &old->lines[at.old++]);
		} else if (at.fresh < to.fresh && fresh->changed[at.fresh]) {
			put_line(out, '+', &fresh->lines[at.fresh++]);
		} else {
			put_line(out, ' ', &old->lines[at.old++]);
			at.fresh++;
		}
	}
}

static long
smaller(long a, long b)
{
	return a < b ? a : b;
}

static void
put_hunks(struct buf *out, const struct side *old, const struct side *fresh)
{
	struct place at = { 0, 0 };

	while (at.old < old->count || at.fresh < fresh->count) {
		struct place from, to;
		long before, behind;

		if (!old->changed[at.old] && !fresh->changed[at.fresh]) {
			at.old++;
			at.fresh++;
			continue;
		}
		to = find_end(old, fresh, at);
		before = smaller(CONTEXT, smaller(at.old, at.fresh));
		behind = smaller(CONTEXT, old->count - to.old);
		from = (struct place){ at.old - before, at.fresh - before };
		put_hunk(
		    out, old, fresh, from, (struct place){ to.old + behind, to.fresh + behind });
		at = to;
	}
}

void
diff_unified(struct buf *out, const char *old, size_t old_len, const char *fresh, size_t fresh_len)
{
	struct side a = { .count = 0 }, b = { .count = 0 };

	if (old_len == fresh_len && (old_len == 0 || memcmp(old, fresh, old_len) == 0)) {
		return;
	}
	split(&a, old, old_len);
	split(&b, fresh, fresh_len);
	mark_changes(&a, &b);
	move_down(&a, &b);
	move_down(&b, &a);
	put_hunks(out, &a, &b);
	free(a.lines);
	free(a.changed);
	free(b.lines);
	free(b.changed);
}

/* The next line that is neither blank nor a comment, without its newline; false at the end. */
static bool
next_statement(const char **text, size_t *len, struct line *line)
{
	while (*len > 0) {
		const char *end = memchr(*text, '\n', *len);
		size_t taken = end ? (size_t)(end - *text) + 1 : *len, blank = 0;

		*line = (struct line){ *text, taken - (end ? 1 : 0) };
		*text += taken;
		*len -= taken;
		while (blank < line->len && strchr(" \t\r", line->text[blank])) {
			blank++;
		}
		if (blank < line->len && line->text[blank] != '#') {
			return true;
		}
	}
	return false;
}

bool
diff_in_comments_only(const char *old, size_t old_len, const char *fresh, size_t fresh_len)
{
	for (;;) {
		struct line a = { NULL, 0 }, b = { NULL, 0 };
		bool more_old = next_statement(&old, &old_len, &a);
		bool more_new = next_statement(&fresh, &fresh_len, &b);

		if (!more_old || !more_new) {
			return more_old == more_new;
		}
		if (!same(&a, &b)) {
			return false;
		}
	}
}
