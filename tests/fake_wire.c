#include "tests/fake_wire.h"

#include "daemons/ntpd/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
read_hex(const char *line, uint8_t *bytes, size_t size)
{
	size_t len = 0;
	unsigned byte;

	while (len < size && sscanf(line, "%2x", &byte) == 1) {
		bytes[len++] = (uint8_t)byte;
		line += 2;
	}
	return len;
}

void
wire_read(const char *path, struct wire *wire)
{
	struct wire_answer *answer = NULL;
	FILE *in = fopen(path, "re");
	unsigned opcode, association, sequence;
	char line[2048];

	memset(wire, 0, sizeof(*wire));
	if (!in) {
		perror(path);
		abort();
	}
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "# opcode %u association %u sequence %u", &opcode, &association,
			&sequence) == 3 &&
		    wire->count < WIRE_ANSWERS_MAX) {
			answer = &wire->answers[wire->count++];
			answer->opcode = (enum mode6_opcode)opcode;
			answer->association = (uint16_t)association;
			answer->sequence = (uint16_t)sequence;
		} else if (answer && answer->fragments < WIRE_FRAGMENTS_MAX) {
			answer->len[answer->fragments] =
			    read_hex(line, answer->bytes[answer->fragments], 512);
			answer->fragments++;
		}
	}
	fclose(in);
}

enum mode6_progress
wire_feed(const struct wire_answer *from, bool backwards, struct mode6_answer *answer)
{
	enum mode6_progress progress = MODE6_IGNORED;

	mode6_expect(answer, from->opcode, from->sequence, from->association);
	for (size_t i = 0; i < from->fragments; i++) {
		size_t at = backwards ? from->fragments - 1 - i : i;

		progress = mode6_feed(answer, from->bytes[at], from->len[at]);
	}
	return progress;
}

void
wire_text(const struct wire *wire, struct buf *text)
{
	static struct mode6_answer answer;

	for (size_t i = 0; i < wire->count; i++) {
		const struct wire_answer *from = &wire->answers[i];

		if (from->opcode == MODE6_READ_VARIABLES &&
		    wire_feed(from, false, &answer) == MODE6_DONE) {
			mode6_status_add(
			    text, from->association, answer.status, answer.data, answer.len);
		}
	}
}
