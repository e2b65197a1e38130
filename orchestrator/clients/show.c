#include "orchestrator/clients/show.h"

#include "common/clock.h"
#include "common/json_fields.h"

#include <stdio.h>
#include <string.h>

#define SERVERS_SHOWN 4

static bool
is_abusive(const struct clients_view_row *row)
{
	return row->class == CLIENT_ABUSIVE;
}

static bool
is_misplaced(const struct clients_view_row *row)
{
	return row->misplaced && row->class != CLIENT_ABUSIVE;
}

static bool
is_stranger(const struct clients_view_row *row)
{
	return row->stranger && !row->host && row->class != CLIENT_ABUSIVE;
}

static bool
is_talker(const struct clients_view_row *row)
{
	return row->class != CLIENT_ABUSIVE && row->class != CLIENT_PARTNER && row->recent > 0;
}

bool
clients_are_wrong(
    const struct clients_server *servers, size_t count, const struct clients_view *view)
{
	for (size_t i = 0; i < count; i++) {
		if (servers[i].told && servers[i].report.classes[CLIENT_ABUSIVE] > 0) {
			return true;
		}
	}
	for (size_t i = 0; i < view->row_count; i++) {
		if (view->rows[i].misplaced) {
			return true;
		}
	}
	return false;
}

/* "3 d 2 h", "12 min", "40 s". */
static const char *
span_text(int64_t ns, char out[32])
{
	long long s = ns / NS_PER_S;

	if (s >= 86400) {
		snprintf(out, 32, "%lld d %lld h", s / 86400, s % 86400 / 3600);
	} else if (s >= 3600) {
		snprintf(out, 32, "%lld h %lld min", s / 3600, s % 3600 / 60);
	} else if (s >= 120) {
		snprintf(out, 32, "%lld min", s / 60);
	} else {
		snprintf(out, 32, "%lld s", s);
	}
	return out;
}

static void
show_servers(const struct clients_server *servers, size_t count)
{
	printf("%-16s %-8s %9s %10s %9s %9s %8s %8s  %s\n", "server", "daemon", "clients",
	    "packets/s", "kbit/s in", "and out", "chatty", "abusive", "its list goes back");
	for (size_t i = 0; i < count; i++) {
		const struct clients_report *report = &servers[i].report;
		char span[32];

		if (!servers[i].told) {
			printf("%-16s could not be asked\n", servers[i].server->name);
			continue;
		}
		printf("%-16s %-8s %9llu %10.1f %9.1f %9.1f %8llu %8llu  %s%s%s\n",
		    servers[i].server->name, report->daemon, (unsigned long long)report->clients,
		    servers[i].packets_s, servers[i].in_bit_s / 1000, servers[i].out_bit_s / 1000,
		    (unsigned long long)report->classes[CLIENT_CHATTY],
		    (unsigned long long)report->classes[CLIENT_ABUSIVE],
		    span_text(report->reach_ns, span), report->problem[0] ? "; not whole: " : "",
		    report->problem);
	}
}

/* "web17 of web, ": whose the address is, where that is known. */
static void
show_owner(const struct clients_view_row *row)
{
	const struct host *host = row->host;

	if (host) {
		printf("%s of %s, ", host->name, host->tier ? host->tier->name : host->group->name);
	} else if (row->stranger) {
		printf("in no network of the site, ");
	}
}

static void
show_row(const struct topology *topology, const struct clients_view_row *row)
{
	char rate[CLIENTS_RATE_BYTES], since[CLIENTS_TIME_BYTES], network[IP_TEXT_BYTES];
	const struct network *denied = topology_denied(topology, &row->ip, NULL);

	printf("  %-24s ", row->address);
	show_owner(row);
	printf("%s at ", clients_rate_text(row->rate, rate));
	for (size_t i = 0; i < row->at_count && i < SERVERS_SHOWN; i++) {
		printf("%s%s", i > 0 ? ", " : "", row->at[i].server->server->name);
	}
	if (row->at_count > SERVERS_SHOWN) {
		printf(" and %zu more", row->at_count - SERVERS_SHOWN);
	}
	printf("; %llu packets in all", (unsigned long long)row->packets);
	if (row->first_ns > 0) {
		printf(" since %s", clients_time_text(row->first_ns, since));
	}
	if (denied) {
		printf("; in %s, which `deny` has: not applied yet", network_text(denied, network));
	}
	printf("\n");
}

static void
show_group(const struct topology *topology, const struct clients_view *view, const char *title,
    bool (*is)(const struct clients_view_row *row), unsigned top)
{
	size_t found = 0;

	for (size_t i = 0; i < view->row_count; i++) {
		if (!is(&view->rows[i])) {
			continue;
		}
		if (found == 0) {
			printf("\n%s\n", title);
		}
		if (found++ < top) {
			show_row(topology, &view->rows[i]);
		}
	}
	if (found > top) {
		printf("  and %zu more: --top %zu, or --json\n", found - top, found);
	}
}

void
clients_show(const struct topology *topology, const struct clients_server *servers, size_t count,
    const struct clients_view *view, unsigned top)
{
	show_servers(servers, count);
	show_group(topology, view,
	    "too often (more than a packet in 8 s, not only at a start):", is_abusive, top);
	show_group(
	    topology, view, "hosts of the site that should ask other servers:", is_misplaced, top);
	show_group(topology, view, "in no network that the site declares:", is_stranger, top);
	show_group(topology, view, "most packets, of the others:", is_talker, top);
}

static json_t *
server_json(const struct clients_server *server)
{
	const struct clients_report *report = &server->report;
	json_t *json =
	    json_pack("{s:s, s:b}", "server", server->server->name, "told", (int)server->told);

	if (!server->told) {
		return json;
	}
	json_object_set_new(json, "daemon", fields_text(report->daemon));
	json_object_set_new(json, "window_ns", json_integer(report->window_ns));
	json_object_set_new(json, "clients", json_integer((json_int_t)report->clients));
	for (int i = 0; i < CLIENT_CLASSES; i++) {
		json_object_set_new(json, client_class_name((enum client_class)i),
		    json_integer((json_int_t)report->classes[i]));
	}
	json_object_set_new(json, "strangers", json_integer((json_int_t)report->strangers));
	json_object_set_new(json, "misplaced", json_integer((json_int_t)report->misplaced));
	json_object_set_new(json, "packets_per_s", json_real(server->packets_s));
	json_object_set_new(json, "in_bit_per_s", json_real(server->in_bit_s));
	json_object_set_new(json, "out_bit_per_s", json_real(server->out_bit_s));
	json_object_set_new(json, "reach_ns", json_integer(report->reach_ns));
	if (report->problem[0]) {
		json_object_set_new(json, "problem", fields_text(report->problem));
	}
	return json;
}

static json_t *
row_json(const struct topology *topology, const struct clients_view_row *row)
{
	json_t *json = json_pack("{s:s, s:s, s:f, s:I, s:I, s:b, s:b}", "address", row->address,
	    "class", client_class_name(row->class), "packets_per_s", row->rate, "packets",
	    (json_int_t)row->packets, "dropped", (json_int_t)row->dropped, "misplaced",
	    (int)row->misplaced, "stranger", (int)(row->stranger && !row->host));
	const struct network *denied = topology_denied(topology, &row->ip, NULL);
	json_t *servers = json_array();
	char text[CLOCK_TEXT_BYTES], network[IP_TEXT_BYTES];

	if (row->host) {
		json_object_set_new(json, "host", json_string(row->host->name));
	}
	if (row->first_ns > 0) {
		clock_text(row->first_ns, text);
		json_object_set_new(json, "first", json_string(text));
	}
	if (denied) {
		json_object_set_new(json, "denied", json_string(network_text(denied, network)));
	}
	for (size_t i = 0; i < row->at_count; i++) {
		json_array_append_new(servers,
		    json_pack("{s:s, s:f, s:I}", "server", row->at[i].server->server->name,
			"packets_per_s", row->at[i].rate, "packets",
			(json_int_t)row->at[i].row->packets));
	}
	json_object_set_new(json, "servers", servers);
	return json;
}

json_t *
clients_json(const struct topology *topology, const struct clients_server *servers, size_t count,
    const struct clients_view *view)
{
	json_t *json = json_pack("{s:s}", "site", topology->site), *list = json_array(),
	       *rows = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, server_json(&servers[i]));
	}
	for (size_t i = 0; i < view->row_count; i++) {
		json_array_append_new(rows, row_json(topology, &view->rows[i]));
	}
	json_object_set_new(json, "servers", list);
	json_object_set_new(json, "clients", rows);
	return json;
}
