/*
 * Makes a folder for a test.  It is in memory if programs may run from there: on a disk, each sync
 * of a change would have to wait.
 */
#ifndef TESTS_FAKE_FOLDER_H
#define TESTS_FAKE_FOLDER_H

#define FAKE_FOLDER_BYTES 64

/* Make a folder whose path has @name in it.  Ends the program when that is not possible. */
void fake_folder_make(char path[FAKE_FOLDER_BYTES], const char *name);

#endif
