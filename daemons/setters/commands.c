/* Tells what a command does to the clock: a row for each program that can set it. */
#include "common/file.h"
#include "daemons/setters/options.h"
#include "daemons/setters/setters.h"

#include <string.h>

struct given {
	struct options options;
	bool sets, looks; /* an option of the row says so */
	bool debug;       /* -d */
};

struct setter {
	const char *program;
	struct option_rules rules;
	const char *sets;  /* options: letters, then long names: "sS slew step" */
	const char *looks; /* with one of these it sets nothing, whatever else is there */
	/* whether the operands set it; NULL: they do not */
	enum setter_answer (*judge)(const struct given *given);
	const char *says;
};

/* A value that a shell puts in, which nobody knows before. */
static bool
is_open(const char *word)
{
	return strchr(word, '$') || strchr(word, '`');
}

static bool
has_operand(const struct given *given, const char *word)
{
	for (size_t i = 0; i < given->options.operand_count; i++) {
		const char *at = given->options.operands[i];
		size_t len = strlen(word);

		/* chronyc and vmware-toolbox-cmd take a command with its arguments as one word */
		if (strncmp(at, word, len) == 0 && (at[len] == '\0' || at[len] == ' ')) {
			return true;
		}
	}
	return false;
}

static enum setter_answer
always(const struct given *given UNUSED)
{
	return SETTER_SETS;
}

/* Without a host it says so and ends. */
static enum setter_answer
any_operand(const struct given *given)
{
	return given->options.operand_count > 0 ? SETTER_SETS : SETTER_LOOKS;
}

/* A word that only the shell knows may be the option that sets. */
static enum setter_answer
judge_open(const struct given *given)
{
	for (size_t i = 0; i < given->options.operand_count; i++) {
		if (is_open(given->options.operands[i])) {
			return SETTER_MAY;
		}
	}
	return SETTER_LOOKS;
}

/* `date 010203042026.05`, BusyBox `date 2026-01-02`; +%s is a format; with -d, -r, -f it prints. */
static enum setter_answer
judge_date(const struct given *given)
{
	for (size_t i = 0; i < given->options.operand_count; i++) {
		const char *word = given->options.operands[i];

		if (word[0] == '@' || (word[0] >= '0' && word[0] <= '9')) {
			return SETTER_SETS;
		}
		if (is_open(word) && word[0] != '+') {
			return SETTER_MAY;
		}
	}
	return SETTER_LOOKS;
}

static enum setter_answer
judge_chronyc(const struct given *given)
{
	static const char *const commands[] = { "makestep", "settime", "doffset" };

	for (size_t i = 0; i < COUNT(commands); i++) {
		if (has_operand(given, commands[i])) {
			return SETTER_SETS;
		}
	}
	return SETTER_LOOKS;
}

static enum setter_answer
judge_timedatectl(const struct given *given)
{
	const struct options *options = &given->options;
	const char *value = options->operand_count > 1 ? options->operands[1] : "";

	if (has_operand(given, "set-time")) {
		return SETTER_SETS;
	}
	if (!has_operand(given, "set-ntp")) {
		return SETTER_LOOKS;
	}
	/* systemd's own false; with anything else a daemon starts */
	return strcmp(value, "0") == 0 || strcmp(value, "no") == 0 || strcmp(value, "n") == 0 ||
		strcmp(value, "false") == 0 || strcmp(value, "f") == 0 || strcmp(value, "off") == 0
	    ? SETTER_LOOKS
	    : SETTER_SETS;
}

static enum setter_answer
judge_toolbox(const struct given *given)
{
	return has_operand(given, "timesync") && has_operand(given, "enable") ? SETTER_SETS
									      : SETTER_LOOKS;
}

static enum setter_answer
judge_net(const struct given *given)
{
	return has_operand(given, "time") && has_operand(given, "set") ? SETTER_SETS : SETTER_LOOKS;
}

static enum setter_answer
judge_phc_ctl(const struct given *given)
{
	return has_operand(given, "CLOCK_REALTIME") &&
		(has_operand(given, "set") || has_operand(given, "adj"))
	    ? SETTER_SETS
	    : SETTER_LOOKS;
}

#define NTPDATE                                                                                    \
	{                                                                                          \
		"46a:bBde:hk:no:p:qst:uv", "", false                                               \
	}
#define SNTP                                                                                       \
	{                                                                                          \
		"46a:b:c:dD:g:jK:k:l:M:o:pP:qrsSt:u:wV?",                                          \
		    "ipv4 ipv6 authentication= bctimeout= broadcast= concurrent= debug "           \
		    "set-debug-level= gap= json kod= keyfile= logfile= filelog= steplimit= "       \
		    "ntpversion= replay= slew step timeout= usereservedport uctimeout= wait "      \
		    "nowait version help",                                                         \
		    false                                                                          \
	}
#define NTPD                                                                                       \
	{                                                                                          \
		"46aAbc:dD:f:gGhi:I:k:l:LmMnNp:P:qr:sSt:u:v:V:wxz:",                               \
		    "authreq authnoreq bcastsync configfile= debug set-debug-level= driftfile= "   \
		    "panicgate force-step-once jaildir= interface= keyfile= logfile= "             \
		    "novirtualips "                                                                \
		    "modifymmtimer nofork nice pidfile= priority= quit propagationdelay= "         \
		    "saveconfigquit= statsdir= trustedkey= user= updateinterval= wait-sync= slew " \
		    "var= dvar= help version",                                                     \
		    false                                                                          \
	}

/* Source: coreutils 9.1, util-linux 2.38, BusyBox 1.35, ntp 4.2.8p15, NTPsec 1.2.2, chrony 4.3, ...
 */
static const struct setter setters[] = {
	{ "date",
	    { "d:D:f:I?r:Rs:uh",
		"date= debug file= iso-8601? reference= resolution rfc-email rfc-822 rfc-2822 "
		"rfc-3339= set= uct utc universal help version",
		false },
	    "s set", "dfr date file reference resolution help version", judge_date, "date --set" },
	/* NTPsec's is a script: with -d it sets the clock all the same, by ntpdig within it */
	{ "ntpdate", NTPDATE, "", "qdhn", any_operand, "ntpdate" },
	{ "ntpdate-debian", NTPDATE, "", "qdhn", always, "ntpdate-debian" },
	{ "ntpdate-sync", NTPDATE, "", "qdhn", any_operand, "ntpdate-sync" },
	{ "rdate", { "46ab:cl:no:pst:uv", "", false }, "", "p", any_operand, "rdate" },
	{ "netdate", { "lv", "", false }, "", "", any_operand, "netdate" },
	{ "htpdate", { "046abcdDe:f:Fghi:klm:M:np:P:qstu:vx", "", false }, "asxDF", "", NULL,
	    "htpdate" },
	{ "tlsdate",
	    { "shH:p:P:nC:V?lwx:tv",
		"skip-verification help host= port= protocol= dont-set-clock certdir= "
		"certcontainer= showtime? leap timewarp proxy= verbose",
		false },
	    "", "nh dont-set-clock help", always, "tlsdate" },
	{ "ntpclient", { "c:df:g:h:i:lp:q:rst:D", "", false }, "sl", "", NULL, "ntpclient" },
	{ "msntp", { "aAc:de:E:f:l:p:P:rvx?", "", false }, "ar", "", judge_open, "msntp" },
	{ "sntp", SNTP, "sS slew step", "", judge_open, "sntp" },
	{ "ntpdig", SNTP, "sS slew step", "", judge_open, "ntpdig" },
	{ "chronyd", { "46df:F:hl:L:mnpP:qQrRst:u:Uvx", "help version", false }, "q",
	    "Qpxhv help version", NULL, "chronyd -q" },
	{ "ntpd", NTPD, "q quit", "", NULL, "ntpd -q" },
	{ "ntpd", NTPD, "s", "n", NULL, "ntpd -s" },
	{ "openntpd", { "df:np:sSv", "", false }, "s", "n", NULL, "openntpd -s" },
	{ "hwclock",
	    { "hVvDdalrsuwf:t",
		"help show get set hctosys systohc systz adjust predict param-get= param-set= "
		"utc localtime rtc= directisa date= delay= update-drift noadjfile adjfile= test "
		"verbose debug version epoch= getepoch setepoch compare badyear",
		false },
	    "s hctosys", "hVrwa test help version show get set systohc systz adjust predict",
	    judge_open, "hwclock --hctosys" },
	{ "chronyc", { "46acdeh:mnp:f:Nv", "help version", false }, "", "", judge_chronyc,
	    "chronyc makestep" },
	{ "timedatectl",
	    { "aH:hM:p:P:",
		"all adjust-system-clock help host= machine= monitor "
		"no-ask-password no-pager property= value version",
		false },
	    " adjust-system-clock", "H host", judge_timedatectl, "timedatectl set-time" },
	{ "adjtimex", { "qo:f:p:t:sS:", "offset= singleshot= tick= frequency= print", false },
	    "os offset singleshot", "", NULL, "adjtimex" },
	{ "phc2sys",
	    { "ad:c:s:E:P:I:S:F:O:L:M:N:u:n:wrRxzt:f:l:mqvhi:", "help step_threshold=", false }, "",
	    "hv", always, "phc2sys" },
	{ "phc_ctl", { "l:qQvh", "", false }, "", "hv", judge_phc_ctl, "phc_ctl" },
	{ "net", { "S:U:I:w:p:P:k", "", false }, "", "", judge_net, "net time set" },
	{ "vmware-toolbox-cmd", { "qvh", "help version quiet", false }, "", "", judge_toolbox,
	    "vmware-toolbox-cmd timesync enable" },
	{ "ntptimeset", { "", "", false }, "", "", always, "ntptimeset" },
};

/* Whether the row's @list, "sS slew step", has the option. */
static bool
lists(const char *list, const struct option *option)
{
	size_t letters = strcspn(list, " ");

	if (option->letter) {
		return memchr(list, option->letter, letters) != NULL;
	}
	for (list += letters; *list; list += strcspn(list, " ")) {
		list += strspn(list, " ");
		if (strcspn(list, " ") == option->name_len &&
		    strncmp(list, option->name, option->name_len) == 0) {
			return true;
		}
	}
	return false;
}

static enum setter_answer
ask_row(const struct setter *setter, const char *const *words, size_t count)
{
	struct given given = { .options = {
				   .words = words, .count = count, .rules = &setter->rules } };
	struct option option;

	while (options_next(&given.options, &option)) {
		given.sets |= lists(setter->sets, &option);
		given.looks |= lists(setter->looks, &option);
		given.debug |= option.letter == 'd';
	}
	if (given.looks) {
		/* `ntpdate -d`: what NTPsec's script does with it is told by the script */
		return given.debug && strncmp(setter->program, "ntpdate", 7) == 0 ? SETTER_NONE
										  : SETTER_LOOKS;
	}
	if (given.sets) {
		return SETTER_SETS;
	}
	return setter->judge ? setter->judge(&given) : SETTER_LOOKS;
}

/* BusyBox's ntpd is a daemon and a client in one: it sets the clock unless -w is there. */
static enum setter_answer
ask_busybox(const char *const *words, size_t count, const char **says)
{
	static const struct option_rules rules = { "dnqNwp:S:k:l:I:", "", false };
	const struct setter ntpd = { "ntpd", rules, "", "w", always, "busybox ntpd" };
	enum setter_answer answer;

	if (count < 2) {
		return SETTER_NONE;
	}
	if (strcmp(words[1], "ntpd") != 0) {
		return setter_of(words + 1, count - 1, says);
	}
	answer = ask_row(&ntpd, words + 1, count - 1);
	if (answer == SETTER_SETS) {
		*says = ntpd.says;
	}
	return answer;
}

enum setter_answer
setter_of(const char *const *words, size_t count, const char **says)
{
	const char *program = count > 0 ? file_name(words[0]) : "";
	enum setter_answer best = SETTER_NONE;

	if (strcmp(program, "busybox") == 0 || strcmp(program, "toybox") == 0) {
		return ask_busybox(words, count, says);
	}
	for (size_t i = 0; i < COUNT(setters); i++) {
		enum setter_answer answer;

		if (strcmp(program, setters[i].program) != 0) {
			continue;
		}
		answer = ask_row(&setters[i], words, count);
		if (answer > best) {
			best = answer;
			*says = setters[i].says;
		}
	}
	return best;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '-';
}

/* Returns what follows @word in @line, where it stands alone; NULL: it does not. */
static const char *
behind_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += len) {
		if ((at == line || !is_word(at[-1]) || word[0] == '-') && !is_word(at[len])) {
			return at + len;
		}
	}
	return NULL;
}

const char *
setter_named(const char *line)
{
	/* the second word must follow, if there is one */
	static const struct {
		const char *first, *second, *says;
	} names[] = {
		{ "ntpdate", NULL, "ntpdate" },
		{ "ntpdate-debian", NULL, "ntpdate-debian" },
		{ "rdate", NULL, "rdate" },
		{ "netdate", NULL, "netdate" },
		{ "tlsdate", NULL, "tlsdate" },
		{ "clock_settime", NULL, "clock_settime()" },
		{ "settimeofday", NULL, "settimeofday()" },
		{ "sntp", "-s", "sntp" },
		{ "sntp", "-S", "sntp" },
		{ "ntpdig", "-s", "ntpdig" },
		{ "ntpdig", "-S", "ntpdig" },
		{ "htpdate", "-s", "htpdate" },
		{ "htpdate", "-a", "htpdate" },
		{ "hwclock", "-s", "hwclock --hctosys" },
		{ "hwclock", "--hctosys", "hwclock --hctosys" },
		{ "chronyc", "makestep", "chronyc makestep" },
		{ "date", "-s", "date --set" },
		{ "date", "--set", "date --set" },
		{ "timedatectl", "set-time", "timedatectl set-time" },
		{ "ntpd", "-q", "ntpd -q" },
		{ "ntpd", "-gq", "ntpd -q" },
		{ "ntpd", "-qg", "ntpd -q" },
		{ "chronyd", "-q", "chronyd -q" },
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *rest = behind_word(line, names[i].first);

		if (rest && (!names[i].second || behind_word(rest, names[i].second))) {
			return names[i].says;
		}
	}
	return NULL;
}
