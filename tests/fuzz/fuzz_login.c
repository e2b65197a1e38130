/* What a host says at a login: messages of SSH, its greeting, and the words of sudo. */
#include "orchestrator/rollout/host/sudo_words.h"
#include "orchestrator/ssh/refusal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), line[64];
	struct sudo_prompt prompt;
	struct refusal refusal;
	const char *remedy;
	struct error err;

	refusal_init(&refusal, "root");
	refusal_take(&refusal, data, size / 2);
	refusal_take(&refusal, data + size / 2, size - size / 2);
	refusal.hung_up = size % 2;
	refusal_words(&refusal, text, &err);
	refusal_offer(&refusal, text);
	refusal_words(&refusal, "", &err);
	refusal_turned_away(text, &err);
	refusal_done(&refusal);
	sudo_words_read(size % 2 ? 127 : 1, text, &remedy);
	sudo_prompt_find(text, &prompt);
	sudo_words_line(text, line, sizeof(line));
	sudo_question(text);
	free(text);
	return 0;
}
