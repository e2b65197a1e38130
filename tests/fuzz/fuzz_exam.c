/* Whatever decodes must encode, and decode to the same again. */
#include "verdict/exam.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct exam exam, again;
	struct error err;
	char *first, *second;

	if (exam_decode((const char *)data, size, &exam, &err) < 0) {
		return 0;
	}
	first = exam_encode(&exam);
	assert(exam_decode(first, strlen(first), &again, &err) == 0);
	second = exam_encode(&again);
	assert(strcmp(first, second) == 0);
	free(first);
	free(second);
	return 0;
}
