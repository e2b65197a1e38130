#include "tests/fake_journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
fake_journal_open(char folder[FAKE_JOURNAL_BYTES], char path[FAKE_JOURNAL_BYTES], void **state)
{
	struct journal *journal;
	struct error err;

	snprintf(folder, FAKE_JOURNAL_BYTES, "/tmp/timetier-journal.XXXXXX");
	if (!mkdtemp(folder) ||
	    snprintf(path, FAKE_JOURNAL_BYTES, "%.64s/journal.db", folder) >= FAKE_JOURNAL_BYTES ||
	    journal_open(path, &journal, &err) < 0) {
		return -1;
	}
	*state = journal;
	return 0;
}

int
fake_journal_close(const char *folder, void **state)
{
	DIR *list = opendir(folder);
	const struct dirent *entry;

	journal_close(*state);
	while (list && (entry = readdir(list))) {
		(void)!unlinkat(dirfd(list), entry->d_name, 0); /* not "." and ".." */
	}
	if (list) {
		closedir(list);
	}
	return rmdir(folder);
}

struct journal_state
fake_journal_bytes(const char *text)
{
	return (struct journal_state){ .there = text != NULL,
		.bytes = text,
		.len = text ? strlen(text) : 0,
		.mode = 0644,
		.owner = "root",
		.group = "root" };
}
