/* What stands around a list of clients: chronyc's lines, the order, and the report of a host. */
#include "agent/clients/order.h"
#include "daemons/chrony/clients.h"
#include "orchestrator/clients/whois.h"
#include "verdict/clients.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_line(const char *text)
{
	struct chrony_client client;

	if (chrony_client_parse(text, &client)) {
		assert(client.ip.family != IP_NONE && client.packets > 0);
		assert(client.last_ns >= 0 && client.interval_log2 >= -128 &&
		    client.interval_log2 <= 127);
	}
}

static void
read_report(const char *text, size_t size)
{
	struct clients_report report, again;
	struct error err;
	char *written;

	if (clients_report_decode(&report, text, size, &err) < 0) {
		return;
	}
	assert(
	    report.row_count <= CLIENTS_ROWS_MAX && strlen(report.daemon) < sizeof(report.daemon));
	written = clients_report_encode(&report);
	assert(clients_report_decode(&again, written, strlen(written), &err) == 0);
	assert(again.row_count == report.row_count);
	clients_report_free(&again);
	clients_report_free(&report);
	free(written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct order order = { .seconds = 0 };
	struct error err;
	char *text = malloc(size + 1), contact[WHOIS_CONTACT_BYTES];

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	read_line(text);
	if (order_parse(&order, text, size, &err) == 0) {
		assert(order.seconds <= ORDER_SECONDS_MAX);
	}
	order_free(&order);
	read_report(text, size);
	if (whois_contact(text, size, contact)) {
		assert(strchr(contact, '@') && strlen(contact) < sizeof(contact));
	}
	free(text);
	return 0;
}
