/*
 * What a host says while its change is at work, whatever it says: at each step, and after each word
 * of ours, it is believed only in its order, and what is shown of it is fit to be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "common/shown.h"
#include "tests/fake_change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool right)
{
	if (!right) {
		abort();
	}
}

static void
must_be_fit(const char *text)
{
	must(!text || shown_is_fit(text, strlen(text), SHOWN_WORDS));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum host_step steps[] = { HOST_STEP_UPLOAD, HOST_STEP_CHECK, HOST_STEP_ARM,
		HOST_STEP_RENAME, HOST_STEP_ACTION, HOST_STEP_HEALTH, HOST_STEP_PUT_BACK };
	struct fake_change change;
	enum host_word word;

	if (size < 2) {
		return 0;
	}
	word = (enum host_word)(data[1] % WORDS);
	fake_change_begin(&change, steps[data[0] % COUNT(steps)], word);
	for (size_t at = 2; at < size; at += 64) {
		fake_change_feed(&change, (const char *)data + at, size - at < 64 ? size - at : 64);
	}
	must_be_fit(change.rollout.err.text);
	must_be_fit(change.rollout.note);
	must_be_fit(change.work.active);
	must(change.over <= 1);
	must(change.rollout.outcome != HOST_DONE || change.work.word == WORD_KEEP);
	must(word != WORD_BACK || change.rollout.outcome != HOST_DONE);
	must(change.link.extended_ns <= NS_PER_S);
	fake_change_end(&change);
	return 0;
}
