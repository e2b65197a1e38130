/*
 * Long, because every word of chrony.conf has its row.  Numbers are read by sscanf(), as chronyd
 * does: what "3.0" or "4x" is to "%d" decides whether it starts. Source: conf.c and cmdparse.c of
 * chrony 4.0, 4.3, 4.6.1 and 4.9, their NEWS for what is between; tests/data/chrony-lines.txt has
 * what these programs said of each kind of line.
 */
#include "daemons/chrony/grammar.h"

#include "common/address.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 2048 /* a longer line is refused */
#define WORD_BYTES 256
#define RANGES 40700 /* since then whole numbers have bounds, and nothing may stand behind them */

/* What stands behind the name of an option. */
enum value {
	VALUE_NONE,
	VALUE_WHOLE,
	VALUE_UNSIGNED,
	VALUE_KEY, /* the same, but not 0 */
	VALUE_NUMBER,
	VALUE_REFID,
	VALUE_BOUND,     /* a whole number which has bounds in every version */
	VALUE_FIELD,     /* the number of an extension field */
	VALUE_RX_FILTER, /* of hwtimestamp */
};

struct option {
	const char *name;
	enum value value;
	unsigned since;
	int min, max;
};

#define POLLS -32, 32
#define PORTS 0, 65535
#define COUNTS 0, INT_MAX

static const struct option source_options[] = {
	{ "auto_offline", VALUE_NONE, 0, 0, 0 },
	{ "burst", VALUE_NONE, 0, 0, 0 },
	{ "copy", VALUE_NONE, 40100, 0, 0 },
	{ "iburst", VALUE_NONE, 0, 0, 0 },
	{ "offline", VALUE_NONE, 0, 0, 0 },
	{ "noselect", VALUE_NONE, 0, 0, 0 },
	{ "prefer", VALUE_NONE, 0, 0, 0 },
	{ "require", VALUE_NONE, 0, 0, 0 },
	{ "trust", VALUE_NONE, 0, 0, 0 },
	{ "nts", VALUE_NONE, 0, 0, 0 },
	{ "xleave", VALUE_NONE, 0, 0, 0 },
	{ "ipv4", VALUE_NONE, 40600, 0, 0 },
	{ "ipv6", VALUE_NONE, 40600, 0, 0 },
	{ "certset", VALUE_UNSIGNED, 40100, 0, 0 },
	{ "key", VALUE_KEY, 0, 0, 0 },
	{ "asymmetry", VALUE_NUMBER, 0, 0, 0 },
	{ "extfield", VALUE_FIELD, 40200, 0, 0 },
	{ "filter", VALUE_WHOLE, 0, COUNTS },
	{ "maxdelay", VALUE_NUMBER, 0, 0, 0 },
	{ "maxdelayratio", VALUE_NUMBER, 0, 0, 0 },
	{ "maxdelaydevratio", VALUE_NUMBER, 0, 0, 0 },
	{ "maxdelayquant", VALUE_NUMBER, 40300, 0, 0 },
	{ "maxntsretry", VALUE_WHOLE, 40900, POLLS },
	{ "maxpoll", VALUE_WHOLE, 0, POLLS },
	{ "maxsamples", VALUE_WHOLE, 0, COUNTS },
	{ "maxsources", VALUE_WHOLE, 0, 1, INT_MAX },
	{ "maxunreach", VALUE_WHOLE, 40800, COUNTS },
	{ "mindelay", VALUE_NUMBER, 0, 0, 0 },
	{ "minpoll", VALUE_WHOLE, 0, POLLS },
	{ "minsamples", VALUE_WHOLE, 0, COUNTS },
	{ "minstratum", VALUE_WHOLE, 0, 0, 16 },
	{ "ntsport", VALUE_WHOLE, 0, PORTS },
	{ "offset", VALUE_NUMBER, 0, 0, 0 },
	{ "port", VALUE_WHOLE, 0, PORTS },
	{ "polltarget", VALUE_WHOLE, 0, 1, INT_MAX },
	{ "presend", VALUE_WHOLE, 0, POLLS },
	{ "version", VALUE_WHOLE, 0, 1, 4 },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

static const struct option refclock_options[] = {
	{ "refid", VALUE_REFID, 0, 0, 0 },
	{ "lock", VALUE_REFID, 0, 0, 0 },
	{ "poll", VALUE_WHOLE, 0, POLLS },
	{ "dpoll", VALUE_WHOLE, 0, POLLS },
	{ "filter", VALUE_WHOLE, 0, COUNTS },
	{ "local", VALUE_NONE, 40300, 0, 0 },
	{ "rate", VALUE_WHOLE, 0, 1, INT_MAX },
	{ "minsamples", VALUE_WHOLE, 0, COUNTS },
	{ "maxlockage", VALUE_WHOLE, 0, COUNTS },
	{ "maxsamples", VALUE_WHOLE, 0, COUNTS },
	{ "maxunreach", VALUE_WHOLE, 40800, COUNTS },
	{ "offset", VALUE_NUMBER, 0, 0, 0 },
	{ "delay", VALUE_NUMBER, 0, 0, 0 },
	{ "pps", VALUE_NONE, 0, 0, 0 },
	{ "precision", VALUE_NUMBER, 0, 0, 0 },
	{ "maxdispersion", VALUE_NUMBER, 0, 0, 0 },
	{ "stratum", VALUE_BOUND, 0, 0, 15 },
	{ "tai", VALUE_NONE, 0, 0, 0 },
	{ "width", VALUE_NUMBER, 0, 0, 0 },
	{ "optional", VALUE_NONE, 40900, 0, 0 },
	{ "noselect", VALUE_NONE, 0, 0, 0 },
	{ "prefer", VALUE_NONE, 0, 0, 0 },
	{ "trust", VALUE_NONE, 0, 0, 0 },
	{ "require", VALUE_NONE, 0, 0, 0 },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

static const struct option local_options[] = {
	{ "stratum", VALUE_BOUND, 0, 1, 15 },
	{ "orphan", VALUE_NONE, 0, 0, 0 },
	{ "distance", VALUE_NUMBER, 0, 0, 0 },
	{ "activate", VALUE_NUMBER, 40600, 0, 0 },
	{ "waitsynced", VALUE_NUMBER, 40700, 0, 0 },
	{ "waitunsynced", VALUE_NUMBER, 40700, 0, 0 },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

static const struct option rate_options[] = {
	{ "interval", VALUE_WHOLE, 0, -32, 255 },
	{ "burst", VALUE_WHOLE, 0, -32, 255 },
	{ "leak", VALUE_WHOLE, 0, -32, 255 },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

static const struct option ntp_rate_options[] = {
	{ "interval", VALUE_WHOLE, 0, -32, 255 },
	{ "burst", VALUE_WHOLE, 0, -32, 255 },
	{ "leak", VALUE_WHOLE, 0, -32, 255 },
	{ "kod", VALUE_WHOLE, 40600, -32, 255 },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

static const struct option timestamp_options[] = {
	{ "maxsamples", VALUE_WHOLE, 0, COUNTS },
	{ "minpoll", VALUE_WHOLE, 0, POLLS },
	{ "maxpoll", VALUE_WHOLE, 40400, POLLS },
	{ "minsamples", VALUE_WHOLE, 0, COUNTS },
	{ "precision", VALUE_NUMBER, 0, 0, 0 },
	{ "rxcomp", VALUE_NUMBER, 0, 0, 0 },
	{ "txcomp", VALUE_NUMBER, 0, 0, 0 },
	{ "rxfilter", VALUE_RX_FILTER, 0, 0, 0 },
	{ "nocrossts", VALUE_NONE, 0, 0, 0 },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

static const struct option drift_options[] = {
	{ "interval", VALUE_WHOLE, 0, INT_MIN, INT_MAX },
	{ NULL, VALUE_NONE, 0, 0, 0 },
};

#define WORD(name, since)                                                                          \
	{                                                                                          \
		name, VALUE_NONE, since, 0, 0                                                      \
	}

/* Here case counts. */
static const struct option log_names[] = { WORD("rawmeasurements", 0), WORD("measurements", 0),
	WORD("selection", 40300), WORD("statistics", 0), WORD("tracking", 0), WORD("rtc", 0),
	WORD("refclocks", 0), WORD("tempcomp", 0), WORD(NULL, 0) };

static const struct option command_names[] = { WORD("activity", 0), WORD("authdata", 0),
	WORD("clients", 0), WORD("manual", 0), WORD("ntpdata", 0), WORD("rtcdata", 0),
	WORD("selectdata", 0), WORD("serverstats", 0), WORD("smoothing", 0), WORD("sourcename", 0),
	WORD("sources", 0), WORD("sourcestats", 0), WORD("tracking", 0), WORD(NULL, 0) };

static const struct option leap_modes[] = { WORD("system", 0), WORD("slew", 0), WORD("step", 0),
	WORD("ignore", 0), WORD(NULL, 0) };

static const struct option auth_modes[] = { WORD("require", 0), WORD("prefer", 0), WORD("mix", 0),
	WORD("ignore", 0), WORD(NULL, 0) };

static const struct option smooth_modes[] = { WORD("leaponly", 0), WORD(NULL, 0) };

/*
 * What stands behind the name of a directive, a letter each:
 *
 *	w  a word                    d  a whole number     u  one without sign
 *	f  a number                  a  an address         p  an address or a path
 *	i  an interface or address of allow, with what may follow
 *	c  words of the table, and no others        o  options of the table
 *	1  one word of the table                    n  whole numbers up to the end
 *	.  anything
 *
 * A number ends where sscanf() stops, so that the next begins there.  A form has as many words as
 * letters; with "o", "c", "n", "i" or "." at its end more may follow.  A directive of several forms
 * has several rows.
 */
struct directive {
	const char *name, *form;
	unsigned since;
	const struct option *table;
	int min, max;
};

static const struct directive directives[] = {
	{ "acquisitionport", "d", 0, NULL, PORTS },
	{ "allow", "i", 0, NULL, 0, 0 },
	{ "authselectmode", "1", 0, auth_modes, 0, 0 },
	{ "bindacqaddress", "a", 0, NULL, 0, 0 },
	{ "bindacqdevice", "w", 0, NULL, 0, 0 },
	{ "bindaddress", "a", 0, NULL, 0, 0 },
	{ "bindcmdaddress", "p", 0, NULL, 0, 0 },
	{ "bindcmddevice", "w", 0, NULL, 0, 0 },
	{ "binddevice", "w", 0, NULL, 0, 0 },
	{ "broadcast", "da", 0, NULL, INT_MIN, INT_MAX },
	{ "broadcast", "dad", 0, NULL, INT_MIN, INT_MAX },
	{ "clientloglimit", "u", 0, NULL, 0, 0 },
	{ "clockprecision", "f", 0, NULL, 0, 0 },
	{ "cmdallow", "i", 0, NULL, 0, 0 },
	{ "cmddeny", "i", 0, NULL, 0, 0 },
	{ "cmdport", "d", 0, NULL, PORTS },
	{ "cmdratelimit", "o", 0, rate_options, 0, 0 },
	{ "combinelimit", "f", 0, NULL, 0, 0 },
	{ "confdir", "w.", 0, NULL, 0, 0 },
	{ "corrtimeratio", "f", 0, NULL, 0, 0 },
	{ "deny", "i", 0, NULL, 0, 0 },
	{ "driftfile", "w", 0, NULL, 0, 0 },
	{ "driftfile", "wo", 40700, drift_options, 0, 0 },
	{ "dscp", "d", 0, NULL, 0, 63 },
	{ "dumpdir", "w", 0, NULL, 0, 0 },
	{ "dumponexit", ".", 0, NULL, 0, 0 },
	{ "fallbackdrift", "dd", 0, NULL, INT_MIN, INT_MAX },
	{ "hwclockfile", "w", 0, NULL, 0, 0 },
	{ "hwtimestamp", "wo", 0, timestamp_options, 0, 0 },
	{ "hwtstimeout", "f", 40400, NULL, 0, 0 },
	{ "include", "w", 0, NULL, 0, 0 },
	{ "initstepslew", "f.", 0, NULL, 0, 0 },
	{ "keyfile", "w", 0, NULL, 0, 0 },
	{ "leapsecmode", "1", 0, leap_modes, 0, 0 },
	{ "leapsectz", "w", 0, NULL, 0, 0 },
	{ "leapseclist", "w", 40600, NULL, 0, 0 },
	{ "local", "o", 0, local_options, 0, 0 },
	{ "lock_all", "", 0, NULL, 0, 0 },
	{ "log", "c", 0, log_names, 0, 0 },
	{ "logbanner", "d", 0, NULL, COUNTS },
	{ "logchange", "f", 0, NULL, 0, 0 },
	{ "logdir", "w", 0, NULL, 0, 0 },
	{ "mailonchange", "wf", 0, NULL, 0, 0 },
	{ "makestep", "fd", 0, NULL, INT_MIN, INT_MAX },
	{ "manual", "", 0, NULL, 0, 0 },
	{ "maxchange", "fdd", 0, NULL, INT_MIN, INT_MAX },
	{ "maxclockerror", "f", 0, NULL, 0, 0 },
	{ "maxdistance", "f", 0, NULL, 0, 0 },
	{ "maxdrift", "f", 0, NULL, 0, 0 },
	{ "maxjitter", "f", 0, NULL, 0, 0 },
	{ "maxntsconnections", "d", 0, NULL, 1, INT_MAX },
	{ "maxsamples", "d", 0, NULL, COUNTS },
	{ "maxslewrate", "f", 0, NULL, 0, 0 },
	{ "maxstratum", "d", 40900, NULL, COUNTS },
	{ "maxtxbuffers", "d", 40900, NULL, 0, 1048576 },
	{ "maxupdateskew", "f", 0, NULL, 0, 0 },
	{ "minsamples", "d", 0, NULL, COUNTS },
	{ "minsources", "d", 0, NULL, 1, INT_MAX },
	{ "minstratum", "d", 40900, NULL, COUNTS },
	{ "nocerttimecheck", "d", 0, NULL, COUNTS },
	{ "noclientlog", "", 0, NULL, 0, 0 },
	{ "nosystemcert", "", 0, NULL, 0, 0 },
	{ "ntpsigndsocket", "w", 0, NULL, 0, 0 },
	{ "ntsaeads", "n", 40601, NULL, COUNTS },
	{ "ntscachedir", "w", 0, NULL, 0, 0 },
	{ "ntsdumpdir", "w", 0, NULL, 0, 0 },
	{ "ntsntpserver", "w", 0, NULL, 0, 0 },
	{ "ntsport", "d", 0, NULL, PORTS },
	{ "ntsprocesses", "d", 0, NULL, 0, 1000 },
	{ "ntsratelimit", "o", 0, rate_options, 0, 0 },
	{ "ntsrefresh", "d", 0, NULL, COUNTS },
	{ "ntsrotate", "d", 0, NULL, COUNTS },
	{ "ntsservercert", "w", 0, NULL, 0, 0 },
	{ "ntsserverkey", "w", 0, NULL, 0, 0 },
	{ "ntstrustedcerts", "w", 0, NULL, 0, 0 },
	{ "ntstrustedcerts", "uw", 40100, NULL, 0, 0 },
	{ "opencommands", "c", 40700, command_names, 0, 0 },
	{ "peer", "wo", 0, source_options, 0, 0 },
	{ "pidfile", "w", 0, NULL, 0, 0 },
	{ "pool", "wo", 0, source_options, 0, 0 },
	{ "port", "d", 0, NULL, PORTS },
	{ "ptpdomain", "d", 40600, NULL, 0, 255 },
	{ "ptpport", "d", 40200, NULL, PORTS },
	{ "ratelimit", "o", 0, ntp_rate_options, 0, 0 },
	{ "refclock", "wwo", 0, refclock_options, 0, 0 },
	{ "refresh", "d", 40400, NULL, COUNTS },
	{ "reselectdist", "f", 0, NULL, 0, 0 },
	{ "rtcautotrim", "f", 0, NULL, 0, 0 },
	{ "rtcdevice", "w", 0, NULL, 0, 0 },
	{ "rtcfile", "w", 0, NULL, 0, 0 },
	{ "rtconutc", "", 0, NULL, 0, 0 },
	{ "rtcsync", "", 0, NULL, 0, 0 },
	{ "sched_priority", "d", 0, NULL, 0, 100 },
	{ "server", "wo", 0, source_options, 0, 0 },
	{ "smoothtime", "ff", 0, smooth_modes, 0, 0 },
	{ "smoothtime", "ff1", 0, smooth_modes, 0, 0 },
	{ "sourcedir", ".", 0, NULL, 0, 0 },
	{ "stratumweight", "f", 0, NULL, 0, 0 },
	{ "tempcomp", "wfw", 0, NULL, 0, 0 },
	{ "tempcomp", "wfffff", 0, NULL, 0, 0 },
	{ "user", "w", 0, NULL, 0, 0 },
	{ "commandkey", ".", 0, NULL, 0, 0 },
	{ "generatecommandkey", ".", 0, NULL, 0, 0 },
	{ "linux_freq_scale", ".", 0, NULL, 0, 0 },
	{ "linux_hz", ".", 0, NULL, 0, 0 },
};

/* A line that is being checked. */
struct check {
	const char *at; /* what is left of it; words are one space apart */
	struct chrony_checked out;
};

static void
refuse(struct check *check)
{
	check->out.line = CHRONY_REFUSED;
}

static void
need_version(struct check *check, unsigned since)
{
	if (since > check->out.since) {
		check->out.since = since;
	}
}

/* Versions with bounds for whole numbers refuse the line. */
static void
end_with_ranges(struct check *check)
{
	check->out.until = RANGES;
}

/* Copy @line with one space between words, as chronyd does; empty for a comment. */
static void
normalize(const char *line, char *out)
{
	size_t at = 0;

	for (; *line && at + 1 < LINE_BYTES; line++) {
		if (!isspace((unsigned char)*line)) {
			out[at++] = *line;
		} else if (at > 0 && out[at - 1] != ' ') {
			out[at++] = ' ';
		}
	}
	at -= at > 0 && out[at - 1] == ' ';
	out[at] = '\0';
	if (at > 0 && strchr("!;#%", out[0])) {
		out[0] = '\0';
	}
}

static size_t
count_words(const char *text)
{
	size_t count = *text != '\0';

	for (; *text; text++) {
		count += *text == ' ';
	}
	return count;
}

/* Take the next word; what does not fit is cut.  Returns false, with "", if there is none. */
static bool
take_word(struct check *check, char *word)
{
	size_t len = strcspn(check->at, " ");

	snprintf(
	    word, WORD_BYTES, "%.*s", (int)(len < WORD_BYTES ? len : WORD_BYTES - 1), check->at);
	check->at += len;
	check->at += *check->at == ' ';
	return len > 0;
}

/* Take what sscanf() takes for a number. */
static void
take_number(struct check *check)
{
	double value;
	int len = 0;

	if (sscanf(check->at, "%lf%n", &value, &len) != 1) {
		refuse(check);
	}
	check->at += len;
}

static int
take_whole(struct check *check, int min, int max)
{
	long value = 0;
	int len = 0;

	if (sscanf(check->at, "%ld%n", &value, &len) != 1) {
		refuse(check);
	} else if (value < min || value > max) {
		end_with_ranges(check);
	}
	check->at += len;
	return (int)value;
}

static unsigned
take_unsigned(struct check *check)
{
	unsigned value = 0;
	int len = 0;

	if (sscanf(check->at, "%u%n", &value, &len) != 1) {
		refuse(check);
	}
	check->at += len;
	return value;
}

static void
take_field(struct check *check)
{
	unsigned value = 0;
	int len = 0;

	if (sscanf(check->at, "%x%n", &value, &len) != 1) {
		refuse(check);
	} else if (value == 0xF324) {
		need_version(check, 40500);
	} else if (value != 0xF323) {
		need_version(check, CHRONY_VERSION_UNKNOWN);
	}
	check->at += len;
}

/* A reference ID has up to four bytes; chronyd takes what is longer for an option. */
static void
take_refid(struct check *check)
{
	size_t len = strcspn(check->at, " ");

	if (len == 0 || len > 4) {
		refuse(check);
	}
	check->at += len;
}

static void
take_rx_filter(struct check *check)
{
	char word[WORD_BYTES];

	take_word(check, word);
	if (strcasecmp(word, "ptp") == 0) {
		need_version(check, 40200);
	} else if (strcasecmp(word, "none") != 0 && strcasecmp(word, "ntp") != 0 &&
	    strcasecmp(word, "all") != 0) {
		need_version(check, CHRONY_VERSION_UNKNOWN);
	}
}

static const struct option *
find_option(const struct option *table, const char *word)
{
	for (; table->name; table++) {
		/* the names of log are the only ones in which case counts */
		if ((table >= log_names && table < log_names + COUNT(log_names)
			    ? strcmp(table->name, word)
			    : strcasecmp(table->name, word)) == 0) {
			return table;
		}
	}
	return NULL;
}

static void
take_value(struct check *check, const struct option *option)
{
	int whole;

	switch (option->value) {
	case VALUE_NONE:
		break;
	case VALUE_WHOLE:
		take_whole(check, option->min, option->max);
		break;
	case VALUE_UNSIGNED:
		take_unsigned(check);
		break;
	case VALUE_KEY:
		if (take_unsigned(check) == 0) {
			refuse(check);
		}
		break;
	case VALUE_NUMBER:
		take_number(check);
		break;
	case VALUE_REFID:
		take_refid(check);
		break;
	case VALUE_BOUND:
		whole = take_whole(check, INT_MIN, INT_MAX);
		if (whole < option->min || whole > option->max) {
			refuse(check);
		}
		break;
	case VALUE_FIELD:
		take_field(check);
		break;
	case VALUE_RX_FILTER:
		take_rx_filter(check);
		break;
	}
}

/* Take options up to the end of the line. */
static void
take_options(struct check *check, const struct option *table)
{
	char word[WORD_BYTES];

	while (check->out.line == CHRONY_ACCEPTED && take_word(check, word)) {
		const struct option *option = find_option(table, word);

		if (!option) {
			need_version(check, CHRONY_VERSION_UNKNOWN);
			return;
		}
		need_version(check, option->since);
		take_value(check, option);
		check->at += strspn(check->at, " ");
	}
}

/* `allow all 192.0.2/24`; the last form that it may have is a name, which chronyd looks up. */
static void
take_network(struct check *check)
{
	char word[WORD_BYTES], *slash;
	unsigned a, b, c;
	int len = 0, bits = 0;
	struct ip ip;

	if (take_word(check, word) && strcmp(word, "all") == 0) {
		take_word(check, word);
	}
	if (*check->at) {
		refuse(check);
		return;
	}
	slash = strchr(word, '/');
	if (slash && (sscanf(slash + 1, "%d%n", &bits, &len) != 1 || slash[len + 1] || bits < 0)) {
		refuse(check);
		return;
	}
	word[strcspn(word, "/")] = '\0';
	if ((!slash && !word[0]) || ip_parse(word, &ip)) {
		return;
	}
	a = b = c = 0;
	if (sscanf(word, "%u%n.%u%n.%u%n", &a, &len, &b, &len, &c, &len) > 0 && !word[len]) {
		if (a > 255 || b > 255 || c > 255) {
			check->out.until = 40100;
		}
		return;
	}
	check->out.line = slash ? CHRONY_REFUSED : CHRONY_UNSURE;
}

static void
take_address(struct check *check, bool or_path)
{
	char word[WORD_BYTES];
	struct ip ip;

	take_word(check, word);
	if (!ip_parse(word, &ip) && !(or_path && word[0] == '/')) {
		refuse(check);
	}
}

static void
take_wholes(struct check *check, int min, int max)
{
	while (check->out.line == CHRONY_ACCEPTED && *check->at) {
		take_whole(check, min, max);
		if (strchr(" ", *check->at) == NULL) {
			end_with_ranges(check);
		}
		check->at += strcspn(check->at, " ");
		check->at += *check->at == ' ';
	}
}

static void
take_form(struct check *check, const struct directive *directive)
{
	const char *form = directive->form;
	char word[WORD_BYTES];

	for (size_t i = 0; form[i] && form[i] != '.' && check->out.line == CHRONY_ACCEPTED; i++) {
		switch (form[i]) {
		case 'w':
			if (!take_word(check, word)) {
				refuse(check);
			}
			continue; /* it took the space behind it */
		case 'd':
			take_whole(check, directive->min, directive->max);
			if (!form[1] && *check->at) {
				end_with_ranges(check);
			}
			break;
		case 'n':
			take_wholes(check, directive->min, directive->max);
			break;
		case 'u':
			take_unsigned(check);
			break;
		case 'f':
			take_number(check);
			break;
		case 'a':
		case 'p':
			take_address(check, form[i] == 'p');
			continue;
		case 'i':
			take_network(check);
			break;
		case '1':
			take_word(check, word);
			if (!find_option(directive->table, word) || *check->at) {
				refuse(check);
			}
			break;
		default: /* 'o' and 'c' */
			take_options(check, directive->table);
			break;
		}
		check->at += strspn(check->at, " ");
	}
}

/* Whether @directive takes so many words. */
static bool
fits(const struct directive *directive, size_t words)
{
	size_t size = strlen(directive->form);
	bool open = size > 0 && strchr("ocni.", directive->form[size - 1]);

	return open ? words + 1 >= size : words == size;
}

struct chrony_checked
chrony_check_line(const char *line)
{
	struct check check = { .out = { .line = CHRONY_ACCEPTED } };
	char text[LINE_BYTES], word[WORD_BYTES];

	if (strlen(line) >= LINE_BYTES - 1) {
		refuse(&check);
		return check.out;
	}
	normalize(line, text);
	check.at = text;
	if (!take_word(&check, word)) {
		check.out.line = CHRONY_EMPTY;
		return check.out;
	}
	need_version(&check, CHRONY_VERSION_UNKNOWN);
	for (size_t i = 0; i < COUNT(directives); i++) {
		const struct directive *directive = &directives[i];

		if (strcasecmp(directive->name, word) != 0) {
			continue;
		}
		check.out = (struct chrony_checked){ .line = CHRONY_REFUSED };
		if (fits(directive, count_words(check.at))) {
			check.out = (struct chrony_checked){ .line = CHRONY_ACCEPTED,
				.since = directive->since };
			take_form(&check, directive);
			break;
		}
	}
	return check.out;
}
