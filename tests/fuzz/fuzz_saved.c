/* A saved plan, whatever its file holds: what is read is written the same, and is as it was. */
#include "orchestrator/runs/saved/saved.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
tell(void *ctx UNUSED, const char *host UNUSED, const char *text UNUSED)
{
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { .limit_bytes = 0 }, twice = { .limit_bytes = 0 };
	struct arena arena = { 0 };
	struct saved saved, again;
	struct error err;

	if (saved_decode((const char *)data, size, &arena, &saved, &err) == 0) {
		saved_encode(&saved, &text);
		assert(saved_looks_so(text.data, text.len));
		assert(saved_decode(text.data, text.len, &arena, &again, &err) == 0);
		saved_encode(&again, &twice);
		assert(twice.len == text.len);
		saved_compare(&saved, &again, tell, NULL);
	} else {
		assert(err.text[0]);
	}
	buf_free(&text);
	buf_free(&twice);
	arena_free(&arena);
	return 0;
}
