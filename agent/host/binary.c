#include "agent/host/binary.h"

#include "agent/host/tree.h"

#include <string.h>

#define PROGRAM_BYTES (16U << 20) /* of a larger one nothing is told */

static bool
holds(const struct buf *program, const char *text)
{
	size_t len = strlen(text);
	const char *at = program->data, *end = program->data + program->len;

	while ((at = memmem(at, (size_t)(end - at), text, len + 1))) {
		if (at > program->data && at[-1] == '\0') {
			return true;
		}
		at++;
	}
	return false;
}

enum binary_answer
binary_holds(const char *root, const char *path, const char *text)
{
	struct buf program = { .limit_bytes = PROGRAM_BYTES };
	enum binary_answer answer = BINARY_UNREAD;

	if (tree_read(root, path, &program, NULL) == TREE_READ && program.len > 4 &&
	    memcmp(program.data, "\177ELF", 4) == 0) {
		answer = holds(&program, text) ? BINARY_HOLDS : BINARY_LACKS;
	}
	buf_free(&program);
	return answer;
}
