/*
 * A folder of a test's own: in memory where programs may be run from there, since a disk waits for
 * each of the syncs that a change does.
 */
#ifndef TESTS_FAKE_FOLDER_H
#define TESTS_FAKE_FOLDER_H

#define FAKE_FOLDER_BYTES 64

/* Make one; its path begins like @name. Ends the program when that is not possible. */
void fake_folder_make(char path[FAKE_FOLDER_BYTES], const char *name);

#endif
