#include "agent/clients/clients.h"

#include "agent/clients/read.h"
#include "agent/host/process.h"
#include "common/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOST ""
#define NTP_PORT 123

static int
read_order(struct order *order, struct error *err)
{
	struct buf text = { .limit_bytes = ORDER_BYTES_MAX };
	char chunk[65536];
	size_t got;
	int status;

	while ((got = fread(chunk, 1, sizeof(chunk), stdin)) > 0) {
		buf_add(&text, chunk, got);
	}
	status = text.overflowed ? error_set(err, "the order is too long")
				 : order_parse(order, buf_str(&text), text.len, err);
	buf_free(&text);
	return status;
}

/* Whether chronyd runs here, rather than an ntpd; -1 with @err set: neither does. */
static int
find_daemon(bool *chrony, struct error *err)
{
	struct process_list processes = { 0 };
	bool ntpd;

	process_list_read(HOST, &processes);
	*chrony = process_find(&processes, "chronyd") != NULL;
	ntpd = process_find(&processes, "ntpd") != NULL;
	process_list_free(&processes);
	return *chrony || ntpd
	    ? 0
	    : error_set(err, "no daemon runs here that keeps a list of clients: chronyd or ntpd");
}

static int
read_once(struct client_table *table, bool chrony, struct clients_report *report, struct error *err)
{
	bool ntpsec = false;
	int status;

	client_table_begin(table, clock_real_ns(), clock_boot_ns());
	status = chrony ? read_chrony(table, read_chrony_argv, err)
			: read_mru(table, NTP_PORT, &ntpsec, err);
	snprintf(report->daemon, sizeof(report->daemon), "%s",
	    chrony       ? "chrony"
		: ntpsec ? "ntpsec"
			 : "ntp");
	if (status > 0) {
		snprintf(report->problem, sizeof(report->problem), "%.159s", err->text);
	}
	return status < 0 ? -1 : 0;
}

static void
pause_for(unsigned seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	while (nanosleep(&left, &left) < 0 && errno == EINTR) {
	}
}

int
clients_run(struct error *err)
{
	struct clients_report report = { .rows = NULL };
	struct client_table *table = client_table_new();
	struct order order = { .seconds = 0 };
	bool chrony = false;
	int status = -1;
	char *text;

	if (read_order(&order, err) == 0 && find_daemon(&chrony, err) == 0 &&
	    read_once(table, chrony, &report, err) == 0) {
		pause_for(order.seconds);
		status = read_once(table, chrony, &report, err);
	}
	if (status == 0) {
		client_table_report(table, &order, &report);
		text = clients_report_encode(&report);
		puts(text);
		free(text);
	}
	clients_report_free(&report);
	client_table_free(table);
	order_free(&order);
	return status;
}
