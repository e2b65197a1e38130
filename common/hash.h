/* FNV-1a, 64 bits: tells texts apart that nobody has forged; protects nothing. */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include "common/base.h"

#define HASH_START UINT64_C(14695981039346656037)

/* The hash of what @hash is of, and @len further bytes.  Source: draft-eastlake-fnv. */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t len);

#endif
