/* Plays back the datagrams of tests/wire/. */
#ifndef TESTS_FAKE_WIRE_H
#define TESTS_FAKE_WIRE_H

#include "common/buf.h"
#include "common/ntp/mode6.h"

#define WIRE_ANSWERS_MAX 32
#define WIRE_FRAGMENTS_MAX 8

struct wire_answer {
	enum mode6_opcode opcode;
	uint16_t sequence, association;
	uint8_t bytes[WIRE_FRAGMENTS_MAX][512];
	size_t len[WIRE_FRAGMENTS_MAX];
	size_t fragments;
};

struct wire {
	struct wire_answer answers[WIRE_ANSWERS_MAX];
	size_t count;
};

/* Read a .hex file; ends the test when it cannot. */
void wire_read(const char *path, struct wire *wire);

/* Feed the fragments of one answer, forwards or backwards; returns the progress at the end. */
enum mode6_progress wire_feed(
    const struct wire_answer *from, bool backwards, struct mode6_answer *answer);

/* Write the text that the agent would make of all answers except those that were refused. */
void wire_text(const struct wire *wire, struct buf *text);

#endif
