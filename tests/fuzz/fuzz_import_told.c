/* What a host says that its agent collected: it is a list of files, or it is refused. */
#include "orchestrator/import/told.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { .blocks = NULL };
	struct import_host host = { .name = "a" };
	struct error err = { "" };

	if (import_told(&arena, (const char *)data, size, &host, &err) == 0) {
		assert(host.files.count > 0);
		for (size_t i = 0; i < host.files.count; i++) {
			assert(host.files.list[i].path[0] == '/');
			assert(host.files.list[i].content[host.files.list[i].len] == '\0');
		}
	} else {
		assert(err.text[0] && host.files.count == 0);
	}
	arena_free(&arena);
	return 0;
}
