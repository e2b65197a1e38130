#include "measure/ration.h"

#include <stdlib.h>
#include <string.h>

#define RATE_NS (240 * NS_PER_S)
#define REFUSED_NS (3600 * NS_PER_S)
#define AGE_MS_MAX (2 * 3600 * 1000)

void
ration_free(struct ration *ration)
{
	free(ration->list);
	*ration = (struct ration){ .list = NULL };
}

const struct ration_entry *
ration_find(const struct ration *ration, const char *key)
{
	for (size_t i = 0; i < ration->count; i++) {
		if (strcmp(ration->list[i].key, key) == 0) {
			return &ration->list[i];
		}
	}
	return NULL;
}

static int64_t
latest_ns(const struct ration_entry *entry)
{
	return entry->count > 0 ? entry->asked_ns[entry->count - 1] : INT64_MIN / 2;
}

/* Whether a question may be put to @entry at @at_ns. */
static bool
may_ask(const struct ration_entry *entry, unsigned hour, int64_t at_ns)
{
	unsigned burst = 0, in_hour = 0;
	int64_t before_ns = at_ns;

	if (at_ns < entry->held_until_ns || at_ns - latest_ns(entry) < RATION_SPACING_NS) {
		return false;
	}
	for (unsigned i = entry->count; i > 0; i--) {
		int64_t asked_ns = entry->asked_ns[i - 1];

		in_hour += at_ns - asked_ns < RATION_HOUR_NS;
		if (burst == entry->count - i && before_ns - asked_ns < RATION_GAP_NS) {
			burst++;
			before_ns = asked_ns;
		}
	}
	return burst < RATION_BURST && in_hour < hour;
}

static void
note(struct ration_entry *entry, int64_t at_ns)
{
	if (entry->count == RATION_HOUR) {
		entry->count--;
		memmove(
		    entry->asked_ns, entry->asked_ns + 1, entry->count * sizeof(*entry->asked_ns));
	}
	entry->asked_ns[entry->count++] = at_ns;
}

/* How many of @wanted may be put, the first at @now_ns; @entry is used up by it. */
static unsigned
use_up(struct ration_entry *entry, unsigned hour, unsigned wanted, int64_t now_ns)
{
	unsigned granted = 0;

	while (granted < wanted && may_ask(entry, hour, now_ns)) {
		note(entry, now_ns);
		now_ns += RATION_SPACING_NS;
		granted++;
	}
	return granted;
}

/* The same, of what @known would be then; NULL: it was never asked. */
static unsigned
left_of(const struct ration_entry *known, unsigned hour, unsigned wanted, int64_t now_ns)
{
	struct ration_entry entry = { .count = 0 };

	if (known) {
		entry = *known;
	}
	return use_up(&entry, hour < RATION_HOUR ? hour : RATION_HOUR, wanted, now_ns);
}

unsigned
ration_left(
    const struct ration *ration, const char *key, unsigned hour, unsigned wanted, int64_t now_ns)
{
	return left_of(ration_find(ration, key), hour, wanted, now_ns);
}

int64_t
ration_wait_ns(
    const struct ration *ration, const char *key, unsigned hour, unsigned wanted, int64_t now_ns)
{
	const struct ration_entry *known = ration_find(ration, key);
	unsigned most = hour < RATION_BURST ? hour : RATION_BURST;
	int64_t wait_ns = 0;

	wanted = wanted < most ? wanted : most;
	/* an hour after the latest question, and what holds it, everything may be asked */
	while (wait_ns < 2 * RATION_HOUR_NS &&
	    left_of(known, hour, wanted, now_ns + wait_ns) < wanted) {
		wait_ns += NS_PER_S;
	}
	return wait_ns;
}

/* The entry that was not asked for the longest time. */
static struct ration_entry *
find_oldest(struct ration *ration)
{
	struct ration_entry *oldest = ration->list;

	for (size_t i = 1; i < ration->count; i++) {
		if (latest_ns(&ration->list[i]) < latest_ns(oldest)) {
			oldest = &ration->list[i];
		}
	}
	return oldest;
}

static struct ration_entry *
make_entry(struct ration *ration, const char *key)
{
	struct ration_entry *entry;

	for (size_t i = 0; i < ration->count; i++) {
		if (strcmp(ration->list[i].key, key) == 0) {
			return &ration->list[i];
		}
	}
	if (ration->count == RATION_ENTRIES_MAX) {
		entry = find_oldest(ration);
	} else {
		if (ration->count == ration->capacity) {
			ration->capacity = ration->capacity > 0 ? 2 * ration->capacity : 16;
			ration->list =
			    realloc(ration->list, ration->capacity * sizeof(*ration->list));
			if (!ration->list) {
				abort();
			}
		}
		entry = &ration->list[ration->count++];
	}
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->key, key, strnlen(key, sizeof(entry->key) - 1));
	return entry;
}

void
ration_book(struct ration *ration, const char *key, unsigned count, int64_t now_ns)
{
	struct ration_entry *entry = make_entry(ration, key);

	for (unsigned i = 0; i < count; i++) {
		note(entry, now_ns + (int64_t)i * RATION_SPACING_NS);
	}
}

unsigned
ration_grant(struct ration *ration, const char *name, const char *address, unsigned hour,
    unsigned wanted, int64_t now_ns)
{
	unsigned granted = ration_left(ration, address, hour, wanted, now_ns);

	granted = ration_left(ration, name, hour, granted, now_ns);
	if (granted > 0) {
		ration_book(ration, address, granted, now_ns);
	}
	if (granted > 0 && strcmp(name, address) != 0) {
		ration_book(ration, name, granted, now_ns);
	}
	return granted;
}

void
ration_kissed(struct ration *ration, const char *key, const char *kiss, int64_t now_ns)
{
	struct ration_entry *entry = make_entry(ration, key);

	entry->held_until_ns = now_ns + (strcmp(kiss, "RATE") == 0 ? RATE_NS : REFUSED_NS);
	memset(entry->kiss, 0, sizeof(entry->kiss));
	memcpy(entry->kiss, kiss, strnlen(kiss, sizeof(entry->kiss) - 1));
}

void
ration_write(const struct ration *ration, int64_t now_ns, struct buf *text)
{
	for (size_t i = 0; i < ration->count; i++) {
		const struct ration_entry *entry = &ration->list[i];
		int64_t held_ns = entry->held_until_ns - now_ns;

		if (held_ns <= 0 && now_ns - latest_ns(entry) >= RATION_HOUR_NS) {
			continue;
		}
		buf_printf(text, "%s %lld %s", entry->key,
		    held_ns > 0 ? (long long)(held_ns / NS_PER_MS) + 1 : 0LL,
		    held_ns > 0 && entry->kiss[0] ? entry->kiss : "-");
		for (unsigned k = 0; k < entry->count; k++) {
			int64_t age_ns = now_ns - entry->asked_ns[k];

			if (age_ns < RATION_HOUR_NS) {
				buf_printf(text, " %lld",
				    (long long)(age_ns / NS_PER_MS - (age_ns % NS_PER_MS < 0)));
			}
		}
		buf_text(text, "\n");
	}
}

/* Take the next word of *@at, up to a blank or the end of the line. */
static const char *
next_word(const char **at, size_t *len)
{
	const char *from = *at;

	*len = strcspn(from, " \n");
	*at = from + *len + (from[*len] == ' ');
	return *len > 0 ? from : NULL;
}

/* Read a number of milliseconds; what is out of range is no number. */
static bool
next_ms(const char **at, int64_t *ms)
{
	size_t len;
	const char *word = next_word(at, &len);
	char *end;
	long long value;

	if (!word || len > 12) {
		return false;
	}
	value = strtoll(word, &end, 10);
	if (end != word + len || value < -AGE_MS_MAX || value > AGE_MS_MAX) {
		return false;
	}
	*ms = value;
	return true;
}

/* Read one line of an entry; false: it is none. */
static bool
read_line(struct ration *ration, const char *line, int64_t at_ns)
{
	char key[RATION_KEY_BYTES];
	struct ration_entry *entry;
	size_t len;
	const char *word = next_word(&line, &len);
	int64_t ms;

	if (!word || len >= sizeof(key) || ration->count == RATION_ENTRIES_MAX) {
		return false;
	}
	memcpy(key, word, len);
	key[len] = '\0';
	if (ration_find(ration, key) || !next_ms(&line, &ms) || ms < 0) {
		return false;
	}
	entry = make_entry(ration, key);
	entry->held_until_ns = ms > 0 ? at_ns + ms * NS_PER_MS : 0;
	word = next_word(&line, &len);
	if (!word || len > 4) {
		return false;
	}
	if (*word != '-') {
		memcpy(entry->kiss, word, len);
	}
	while (*line && *line != '\n') {
		/* a question of the future was asked by a clock that was wrong since: it is new */
		if (!next_ms(&line, &ms) || entry->count == RATION_HOUR ||
		    at_ns - ms * NS_PER_MS < latest_ns(entry)) {
			return false;
		}
		note(entry, at_ns - ms * NS_PER_MS);
	}
	return true;
}

int
ration_read(struct ration *ration, const char *text, size_t len, int64_t at_ns, struct error *err)
{
	const char *end = text + len;
	unsigned line = 0;

	if (memchr(text, '\0', len) || len > RATION_TEXT_BYTES_MAX) {
		return error_set(err, "it is no list of questions");
	}
	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));

		line++;
		if (!next || !read_line(ration, text, at_ns)) {
			ration_free(ration);
			return error_set(err, "line %u is none of a list of questions", line);
		}
		text = next + 1;
	}
	return 0;
}
