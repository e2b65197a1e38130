/*
 * Reads TOML 1.0, all spellings of a key alike: "[a] b = 1", "a.b = 1", "a = { b = 1 }" and quoted
 * keys give the same item "a.b".  What the text means is the caller's affair.
 */
#ifndef DAEMONS_NTPD_RS_TOML_H
#define DAEMONS_NTPD_RS_TOML_H

#include "common/base.h"

enum toml_kind {
	TOML_TABLE,   /* a table begins: "[a]", or "a = {" */
	TOML_ARRAY,   /* an array begins: "a = [" */
	TOML_ELEMENT, /* the next table of an array begins: "[[a]]", or "{" in an array */
	TOML_STRING,  /* text is what stands in the quotes */
	TOML_OTHER,   /* text is the number, truth value or date as written */
	TOML_BAD,     /* here the text is no TOML, or nested too deeply; nothing follows */
};

/* The texts belong to the reader and are good until the callback returns. */
struct toml_item {
	enum toml_kind kind;
	const char *path; /* "a.b"; a part that is no bare key stands in double quotes */
	const char *text; /* of a value; cut at TOML_TEXT_BYTES */
	const char *file; /* where it stands */
	unsigned line;
	const char *words; /* that line itself, to its end */
};

#define TOML_TEXT_BYTES 512

/*
 * Read @config, which may have lines `#line N FILE`, and hand each item to @take.
 *
 * @path: the file that the text is from, until a `#line` names another
 */
void toml_read(const char *config, const char *path,
    void (*take)(void *owner, const struct toml_item *item), void *owner);

#endif
