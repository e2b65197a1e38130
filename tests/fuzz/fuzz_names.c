/* Whatever is written as a node set: a bounded list of names that are fit for a file name. */
#include "orchestrator/topology/topology.h"

#include <assert.h>
#include <string.h>

#define LIMIT 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	char *text = arena_strndup(&arena, (const char *)data, size);
	const char **names;
	struct error err;
	size_t count;

	if (names_expand(&arena, text, LIMIT, &names, &count, &err) == 0) {
		assert(count > 0 && count <= LIMIT);
		for (size_t i = 0; i < count; i++) {
			assert(names[i][0] && strlen(names[i]) <= 253 && !strchr(names[i], '/'));
		}
	} else {
		assert(err.text[0]);
	}
	arena_free(&arena);
	return 0;
}
