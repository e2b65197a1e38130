/* What ssh says on stderr, with words of a host between. */
#include "orchestrator/ssh/system/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_target target = { .host = "web1" };
	struct system_words words;
	struct error err;

	system_words_init(&words);
	system_words_feed(&words, (const char *)data, size / 2);
	system_words_feed(&words, (const char *)data + size / 2, size - size / 2);
	system_words_error(&words, &target, &err);
	system_words_lost(&words, &err);
	system_words_done(&words);
	return 0;
}
