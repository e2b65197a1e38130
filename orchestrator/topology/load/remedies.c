#include "orchestrator/topology/load/remedies.h"

#include <string.h>

/* The first row that fits counts. */
static const struct {
	const char *problem;
	const char *at;     /* the byte at the place is one of these; NULL: any byte */
	const char *behind; /* and the one before it one of these; NULL: any byte */
	const char *remedy;
} rows[] = {
	{ "did not find expected node content", ":", NULL,
	    "quote an address that begins with ::, as \"::1\"" },
	{ "did not find expected node content", ",", NULL, "a value is missing before this comma" },
	{ "did not find expected node content", "]}", NULL,
	    "this closes nothing that is open, or a value is missing before it" },
	{ "did not find expected node content", NULL, NULL,
	    "a [ list or { map is not closed, or a value is missing" },
	{ "found unexpected ':'", NULL, NULL,
	    "quote an address that ends with ::, as \"2001:db8::\"" },
	{ "found character that cannot start any token", "\t", NULL,
	    "indent by spaces, not by tabs" },
	{ "found character that cannot start any token", NULL, NULL,
	    "quote a text that begins with this character" },
	{ "found a tab character that violates indentation", NULL, NULL,
	    "indent by spaces, not by tabs" },
	{ "found a tab character where an indentation space is expected", NULL, NULL,
	    "indent by spaces, not by tabs" },
	{ "did not find expected alphabetic or numeric character", NULL, NULL,
	    "quote a text that begins with * or &" },
	{ "block sequence entries are not allowed in this context", NULL, NULL,
	    "a list of \"- \" begins on a line of its own; on this line, write it as [a, b]" },
	{ "mapping values are not allowed in this context", NULL, NULL,
	    "quote a text that has \": \" in it, or look at the indentation" },
	{ "found unknown escape character", NULL, NULL,
	    "between double quotes write \\\\ for a \\, or take single quotes" },
	{ "did not find expected key", "]}", NULL, "this closes nothing that is open" },
	{ "did not find expected key", NULL, "\"'", "nothing may follow a closing quote" },
	{ "did not find expected key", NULL, NULL,
	    "look at the indentation of this line and above" },
	{ "did not find expected '-' indicator", NULL, NULL,
	    "look at the indentation of this line and above" },
	{ "did not find expected ',' or ']'", "[", NULL,
	    "quote a range within [ ] or { }, as \"web[1-3].example.net\"" },
	{ "did not find expected ',' or '}'", "[", NULL,
	    "quote a range within [ ] or { }, as \"web[1-3].example.net\"" },
	{ "did not find expected ',' or ']'", NULL, NULL,
	    "a [ list is not closed, or a comma is missing" },
	{ "did not find expected ',' or '}'", NULL, NULL,
	    "a { map is not closed, or a comma is missing" },
	{ "could not find expected ':'", NULL, NULL, "a key is followed by \": \"" },
	{ "invalid leading UTF-8 octet", NULL, NULL, "save the file as UTF-8" },
	{ "invalid trailing UTF-8 octet", NULL, NULL, "save the file as UTF-8" },
	{ "incomplete UTF-8 octet sequence", NULL, NULL, "save the file as UTF-8" },
	{ "found unexpected end of stream", NULL, NULL, "this quote is not closed" },
	{ "did not find expected <document start>", NULL, NULL,
	    "a site is one document: quote a text that begins with %" },
};

/* Whether the byte @at of @text is one of @wanted. */
static bool
is_one_of(const char *wanted, const char *text, size_t len, size_t at)
{
	return !wanted || (at < len && text[at] != '\0' && strchr(wanted, text[at]));
}

const char *
yaml_remedy(const char *problem, const char *text, size_t len, size_t at)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].problem, problem) == 0 && is_one_of(rows[i].at, text, len, at) &&
		    (!rows[i].behind || (at > 0 && is_one_of(rows[i].behind, text, len, at - 1)))) {
			return rows[i].remedy;
		}
	}
	return NULL;
}

bool
yaml_is_told_at_begin(const char *problem)
{
	return strcmp(problem, "could not find expected ':'") == 0 ||
	    strcmp(problem, "found unexpected end of stream") == 0;
}

const char *
odd_text(const char *text, bool list)
{
	static const struct {
		const char *bytes, *what;
	} odd[] = {
		{ "\xc2\xa0", "; it has a no-break space in it, which is no blank" },
		{ "\xe2\x80\x9c", "; its quotes are those of a word processor: write \"" },
		{ "\xe2\x80\x9d", "; its quotes are those of a word processor: write \"" },
		{ "\xe2\x80\x9e", "; its quotes are those of a word processor: write \"" },
		{ "\xe2\x80\x98", "; its quotes are those of a word processor: write '" },
		{ "\xe2\x80\x99", "; its quotes are those of a word processor: write '" },
		{ "\xe2\x80\x93", "; it has a dash in it, where - is meant" },
		{ "\xef\xbc\x9a", "; it has a wide colon in it, where : is meant" },
	};

	for (size_t i = 0; i < COUNT(odd); i++) {
		if (strstr(text, odd[i].bytes)) {
			return odd[i].what;
		}
	}
	return list && strpbrk(text, ", ") ? "; several are written as a list: [a, b]" : "";
}
