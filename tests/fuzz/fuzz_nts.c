/* What a server of NTS key establishment answers, whatever that is. */
#include "orchestrator/probe/nts.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nts_answer answer;
	struct error err = { .text = "" };
	int got = nts_answer_read(data, size, &answer, &err);

	if (got > 0) {
		assert(answer.cookies > 0 && answer.port <= UINT16_MAX);
		assert(strlen(answer.server) < sizeof(answer.server));
	} else if (got < 0) {
		assert(err.text[0]);
	}
	return 0;
}
