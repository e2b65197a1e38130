/*
 * The memory of a session: it has a limit, and what libssh2 leaks is freed with the link.  libssh2
 * 1.10 leaks two hashes when a session ends in the middle of its key exchange, and all memory of a
 * session that it cannot end.  It queues every message for which nobody has asked.
 * Each message of the host is a piece of this memory.  While somebody logs in, they are looked at
 * here, because libssh2 has no functions for what a failure says (which methods are left, and
 * whether one was accepted) and, until 1.11, none for banners.
 */
#include "orchestrator/ssh/libssh2/link.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define KEPT_MAX 16 /* the latest so many banners */

/* The header before each piece of memory that libssh2 gets. */
struct link_block {
	_Alignas(max_align_t) struct link_block *next;
	struct link *link;
	struct link_block **from; /* the pointer that points to this block */
	size_t len;               /* of the piece */
};

static void
enter(struct link_block *block, struct link *link, size_t len)
{
	block->link = link;
	block->len = len;
	link->block_bytes += sizeof(*block) + len;
	block->next = link->blocks;
	block->from = &link->blocks;
	if (block->next) {
		block->next->from = &block->next;
	}
	link->blocks = block;
}

static void
take_out(struct link_block *block)
{
	block->link->block_bytes -= sizeof(*block) + block->len;
	*block->from = block->next;
	if (block->next) {
		block->next->from = block->from;
	}
}

/* Whether the session may have @len bytes more.  Each block counts: small ones are many. */
static bool
may_have(const struct link *link, size_t len)
{
	return len < SESSION_BYTES_MAX && link->block_bytes + len < SESSION_BYTES_MAX;
}

void *
link_alloc(size_t len, void **abstract)
{
	size_t whole = sizeof(struct link_block) + len;
	struct link_block *block = may_have(*abstract, len) ? malloc(whole) : NULL;

	if (!block) {
		return NULL;
	}
	enter(block, *abstract, len);
	return block + 1;
}

void
link_free(void *bytes, void **abstract)
{
	struct link *link = *abstract;
	struct link_block *block;

	if (!bytes) {
		return;
	}
	block = (struct link_block *)bytes - 1;
	if (link->state == LINK_STATE_LOGIN) {
		refusal_take(&link->refusal, bytes, block->len);
	}
	take_out(block);
	free(block);
}

void *
link_realloc(void *bytes, size_t len, void **abstract)
{
	size_t whole = sizeof(struct link_block) + len;
	struct link_block *old, *block = NULL;

	if (!bytes) {
		return link_alloc(len, abstract);
	}
	old = (struct link_block *)bytes - 1;
	take_out(old);
	if (may_have(*abstract, len)) {
		block = realloc(old, whole);
	}
	if (!block) {
		enter(old, *abstract, old->len);
		return NULL;
	}
	enter(block, *abstract, len);
	return block + 1;
}

void
link_take_kept(struct link *link)
{
	const struct link_block *kept[KEPT_MAX];
	size_t count = 0;

	/* the latest come first in the list */
	for (const struct link_block *at = link->blocks; at && count < KEPT_MAX; at = at->next) {
		if (at->len > 0 && *(const unsigned char *)(at + 1) == REFUSAL_MESSAGE_BANNER) {
			kept[count++] = at;
		}
	}
	while (count-- > 0) {
		refusal_take(&link->refusal, kept[count] + 1, kept[count]->len);
	}
}

void
link_forget_memory(struct link *link)
{
	struct link_block *next;

	for (struct link_block *block = link->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	link->blocks = NULL;
	link->block_bytes = 0;
}
