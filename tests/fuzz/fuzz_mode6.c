/*
 * The input is a train of datagrams (a length byte pair before each) for one question; bytes that
 * were taken never change, the count of them is true, and every variable is read to the end.
 */
#include "common/ntp/mode6.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_all(const struct mode6_answer *answer)
{
	const char *text = (const char *)answer->data, *end = text + answer->len;
	struct mode6_association list[4];
	struct mode6_variable variable;

	assert(mode6_associations(answer, list, COUNT(list)) <= COUNT(list));
	while (mode6_next_variable(&text, end, &variable)) {
		assert(strlen(variable.value) < sizeof(variable.value));
	}
	assert(text == end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mode6_answer answer;
	size_t have = 0;

	mode6_expect(&answer, MODE6_READ_VARIABLES, 1, 0);
	while (size >= 2) {
		size_t len = (size_t)data[0] << 8 | data[1];
		enum mode6_progress progress;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		progress = mode6_feed(&answer, data, len);
		assert(answer.received >= have);
		assert(!answer.end_known || answer.received <= answer.len);
		have = answer.received;
		if (progress == MODE6_DONE) {
			read_all(&answer);
			return 0;
		}
		data += len;
		size -= len;
	}
	return 0;
}
