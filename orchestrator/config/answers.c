#include "orchestrator/config/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 1024

struct reading {
	const struct daemon_driver *driver;
	struct config_answers *answers;
	bool no_port;     /* chrony's `port 0`: nobody is answered */
	bool tells_other; /* chrony's command port is not on the loopback alone */
};

static bool
is(const struct reading *reading, const char *a, const char *b)
{
	return config_is(reading->driver->includes, a, b);
}

static const struct network everywhere[2] = { { .ip.family = IP_V4 }, { .ip.family = IP_V6 } };

static unsigned
bits_of(enum ip_family family)
{
	return family == IP_V4 ? 32 : 128;
}

static void
clear_bits(struct network *network)
{
	for (unsigned bit = network->prefix; bit < 128; bit++) {
		network->ip.bytes[bit / 8] &= (uint8_t) ~(0x80U >> (bit % 8));
	}
}

/* "192.168", "10.1/20": chrony's own spellings, whose missing bytes are 0. */
static bool
read_partial(const char *text, struct network *network)
{
	unsigned part[4] = { 0 }, bits = 0;
	int len = 0, slash = 0;
	int count = sscanf(text, "%u%n.%u%n.%u%n.%u%n", &part[0], &len, &part[1], &len, &part[2],
	    &len, &part[3], &len);

	if (count < 1 || (text[len] && text[len] != '/')) {
		return false;
	}
	bits = (unsigned)count * 8;
	if (text[len] == '/' &&
	    (sscanf(text + len, "/%u%n", &bits, &slash) != 1 || text[len + slash] || bits > 32)) {
		return false;
	}
	*network = (struct network){ .ip.family = IP_V4, .prefix = bits };
	for (int i = 0; i < count; i++) {
		if (part[i] > 255) {
			return false;
		}
		network->ip.bytes[i] = (uint8_t)part[i];
	}
	clear_bits(network);
	return true;
}

/* An address with a prefix, or alone; bits behind the prefix do not count. */
static bool
read_prefix(const char *text, struct network *network)
{
	const char *slash = strchr(text, '/');
	char address[IP_TEXT_BYTES], *end;
	unsigned long prefix;

	if (!slash) {
		if (!ip_parse(text, &network->ip)) {
			return false;
		}
		network->prefix = bits_of(network->ip.family);
		return true;
	}
	if (snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text) >=
		(int)sizeof(address) ||
	    !ip_parse(address, &network->ip)) {
		return false;
	}
	prefix = strtoul(slash + 1, &end, 10);
	if (end == slash + 1 || *end || prefix > bits_of(network->ip.family)) {
		return false;
	}
	network->prefix = (unsigned)prefix;
	clear_bits(network);
	return true;
}

/* The prefix that stands for a mask; ntpd takes any bits, of which the first ones count here. */
static void
set_mask(struct network *network, const char *mask)
{
	struct ip bits;

	if (!ip_parse(mask, &bits)) {
		return;
	}
	network->prefix = 0;
	while (network->prefix < bits_of(bits.family) &&
	    bits.bytes[network->prefix / 8] >> (7 - network->prefix % 8) & 1) {
		network->prefix++;
	}
	clear_bits(network);
}

/* Those of "default", of one family or of both. */
static size_t
all_of(enum ip_family only, struct network networks[2])
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(everywhere); i++) {
		if (only == IP_NONE || only == everywhere[i].ip.family) {
			networks[count++] = everywhere[i];
		}
	}
	return count;
}

/* `restrict [-4|-6] ADDRESS [mask MASK] FLAG...` */
static size_t
restrict_networks(const struct config_line *line, bool prefixes, struct network networks[2])
{
	enum ip_family family = IP_NONE;
	size_t at = 1;

	if (at < line->count && line->words[at][0] == '-') {
		family = line->words[at][1] == '6' ? IP_V6 : IP_V4;
		at++;
	}
	if (at >= line->count) {
		return 0;
	}
	if (strcmp(line->words[at], "default") == 0) {
		return all_of(family, networks);
	}
	/* ntp 4.2.8 loses a line with a prefix */
	if ((strchr(line->words[at], '/') && !prefixes) ||
	    !read_prefix(line->words[at], &networks[0])) {
		return 0;
	}
	if (at + 2 < line->count && strcmp(line->words[at + 1], "mask") == 0) {
		set_mask(&networks[0], line->words[at + 2]);
	}
	return 1;
}

/* `allow [all] [ADDRESS]` */
static size_t
allow_networks(const struct config_line *line, struct network networks[2])
{
	size_t at = 1;

	if (at < line->count && strcasecmp(line->words[at], "all") == 0) {
		at++;
	}
	if (at >= line->count) {
		return all_of(IP_NONE, networks);
	}
	return read_prefix(line->words[at], &networks[0]) ||
		read_partial(line->words[at], &networks[0])
	    ? 1
	    : 0;
}

size_t
config_answers_networks(
    const struct daemon_driver *driver, const struct config_line *line, struct network networks[2])
{
	switch (driver->includes) {
	case DAEMON_INCLUDES_CHRONY:
		return allow_networks(line, networks);
	case DAEMON_INCLUDES_NTP:
	case DAEMON_INCLUDES_NTPSEC:
		return restrict_networks(
		    line, driver->includes == DAEMON_INCLUDES_NTPSEC, networks);
	case DAEMON_INCLUDES_NONE:
	case DAEMON_INCLUDES_SYSTEMD:
		break;
	}
	return 0;
}

/* The row of @network, added with @gives where there is none. */
static struct config_answer *
row_of(struct config_answers *answers, const struct network *network, unsigned gives)
{
	for (size_t i = 0; i < answers->count; i++) {
		struct config_answer *row = &answers->list[i];

		if (row->network.prefix == network->prefix &&
		    ip_equal(&row->network.ip, &network->ip)) {
			return row;
		}
	}
	if (answers->count == ROWS_MAX) {
		answers->unsure = true;
		return NULL;
	}
	answers->list[answers->count] =
	    (struct config_answer){ .network = *network, .gives = gives };
	return &answers->list[answers->count++];
}

/* Add a row for each family: what everybody is given of whom no line speaks. */
static void
add_default(struct config_answers *answers, unsigned gives)
{
	for (size_t i = 0; i < COUNT(everywhere); i++) {
		row_of(answers, &everywhere[i], gives);
	}
}

static bool
contains(const struct network *wide, const struct network *narrow)
{
	return wide->prefix <= narrow->prefix && network_contains(wide, &narrow->ip);
}

/* chrony: `all` takes away what narrower lines before it say. */
static void
drop_narrower(struct config_answers *answers, const struct network *network, unsigned what)
{
	for (size_t i = 0; i < answers->count; i++) {
		struct config_answer *row = &answers->list[i];

		if (row->line && contains(network, &row->network)) {
			row->gives &= ~what;
		}
	}
}

/* And gives to all within it. */
static void
open_narrower(struct config_answers *answers, const struct network *network, unsigned what)
{
	for (size_t i = 0; i < answers->count; i++) {
		if (contains(network, &answers->list[i].network)) {
			answers->list[i].gives |= what;
		}
	}
}

static void
take_allow(struct reading *reading, const struct config_line *line, unsigned what, bool gives)
{
	struct network networks[2];
	size_t count = allow_networks(line, networks);
	bool all = line->count > 1 && strcasecmp(line->words[1], "all") == 0;

	reading->answers->unsure |= count == 0;
	for (size_t i = 0; i < count; i++) {
		unsigned wider = config_answers_to(reading->answers, &networks[i].ip);
		struct config_answer *row;

		if (all) {
			drop_narrower(reading->answers, &networks[i], what);
		}
		row = row_of(reading->answers, &networks[i], wider);
		if (row) {
			row->gives = gives ? row->gives | what : row->gives & ~what;
			row->line = row->line ? row->line : line;
		}
		if (all && gives) {
			open_narrower(reading->answers, &networks[i], what);
		}
	}
}

static void
take_chrony(struct reading *reading, const struct config_line *line)
{
	static const struct {
		const char *word;
		enum answer what;
		bool gives;
	} rows[] = { { "allow", ANSWER_TIME, true }, { "deny", ANSWER_TIME, false },
		{ "cmdallow", ANSWER_STATUS, true }, { "cmddeny", ANSWER_STATUS, false } };
	const char *value = line->count > 1 ? line->words[1] : "";
	struct network bound;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (is(reading, line->words[0], rows[i].word)) {
			take_allow(reading, line, rows[i].what, rows[i].gives);
		}
	}
	if (is(reading, line->words[0], "port")) {
		reading->no_port = strtol(value, NULL, 10) == 0;
	} else if (is(reading, line->words[0], "bindcmdaddress") && value[0] != '/') {
		reading->tells_other |= !read_prefix(value, &bound) || !config_is_loopback(&bound);
	}
}

static void
take_restrict(struct reading *reading, const struct config_line *line)
{
	bool sec = reading->driver->includes == DAEMON_INCLUDES_NTPSEC;
	struct network networks[2];
	size_t count;
	unsigned gives = ANSWER_TIME | ANSWER_STATUS;

	if (strcmp(line->words[0], "restrict") != 0 ||
	    config_word(reading->driver->includes, line, "source") ||
	    config_word(reading->driver->includes, line, "ntpport")) {
		return; /* for our own sources; beside others, for one port */
	}
	for (size_t i = 2; i < line->count; i++) {
		const char *word = line->words[i];

		if (strcmp(word, "ignore") == 0) {
			gives = 0;
		} else if (strcmp(word, "noserve") == 0 || strcmp(word, "notrust") == 0) {
			gives &= ~(unsigned)ANSWER_TIME;
		} else if (strcmp(word, "noquery") == 0) {
			gives &= ~(unsigned)ANSWER_STATUS;
		}
	}
	count = restrict_networks(line, sec, networks);
	reading->answers->unsure |= count == 0;
	for (size_t i = 0; i < count; i++) {
		struct config_answer *row = row_of(reading->answers, &networks[i], gives);

		if (row) {
			/* flags of several lines for one network add up */
			row->gives = row->line ? row->gives & gives : gives;
			row->line = row->line ? row->line : line;
		}
	}
}

/* OpenNTPD and ntpd-rs answer everybody who reaches an address at which they listen. */
static void
take_listen(struct reading *reading, const struct config_line *line)
{
	bool listens = strcmp(line->words[0], "listen") == 0 && line->count > 2 &&
	    strcmp(line->words[1], "on") == 0 && strcmp(line->words[2], "127.0.0.1") != 0 &&
	    strcmp(line->words[2], "::1") != 0;

	if (listens || strcmp(line->words[0], "[[server]]") == 0) {
		for (size_t i = 0; i < COUNT(everywhere); i++) {
			struct config_answer *row =
			    row_of(reading->answers, &everywhere[i], ANSWER_TIME);

			row->gives = ANSWER_TIME;
			row->line = row->line ? row->line : line;
		}
	}
}

void
config_answers_read(struct arena *arena, const struct daemon_driver *driver,
    const struct config_lines *lines, struct config_answers *answers)
{
	struct reading reading = { .driver = driver, .answers = answers };

	size_t most = 2 * lines->count + COUNT(everywhere); /* a line has two at most */

	*answers = (struct config_answers){ .unsure = false };
	answers->list =
	    arena_alloc(arena, (most < ROWS_MAX ? most : ROWS_MAX) * sizeof(*answers->list));
	switch (driver->includes) {
	case DAEMON_INCLUDES_CHRONY:
		add_default(answers, 0);
		break;
	case DAEMON_INCLUDES_NTP:
		add_default(answers, ANSWER_TIME | ANSWER_STATUS);
		break;
	case DAEMON_INCLUDES_NTPSEC:
		add_default(answers, ANSWER_TIME); /* `noquery limited`: its own default */
		break;
	case DAEMON_INCLUDES_NONE:
	case DAEMON_INCLUDES_SYSTEMD:
		add_default(answers, 0);
		break;
	}
	for (size_t i = 0; i < lines->count; i++) {
		const struct config_line *line = &lines->list[i];

		if (line->of_sources) {
			continue;
		}
		switch (driver->includes) {
		case DAEMON_INCLUDES_CHRONY:
			take_chrony(&reading, line);
			break;
		case DAEMON_INCLUDES_NTP:
		case DAEMON_INCLUDES_NTPSEC:
			take_restrict(&reading, line);
			break;
		case DAEMON_INCLUDES_NONE:
			take_listen(&reading, line);
			break;
		case DAEMON_INCLUDES_SYSTEMD:
			break;
		}
	}
	for (size_t i = 0; i < answers->count; i++) {
		if (reading.no_port) {
			answers->list[i].gives &= ~(unsigned)ANSWER_TIME;
		}
		if (driver->includes == DAEMON_INCLUDES_CHRONY && !reading.tells_other) {
			answers->list[i].gives &= ~(unsigned)ANSWER_STATUS;
		}
	}
}

unsigned
config_answers_to(const struct config_answers *answers, const struct ip *ip)
{
	const struct config_answer *best = NULL;

	for (size_t i = 0; i < answers->count; i++) {
		const struct config_answer *row = &answers->list[i];

		if (network_contains(&row->network, ip) &&
		    (!best || row->network.prefix > best->network.prefix)) {
			best = row;
		}
	}
	return best ? best->gives : 0;
}

bool
config_answers_differ_in(const struct config_answers *a, const struct config_answers *b,
    const struct network *network, enum answer what)
{
	struct ip last = network->ip;

	for (unsigned bit = network->prefix; bit < bits_of(last.family); bit++) {
		last.bytes[bit / 8] |= (uint8_t)(0x80U >> (bit % 8));
	}
	return ((config_answers_to(a, &network->ip) ^ config_answers_to(b, &network->ip)) &
		   (unsigned)what) ||
	    ((config_answers_to(a, &last) ^ config_answers_to(b, &last)) & (unsigned)what);
}

bool
config_answers_differ(
    const struct config_answers *a, const struct config_answers *b, enum answer what)
{
	const struct config_answers *both[] = { a, b };

	for (size_t i = 0; i < COUNT(both); i++) {
		for (size_t k = 0; k < both[i]->count; k++) {
			const struct network *network = &both[i]->list[k].network;

			if (!config_is_loopback(network) &&
			    config_answers_differ_in(a, b, network, what)) {
				return true;
			}
		}
	}
	return false;
}

bool
config_is_loopback(const struct network *network)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return network->ip.family == IP_V4
	    ? network->ip.bytes[0] == 127 && network->prefix >= 8
	    : network->prefix == 128 && memcmp(network->ip.bytes, v6, sizeof(v6)) == 0;
}
