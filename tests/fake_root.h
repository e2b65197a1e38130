/* A folder that stands for the root of a host's files; each test has its own. */
#ifndef TESTS_FAKE_ROOT_H
#define TESTS_FAKE_ROOT_H

#include "common/base.h"

#include <sys/types.h>

extern char fake_root[64];

/* cmocka's setup and teardown of a test. */
int fake_root_make(void **state);
int fake_root_remove(void **state);

/* Write a file below it, with the folders that it needs. */
void fake_root_put_bytes(const char *path, const char *bytes, size_t len, mode_t mode);
void fake_root_put(const char *path, const char *text);
void fake_root_put_program(const char *path, const char *text);

void fake_root_link(const char *target, const char *path);

/* Write a process to its /proc; @namespaces: what the line NSpid says. */
void fake_root_put_process(int pid, int parent, const char *name, const char *namespaces);

#endif
