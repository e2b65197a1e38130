#include "agent/host/commands.h"

#include "common/file.h"

#include <string.h>

#define SEPARATORS ";&|(){}`\n"

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(word, *list) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the word only leads to a command: a keyword, a wrapper, an assignment, a number. */
static bool
is_prefix(const char *word)
{
	static const char *const words[] = { "if", "then", "else", "elif", "do", "while", "until",
		"!", "exec", "sudo", "nice", "ionice", "env", "nohup", "command", "time", "timeout",
		"setsid", "-n", NULL };
	size_t name =
	    strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return is_one_of(file_name(word), words) || (name > 0 && word[name] == '=') ||
	    (word[0] && strspn(word, "0123456789") == strlen(word));
}

/* Read one word to @word, without its quotes; false: the command ends here. */
static bool
next_word(struct commands *commands, struct buf *word)
{
	char quote = '\0';
	bool any = false;

	buf_reset(word);
	commands->at += strspn(commands->at, " \t\r");
	if (*commands->at == '#') {
		commands->at += strcspn(commands->at, "\n");
	}
	while (*commands->at) {
		char c = *commands->at;

		if (c == '\\' && commands->at[1] && quote != '\'') {
			commands->at++;
			c = *commands->at;
			commands->line += c == '\n';
			buf_add(word, &c, c != '\n');
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
		} else if (!quote && strchr(" \t\r" SEPARATORS, c)) {
			break;
		} else {
			commands->line += c == '\n';
			buf_add(word, &c, 1);
		}
		any = true;
		commands->at++;
	}
	return any;
}

bool
commands_next(struct commands *commands, struct command *command)
{
	struct buf word = { .limit_bytes = 4096 };

	memset(&command->words, 0, sizeof(command->words));
	while (*commands->at && command->words.count == 0) {
		command->line = commands->line;
		while (next_word(commands, &word)) {
			if (command->words.count > 0 || !is_prefix(buf_str(&word))) {
				arguments_add(
				    &command->words, arena_strdup(commands->arena, buf_str(&word)));
			}
		}
		if (*commands->at) {
			commands->line += *commands->at == '\n';
			commands->at++;
		}
	}
	buf_free(&word);
	return command->words.count > 0;
}

/* Whether an argument is the option -@letter, alone or in a cluster, or --@name. */
static bool
has_option(const struct command *command, char letter, const char *name)
{
	for (size_t i = 1; i < command->words.count; i++) {
		const char *word = command->words.list[i];
		size_t len = strlen(name);

		if (strncmp(word, "--", 2) == 0) {
			if (len > 0 && strncmp(word + 2, name, len) == 0 &&
			    (word[2 + len] == '\0' || word[2 + len] == '=')) {
				return true;
			}
		} else if (word[0] == '-' && strchr(word, letter)) {
			return true;
		}
	}
	return false;
}

static bool
has_word(const struct command *command, const char *word)
{
	for (size_t i = 1; i < command->words.count; i++) {
		if (strcmp(command->words.list[i], word) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether `date` sets the clock: by an option, or by digits as in `date 010203042026`. */
static bool
sets_date(const struct command *command)
{
	if (has_option(command, 's', "set")) {
		return true;
	}
	for (size_t i = 1; i < command->words.count; i++) {
		const char *word = command->words.list[i];
		size_t digits = strspn(word, "0123456789");

		if (digits >= 8 && (word[digits] == '\0' || word[digits] == '.')) {
			return true;
		}
	}
	return false;
}

/* Programs that set the clock only when an argument says so. */
struct setter {
	const char *program;
	char letter; /* the letter, the option or the word must be there */
	const char *option;
	const char *word;
	const char *says;
};

static const struct setter setters[] = {
	{ "sntp", 's', "slew", NULL, "sntp" },
	{ "sntp", 'S', "step", NULL, "sntp" },
	{ "ntpdig", 's', "slew", NULL, "ntpdig" },
	{ "ntpdig", 'S', "step", NULL, "ntpdig" },
	{ "chronyd", 'q', "", NULL, "chronyd -q" },
	{ "ntpd", 'q', "quit", NULL, "ntpd -q" },
	{ "ntpd", 's', "", NULL, "ntpd -s" },
	{ "openntpd", 's', "", NULL, "openntpd -s" },
	{ "hwclock", 's', "hctosys", NULL, "hwclock --hctosys" },
	{ "chronyc", 0, NULL, "makestep", "chronyc makestep" },
	{ "chronyc", 0, NULL, "settime", "chronyc settime" },
	{ "timedatectl", 0, NULL, "set-time", "timedatectl set-time" },
	{ "busybox", 0, NULL, "ntpd", "busybox ntpd" },
	{ "vmware-toolbox-cmd", 0, NULL, "enable", "vmware-toolbox-cmd timesync enable" },
};

const char *
command_sets_clock(const struct command *command)
{
	static const char *const always[] = { "ntpdate", "ntpdate-debian", "ntpdate-sync", "rdate",
		"htpdate", "tlsdate", "msntp", "ntpclient", NULL };
	const char *program = command->words.count ? file_name(command->words.list[0]) : "";

	for (const char *const *name = always; *name; name++) {
		if (strcmp(program, *name) == 0) {
			/* ntpdate -q only looks */
			return has_option(command, 'q', "") && strncmp(program, "ntpdate", 7) == 0
			    ? NULL
			    : *name;
		}
	}
	if (strcmp(program, "date") == 0 && sets_date(command)) {
		return "date --set";
	}
	for (size_t i = 0; i < COUNT(setters); i++) {
		const struct setter *setter = &setters[i];

		if (strcmp(program, setter->program) == 0 &&
		    (setter->word ? has_word(command, setter->word)
				  : has_option(command, setter->letter, setter->option))) {
			return setter->says;
		}
	}
	return NULL;
}

/* Whether @word is one of @names: "/etc/init.d/ntp", "ntp.service" and "ntp" are "ntp". */
static bool
names_it(const char *word, const char *const *names)
{
	const char *name = file_name(word);

	for (; *names; names++) {
		size_t len = strlen(*names);

		if (strncmp(name, *names, len) == 0 &&
		    (name[len] == '\0' || strcmp(name + len, ".service") == 0)) {
			return true;
		}
	}
	return false;
}

bool
command_starts(const struct command *command, const char *const *names)
{
	static const char *const managers[] = { "systemctl", "service", "invoke-rc.d", "rc-service",
		"initctl", NULL };
	static const char *const verbs[] = { "start", "restart", "try-restart", "reload-or-restart",
		"condrestart", NULL };
	const char *program = command->words.count ? command->words.list[0] : "";
	bool verb = false, name = false;

	for (size_t i = 1; i < command->words.count; i++) {
		verb |= is_one_of(command->words.list[i], verbs);
		name |= names_it(command->words.list[i], names);
	}
	if (is_one_of(file_name(program), managers)) {
		return verb && name;
	}
	if (strstr(program, "/init.d/")) {
		return verb && names_it(program, names);
	}
	/* the daemon itself, by its path: a bare name may be a word of a message */
	return program[0] == '/' && names_it(program, names) && !command_sets_clock(command);
}
