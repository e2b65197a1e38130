/* The answer of a host to the question for facts, in two pieces, whatever it sends. */
#include <stdlib.h>
#include <string.h>

#include "common/shown.h"
#include "orchestrator/rollout/facts/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *ctx, const struct record *record)
{
	facts_take(ctx, record);
}

static void
must_be_fit(const char *text, unsigned keep)
{
	if (text && !shown_is_fit(text, strlen(text), keep)) {
		abort();
	}
}

/* All that is told of a host, except the contents of its files, which are compared. */
static void
look(const struct facts *facts)
{
	must_be_fit(facts->arch, SHOWN_WORDS);
	must_be_fit(facts->os, SHOWN_WORDS);
	must_be_fit(facts->agent_hash, SHOWN_WORDS);
	must_be_fit(facts->last.reason, SHOWN_TABS);
	must_be_fit(facts->lock.holder, SHOWN_TABS);
	for (size_t i = 0; i < facts->file_count; i++) {
		must_be_fit(facts->files[i].path, SHOWN_WORDS);
		must_be_fit(facts->files[i].owner, SHOWN_WORDS);
		must_be_fit(facts->files[i].group, SHOWN_WORDS);
	}
	for (size_t i = 0; i < facts->unit_count; i++) {
		must_be_fit(facts->units[i].name, SHOWN_TABS);
	}
	for (size_t i = 0; i < facts->binary_count; i++) {
		must_be_fit(facts->binaries[i].path, SHOWN_WORDS);
		must_be_fit(facts->binaries[i].version, SHOWN_TABS | SHOWN_NEWLINES);
	}
	for (size_t i = 0; i < facts->beside_count; i++) {
		must_be_fit(facts->beside[i], SHOWN_TABS);
	}
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
		driver = facts_driver(&facts, "auto", 0, &err);
		if (driver) {
			facts_rivals(&facts, driver, rivals);
		}
	}
	look(&facts);
	fact_change_story(&facts.last, &facts.arena);
	fact_change_who(&facts.unfinished, who);
	fact_change_who(&facts.lock, who);
	records_done(&records);
	facts_done(&facts);
	return 0;
}
