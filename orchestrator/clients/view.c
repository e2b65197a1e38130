#include "orchestrator/clients/view.h"

#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V4_PACKET_BYTES 76 /* 48 of NTP, 8 of UDP, 20 of IPv4; 96 over IPv6 */
#define V6_PACKET_BYTES 96

/* An address of a host of the site. */
struct owner {
	struct ip ip;
	const struct host *host;
};

static int
compare_ips(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family) {
		return a->family < b->family ? -1 : 1;
	}
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int
compare_owners(const void *a, const void *b)
{
	return compare_ips(&((const struct owner *)a)->ip, &((const struct owner *)b)->ip);
}

static struct owner *
make_owners(const struct topology *topology, struct arena *arena, size_t *count)
{
	size_t total = 0;
	struct owner *owners;

	for (size_t i = 0; i < topology->host_count; i++) {
		total += topology->hosts[i].addresses.count;
	}
	owners = arena_alloc(arena, total * sizeof(*owners) + 1);
	*count = 0;
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];

		for (size_t a = 0; a < host->addresses.count; a++) {
			if (host->addresses.list[a].ip.family != IP_NONE) {
				owners[(*count)++] =
				    (struct owner){ host->addresses.list[a].ip, host };
			}
		}
	}
	if (*count > 1) {
		qsort(owners, *count, sizeof(*owners), compare_owners);
	}
	return owners;
}

/* A row of a server, to be sorted by address. */
struct loose {
	struct ip ip;
	struct clients_at at;
};

static int
compare_loose(const void *a, const void *b)
{
	const struct loose *x = a, *y = b;
	int ips = compare_ips(&x->ip, &y->ip);

	if (ips != 0) {
		return ips;
	}
	return x->at.rate != y->at.rate
	    ? (x->at.rate > y->at.rate ? -1 : 1)
	    : strcmp(x->at.server->server->name, y->at.server->server->name);
}

static double
rate_of(const struct client_row *row)
{
	return row->interval_ns > 0 ? (double)NS_PER_S / (double)row->interval_ns : 0;
}

static struct loose *
gather(struct clients_server *servers, size_t count, struct arena *arena, size_t *total)
{
	struct loose *list;

	*total = 0;
	for (size_t i = 0; i < count; i++) {
		*total += servers[i].told ? servers[i].report.row_count : 0;
	}
	list = arena_alloc(arena, *total * sizeof(*list) + 1);
	*total = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t r = 0; servers[i].told && r < servers[i].report.row_count; r++) {
			const struct client_row *row = &servers[i].report.rows[r];
			struct loose *loose = &list[(*total)++];

			loose->at = (struct clients_at){ &servers[i], row, rate_of(row) };
			ip_parse(row->address, &loose->ip);
		}
	}
	if (*total > 1) {
		qsort(list, *total, sizeof(*list), compare_loose);
	}
	return list;
}

static void
add_up(struct clients_view_row *row, const struct clients_at *at)
{
	static const int badness[] = {
		[CLIENT_PARTNER] = 0, [CLIENT_OK] = 1, [CLIENT_CHATTY] = 2, [CLIENT_ABUSIVE] = 3
	};
	const struct client_row *told = at->row;

	row->rate += at->rate;
	row->packets += told->packets;
	row->recent += told->recent;
	row->dropped += told->dropped;
	if (told->first_ns > 0 && (row->first_ns == 0 || told->first_ns < row->first_ns)) {
		row->first_ns = told->first_ns;
	}
	if (at->server->report.taken_ns - told->ago_ns > row->last_ns) {
		row->last_ns = at->server->report.taken_ns - told->ago_ns;
	}
	if (badness[told->class] > badness[row->class]) {
		row->class = told->class;
	}
	row->stranger |= told->stranger;
	row->misplaced |= told->misplaced;
	row->watched |= told->watched;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct clients_view_row *x = a, *y = b;

	if ((x->class == CLIENT_ABUSIVE) != (y->class == CLIENT_ABUSIVE)) {
		return x->class == CLIENT_ABUSIVE ? -1 : 1;
	}
	if (x->rate != y->rate) {
		return x->rate > y->rate ? -1 : 1;
	}
	return compare_ips(&x->ip, &y->ip);
}

/* Requests of clients, and answers to those that got one. */
static void
measure(struct clients_server *server)
{
	const struct clients_report *report = &server->report;
	double seconds = (double)report->window_ns / NS_PER_S;
	double v6 = report->recent > 0 ? (double)report->recent_v6 / (double)report->recent : 0;
	double bits = 8 * (v6 * V6_PACKET_BYTES + (1 - v6) * V4_PACKET_BYTES);
	uint64_t dropped = report->dropped < report->recent ? report->dropped : report->recent;

	if (server->told && seconds > 0) {
		server->packets_s = (double)report->recent / seconds;
		server->in_bit_s = server->packets_s * bits;
		server->out_bit_s = (double)(report->recent - dropped) / seconds * bits;
	}
}

void
clients_view_make(const struct topology *topology, struct clients_server *servers, size_t count,
    struct clients_view *view)
{
	size_t total, owner_count;
	struct loose *list;
	struct owner *owners;
	struct clients_at *at;

	*view = (struct clients_view){ .row_count = 0 };
	list = gather(servers, count, &view->arena, &total);
	owners = make_owners(topology, &view->arena, &owner_count);
	view->rows = arena_alloc(&view->arena, total * sizeof(*view->rows) + 1);
	at = arena_alloc(&view->arena, total * sizeof(*at) + 1);
	for (size_t i = 0; i < count; i++) {
		measure(&servers[i]);
	}
	for (size_t i = 0; i < total; i++) {
		struct clients_view_row *row = &view->rows[view->row_count];

		at[i] = list[i].at;
		if (i == 0 || !ip_equal(&list[i].ip, &list[i - 1].ip)) {
			struct owner wanted = { .ip = list[i].ip };
			const struct owner *owner = owner_count == 0
			    ? NULL
			    : bsearch(
				  &wanted, owners, owner_count, sizeof(*owners), compare_owners);

			row = &view->rows[view->row_count++];
			*row = (struct clients_view_row){ .ip = list[i].ip,
				.host = owner ? owner->host : NULL,
				.class = CLIENT_PARTNER,
				.at = &at[i] };
			ip_text(&row->ip, row->address);
		} else {
			row--;
		}
		row->at_count++;
		add_up(row, &at[i]);
	}
	if (view->row_count > 1) {
		qsort(view->rows, view->row_count, sizeof(*view->rows), compare_rows);
	}
}

void
clients_view_free(struct clients_view *view)
{
	arena_free(&view->arena);
}

const char *
clients_rate_text(double rate, char out[CLIENTS_RATE_BYTES])
{
	if (rate <= 0) {
		snprintf(out, CLIENTS_RATE_BYTES, "at a rate that is not known");
	} else if (rate >= 10) {
		snprintf(out, CLIENTS_RATE_BYTES, "%.0f packets a second", rate);
	} else if (rate > 0.95) {
		snprintf(out, CLIENTS_RATE_BYTES, "%.1f packets a second", rate);
	} else if (rate > 0.1) {
		snprintf(out, CLIENTS_RATE_BYTES, "a packet every %.1f s", 1 / rate);
	} else {
		snprintf(out, CLIENTS_RATE_BYTES, "a packet every %.0f s", 1 / rate);
	}
	return out;
}

const char *
clients_time_text(int64_t real_ns, char out[CLIENTS_TIME_BYTES])
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(real_ns, text); /* 2026-11-30T08:00:00.000000000Z */
	snprintf(out, CLIENTS_TIME_BYTES, "%.10s %.8s UTC", text, text + 11);
	return out;
}
