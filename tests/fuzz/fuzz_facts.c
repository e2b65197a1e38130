/* The answer of a host to the question for facts, in two pieces, whatever it sends. */
#include "orchestrator/rollout/facts/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *ctx, const struct record *record)
{
	facts_take(ctx, record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts facts = { .complete = false };
	struct records records = { .each = take, .ctx = &facts };
	const char *bytes = (const char *)data;
	struct rival rivals[FACT_RIVALS_MAX];
	const struct daemon_driver *driver;
	char who[FACT_CHANGE_WORDS_BYTES];
	struct error err;
	size_t cut = size / 2;

	if (records_feed(&records, bytes, cut, &err) == 0 &&
	    records_feed(&records, bytes + cut, size - cut, &err) == 0) {
		driver = facts_driver(&facts, "auto", &err);
		if (driver) {
			facts_rivals(&facts, driver, rivals);
		}
	}
	fact_change_story(&facts.last, &facts.arena);
	fact_change_who(&facts.unfinished, who);
	fact_change_who(&facts.lock, who);
	records_done(&records);
	facts_done(&facts);
	return 0;
}
