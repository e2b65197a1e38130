/* Questions and answers of NTP servers as another host sends them; what is read is written the
 * same. */
#include "measure/answers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_questions(const char *text, size_t len)
{
	static struct questions questions, again;
	struct error err;
	char *written;

	memset(&questions, 0, sizeof(questions));
	memset(&again, 0, sizeof(again));
	if (questions_read(text, len, 1000 * NS_PER_S, &questions, &err) == 0) {
		assert(questions.request.count <= MEASURE_TARGETS_MAX);
		assert(questions.request.samples <= RATION_BURST);
		written = questions_write(&questions, 1000 * NS_PER_S);
		assert(
		    questions_read(written, strlen(written), 1000 * NS_PER_S, &again, &err) == 0);
		assert(again.request.count == questions.request.count);
		free(written);
	} else {
		assert(err.text[0]);
		assert(questions.request.count == 0 && questions.ration.count == 0);
	}
	questions_free(&questions);
	questions_free(&again);
}

static void
read_answers(const char *text, size_t len)
{
	static struct questions questions;
	static struct measure measure, again;
	struct error err;
	char *written, *rewritten;

	memset(&questions, 0, sizeof(questions));
	questions_add(&questions, "192.0.2.1", 1, 60, 123);
	questions_add(&questions, "ntp.example.net", 4, 20, 123);
	if (answers_read(text, len, &questions, &measure, &err) < 0) {
		assert(err.text[0] && measure.target_count == 0);
		return;
	}
	for (size_t i = 0; i < measure.target_count; i++) {
		assert(measure.targets[i].source < 2 && measure.targets[i].same_as < (int)i);
	}
	written = answers_write(&measure);
	assert(answers_read(written, strlen(written), &questions, &again, &err) == 0);
	rewritten = answers_write(&again); /* not the structs: they have padding */
	assert(strcmp(written, rewritten) == 0);
	free(rewritten);
	free(written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_questions((const char *)data, size);
	read_answers((const char *)data, size);
	return 0;
}
