/*
 * The memory of a session: what libssh2 leaks is freed with the link.  libssh2 1.10 leaks two
 * hashes when a session ends in the middle of its key exchange, and all memory of a session that it
 * cannot end.
 */
#include "orchestrator/ssh/libssh2/link.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The header before each piece of memory that libssh2 gets. */
struct link_block {
	_Alignas(max_align_t) struct link_block *next;
	struct link_block **from; /* the pointer that points to this block */
};

static void
enter(struct link_block *block, struct link *link)
{
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
	*block->from = block->next;
	if (block->next) {
		block->next->from = block->from;
	}
}

void *
link_alloc(size_t len, void **abstract)
{
	struct link_block *block =
	    len < SIZE_MAX - sizeof(*block) ? malloc(sizeof(*block) + len) : NULL;

	if (!block) {
		return NULL;
	}
	enter(block, *abstract);
	return block + 1;
}

void
link_free(void *bytes, void **abstract UNUSED)
{
	if (bytes) {
		take_out((struct link_block *)bytes - 1);
		free((struct link_block *)bytes - 1);
	}
}

void *
link_realloc(void *bytes, size_t len, void **abstract)
{
	struct link_block *old, *block = NULL;

	if (!bytes) {
		return link_alloc(len, abstract);
	}
	old = (struct link_block *)bytes - 1;
	take_out(old);
	if (len < SIZE_MAX - sizeof(*block)) {
		block = realloc(old, sizeof(*block) + len);
	}
	enter(block ? block : old, *abstract);
	return block ? block + 1 : NULL;
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
}
