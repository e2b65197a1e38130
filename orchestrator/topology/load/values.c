/* Sets a member to the value of one scalar, or reports what would be right. */
#include "common/clock.h"
#include "common/nearest.h"
#include "daemons/daemon.h"
#include "orchestrator/topology/load/loader.h"
#include "orchestrator/topology/load/remedies.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE "bad-value"
#define SHORT_NAME_MAX 4 /* the bytes of a reference id */
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Report: `key` is "text", not @wanted. */
static void
wrong(
    struct loader *loader, const struct key_row *row, const struct event *event, const char *wanted)
{
	const char *odd = row->type == VALUE_NAME ? odd_text(event->text, false) : "";

	problem(loader, RULE, event->pos, "`%s` is \"%s\", not %s%s", row->name,
	    shown(loader, event->text), wanted, odd);
}

static const char *
keep(struct loader *loader, const struct event *event)
{
	return arena_strndup(&loader->topology->arena, event->text, event->len);
}

/* Set @member to one line of text: newlines at the end are cut, those inside become blanks. */
static void
set_text(struct loader *loader, const struct key_row *row, const char **member,
    const struct event *event)
{
	char *text = arena_strndup(&loader->topology->arena, event->text, event->len);
	size_t len = event->len;

	while (len > 0 && isspace((unsigned char)text[len - 1])) {
		text[--len] = '\0';
	}
	for (size_t i = 0; i < len; i++) {
		text[i] = text[i] == '\n' || text[i] == '\t' ? ' ' : text[i];
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			wrong(loader, row, event, "a text without control characters");
			return;
		}
	}
	if (len == 0) {
		problem(loader, RULE, event->pos, "`%s` is empty", row->name);
		return;
	}
	*member = text;
}

static void
set_name(struct loader *loader, const struct key_row *row, const char **member,
    const struct event *event)
{
	if (row->max > 63 ? is_host_name(event->text) : is_name(event->text, (size_t)row->max)) {
		*member = keep(loader, event);
	} else {
		wrong(loader, row, event,
		    row->max <= SHORT_NAME_MAX
			? "a name of at most 4 letters and digits"
			: "a name: letters, digits, \"-\", \"_\" and \".\", beginning with a "
			  "letter or digit");
	}
}

/* Parse a number of digits only, at most @max; false: @text is something else. */
static bool
parse_count(const char *text, int64_t max, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return isdigit((unsigned char)text[0]) && !errno && *end == '\0' && *value <= max;
}

static void
set_number(
    struct loader *loader, const struct key_row *row, void *member, const struct event *event)
{
	unsigned number;
	int64_t value;

	if (!parse_count(event->text, row->max, &value) || value < row->min) {
		problem(loader, RULE, event->pos, "`%s` is \"%s\", not a number from %lld to %lld",
		    row->name, shown(loader, event->text), (long long)row->min,
		    (long long)row->max);
		return;
	}
	number = (unsigned)value;
	memcpy(member, &number, sizeof(number));
}

static void
set_bool(struct loader *loader, const struct key_row *row, bool *member, const struct event *event)
{
	if (strcmp(event->text, "true") == 0) {
		*member = !row->opposite;
	} else if (strcmp(event->text, "false") == 0) {
		*member = row->opposite;
	} else {
		wrong(loader, row, event, "true or false");
	}
}

static void
set_country(struct loader *loader, const struct key_row *row, const char **member,
    const struct event *event)
{
	if (strlen(event->text) != 2 || strspn(event->text, CAPITALS) != 2) {
		wrong(loader, row, event, "the two capital letters of a country, as DE or US");
		return;
	}
	*member = keep(loader, event);
}

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", NS_PER_US },
	{ "ms", NS_PER_MS },
	{ "s", NS_PER_S },
	{ "min", 60 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "d", 86400 * NS_PER_S },
};

/* @ns as a whole number of the largest possible unit, as "5ms". */
static const char *
duration_word(int64_t ns, char out[32])
{
	size_t at = COUNT(units) - 1;

	while (at > 0 && ns % units[at].ns != 0) {
		at--;
	}
	snprintf(out, 32, "%lld%s", (long long)(ns / units[at].ns), units[at].name);
	return out;
}

/* Parse "0.5s": digits, at most 9 after the point, a unit.  False: bad, or more than 146 years. */
static bool
parse_duration(const char *text, int64_t *ns)
{
	int64_t whole = 0, part = 0, scale = 1, sign = text[0] == '-' ? -1 : 1;
	const char *at = text + (text[0] == '-'), *begin = at;

	for (; isdigit((unsigned char)*at) && whole < INT64_MAX / 20; at++) {
		whole = 10 * whole + (*at - '0');
	}
	if (at != begin && at[0] == '.' && isdigit((unsigned char)at[1])) {
		for (at++; isdigit((unsigned char)*at) && scale < NS_PER_S; at++) {
			part = 10 * part + (*at - '0');
			scale *= 10;
		}
	}
	for (size_t i = 0; at != begin && i < COUNT(units); i++) {
		if (strcmp(at, units[i].name) == 0 && whole <= INT64_MAX / units[i].ns / 2) {
			/* part < 1e9 and ns <= 86400e9: the product may need more than 64 bits */
			*ns = whole * units[i].ns + (int64_t)((__int128)part * units[i].ns / scale);
			*ns *= sign;
			return true;
		}
	}
	return false;
}

static void
set_duration(
    struct loader *loader, const struct key_row *row, int64_t *member, const struct event *event)
{
	char least[32], most[32];
	const char *text = event->text;
	int64_t ns;

	if (text[0] && strspn(text, "0123456789.") == strlen(text)) {
		problem(loader, RULE, event->pos,
		    "`%s` is \"%s\", without a unit: a duration needs one, as %sms or %ss",
		    row->name, shown(loader, text), shown(loader, text), shown(loader, text));
	} else if (!parse_duration(text, &ns)) {
		wrong(loader, row, event,
		    "a duration: a number with ns, us, ms, s, min, h or d, as 5ms");
	} else if (ns < row->min || ns > row->max) {
		problem(loader, RULE, event->pos, "`%s` is %s, not between %s and %s", row->name,
		    shown(loader, text), duration_word(row->min, least),
		    duration_word(row->max, most));
	} else {
		*member = ns;
	}
}

static void
set_date(
    struct loader *loader, const struct key_row *row, int64_t *member, const struct event *event)
{
	int64_t first_ns;

	if (clock_parse_day(event->text, &first_ns)) {
		*member = first_ns + 86400 * NS_PER_S;
	} else {
		wrong(loader, row, event, "a day, as 2027-06-30");
	}
}

/* "10" or "10%": a number, and in memory after it a bool that is true for "%". */
static void
set_share(struct loader *loader, const struct key_row *row, void *member, const struct event *event)
{
	bool percent = event->len > 1 && event->text[event->len - 1] == '%';
	char *text = arena_strndup(&loader->arena, event->text, event->len - percent);
	unsigned number;
	int64_t value;

	if (!parse_count(text, percent ? 100 : row->max, &value) || value < row->min) {
		problem(loader, RULE, event->pos,
		    "`%s` is \"%s\", not a number from %lld to %lld or a share from 1%% to 100%%",
		    row->name, shown(loader, event->text), (long long)row->min,
		    (long long)row->max);
		return;
	}
	number = (unsigned)value;
	memcpy(member, &number, sizeof(number));
	memcpy((char *)member + sizeof(number), &percent, sizeof(percent));
}

/* @words as "a, b or c". */
static const char *
one_of(struct loader *loader, const char *const *words, size_t count)
{
	struct buf text = { 0 };
	const char *kept;

	for (size_t i = 0; i < count; i++) {
		buf_printf(&text, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
	}
	kept = arena_strdup(&loader->arena, buf_str(&text));
	buf_free(&text);
	return kept;
}

static void
wrong_word(struct loader *loader, const struct key_row *row, const struct event *event,
    const char *const *words, size_t count)
{
	struct nearest nearest = { .word = event->text };

	for (size_t i = 0; i < count; i++) {
		nearest_offer(&nearest, words[i]);
	}
	problem(loader, RULE, event->pos, "`%s` is \"%s\", not %s%s", row->name,
	    shown(loader, event->text), one_of(loader, words, count), meant(loader, &nearest));
}

static void
set_choice(
    struct loader *loader, const struct key_row *row, void *member, const struct event *event)
{
	unsigned count = 0;

	for (; row->words[count]; count++) {
		if (strcmp(row->words[count], event->text) == 0) {
			memcpy(member, &count, sizeof(count));
			return;
		}
	}
	wrong_word(loader, row, event, row->words, count);
}

static void
set_daemon(struct loader *loader, const struct key_row *row, const char **member,
    const struct event *event)
{
	const struct daemon_driver *found = daemon_find(event->text);
	const char *words[32] = { "auto" };
	size_t count = 1;

	if (strcmp(event->text, "auto") == 0) {
		*member = "auto";
	} else if (found && (row->min == 0 || found->features & DAEMON_SERVES)) {
		*member = found->name;
	} else if (found) {
		problem(loader, RULE, event->pos, "%s serves no time: it is a daemon of clients",
		    found->name);
	} else {
		for (size_t i = 0; daemon_drivers[i] && count < COUNT(words); i++) {
			words[count++] = daemon_drivers[i]->name;
		}
		wrong_word(loader, row, event, words, count);
	}
}

/* Hexadecimal digits, kept in lower case.  add.c checks their number, which depends on the type. */
static void
set_secret(struct loader *loader, const struct key_row *row, const char **member,
    const struct event *event)
{
	char *text = arena_strndup(&loader->topology->arena, event->text, event->len);

	for (char *at = text; *at; at++) {
		if (!isxdigit((unsigned char)*at)) {
			problem(loader, RULE, event->pos,
			    "`%s` is not hexadecimal: digits and a to f, nothing else", row->name);
			return;
		}
		*at = (char)tolower((unsigned char)*at);
	}
	*member = text;
}

void
set_scalar(
    struct loader *loader, const struct key_row *row, void *object, const struct event *event)
{
	void *member = (char *)object + row->offset;

	switch (row->type) {
	case VALUE_TEXT:
		set_text(loader, row, member, event);
		break;
	case VALUE_NAME:
		set_name(loader, row, member, event);
		break;
	case VALUE_NUMBER:
		set_number(loader, row, member, event);
		break;
	case VALUE_BOOL:
		set_bool(loader, row, member, event);
		break;
	case VALUE_DURATION:
		set_duration(loader, row, member, event);
		break;
	case VALUE_DATE:
		set_date(loader, row, member, event);
		break;
	case VALUE_COUNTRY:
		set_country(loader, row, member, event);
		break;
	case VALUE_SHARE:
		set_share(loader, row, member, event);
		break;
	case VALUE_CHOICE:
		set_choice(loader, row, member, event);
		break;
	case VALUE_DAEMON:
		set_daemon(loader, row, member, event);
		break;
	case VALUE_FILE:
		*(const char **)member = beside(loader, event->pos.file, event->text);
		break;
	case VALUE_SECRET:
		set_secret(loader, row, member, event);
		break;
	case VALUE_ADDRESSES:
	case VALUE_NETWORKS:
	case VALUE_MONITORS:
	case VALUE_NAMES:
	case VALUE_RANGES:
	case VALUE_URLS:
	case VALUE_LINES:
	case VALUE_PART:
	case VALUE_MAP:
	case VALUE_SSH:
	case VALUE_LIST:
		break;
	}
}
