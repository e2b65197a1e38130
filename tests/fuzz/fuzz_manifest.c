/* What a host remembers of timetier's files, whatever it says; what is read is written the same. */
#include "orchestrator/rollout/facts/manifest.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct manifest manifest, again;
	struct buf text = { .limit_bytes = 0 };
	struct error err;

	if (manifest_read(&arena, (const char *)data, size, &manifest, &err) == 0) {
		manifest_write(&manifest, &text);
		assert(manifest_read(&arena, text.data, text.len, &again, &err) == 0);
		assert(again.count == manifest.count);
		for (size_t i = 0; i < manifest.count; i++) {
			assert(strcmp(again.list[i].path, manifest.list[i].path) == 0);
			assert(again.list[i].mode == manifest.list[i].mode);
		}
	} else {
		assert(err.text[0]);
	}
	buf_free(&text);
	arena_free(&arena);
	return 0;
}
