/* The dates and names of a certificate (X.509).  No I/O. */
#ifndef COMMON_CERTIFICATE_H
#define COMMON_CERTIFICATE_H

#include "common/error.h"

#define CERTIFICATE_NAMES_BYTES 160

struct certificate {
	int64_t begins_ns, ends_ns;          /* real time; at least 1970, at most 2200 */
	char names[CERTIFICATE_NAMES_BYTES]; /* for whom it is, printable: "a.example and 2 more" */
	bool is_for_name;                    /* whether it is for the name that was asked about */
};

/*
 * Read the first certificate of a text.  Who signed it is not looked at.
 *
 * @pem:  of @len bytes
 * @name: a DNS name or an address; NULL: none
 * Returns 0, or -1 with @err set, and @certificate untouched, when there is none.
 */
int certificate_read(const char *pem, size_t len, const char *name, struct certificate *certificate,
    struct error *err) MUST_CHECK;

#endif
