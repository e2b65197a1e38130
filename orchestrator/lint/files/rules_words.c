/* ACL005, ACL006, PEER006: lines of ntp.conf that one of the two ntpds does not understand. */
#include "daemons/ntpd/grammar.h"
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/extras.h"

#include <string.h>

#define BOTH (NTP_428 | NTP_SEC)

/* Source: ntp_parser.y of ntp 4.2.8p15 and NTPsec 1.2.2; each was asked for its words. */
static const struct {
	const char *name;
	unsigned dialects;
	const struct ntp_option *options; /* of the line, behind `at` words; NULL: not looked at */
	size_t at;
} commands[] = {
	{ "server", BOTH, ntp_source_options, 2 },
	{ "pool", BOTH, ntp_source_options, 2 },
	{ "peer", BOTH, ntp_source_options, 2 },
	{ "tos", BOTH, ntp_tos_options, 1 },
	{ "tinker", BOTH, ntp_tinker_options, 1 },
	{ "enable", BOTH, ntp_switches, 1 },
	{ "disable", BOTH, ntp_switches, 1 },
	{ "restrict", BOTH, ntp_restrict_flags, 2 },
	{ "controlkey", BOTH, NULL, 0 },
	{ "driftfile", BOTH, NULL, 0 },
	{ "dscp", BOTH, NULL, 0 },
	{ "end", BOTH, NULL, 0 },
	{ "filegen", BOTH, NULL, 0 },
	{ "fudge", BOTH, NULL, 0 },
	{ "includefile", BOTH, NULL, 0 },
	{ "interface", BOTH, NULL, 0 },
	{ "keys", BOTH, NULL, 0 },
	{ "leapfile", BOTH, NULL, 0 },
	{ "leapsmearinterval", BOTH, NULL, 0 }, /* smear-not-built */
	{ "logconfig", BOTH, NULL, 0 },
	{ "logfile", BOTH, NULL, 0 },
	{ "mru", BOTH, NULL, 0 },
	{ "nic", BOTH, NULL, 0 },
	{ "ntpsigndsocket", BOTH, NULL, 0 },
	{ "phone", BOTH, NULL, 0 },
	{ "pidfile", BOTH, NULL, 0 },
	{ "reset", BOTH, NULL, 0 },
	{ "rlimit", BOTH, NULL, 0 },
	{ "setvar", BOTH, NULL, 0 },
	{ "statistics", BOTH, NULL, 0 },
	{ "statsdir", BOTH, NULL, 0 },
	{ "tick", BOTH, NULL, 0 },
	{ "trustedkey", BOTH, NULL, 0 },
	{ "unconfig", BOTH, NULL, 0 },
	{ "unpeer", BOTH, NULL, 0 },
	{ "automax", NTP_428, NULL, 0 },
	{ "broadcast", NTP_428, NULL, 0 },
	{ "broadcastclient", NTP_428, NULL, 0 },
	{ "broadcastdelay", NTP_428, NULL, 0 },
	{ "crypto", NTP_428, NULL, 0 },
	{ "discard", NTP_428, NULL, 0 },
	{ "ident", NTP_428, NULL, 0 },
	{ "keysdir", NTP_428, NULL, 0 },
	{ "manycastclient", NTP_428, NULL, 0 },
	{ "manycastserver", NTP_428, NULL, 0 },
	{ "multicastclient", NTP_428, NULL, 0 },
	{ "pollskewlist", NTP_428, NULL, 0 },
	{ "requestkey", NTP_428, NULL, 0 }, /* NTPsec: a no-op, and it says so */
	{ "revoke", NTP_428, NULL, 0 },
	{ "saveconfigdir", NTP_428, NULL, 0 },
	{ "simulate", NTP_428, NULL, 0 },
	{ "trap", NTP_428, NULL, 0 },
	{ "ttl", NTP_428, NULL, 0 },
	{ "extra", NTP_SEC, NULL, 0 }, /* 1.2.4 */
	{ "limit", NTP_SEC, NULL, 0 },
	{ "nts", NTP_SEC, NULL, 0 },
	{ "refclock", NTP_SEC, NULL, 0 },
	{ "unrestrict", NTP_SEC, NULL, 0 },
};

static const char *const broadcasts[] = { "broadcast", "broadcastclient", "multicastclient",
	"manycastclient", "manycastserver" };

static bool
judge_broadcast(struct judged *judged, const struct config_line *line)
{
	for (size_t i = 0; i < COUNT(broadcasts); i++) {
		if (strcmp(line->words[0], broadcasts[i]) == 0) {
			judged_report(judged, "broadcast", line,
			    "`%s`: nobody can tell these packets from forged ones%s", line->text,
			    judged->ntpsec ? ", and NTPsec does not know the line" : "");
			return true;
		}
	}
	return false;
}

static void
report(struct judged *judged, const struct config_line *line, const char *word, bool whole)
{
	judged_report(judged, judged->ntpsec ? "not-ntpsec" : "not-ntp", line,
	    whole
		? "`%s`: %s does not know `%s`: it logs a syntax error and goes on without the line"
		: "`%s`: %s does not know `%s`: it goes on without what begins there",
	    line->text, judged->input->driver->title, word);
}

/* Where the options of a line begin: behind -4 and -6, names, masks. */
static size_t
options_begin(const struct ntp_line *line, size_t at)
{
	if (line->count > 1 && line->tokens[1].text[0] == '-' && at == 2) {
		at++;
	}
	if (at + 1 < line->count && strcmp(line->tokens[at].text, "mask") == 0) {
		at += 2;
	}
	if (at + 1 < line->count && strcmp(line->tokens[at].text, "ippeerlimit") == 0) {
		at += 2; /* of 4.2.8: the caller has looked */
	}
	return at;
}

static void
judge_options(struct judged *judged, const struct config_line *line,
    const struct ntp_option *options, size_t at)
{
	enum ntp_dialect dialect = judged->ntpsec ? NTP_SEC : NTP_428;
	struct ntp_line *read = arena_alloc(&judged->run->arena, sizeof(*read));
	const struct ntp_option *option;
	const char *value;

	if (!ntp_line_read(line->text, read)) {
		return;
	}
	if (judged->ntpsec && judged_word(judged, line, "ippeerlimit")) {
		report(judged, line, "ippeerlimit", true);
		return;
	}
	at = options_begin(read, at);
	while (ntp_option_read(read, &at, options, dialect, &option, &value) == NTP_OPTION) {
	}
	if (at < read->count && strcmp(read->tokens[at].text, "xleave") != 0) {
		report(judged, line, read->tokens[at].text, false);
	}
}

/* What a table of options does not say. */
static void
judge_rest(struct judged *judged, const struct config_line *line)
{
	if (judged->ntp && strcmp(line->words[0], "restrict") == 0) {
		for (size_t i = 1; i < line->count && i < 3; i++) {
			if (strchr(line->words[i], '/')) {
				judged_report(judged, "not-ntp", line,
				    "`%s`: ntp 4.2.8 does not know prefixes and goes on without "
				    "the line: "
				    "write `mask`",
				    line->text);
			}
		}
	}
	if (judged->ntp && strcmp(line->words[0], "statistics") == 0 &&
	    judged_word(judged, line, "usestats")) {
		report(judged, line, "usestats", false);
	}
	if (judged->ntpsec && strcmp(line->words[0], "leapfile") == 0 &&
	    judged_word(judged, line, "ignorehash")) {
		report(judged, line, "ignorehash", false);
	}
	if (judged->ntpsec && strcmp(line->words[0], "rlimit") == 0 &&
	    judged_word(judged, line, "memlock")) {
		report(judged, line, "memlock", false);
	}
}

static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += len) {
		if ((at == text || at[-1] == '\n') && (at[len] == '\n' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}

/* A template of the operator's own may have no place for the lines of `extra`. */
static void
judge_extra(struct judged *judged)
{
	const char *daemon = judged->input->driver->name;
	const struct file_entry *config =
	    file_set_find(judged->input->files, judged->input->driver->config_path);
	const struct extra_line *extra;

	for (size_t i = 0; (extra = host_extra(judged->host, daemon, i)); i++) {
		if (!has_line(config->content, extra->text)) {
			judged_report(judged, "extra-lost", NULL,
			    "`%s`: this line of `extra` is not in the configuration", extra->text);
		}
	}
}

void
judge_words(struct judged *judged)
{
	enum ntp_dialect dialect = judged->ntpsec ? NTP_SEC : NTP_428;

	if (judged->input->rendered) {
		judge_extra(judged);
	}
	for (size_t i = 0; (judged->ntp || judged->ntpsec) && i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];
		size_t k = 0;

		if (judge_broadcast(judged, line)) {
			continue;
		}
		while (k < COUNT(commands) && strcmp(commands[k].name, line->words[0]) != 0) {
			k++;
		}
		if (k == COUNT(commands) || !(commands[k].dialects & (unsigned)dialect)) {
			report(judged, line, line->words[0], true);
			continue;
		}
		if (commands[k].options) {
			judge_options(judged, line, commands[k].options, commands[k].at);
		}
		judge_rest(judged, line);
	}
}

const struct lint_rule rules_files_words[] = {
	{ .id = "extra-lost",
	    .number = "EXT002",
	    .where = JUDGED_FILES,
	    .severity = SEVERITY_ERROR,
	    .summary = "the lines of `extra` reach the configuration",
	    .source = "templates(7), extra",
	    .remedy = "put {{#extra}}, {{line}} and {{/extra}} at the end of your own template",
	    .why = "Who writes a line in site.yaml counts on it. A template of one's own that "
		   "was made before has no place for such lines, and nothing else would tell." },
	{ .id = "not-ntpsec",
	    .number = "ACL005",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "NTPsec understands every line of its configuration",
	    .source = "NTPsec 1.2.2 as it runs",
	    .remedy = "what NTPsec knows in your own template for it; see templates.7",
	    .why = "NTPsec does not stop at a line that it does not understand. It logs a "
		   "syntax error and goes on without it: a `restrict` that is lost like "
		   "this opens the server, and nobody sees it." },
	{ .id = "not-ntp",
	    .number = "ACL006",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "ntp 4.2.8 understands every line of its configuration",
	    .source = "ntp 4.2.8p15 as it runs",
	    .remedy = "what ntp 4.2.8 knows in your own template for it; see templates.7",
	    .why = "ntp 4.2.8 does not stop at a line that it does not understand. A "
		   "`restrict` with a prefix is only logged as unusable: the network that "
		   "it was to close is open." },
	{ .id = "broadcast",
	    .number = "PEER006",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "every host asks its servers one by one",
	    .source = "RFC 8633 section 5.5",
	    .remedy = "take the line out, and name the servers",
	    .why = "Who listens to broadcasts follows whoever sends them. With one shared "
		   "key each member of the group can forge them, and NTPsec took all of it "
		   "out." },
	{ .id = NULL },
};
