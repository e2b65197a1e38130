/*
 * Servers on the loopback that attack whoever dials them: each speaks bytes of its own where an SSH
 * server should speak, to every connection, for as long as somebody listens.
 */
#ifndef TESTS_FAKE_HOSTILE_H
#define TESTS_FAKE_HOSTILE_H

#include "common/base.h"

#include <sys/types.h>

/* What would be seen if it reached a terminal as it is; every test of escapes sends it. */
#define HOSTILE_TEXT                                                                               \
	"\x1b]0;owned\a\x1b[2J\x1b[31mdone\x1b[0m\b\b\r\x7f"                                       \
	"\xc2\x9b"                                                                                 \
	"31m\x9b"                                                                                  \
	"2J\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x80\x81\xc3\x28\xff\t\x01\x02\xf0\x9f"

struct fake_hostile {
	unsigned port;
	pid_t pid;
};

/* The name of the @index-th attack; NULL: there are no more. */
const char *fake_hostile_name(size_t index);

/* Listen on 127.0.0.1 and answer by the @index-th attack; @seed: of what is random in it. */
void fake_hostile_start(struct fake_hostile *hostile, size_t index, unsigned seed);

void fake_hostile_stop(struct fake_hostile *hostile);

/* The first byte of @text that may not reach a terminal; NULL: there is none. */
const char *fake_hostile_stain(const char *text, size_t len);

#endif
