/*
 * Reads a line of ntp.conf as the parsers of ntp 4.2.8 and NTPsec do: an unknown word where an
 * option may begin ends the line, and what stands before it counts; a wrong value makes the whole
 * line count for nothing.  No I/O.
 */
#ifndef DAEMONS_NTPD_GRAMMAR_H
#define DAEMONS_NTPD_GRAMMAR_H

#include "common/base.h"

#define NTP_TOKENS_MAX 96
#define NTP_TEXT_BYTES 2304

enum ntp_token_kind {
	NTP_WORD,     /* a keyword where the grammar has one, else a string */
	NTP_STRING,   /* in quotes, or where only a string can be */
	NTP_INTEGER,  /* "-4" */
	NTP_UNSIGNED, /* "0x10", or too large for an integer */
	NTP_DOUBLE,   /* "0.5", "+4" */
	NTP_SPECIAL,  /* one of {}(),;|= */
};

struct ntp_token {
	enum ntp_token_kind kind;
	const char *text;
};

struct ntp_line {
	struct ntp_token tokens[NTP_TOKENS_MAX];
	size_t count;
	char text[NTP_TEXT_BYTES];
};

/* Cut @text into tokens; its comment is left out.  Returns false: it is too long to be read. */
bool ntp_line_read(const char *text, struct ntp_line *line);

/* Which daemon knows a word. */
enum ntp_dialect {
	NTP_428 = 1 << 0,
	NTP_SEC = 1 << 1,
};

/* What stands behind the name of an option. */
enum ntp_value {
	NTP_VALUE_NONE,
	NTP_VALUE_INTEGER,
	NTP_VALUE_BYTE,   /* an integer or unsigned; 256 and more make the line count for nothing */
	NTP_VALUE_COUNT,  /* an integer or unsigned */
	NTP_VALUE_NUMBER, /* an integer or double */
	NTP_VALUE_STRING, /* any word */
	NTP_VALUE_BOOLEAN, /* an integer, true or false */
	NTP_VALUE_DATE,    /* an integer or any word */
};

struct ntp_option {
	const char *name;
	unsigned dialects; /* of enum ntp_dialect */
	enum ntp_value value;
};

/* The options of a line that counts: of `server` and its kin, `tos`, `tinker`, `enable`, ... */
extern const struct ntp_option ntp_source_options[], ntp_tos_options[], ntp_tinker_options[],
    ntp_switches[], ntp_restrict_flags[];

enum ntp_reading {
	NTP_END,     /* no further option: the end, or a word that the daemon does not know */
	NTP_OPTION,  /* @at moved behind it */
	NTP_NOTHING, /* its value is wrong: the line counts for nothing */
};

/*
 * Read the option at token @at of @line.
 *
 * @option: filled with its row of @table
 * @value:  filled with its value; "" if it has none
 */
enum ntp_reading ntp_option_read(const struct ntp_line *line, size_t *at,
    const struct ntp_option *table, enum ntp_dialect dialect, const struct ntp_option **option,
    const char **value);

/* Returns the first token of @line after its options from @at on are read; 0: it counts for
 * nothing. */
size_t ntp_options_end(const struct ntp_line *line, size_t at, const struct ntp_option *table,
    enum ntp_dialect dialect);

/* Returns the number of a driver of NTPsec's `refclock`, as in 127.127.28.0; 0: unknown. */
unsigned ntp_refclock_type(const char *name);

/* Whether every NTPsec has the driver of this number: one that was built without it ends there. */
bool ntp_refclock_is_everywhere(unsigned type);

/*
 * Fill @device with the device of the refclock 127.127.T.U, "/dev/gps0"; leave it as it is where
 * something is in it, and for a type that has none, or one that differs between builds.
 */
void ntp_refclock_device(const char *name, char *device, size_t size);

#endif
