#include "agent/first_set/conf.h"

#include "common/nearest.h"
#include "daemons/platforms/platform.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024
#define WORDS_MAX 7
#define LIMIT_MIN_NS NS_PER_MS
#define LIMIT_MAX_NS (1000 * NS_PER_S)

/* The state while the file is read: which keys its sources name is resolved at its end. */
struct reading {
	struct first_set_conf conf;
	unsigned source_keys[FIRST_SET_SOURCES_MAX]; /* id; 0: none */
	unsigned source_lines[FIRST_SET_SOURCES_MAX];
	const struct daemon_driver *const *drivers; /* among which the unit is looked for */
	unsigned line, seen;
};

#define KEY_DAEMON 0 /* the index of its row in keys */

/* One kind of line. */
struct key {
	const char *name;
	bool several, optional;
	const char *form;            /* what the line looks like */
	size_t words_min, words_max; /* behind the name */
	int (*set)(struct reading *reading, char **words, size_t count, struct error *err);
};

/* Read a number from 1 to @max in decimal digits alone. */
static bool
read_number(const char *text, unsigned long max, unsigned *number)
{
	unsigned long value = 0;

	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text)) {
		return false;
	}
	value = strtoul(text, NULL, 10);
	*number = (unsigned)value;
	return value >= 1 && value <= max;
}

static int
add_source(struct reading *reading, const char *name, struct error *err)
{
	struct first_set_conf *conf = &reading->conf;
	struct first_set_source *source = &conf->sources[conf->source_count];

	if (conf->source_count == FIRST_SET_SOURCES_MAX) {
		return error_set(err, "more than %d sources", FIRST_SET_SOURCES_MAX);
	}
	if (strlen(name) >= sizeof(source->name)) {
		return error_set(
		    err, "the name is longer than %zu bytes", sizeof(source->name) - 1);
	}
	for (size_t i = 0; i < conf->source_count; i++) {
		if (strcmp(conf->sources[i].name, name) == 0) {
			return error_set(err, "%s is a source already: it would vote twice", name);
		}
	}
	memcpy(source->name, name, strlen(name) + 1);
	reading->source_lines[conf->source_count++] = reading->line;
	return 0;
}

/* "key ID" behind the name of the source that is read. */
static int
set_source_key(struct reading *reading, char **words, struct error *err)
{
	if (!read_number(words[1], UINT16_MAX, &reading->source_keys[reading->conf.source_count])) {
		return error_set(err, "\"%.20s\" is no key from 1 to 65535", words[1]);
	}
	return 0;
}

static int
set_source(struct reading *reading, char **words, size_t count, struct error *err)
{
	struct first_set_conf *conf = &reading->conf;
	const char *name = words[0];
	unsigned pool = 0;
	bool nts;

	if (count > 2 && strcmp(words[1], "pool") == 0) {
		if (!read_number(words[2], FIRST_SET_SOURCES_MAX, &pool)) {
			return error_set(
			    err, "\"%.20s\" is no number of a pool's servers", words[2]);
		}
		words += 2;
		count -= 2;
	}
	nts = count == 2 && strcmp(words[1], "nts") == 0;
	if (count > 3 || (count == 2 && !nts) || (count == 3 && strcmp(words[1], "key") != 0)) {
		return error_set(err, "only \"nts\" or \"key ID\" may stand behind %s", name);
	}
	if ((count == 3 && set_source_key(reading, words + 1, err) < 0) ||
	    add_source(reading, name, err) < 0) {
		return -1;
	}
	conf->sources[conf->source_count - 1].nts = nts;
	conf->sources[conf->source_count - 1].pool = pool;
	conf->voter_count += pool > 0 ? pool : 1;
	return 0;
}

static int
set_witness(struct reading *reading, char **words, size_t count UNUSED, struct error *err)
{
	struct first_set_conf *conf = &reading->conf;

	if (strcmp(words[1], "key") != 0) {
		return error_set(err, "the line is not \"witness ADDRESS key ID\"");
	}
	if (set_source_key(reading, words + 1, err) < 0 || add_source(reading, words[0], err) < 0) {
		return -1;
	}
	conf->sources[conf->source_count - 1].witness = true;
	return 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Read the secret, which must not come into the words of an error. */
static int
read_secret(const char *hex, struct mac_key *key, struct error *err)
{
	size_t len = strlen(hex);

	if (len == 0 || len % 2 != 0 || len / 2 > sizeof(key->secret)) {
		return error_set(err, "the secret is not 2 to %zu hexadecimal digits, two a byte",
		    2 * sizeof(key->secret));
	}
	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(hex[i]);

		if (digit < 0) {
			return error_set(err, "the secret has a character that is not hexadecimal");
		}
		key->secret[i / 2] = (uint8_t)(key->secret[i / 2] << 4 | digit);
	}
	key->secret_len = len / 2;
	if (key->type == MAC_AES128CMAC && key->secret_len != 16) {
		return error_set(err, "a secret of AES128CMAC has 32 hexadecimal digits");
	}
	return 0;
}

static int
set_key(struct reading *reading, char **words, size_t count UNUSED, struct error *err)
{
	struct first_set_conf *conf = &reading->conf;
	struct mac_key key = { .id = 0 };
	unsigned id;

	if (conf->key_count == FIRST_SET_KEYS_MAX) {
		return error_set(err, "more than %d keys", FIRST_SET_KEYS_MAX);
	}
	if (!read_number(words[0], UINT16_MAX, &id)) {
		return error_set(err, "\"%.20s\" is no key from 1 to 65535", words[0]);
	}
	for (size_t i = 0; i < conf->key_count; i++) {
		if (conf->keys[i].id == id) {
			return error_set(err, "key %u stands here twice", id);
		}
	}
	if (!mac_type_find(words[1], &key.type)) {
		return error_set(err,
		    "\"%.20s\" is no type of key; AES128CMAC, SHA1, SHA256 and MD5 are", words[1]);
	}
	key.id = id;
	if (read_secret(words[2], &key, err) < 0) {
		return -1;
	}
	conf->keys[conf->key_count++] = key;
	return 0;
}

static int
set_quorum(struct reading *reading, char **words, size_t count UNUSED, struct error *err)
{
	if (!read_number(words[0], FIRST_SET_SOURCES_MAX, &reading->conf.quorum)) {
		return error_set(
		    err, "\"%.20s\" is no number from 1 to %d", words[0], FIRST_SET_SOURCES_MAX);
	}
	return 0;
}

/* "0.5", "2": seconds, with at most nine digits behind the point. */
static bool
read_seconds(const char *text, int64_t *ns)
{
	size_t whole = strspn(text, "0123456789"), part = 0;
	int64_t value = 0;

	if (text[whole] == '.') {
		part = strspn(text + whole + 1, "0123456789");
	}
	if (whole == 0 || whole > 9 || part > 9 || (text[whole] == '.' && part == 0) ||
	    text[whole + (part ? part + 1 : 0)]) {
		return false;
	}
	for (size_t i = 0; i < whole; i++) {
		value = 10 * value + (text[i] - '0');
	}
	for (size_t i = 0; i < 9; i++) {
		value = 10 * value + (i < part ? text[whole + 1 + i] - '0' : 0);
	}
	*ns = value;
	return true;
}

static int
set_limit(struct reading *reading, char **words, size_t count UNUSED, struct error *err)
{
	int64_t ns;

	if (!read_seconds(words[0], &ns) || ns < LIMIT_MIN_NS || ns > LIMIT_MAX_NS) {
		return error_set(
		    err, "\"%.40s\" is no number of seconds from 0.001 to 1000", words[0]);
	}
	reading->conf.limit_ns = ns;
	return 0;
}

static int
set_daemon(struct reading *reading, char **words, size_t count UNUSED, struct error *err)
{
	const struct daemon_driver *const *drivers = reading->drivers;

	for (; *drivers; drivers++) {
		if (strcmp((*drivers)->unit, words[0]) == 0) {
			reading->conf.driver = *drivers;
			return 0;
		}
	}
	return error_set(err, "no daemon has the unit \"%.80s\"", words[0]);
}

static int
set_platform(struct reading *reading, char **words, size_t count UNUSED, struct error *err)
{
	if (reading->seen & 1U << KEY_DAEMON) {
		return error_set(err, "\"platform\" stands behind \"daemon\"");
	}
	reading->drivers = platform_family_drivers(words[0]);
	return reading->drivers ? 0 : error_set(err, "no platform is called \"%.80s\"", words[0]);
}

static const struct key keys[] = {
	[KEY_DAEMON] = { "daemon", false, false, "daemon UNIT", 1, 1, set_daemon },
	{ "platform", false, true, "platform NAME", 1, 1, set_platform },
	{ "quorum", false, false, "quorum NUMBER", 1, 1, set_quorum },
	{ "limit", false, false, "limit SECONDS", 1, 1, set_limit },
	{ "source", true, true, "source ADDRESS [pool N] [nts | key ID]", 1, 5, set_source },
	{ "witness", true, true, "witness ADDRESS key ID", 3, 3, set_witness },
	{ "key", true, true, "key ID TYPE SECRET", 3, 3, set_key },
};

static int
unknown_key(const char *name, struct error *err)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < COUNT(keys); i++) {
		nearest_offer(&nearest, keys[i].name);
	}
	if (nearest.best) {
		return error_set(
		    err, "no key \"%.40s\" is known; did you mean \"%s\"?", name, nearest.best);
	}
	return error_set(err, "no key \"%.40s\" is known", name);
}

static int
parse_line(struct reading *reading, char *line, struct error *err)
{
	char *words[WORDS_MAX], *word;
	size_t count = 0;

	while (count < WORDS_MAX && (word = strsep(&line, " \t\r"))) {
		if (*word) {
			words[count++] = word;
		}
	}
	if (count == 0 || words[0][0] == '#') {
		return 0;
	}
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strcmp(keys[i].name, words[0]) != 0) {
			continue;
		}
		if (reading->seen & 1U << i && !keys[i].several) {
			return error_set(err, "\"%s\" stands here twice", words[0]);
		}
		if (count - 1 < keys[i].words_min || count - 1 > keys[i].words_max) {
			return error_set(err, "the line is not \"%s\"", keys[i].form);
		}
		reading->seen |= 1U << i;
		return keys[i].set(reading, words + 1, count - 1, err);
	}
	return unknown_key(words[0], err);
}

/* Check what only the whole file tells. */
static int
check_whole(const char *name, const struct reading *reading, struct error *err)
{
	const struct first_set_conf *conf = &reading->conf;

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!keys[i].optional && !(reading->seen & 1U << i)) {
			return error_set(err, "%s: \"%s\" is missing", name, keys[i].name);
		}
	}
	if (conf->voter_count > 0 && conf->quorum > conf->voter_count) {
		return error_set(err, "%s: of %zu source%s, %u can never agree", name,
		    conf->voter_count, conf->voter_count == 1 ? "" : "s", conf->quorum);
	}
	return 0;
}

static const struct mac_key *
find_key(const struct first_set_conf *conf, unsigned id)
{
	for (size_t i = 0; i < conf->key_count; i++) {
		if (conf->keys[i].id == id) {
			return &conf->keys[i];
		}
	}
	return NULL;
}

static int
read_lines(
    const char *name, const char *text, size_t len, struct reading *reading, struct error *err)
{
	const char *end = text + len;

	for (reading->line = 1; text < end; reading->line++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		char line[LINE_BYTES];
		size_t size;

		stop = stop ? stop : end;
		size = (size_t)(stop - text);
		if (size >= sizeof(line) || memchr(text, '\0', size)) {
			return error_set(err,
			    "%s:%u: the line is too long, or has a NUL byte in it", name,
			    reading->line);
		}
		memcpy(line, text, size);
		line[size] = '\0';
		if (parse_line(reading, line, err) < 0) {
			return error_wrap(err, "%s:%u", name, reading->line);
		}
		text = stop < end ? stop + 1 : end;
	}
	return check_whole(name, reading, err);
}

int
first_set_conf_parse(
    const char *name, const char *text, size_t len, struct first_set_conf *conf, struct error *err)
{
	struct reading reading = { .drivers = daemon_drivers };
	bool plain = false, nts = false;

	if (len > FIRST_SET_CONF_BYTES_MAX) {
		return error_set(err, "%s: longer than %d bytes", name, FIRST_SET_CONF_BYTES_MAX);
	}
	if (read_lines(name, text, len, &reading, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < reading.conf.source_count; i++) {
		unsigned id = reading.source_keys[i];

		if (id > 0 && !find_key(&reading.conf, id)) {
			return error_set(
			    err, "%s:%u: there is no key %u", name, reading.source_lines[i], id);
		}
	}
	*conf = reading.conf;
	for (size_t i = 0; i < conf->source_count; i++) {
		struct first_set_source *source = &conf->sources[i];

		source->key = find_key(conf, reading.source_keys[i]);
		plain |= !source->key && !source->nts;
		nts |= source->nts;
	}
	conf->bounded = nts && !plain;
	return 0;
}
