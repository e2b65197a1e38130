/* What a change of configuration takes away: one table for each language of directives. */
#include "orchestrator/config/config.h"

#include <stdlib.h>
#include <string.h>

/* What must be among the new lines, for an old one not to be lost. */
enum kept {
	KEPT_WORD,   /* a line of its directive */
	KEPT_SAME,   /* the same line */
	KEPT_ALWAYS, /* nothing: timetier decides it, or the daemon ignores it */
	KEPT_SOURCE, /* told as a source; its further options must be there */
	KEPT_DEVICE, /* a line about the same device */
	KEPT_FOLDER, /* nothing, unless others than the operator write there, as DHCP does */
	KEPT_LISTEN, /* an answer to everybody */
	KEPT_ANSWER, /* the same answers to the addresses that it names */
};

struct directive {
	const char *word;
	enum kept kept;
	const char *where; /* the key of site.yaml that can declare it */
};

static const struct directive chrony_directives[] = {
	{ "server", KEPT_SOURCE, NULL },
	{ "pool", KEPT_SOURCE, NULL },
	{ "peer", KEPT_SOURCE, "peering" },
	{ "refclock", KEPT_DEVICE, "refclocks" },
	{ "allow", KEPT_ANSWER, "serve" },
	{ "deny", KEPT_ANSWER, "deny" },
	{ "cmdallow", KEPT_ANSWER, "monitors" },
	{ "cmddeny", KEPT_ALWAYS, NULL },
	{ "sourcedir", KEPT_FOLDER, NULL },
	{ "bindaddress", KEPT_SAME, "extra" },
	{ "bindcmdaddress", KEPT_ALWAYS, NULL },
	{ "cmdport", KEPT_WORD, "extra" },
	{ "local", KEPT_WORD, "isolated" },
	{ "log", KEPT_WORD, "extra" },
	{ "confdir", KEPT_ALWAYS, NULL },
	{ "include", KEPT_SAME, NULL }, /* of files that are not there to be read */
	{ "makestep", KEPT_ALWAYS, NULL },
	{ "initstepslew", KEPT_ALWAYS, NULL },
	{ "maxchange", KEPT_ALWAYS, NULL },
	{ "minsources", KEPT_ALWAYS, NULL },
	{ "driftfile", KEPT_ALWAYS, NULL },
	{ "keyfile", KEPT_ALWAYS, NULL },
	{ "commandkey", KEPT_ALWAYS, NULL },
	{ "generatecommandkey", KEPT_ALWAYS, NULL },
	{ "linux_hz", KEPT_ALWAYS, NULL },
	{ "linux_freq_scale", KEPT_ALWAYS, NULL },
	{ "dumpdir", KEPT_ALWAYS, NULL },
	{ "dumponexit", KEPT_ALWAYS, NULL },
	{ "ntsdumpdir", KEPT_ALWAYS, NULL },
	{ "maxupdateskew", KEPT_ALWAYS, NULL },
	{ "leapsectz", KEPT_ALWAYS, NULL },
	{ "logdir", KEPT_ALWAYS, NULL }, /* nothing is written there without `log` */
	{ "port", KEPT_ALWAYS, NULL },   /* 0 is told by its answers */
	{ "clientloglimit", KEPT_ALWAYS, NULL },
	{ "noclientlog", KEPT_ALWAYS, NULL },
	{ NULL, KEPT_WORD, "extra" },
};

static const struct directive ntp_directives[] = {
	{ "server", KEPT_SOURCE, NULL },
	{ "pool", KEPT_SOURCE, NULL },
	{ "peer", KEPT_SOURCE, "peering" },
	{ "refclock", KEPT_DEVICE, "refclocks" },
	{ "fudge", KEPT_DEVICE, "refclocks" },
	{ "restrict", KEPT_ANSWER, "serve" },
	{ "unrestrict", KEPT_SAME, "extra" },
	{ "interface", KEPT_SAME, "extra" },
	{ "nic", KEPT_SAME, "extra" },
	{ "broadcast", KEPT_SAME, "extra" },
	{ "broadcastclient", KEPT_SAME, "extra" },
	{ "manycastserver", KEPT_SAME, "extra" },
	{ "manycastclient", KEPT_SAME, "extra" },
	{ "multicastclient", KEPT_SAME, "extra" },
	{ "statistics", KEPT_WORD, "extra" },
	{ "statsdir", KEPT_ALWAYS, NULL }, /* nothing is written there without `statistics` */
	{ "filegen", KEPT_ALWAYS, NULL },
	{ "enable", KEPT_SAME, "extra" },
	{ "disable", KEPT_SAME, "extra" },
	{ "includefile", KEPT_SAME, NULL },
	{ "driftfile", KEPT_ALWAYS, NULL },
	{ "leapfile", KEPT_WORD, "extra" },
	{ "keys", KEPT_ALWAYS, NULL },
	{ "keysdir", KEPT_ALWAYS, NULL },
	{ "trustedkey", KEPT_ALWAYS, NULL },
	{ "tos", KEPT_ALWAYS, NULL },
	{ "tinker", KEPT_ALWAYS, NULL },
	{ "mru", KEPT_ALWAYS, NULL },
	{ "discard", KEPT_ALWAYS, NULL },
	{ NULL, KEPT_WORD, "extra" },
};

/* The other three: what is in brackets only begins a part of the file. */
static const struct directive other_directives[] = {
	{ "server", KEPT_SOURCE, NULL },
	{ "servers", KEPT_SOURCE, NULL },
	{ "NTP", KEPT_ALWAYS, NULL },
	{ "Servers", KEPT_ALWAYS, NULL },
	{ "FallbackNTP", KEPT_ALWAYS, NULL },
	{ "mode", KEPT_ALWAYS, NULL },
	{ "address", KEPT_ALWAYS, NULL },
	{ "count", KEPT_ALWAYS, NULL },
	{ "sensor", KEPT_SAME, NULL },
	{ "constraint", KEPT_SAME, NULL },
	{ "constraints", KEPT_SAME, NULL },
	{ "listen", KEPT_LISTEN, "serve" },
	{ NULL, KEPT_WORD, NULL },
};

struct losing {
	struct arena *arena;
	const struct config *before, *after;
	struct lost *list;
	size_t count;
};

static const struct directive *
directive_of(const struct config *config, const char *word)
{
	enum daemon_includes includes = config->driver->includes;
	const struct directive *row = includes == DAEMON_INCLUDES_CHRONY ? chrony_directives
	    : includes == DAEMON_INCLUDES_NTP || includes == DAEMON_INCLUDES_NTPSEC
	    ? ntp_directives
	    : other_directives;

	while (row->word && !config_is(includes, row->word, word)) {
		row++;
	}
	return row;
}

/* Whether a line of @config begins with the first @count words of @line. */
static bool
has(const struct config *config, const struct config_line *line, size_t count)
{
	for (size_t i = 0; i < config->lines.count; i++) {
		const struct config_line *other = &config->lines.list[i];
		size_t same = 0;

		while (same < count && same < other->count &&
		    config_is(config->driver->includes, line->words[same], other->words[same])) {
			same++;
		}
		if (same == count && (count == 1 || other->count == count)) {
			return true;
		}
	}
	return false;
}

static void
add(struct losing *losing, const struct config_line *line, const char *text, const char *where)
{
	/* `crypto pw PASSWORD` */
	bool secret = strcmp(line->words[0], "crypto") == 0;

	losing->list[losing->count++] = (struct lost){
		.line = line, .text = secret ? "crypto ..." : text, .where = secret ? NULL : where
	};
}

/* Words behind a source that the design decides anew, and numbers are no options. */
static bool
is_of_design(const char *word)
{
	static const char *const words[] = { "iburst", "burst", "minpoll", "maxpoll", "key",
		"version", "nts", "poll", "maxsources", "noselect", "auto_offline", "offline" };

	if (word[0] == '-' || (word[0] >= '0' && word[0] <= '9')) {
		return true;
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcasecmp(word, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the word at @at has the value that it has anyway: 0. */
static bool
is_nothing(const struct config_line *line, size_t at)
{
	static const char *const words[] = { "offset", "time1", "time2", "stratum", "flag1",
		"flag2", "flag3", "flag4" };
	char *end = NULL;

	if (at + 1 >= line->count || strtod(line->words[at + 1], &end) != 0 || *end) {
		return false;
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcasecmp(line->words[at], words[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* The words of @line that say which device it is about: "refclock SHM 0", "server 127.127.28.0". */
static size_t
device_words(const struct losing *losing, const struct config_line *line)
{
	if (!config_is(losing->before->driver->includes, line->words[0], "refclock")) {
		return 2;
	}
	return losing->before->driver->includes == DAEMON_INCLUDES_CHRONY ? 3 : 4;
}

/* The line of @after that is about the same device as @line, or NULL. */
static const struct config_line *
same_device(const struct losing *losing, const struct config_line *line)
{
	size_t count = device_words(losing, line);

	for (size_t i = 0; i < losing->after->lines.count; i++) {
		const struct config_line *other = &losing->after->lines.list[i];
		size_t same = 0;

		while (same < count && same < line->count && same < other->count &&
		    strcasecmp(line->words[same], other->words[same]) == 0) {
			same++;
		}
		if (same == count) {
			return other;
		}
	}
	return NULL;
}

/* Words of @line from @at on that @fresh has not, apart from @name, numbers, and what the design
 * decides. */
static const char *
missing_words(struct losing *losing, const struct config_line *line,
    const struct config_line *fresh, size_t at, const char *name)
{
	const char *names = NULL;

	for (; at < line->count; at++) {
		const char *word = line->words[at];

		if (!is_of_design(word) && !is_nothing(line, at) && strcasecmp(word, name) != 0 &&
		    !config_word(losing->after->driver->includes, fresh, word)) {
			names = names ? arena_printf(losing->arena, "%s %s", names, word) : word;
		}
	}
	return names;
}

/* A line about a device: lost as a whole, or without some of its options. */
static void
lose_device(struct losing *losing, const struct config_line *line)
{
	const struct config_line *fresh = same_device(losing, line);
	const char *names;

	if (!fresh) {
		add(losing, line, line->text, "refclocks");
		return;
	}
	names = missing_words(losing, line, fresh, device_words(losing, line), "");
	if (names) {
		add(losing, line,
		    arena_printf(
			losing->arena, "%s (%s %s)", names, line->words[0], line->words[1]),
		    NULL);
	}
}

/* A source that stays without one of its options; one that goes is told as a source. */
static void
lose_options(struct losing *losing, const struct config_line *line)
{
	const struct config *before = losing->before;
	const char *names = NULL, *source = NULL;
	struct ip ip;

	for (size_t i = 0; i < before->source_count; i++) {
		const struct config_source *old = &before->sources[i], *fresh;

		if (old->line != line) {
			continue;
		}
		if (old->flags & RESTART_REFCLOCK) {
			lose_device(losing, line);
			return;
		}
		fresh = config_source(losing->after, old->name);
		if (!fresh || !fresh->line) {
			return;
		}
		source = old->name;
		names = missing_words(losing, line, fresh->line, 2, source);
		if ((old->flags & RESTART_POOL) && !(fresh->flags & RESTART_POOL) &&
		    !ip_parse(source, &ip)) {
			add(losing, line,
			    arena_printf(losing->arena, "pool (one server of %s is asked)", source),
			    NULL);
		}
		if ((old->flags & RESTART_PEER) && !(fresh->flags & RESTART_PEER)) {
			add(losing, line,
			    arena_printf(losing->arena, "peer (%s is asked as a server)", source),
			    "peering");
		}
	}
	if (names) {
		add(losing, line, arena_printf(losing->arena, "%s (%s)", names, source), NULL);
	}
}

static bool
is_one(const struct network *network)
{
	return network->prefix == (network->ip.family == IP_V4 ? 32U : 128U);
}

/* Whether it is the address of a source, whose answers are let in without a line of its own. */
static bool
is_source(const struct config *config, const struct network *network)
{
	char text[IP_TEXT_BYTES];

	return is_one(network) && config_source(config, ip_text(&network->ip, text));
}

/* A line about addresses that are answered otherwise than before. */
static void
lose_answers(struct losing *losing, const struct config_line *line, const char *where)
{
	enum daemon_includes includes = losing->before->driver->includes;
	bool chrony = includes == DAEMON_INCLUDES_CHRONY;
	struct network networks[2];
	size_t count = config_answers_networks(losing->before->driver, line, networks);
	bool status = chrony && strncasecmp(line->words[0], "cmd", 3) == 0;

	if (!chrony && config_word(includes, line, "source")) {
		return; /* we have such a line, too */
	}
	if (count == 0) { /* for a name, whose addresses are not known here */
		add(losing, line, line->text, where);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct network *network = &networks[i];
		bool time = !status &&
		    config_answers_differ_in(
			&losing->before->answers, &losing->after->answers, network, ANSWER_TIME);
		/* that everybody may ask for the status is a finding, and no loss */
		bool tells = (status || !chrony) && network->prefix > 0 &&
		    config_answers_differ_in(
			&losing->before->answers, &losing->after->answers, network, ANSWER_STATUS);

		if (!config_is_loopback(network) && !is_source(losing->after, network) &&
		    (time || tells)) {
			add(losing, line, line->text,
			    time                  ? where
				: is_one(network) ? "monitors"
						  : NULL);
			return;
		}
	}
}

/* Whether a folder of the line is below /run: what boots or DHCP put there. */
static bool
is_of_others(const struct config_line *line)
{
	for (size_t i = 1; i < line->count; i++) {
		if (strncmp(line->words[i], "/run/", 5) == 0 ||
		    strncmp(line->words[i], "/var/run/", 9) == 0) {
			return true;
		}
	}
	return false;
}

static void
lose_line(struct losing *losing, const struct config_line *line)
{
	const struct directive *row = directive_of(losing->before, line->words[0]);

	if (line->words[0][0] == '[') {
		return;
	}
	switch (row->kept) {
	case KEPT_ALWAYS:
		break;
	case KEPT_WORD:
	case KEPT_SAME:
		if (!has(losing->after, line, row->kept == KEPT_WORD ? 1 : line->count)) {
			add(losing, line, line->text, row->where);
		}
		break;
	case KEPT_SOURCE:
		lose_options(losing, line);
		break;
	case KEPT_DEVICE:
		lose_device(losing, line);
		break;
	case KEPT_FOLDER:
		if (is_of_others(line)) {
			add(losing, line, line->text, row->where);
		}
		break;
	case KEPT_LISTEN:
		if (config_answers_differ(
			&losing->before->answers, &losing->after->answers, ANSWER_TIME)) {
			add(losing, line, line->text, row->where);
		}
		break;
	case KEPT_ANSWER:
		lose_answers(losing, line, row->where);
		break;
	}
}

size_t
config_lost(struct arena *arena, const struct config *before, const struct config *after,
    struct lost **lost)
{
	struct losing losing = { .arena = arena, .before = before, .after = after };

	losing.list = arena_alloc(arena, (4 * before->lines.count + 1) * sizeof(*losing.list));
	for (size_t i = 0; i < before->lines.count; i++) {
		lose_line(&losing, &before->lines.list[i]);
	}
	*lost = losing.list;
	return losing.count;
}
