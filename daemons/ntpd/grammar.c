/*
 * Source: ntp_parser.y, keyword-gen.c, ntp_scanner.c and ntp_config.c of NTPsec 1.2.2; of ntp
 * 4.2.8p15 what `ntpd --saveconfigquit` writes (tests/unit/test_grammar.c).
 */
#include "daemons/ntpd/grammar.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BOTH (NTP_428 | NTP_SEC)

const struct ntp_option ntp_source_options[] = {
	{ "autokey", NTP_428, NTP_VALUE_NONE },
	{ "burst", BOTH, NTP_VALUE_NONE },
	{ "iburst", BOTH, NTP_VALUE_NONE },
	{ "noselect", BOTH, NTP_VALUE_NONE },
	{ "preempt", NTP_428, NTP_VALUE_NONE },
	{ "prefer", BOTH, NTP_VALUE_NONE },
	{ "true", BOTH, NTP_VALUE_NONE },
	{ "xleave", NTP_428, NTP_VALUE_NONE },
	{ "nts", NTP_SEC, NTP_VALUE_NONE },
	{ "noval", NTP_SEC, NTP_VALUE_NONE },
	{ "key", BOTH, NTP_VALUE_COUNT },
	{ "minpoll", BOTH, NTP_VALUE_COUNT },
	{ "maxpoll", BOTH, NTP_VALUE_COUNT },
	{ "ttl", NTP_428, NTP_VALUE_BYTE },
	{ "mode", NTP_428, NTP_VALUE_BYTE },
	{ "mode", NTP_SEC, NTP_VALUE_COUNT },
	{ "version", BOTH, NTP_VALUE_BYTE },
	{ "subtype", NTP_SEC, NTP_VALUE_COUNT },
	{ "baud", NTP_SEC, NTP_VALUE_COUNT },
	{ "holdover", NTP_SEC, NTP_VALUE_COUNT },
	{ "stratum", NTP_SEC, NTP_VALUE_INTEGER },
	{ "bias", NTP_SEC, NTP_VALUE_NUMBER },
	{ "time1", NTP_SEC, NTP_VALUE_NUMBER },
	{ "time2", NTP_SEC, NTP_VALUE_NUMBER },
	{ "flag1", NTP_SEC, NTP_VALUE_BOOLEAN },
	{ "flag2", NTP_SEC, NTP_VALUE_BOOLEAN },
	{ "flag3", NTP_SEC, NTP_VALUE_BOOLEAN },
	{ "flag4", NTP_SEC, NTP_VALUE_BOOLEAN },
	{ "ident", NTP_428, NTP_VALUE_STRING },
	{ "refid", NTP_SEC, NTP_VALUE_STRING },
	{ "path", NTP_SEC, NTP_VALUE_STRING },
	{ "ppspath", NTP_SEC, NTP_VALUE_STRING },
	{ "ca", NTP_SEC, NTP_VALUE_STRING },
	{ "cert", NTP_SEC, NTP_VALUE_STRING },
	{ "aead", NTP_SEC, NTP_VALUE_STRING },
	{ NULL, 0, NTP_VALUE_NONE },
};

const struct ntp_option ntp_tos_options[] = {
	{ "ceiling", BOTH, NTP_VALUE_INTEGER },
	{ "floor", BOTH, NTP_VALUE_INTEGER },
	{ "orphan", BOTH, NTP_VALUE_INTEGER },
	{ "orphanwait", BOTH, NTP_VALUE_INTEGER },
	{ "minsane", BOTH, NTP_VALUE_INTEGER },
	{ "beacon", NTP_428, NTP_VALUE_INTEGER },
	{ "basedate", NTP_428, NTP_VALUE_DATE },
	{ "cohort", NTP_428, NTP_VALUE_BOOLEAN },
	{ "bcpollbstep", NTP_428, NTP_VALUE_INTEGER },
	{ "mindist", BOTH, NTP_VALUE_NUMBER },
	{ "maxdisp", NTP_SEC, NTP_VALUE_NUMBER },
	{ "maxdist", BOTH, NTP_VALUE_NUMBER },
	{ "minclock", BOTH, NTP_VALUE_NUMBER },
	{ "maxclock", BOTH, NTP_VALUE_NUMBER },
	{ NULL, 0, NTP_VALUE_NONE },
};

const struct ntp_option ntp_tinker_options[] = {
	{ "allan", BOTH, NTP_VALUE_NUMBER },
	{ "dispersion", BOTH, NTP_VALUE_NUMBER },
	{ "freq", BOTH, NTP_VALUE_NUMBER },
	{ "huffpuff", BOTH, NTP_VALUE_NUMBER },
	{ "panic", BOTH, NTP_VALUE_NUMBER },
	{ "step", BOTH, NTP_VALUE_NUMBER },
	{ "stepback", BOTH, NTP_VALUE_NUMBER },
	{ "stepfwd", BOTH, NTP_VALUE_NUMBER },
	{ "stepout", BOTH, NTP_VALUE_NUMBER },
	{ "tick", BOTH, NTP_VALUE_NUMBER },
	{ NULL, 0, NTP_VALUE_NONE },
};

const struct ntp_option ntp_switches[] = {
	{ "auth", NTP_428, NTP_VALUE_NONE },
	{ "bclient", NTP_428, NTP_VALUE_NONE },
	{ "calibrate", BOTH, NTP_VALUE_NONE },
	{ "kernel", BOTH, NTP_VALUE_NONE },
	{ "mode7", NTP_428, NTP_VALUE_NONE },
	{ "monitor", BOTH, NTP_VALUE_NONE },
	{ "ntp", BOTH, NTP_VALUE_NONE },
	{ "peer_clear_digest_early", NTP_428, NTP_VALUE_NONE },
	{ "stats", BOTH, NTP_VALUE_NONE },
	{ "unpeer_crypto_early", NTP_428, NTP_VALUE_NONE },
	{ "unpeer_crypto_nak_early", NTP_428, NTP_VALUE_NONE },
	{ "unpeer_digest_early", NTP_428, NTP_VALUE_NONE },
	{ NULL, 0, NTP_VALUE_NONE },
};

const struct ntp_option ntp_restrict_flags[] = {
	{ "epeer", NTP_428, NTP_VALUE_NONE },
	{ "flake", BOTH, NTP_VALUE_NONE },
	{ "ignore", BOTH, NTP_VALUE_NONE },
	{ "kod", BOTH, NTP_VALUE_NONE },
	{ "limited", BOTH, NTP_VALUE_NONE },
	{ "lowpriotrap", NTP_428, NTP_VALUE_NONE },
	{ "mssntp", BOTH, NTP_VALUE_NONE },
	{ "noepeer", NTP_428, NTP_VALUE_NONE },
	{ "nomodify", BOTH, NTP_VALUE_NONE },
	{ "nomrulist", BOTH, NTP_VALUE_NONE },
	{ "nopeer", BOTH, NTP_VALUE_NONE },
	{ "noquery", BOTH, NTP_VALUE_NONE },
	{ "noserve", BOTH, NTP_VALUE_NONE },
	{ "notrap", BOTH, NTP_VALUE_NONE },
	{ "notrust", BOTH, NTP_VALUE_NONE },
	{ "ntpport", BOTH, NTP_VALUE_NONE },
	{ "serverresponse", NTP_428, NTP_VALUE_STRING },
	{ "version", BOTH, NTP_VALUE_NONE },
	{ NULL, 0, NTP_VALUE_NONE },
};

static const struct {
	const char *name;
	unsigned type;
	bool rare; /* not in every build of NTPsec: Debian's 1.2.2 has none of these */
} refclock_types[] = {
	{ "local", 1, false },
	{ "spectracom", 4, false },
	{ "truetime", 5, true },
	{ "generic", 8, false },
	{ "arbiter", 11, false },
	{ "modem", 18, true },
	{ "nmea", 20, false },
	{ "pps", 22, false },
	{ "hpgps", 26, false },
	{ "shm", 28, false },
	{ "trimble", 29, false },
	{ "oncore", 30, true },
	{ "jjy", 40, true },
	{ "zyfer", 42, false },
	{ "gpsd", 46, true },
};

/* Words behind which the daemon takes anything for a string. */
static const char *const before_strings[] = { "server", "pool", "peer", "broadcast",
	"manycastclient", "refclock", "driftfile", "includefile", "keys", "refid", "path",
	"ppspath", "ca", "cert", "aead", "ident", "fudge", "unpeer", "unconfig" };

unsigned
ntp_refclock_type(const char *name)
{
	for (size_t i = 0; i < COUNT(refclock_types); i++) {
		if (strcasecmp(name, refclock_types[i].name) == 0) {
			return refclock_types[i].type;
		}
	}
	return 0;
}

bool
ntp_refclock_is_everywhere(unsigned type)
{
	for (size_t i = 0; i < COUNT(refclock_types); i++) {
		if (refclock_types[i].type == type) {
			return !refclock_types[i].rare;
		}
	}
	return false;
}

void
ntp_refclock_device(const char *name, char *device, size_t size)
{
	static const struct {
		unsigned type;
		const char *device;
	} rows[] = { { 8, "/dev/refclock-" }, { 20, "/dev/gps" }, { 22, "/dev/pps" },
		{ 46, "/dev/gps" } };
	unsigned type, unit;

	if (device[0] || sscanf(name, "127.127.%3u.%3u", &type, &unit) != 2) {
		return;
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].type == type) {
			snprintf(device, size, "%s%u", rows[i].device, unit);
		}
	}
}

static bool
is_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

static bool
is_double(const char *text)
{
	size_t whole, part;

	text += *text == '+' || *text == '-';
	whole = strspn(text, "0123456789");
	text += whole;
	part = *text == '.' ? strspn(text + 1, "0123456789") : 0;
	text += *text == '.' ? 1 + part : 0;
	if (whole + part == 0) {
		return false;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '+' || *text == '-';
	}
	return is_digits(text);
}

/* The kind of a word that is not in quotes. */
static enum ntp_token_kind
kind_of(const char *text)
{
	bool negative = text[0] == '-';

	if (is_digits(text + negative)) {
		unsigned long value = strtoul(text + negative, NULL, 10);

		return negative || (strlen(text) < 19 && value <= INT_MAX) ? NTP_INTEGER
									   : NTP_UNSIGNED;
	}
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
	    text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0') {
		return NTP_UNSIGNED;
	}
	return is_double(text) ? NTP_DOUBLE : NTP_WORD;
}

/* Whether a string must follow the token; `-4` and `-6` stand between `server` and its name. */
static bool
wants_string(const struct ntp_line *line)
{
	const struct ntp_token *last = line->count > 0 ? &line->tokens[line->count - 1] : NULL;

	if (last && line->count > 1 && last->kind == NTP_WORD && last->text[0] == '-') {
		last--;
	}
	for (size_t i = 0; last && last->kind == NTP_WORD && i < COUNT(before_strings); i++) {
		if (strcmp(last->text, before_strings[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Copy the next token of @text to @out; returns what follows. */
static const char *
copy_token(const char *text, bool string, char *out, bool *quoted)
{
	const char *stops = string ? " \t\r\v\f\"#" : " \t\r\v\f\"#{}(),;|=";
	size_t len = strcspn(text, stops);

	if (len == 0 && *text != '"') {
		len = 1; /* a special character */
	}
	memcpy(out, text, len);
	text += len;
	out += len;
	*quoted = *text == '"';
	if (*quoted) {
		len = strcspn(text + 1, "\"");
		memcpy(out, text + 1, len);
		out += len;
		text += 1 + len;
		text += *text == '"';
	}
	*out = '\0';
	return text;
}

bool
ntp_line_read(const char *text, struct ntp_line *line)
{
	char *out = line->text;

	line->count = 0;
	if (strlen(text) + NTP_TOKENS_MAX > sizeof(line->text)) { /* each token gets a NUL */
		return false;
	}
	for (;;) {
		struct ntp_token *token = &line->tokens[line->count];
		bool string = wants_string(line), quoted;
		bool special;

		text += strspn(text, " \t\r\v\f");
		if (!*text || *text == '#') {
			return true;
		}
		if (line->count == NTP_TOKENS_MAX) {
			return false;
		}
		special = !string && strchr("{}(),;|=", *text);
		text = copy_token(text, string, out, &quoted);
		token->text = out;
		token->kind = special ? NTP_SPECIAL : quoted ? NTP_STRING : kind_of(out);
		/* "-4" and "-4x" alike are flags behind `server` */
		if (string && !quoted && out[0] == '-' && (out[1] == '4' || out[1] == '6')) {
			token->kind = NTP_WORD;
		} else if (string) {
			token->kind = NTP_STRING;
		}
		out += strlen(out) + 1;
		line->count++;
	}
}

static const struct ntp_option *
find_option(const struct ntp_option *table, enum ntp_dialect dialect, const char *name)
{
	for (; table->name; table++) {
		if (table->dialects & (unsigned)dialect && strcmp(table->name, name) == 0) {
			return table;
		}
	}
	return NULL;
}

/* Whether @token can be a value of that kind. */
static bool
is_value(enum ntp_value value, const struct ntp_token *token)
{
	enum ntp_token_kind kind = token->kind;
	bool whole = kind == NTP_INTEGER || kind == NTP_UNSIGNED;

	switch (value) {
	case NTP_VALUE_NONE:
		break;
	case NTP_VALUE_INTEGER:
		return kind == NTP_INTEGER;
	case NTP_VALUE_BYTE:
		return whole && token->text[0] != '-' && strtoul(token->text, NULL, 0) < 255;
	case NTP_VALUE_COUNT:
		return whole;
	case NTP_VALUE_NUMBER:
		return kind == NTP_INTEGER || kind == NTP_DOUBLE;
	case NTP_VALUE_STRING:
		return kind != NTP_SPECIAL;
	case NTP_VALUE_BOOLEAN:
		return kind == NTP_INTEGER ||
		    (kind == NTP_WORD &&
			(strcmp(token->text, "true") == 0 || strcmp(token->text, "false") == 0));
	case NTP_VALUE_DATE:
		return kind == NTP_INTEGER || kind == NTP_WORD || kind == NTP_STRING;
	}
	return true;
}

enum ntp_reading
ntp_option_read(const struct ntp_line *line, size_t *at, const struct ntp_option *table,
    enum ntp_dialect dialect, const struct ntp_option **option, const char **value)
{
	const struct ntp_token *token = &line->tokens[*at];

	*value = "";
	*option = *at < line->count && token->kind == NTP_WORD
	    ? find_option(table, dialect, token->text)
	    : NULL;
	if (!*option) {
		return NTP_END;
	}
	(*at)++;
	if ((*option)->value == NTP_VALUE_NONE) {
		return NTP_OPTION;
	}
	if (*at >= line->count || !is_value((*option)->value, &line->tokens[*at])) {
		return NTP_NOTHING;
	}
	*value = line->tokens[(*at)++].text;
	return NTP_OPTION;
}

size_t
ntp_options_end(const struct ntp_line *line, size_t at, const struct ntp_option *table,
    enum ntp_dialect dialect)
{
	const struct ntp_option *option;
	const char *value;
	enum ntp_reading reading;

	do {
		reading = ntp_option_read(line, &at, table, dialect, &option, &value);
	} while (reading == NTP_OPTION);
	return reading == NTP_END ? at : 0;
}
