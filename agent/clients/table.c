#include "agent/clients/table.h"

#include "common/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct ip ip;
	uint32_t packets[2], dropped[2];
	int64_t first_ns, last_ns[2], average_ns;
	uint8_t version;
	bool in[2], limited, answers;
};

struct client_table {
	struct entry *entries;
	size_t count, capacity;
	uint32_t *slots; /* index of the entry and 1; 0: free */
	size_t slot_count;
	int readings; /* begun so far */
	int64_t real_ns[2], boot_ns[2];
	bool full;
};

struct client_table *
client_table_new(void)
{
	struct client_table *table = calloc(1, sizeof(*table));

	assert(table);
	return table;
}

void
client_table_free(struct client_table *table)
{
	if (table) {
		free(table->entries);
		free(table->slots);
		free(table);
	}
}

void
client_table_begin(struct client_table *table, int64_t real_ns, int64_t boot_ns)
{
	assert(table->readings < 2);
	table->real_ns[table->readings] = real_ns;
	table->boot_ns[table->readings] = boot_ns;
	table->readings++;
}

static uint32_t *
slot_of(const struct client_table *table, const struct ip *ip)
{
	uint64_t hash = hash_add(HASH_START ^ (uint64_t)table->boot_ns[0], ip, sizeof(*ip));
	size_t at = hash & (table->slot_count - 1);

	while (table->slots[at] && !ip_equal(&table->entries[table->slots[at] - 1].ip, ip)) {
		at = (at + 1) & (table->slot_count - 1);
	}
	return &table->slots[at];
}

static void
grow(struct client_table *table)
{
	table->capacity = table->capacity ? 2 * table->capacity : 1024;
	table->entries = realloc(table->entries, table->capacity * sizeof(*table->entries));
	assert(table->entries);
	free(table->slots);
	table->slot_count = 2 * table->capacity;
	table->slots = calloc(table->slot_count, sizeof(*table->slots));
	assert(table->slots);
	for (size_t i = 0; i < table->count; i++) {
		*slot_of(table, &table->entries[i].ip) = (uint32_t)i + 1;
	}
}

static uint32_t
cut(uint64_t number)
{
	return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

void
client_table_add(struct client_table *table, const struct client_seen *seen)
{
	int now = table->readings - 1;
	struct entry *entry;
	uint32_t *slot;

	assert(now >= 0);
	if (table->count == table->capacity) {
		grow(table);
	}
	slot = slot_of(table, &seen->ip);
	if (*slot == 0) {
		if (table->count == TABLE_CLIENTS_MAX) {
			table->full = true;
			return;
		}
		table->entries[table->count] = (struct entry){ .ip = seen->ip };
		*slot = (uint32_t)++table->count;
	}
	entry = &table->entries[*slot - 1];
	entry->in[now] = true;
	entry->packets[now] = cut(seen->packets);
	entry->dropped[now] = cut(seen->dropped);
	entry->last_ns[now] = seen->last_ns;
	entry->first_ns = seen->first_ns;
	entry->average_ns = seen->average_ns;
	entry->limited = seen->limited;
	entry->answers |= seen->answers;
	entry->version = (uint8_t)seen->version;
}

static uint32_t
grown(uint32_t before, uint32_t now)
{
	return now > before ? now - before : now == before ? 0 : now; /* less: it was forgotten */
}

/* What both readings say of @entry's habit. */
static struct client_habit
habit_of(const struct client_table *table, const struct entry *entry)
{
	struct client_habit habit = { .packets = entry->packets[1],
		.recent = grown(entry->packets[0], entry->packets[1]),
		.window_ns = table->boot_ns[1] - table->boot_ns[0],
		.average_ns = entry->average_ns,
		.limited = entry->limited || grown(entry->dropped[0], entry->dropped[1]) > 0 };
	int64_t span_ns = entry->last_ns[1] - entry->first_ns;

	if (entry->first_ns > 0 && entry->packets[1] > 1 && span_ns > 0) {
		habit.average_ns = span_ns / (int64_t)(entry->packets[1] - 1);
	}
	/* where both ends are told, so many intervals lie between them */
	if (entry->first_ns > 0 && entry->in[0] && habit.recent > 0 &&
	    entry->last_ns[1] > entry->last_ns[0] && entry->packets[1] > entry->packets[0]) {
		habit.window_ns = entry->last_ns[1] - entry->last_ns[0];
	} else if (entry->first_ns > 0 && !entry->in[0] && habit.recent > 1 && span_ns > 0) {
		habit.window_ns = span_ns + habit.average_ns;
	}
	return habit;
}

static bool
is_loopback(const struct ip *ip)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return ip->family == IP_V4 ? ip->bytes[0] == 127 : memcmp(ip->bytes, v6, sizeof(v6)) == 0;
}

static struct client_row
row_of(const struct client_table *table, const struct entry *entry, const struct order *order)
{
	struct client_habit habit = habit_of(table, entry);
	struct client_row row = { .packets = entry->packets[1],
		.recent = habit.recent,
		.dropped = grown(entry->dropped[0], entry->dropped[1]),
		.interval_ns = client_interval_ns(&habit),
		.first_ns = entry->first_ns,
		.ago_ns = table->real_ns[1] - entry->last_ns[1],
		.class = client_classify(&habit),
		.stranger = !network_set_has(&order->served, &entry->ip),
		.misplaced = network_set_has(&order->misplaced, &entry->ip),
		.watched = network_set_has(&order->watched, &entry->ip),
		.version = entry->version };

	ip_text(&entry->ip, row.address);
	row.ago_ns = row.ago_ns > 0 ? row.ago_ns : 0;
	if (entry->answers || network_set_has(&order->partners, &entry->ip)) {
		row.class = CLIENT_PARTNER;
		row.stranger = row.misplaced = false;
	}
	return row;
}

static int
rank(const struct client_row *row)
{
	return row->watched                ? 0
	    : row->class == CLIENT_ABUSIVE ? 1
	    : row->misplaced               ? 2
	    : row->stranger                ? 3
					   : 4;
}

/* Whether @a stands before @b in the report. */
static bool
before(const struct client_row *a, const struct client_row *b)
{
	if (rank(a) != rank(b)) {
		return rank(a) < rank(b);
	}
	if (a->recent != b->recent) {
		return a->recent > b->recent;
	}
	if (a->packets != b->packets) {
		return a->packets > b->packets;
	}
	return strcmp(a->address, b->address) < 0;
}

static int
compare_rows(const void *a, const void *b)
{
	return before(a, b) ? -1 : before(b, a) ? 1 : 0;
}

/* Let the last of the rows, which are a heap with the last on top, sink to its place. */
static void
sink(struct client_row *rows, size_t count, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1;
		struct client_row row = rows[at];

		if (child >= count) {
			return;
		}
		if (child + 1 < count && before(&rows[child], &rows[child + 1])) {
			child++;
		}
		if (!before(&row, &rows[child])) {
			return;
		}
		rows[at] = rows[child];
		rows[child] = row;
		at = child;
	}
}

/* Keep the rows that stand first, CLIENTS_ROWS_MAX of them. */
static void
keep(struct clients_report *report, const struct client_row *row)
{
	if (report->row_count < CLIENTS_ROWS_MAX) {
		report->rows[report->row_count++] = *row;
		if (report->row_count == CLIENTS_ROWS_MAX) {
			for (size_t i = CLIENTS_ROWS_MAX / 2; i-- > 0;) {
				sink(report->rows, CLIENTS_ROWS_MAX, i);
			}
		}
	} else if (before(row, &report->rows[0])) {
		report->rows[0] = *row;
		sink(report->rows, CLIENTS_ROWS_MAX, 0);
	}
}

void
client_table_report(
    struct client_table *table, const struct order *order, struct clients_report *report)
{
	assert(table->readings == 2);
	report->taken_ns = table->real_ns[1];
	report->window_ns = table->boot_ns[1] - table->boot_ns[0];
	report->rows = calloc(CLIENTS_ROWS_MAX, sizeof(*report->rows));
	assert(report->rows);
	for (size_t i = 0; i < table->count; i++) {
		const struct entry *entry = &table->entries[i];
		struct client_row row;

		if (!entry->in[1] || is_loopback(&entry->ip)) {
			continue;
		}
		row = row_of(table, entry, order);
		report->classes[row.class]++;
		if (row.class != CLIENT_PARTNER) {
			report->clients++;
			report->recent += row.recent;
			report->recent_v6 += entry->ip.family == IP_V6 ? row.recent : 0;
			report->dropped += row.dropped;
			report->strangers += row.stranger;
			report->misplaced += row.misplaced;
			report->reach_ns =
			    row.ago_ns > report->reach_ns ? row.ago_ns : report->reach_ns;
			keep(report, &row);
		} else if (row.watched) {
			keep(report, &row);
		}
	}
	qsort(report->rows, report->row_count, sizeof(*report->rows), compare_rows);
	if (table->full && !report->problem[0]) {
		memcpy(report->problem, "it has more clients than are read",
		    sizeof("it has more clients than are read"));
	}
}
