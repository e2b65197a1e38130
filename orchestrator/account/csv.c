/* The account as CSV: a line for each day of each host, and one for each host's whole span. */
#include "orchestrator/account/account.h"

#include <string.h>

static void
add_text(struct buf *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		buf_text(out, text);
		return;
	}
	buf_text(out, "\"");
	for (; *text; text++) {
		buf_add(out, text, 1);
		if (*text == '"') {
			buf_text(out, "\"");
		}
	}
	buf_text(out, "\"");
}

static void
add_worst(struct buf *out, const struct worst *worst)
{
	char when[CLOCK_TEXT_BYTES];

	if (worst->known) {
		buf_printf(out, ",%lld,%s", (long long)worst->ns, account_moment(worst, when));
	} else {
		buf_text(out, ",,");
	}
}

static size_t
count_within(const struct account_host *host, int64_t from_ns, int64_t to_ns)
{
	size_t count = 0;

	for (size_t i = 0; i < host->step_count; i++) {
		count += host->steps[i]->time_ns >= from_ns && host->steps[i]->time_ns < to_ns;
	}
	return count;
}

static void
add_line(struct buf *out, const struct account_host *host, const char *kind,
    const struct share *share, const struct span *span)
{
	char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];

	add_text(out, host->name);
	buf_text(out, ",");
	add_text(out, host->group ? host->group : "");
	buf_printf(out, ",%s,%s,%s", kind, account_instant(span->from_ns, from),
	    account_instant(span->to_ns, to));
	for (int i = 0; i < STANDING_COUNT; i++) {
		buf_printf(out, ",%.3f", (double)share->ns[i] / 1e9);
	}
	add_worst(out, &share->offset);
	add_worst(out, &share->error_bound);
	buf_printf(out, ",%zu\r\n", count_within(host, span->from_ns, span->to_ns));
}

void
account_csv(const struct account *account, struct buf *out)
{
	buf_text(out, "host,group,part,from,to");
	for (int i = 0; i < STANDING_COUNT; i++) {
		buf_printf(out, ",%s_s", standing_name((enum standing)i));
	}
	buf_text(out,
	    ",worst_offset_ns,worst_offset_at,worst_error_bound_ns,worst_error_bound_at,steps\r\n");
	for (size_t i = 0; i < account->host_count; i++) {
		const struct account_host *host = &account->hosts[i];

		for (size_t day = 0; day < host->tally.day_count; day++) {
			int64_t day_ns = span_day_ns(&account->span, day);
			struct span span = { day_ns, day_ns + TALLY_DAY_NS };

			span.from_ns =
			    day_ns > account->span.from_ns ? day_ns : account->span.from_ns;
			span.to_ns =
			    span.to_ns < account->span.to_ns ? span.to_ns : account->span.to_ns;
			add_line(out, host, "day", &host->tally.days[day], &span);
		}
		add_line(out, host, "whole", &host->tally.whole, &account->span);
	}
}
