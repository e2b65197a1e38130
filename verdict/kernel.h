/* What the kernel says of its clock, as a report carries it.  No I/O. */
#ifndef VERDICT_KERNEL_H
#define VERDICT_KERNEL_H

#include "common/json_read.h"

struct kernel_clock {
	bool told;
	unsigned flags;             /* STA_ bits of adjtimex(), of which there are 16 */
	int64_t max_error_ns;       /* what it believes the clock is off at most; it grows between
				       updates, up to 16 s */
	int64_t estimated_error_ns; /* as the daemon told it */
};

/* A new JSON object of what was told. */
json_t *kernel_encode(const struct kernel_clock *kernel);

/*
 * The inverse, for JSON from outside; flags that are not known are left out.
 *
 * @read:   a value of @doc; NULL: nothing was told
 * @kernel: undefined on failure
 */
int kernel_read(const struct json_doc *doc, const struct json_value *read,
    struct kernel_clock *kernel, struct error *err) MUST_CHECK;

#define KERNEL_WORDS_BYTES 320

/*
 * Write the flags as words: "pll, nano"; "no flags" for none.
 *
 * @out: KERNEL_WORDS_BYTES bytes.  Returns @out.
 */
const char *kernel_words(const struct kernel_clock *kernel, char *out);

#endif
