/* Whatever is called a catalogue: refused with a place, or each key of it is found again. */
#include "orchestrator/catalogue/catalogue.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The tables stand behind each other; an empty line separates them. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *second = size > 0 ? memmem(text, size, "\n\n", 2) : NULL;
	size_t servers_len = second ? (size_t)(second - text) + 1 : size;
	size_t operators_len = second ? size - servers_len - 1 : 0;
	struct catalogue catalogue;
	char key[IP_TEXT_BYTES];
	struct error err = { "" };

	if (catalogue_parse(&catalogue, text, servers_len, second ? second + 2 : text,
		operators_len, &err) < 0) {
		assert(strncmp(err.text, "servers.tsv:", 12) == 0 ||
		    strncmp(err.text, "operators.tsv:", 14) == 0);
	}
	for (size_t i = 0; !err.text[0] && i < catalogue.service_count; i++) {
		const struct service *service = &catalogue.services[i];

		for (size_t k = 0; k < service->name_count; k++) {
			assert(strchr(service->names[k], '*') ||
			    catalogue_find_in(&catalogue, service->names[k]) == service);
		}
		for (size_t k = 0; k < service->address_count; k++) {
			ip_text(&service->addresses[k], key);
			assert(catalogue_find_in(&catalogue, key) == service);
		}
	}
	catalogue_free(&catalogue);
	return 0;
}
