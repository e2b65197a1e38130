/* The hash FNV-1a, 64 bits.  It tells texts apart, but does not protect: texts can be forged. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include "common/base.h"

#define HASH_START UINT64_C(14695981039346656037)

/* Add @len bytes to @hash, at first HASH_START; returns the new.  Source: draft-eastlake-fnv. */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t len);

#endif
