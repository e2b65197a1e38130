#include "orchestrator/account/account.h"

#include "common/duration.h"

#include <stdio.h>
#include <stdlib.h>

static bool
differs(const struct worst *a, const struct worst *b)
{
	return a->known != b->known || a->ns != b->ns || a->at_ns != b->at_ns;
}

void
account_sum(struct account *account, struct arena *arena)
{
	account->day_count = span_days(&account->span);
	account->days = arena_alloc(arena, account->day_count * sizeof(*account->days));
	account->worst_of_day = arena_alloc(arena, account->day_count * sizeof(char *));
	for (size_t i = 0; i < account->host_count; i++) {
		const struct account_host *host = &account->hosts[i];
		struct worst offset = account->whole.offset, bound = account->whole.error_bound;

		share_add(&account->whole, &host->tally.whole);
		if (differs(&offset, &account->whole.offset)) {
			account->worst_host = host->name;
		}
		if (differs(&bound, &account->whole.error_bound)) {
			account->worst_bound_host = host->name;
		}
		for (size_t day = 0; day < account->day_count; day++) {
			struct share *sum = &account->days[day];

			offset = sum->offset;
			share_add(sum, &host->tally.days[day]);
			if (differs(&offset, &sum->offset)) {
				account->worst_of_day[day] = host->name;
			}
		}
	}
}

void
account_done(struct account *account)
{
	for (size_t i = 0; i < account->host_count; i++) {
		tally_done(&account->hosts[i].tally);
	}
	free(account->hosts);
	free(account->steps);
	account->hosts = NULL;
	account->host_count = 0;
	account->steps = NULL;
}

bool
account_is_good(const struct account *account)
{
	return account->whole.ns[STANDING_WITHIN] == share_total_ns(&account->whole);
}

const char *
account_instant(int64_t real_ns, char out[CLOCK_TEXT_BYTES])
{
	clock_text(real_ns, out);
	out[19] = 'Z'; /* behind the seconds */
	out[20] = '\0';
	return out;
}

const char *
account_moment(const struct worst *worst, char out[CLOCK_TEXT_BYTES])
{
	size_t end = worst->length_ns == 0 ? 19 : worst->length_ns < PAST_HOUR_NS ? 16 : 13;

	if (!worst->known) {
		out[0] = '\0';
		return out;
	}
	clock_text(worst->at_ns, out);
	out[end] = 'Z';
	out[end + 1] = '\0';
	return out;
}

const char *
account_percent(int64_t part_ns, int64_t whole_ns, char out[ACCOUNT_PERCENT_BYTES])
{
	double percent = whole_ns > 0 ? 100.0 * (double)part_ns / (double)whole_ns : 0;

	if (part_ns == 0 || part_ns == whole_ns) {
		snprintf(out, ACCOUNT_PERCENT_BYTES, "%d %%", part_ns ? 100 : 0);
	} else if (percent < 0.001) {
		snprintf(out, ACCOUNT_PERCENT_BYTES, "< 0.001 %%");
	} else if (percent > 99.999) {
		snprintf(out, ACCOUNT_PERCENT_BYTES, "> 99.999 %%");
	} else {
		snprintf(out, ACCOUNT_PERCENT_BYTES, "%.3f %%", percent);
	}
	return out;
}

const char *
account_length(int64_t ns, char out[ACCOUNT_PERCENT_BYTES])
{
	int64_t s = ns / NS_PER_S;
	int used = 0;

	if (s >= 86400) {
		used = snprintf(out, ACCOUNT_PERCENT_BYTES, "%lld d ", (long long)(s / 86400));
	}
	snprintf(out + used, ACCOUNT_PERCENT_BYTES - (size_t)used, "%02d:%02d:%02d",
	    (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60));
	return out;
}

#define COLUMNS_MAX 62
#define COLUMN_WIDTH 8
#define STRIP_HEIGHT 20

/* One column: the standings, the good one below, each at least so high that it is seen. */
static void
add_column(struct buf *svg, const struct share *share, size_t x)
{
	static const char *const classes[] = {
		[STANDING_WITHIN] = "within",
		[STANDING_UNPROVEN] = "unproven",
		[STANDING_BEYOND] = "beyond",
		[STANDING_GAP] = "gap",
	};
	double total = (double)share_total_ns(share), y = 0;

	for (int i = STANDING_COUNT - 1; i >= 0; i--) {
		double height = total > 0 ? STRIP_HEIGHT * (double)share->ns[i] / total : 0;

		if (share->ns[i] == 0) {
			continue;
		}
		if (i == STANDING_WITHIN) {
			height = STRIP_HEIGHT - y;
		} else if (height < 2.5) {
			height = 2.5;
		}
		buf_printf(svg,
		    "<rect class=\"%s\" x=\"%zu\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
		    classes[i], x, y, COLUMN_WIDTH - 1, height);
		y += height;
	}
}

const char *
account_strip(const struct share *days, size_t count, struct arena *arena, const char **words)
{
	size_t each = (count + COLUMNS_MAX - 1) / COLUMNS_MAX, columns = 0, full = 0;
	struct buf svg = { .limit_bytes = 0 };
	struct buf columns_svg = { .limit_bytes = 0 };
	const char *kept;

	for (size_t i = 0; i < count; i += each, columns++) {
		struct share sum = { .ns = { 0 } };

		for (size_t day = i; day < i + each && day < count; day++) {
			share_add(&sum, &days[day]);
		}
		full += sum.ns[STANDING_WITHIN] == share_total_ns(&sum);
		add_column(&columns_svg, &sum, columns * COLUMN_WIDTH);
	}
	buf_printf(&svg,
	    "<svg class=\"strip\" viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" "
	    "style=\"--columns:%zu\">%s</svg>",
	    columns * COLUMN_WIDTH - 1, STRIP_HEIGHT, columns, buf_str(&columns_svg));
	*words = arena_printf(arena, "%zu of %zu %s wholly within", full, columns,
	    each == 1 ? "days" : "stretches of days");
	kept = arena_strdup(arena, buf_str(&svg));
	buf_free(&svg);
	buf_free(&columns_svg);
	return kept;
}
