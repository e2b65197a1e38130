/* A journal in a folder of its own, for tests of what is written to it. */
#ifndef TESTS_FAKE_JOURNAL_H
#define TESTS_FAKE_JOURNAL_H

#include "orchestrator/journal/journal.h"

#define FAKE_JOURNAL_BYTES 96

/* A set-up of cmocka: fills @folder and @path, the file in it; *@state becomes the journal. */
int fake_journal_open(char folder[FAKE_JOURNAL_BYTES], char path[FAKE_JOURNAL_BYTES], void **state);

/* Its tear-down: the journal is closed, and the folder goes with the files in it. */
int fake_journal_close(const char *folder, void **state);

/* A file of root's that holds @text, 0644; NULL: there is none. */
struct journal_state fake_journal_bytes(const char *text);

#endif
