/* Whatever answers come in chronyd's place: they are lines that can be read, or an error. */
#include "daemons/chrony/monitoring.h"
#include "daemons/chrony/status.h"

#include "common/buf.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct daemon_answer answers[DAEMON_QUESTIONS_MAX];
	struct buf text = { .limit_bytes = 65536 };
	struct daemon_status status;
	struct error err;

	memset(answers, 0, sizeof(answers));
	for (size_t i = 0; i < DAEMON_QUESTIONS_MAX && size > 0; i++) {
		size_t len = size < DAEMON_ANSWER_BYTES ? size : DAEMON_ANSWER_BYTES;

		memcpy(answers[i].bytes, data, len);
		answers[i].len = len;
		data += len;
		size -= len;
		chrony_monitoring.is_answer(i, answers[i].bytes, len, 0);
	}
	assert(chrony_monitoring.count(answers) <= DAEMON_QUESTIONS_MAX);
	chrony_monitoring.write(answers, &text);
	if (chrony_parse_status(buf_str(&text), text.len, &status, &err) == 0) {
		assert(status.source_count <= DAEMON_SOURCES_MAX);
	}
	buf_free(&text);
	return 0;
}
