/*
 * Debian starts NTPsec and ntp by a script that reads /etc/default/NAME and may put DHCP's
 * configuration in the place of the host's own.  This file takes what matters from the script's
 * text, so that the scripts of both, of any release, are one case.
 * Source: ntpsec 1.2.2+dfsg1-1+deb12u1, ntp 1:4.2.8p15+dfsg-1 of Debian.
 */
#include "agent/start/command.h"

#include "agent/start/launch.h"
#include "common/file.h"

#include <stdio.h>
#include <string.h>

#define SCRIPT_BYTES 16384

struct maker {
	const char *root;
	const struct daemon_driver *driver;
	struct arena *arena;
	struct start_command *command;
	struct variables variables; /* the environment */
	struct variables used;
};

static void
give_up(struct maker *maker, const char *why)
{
	if (!maker->command->unknown) {
		maker->command->unknown = why;
	}
}

/* Returns what follows @mark in @text, up to a character of @stops; NULL: no @mark. */
static const char *
behind(struct maker *maker, const char *text, const char *mark, const char *stops)
{
	const char *at = strstr(text, mark);

	if (!at) {
		return NULL;
	}
	at += strlen(mark);
	return arena_strndup(maker->arena, at, strcspn(at, stops));
}

/* Read the defaults that the script reads, on top of its environment. */
static void
read_defaults(struct maker *maker, const char *path)
{
	struct buf text = { .limit_bytes = SCRIPT_BYTES };
	struct error err;

	switch (tree_read(maker->root, path, &text, &err)) {
	case TREE_READ:
		variables_read(
		    maker->arena, VARIABLES_SHELL, path, buf_str(&text), &maker->variables);
		break;
	case TREE_ABSENT:
		break;
	case TREE_UNREADABLE:
		give_up(maker, arena_strdup(maker->arena, err.text));
		break;
	}
	if (maker->variables.unsure) {
		give_up(maker,
		    arena_printf(maker->arena,
			"%s: this is more than an assignment, so its result is not known",
			maker->variables.unsure));
	}
	buf_free(&text);
}

/* Add the words of an unquoted variable as a shell splits it: at spaces, whatever it holds. */
static void
add_split(struct maker *maker, const char *name, struct arguments *words)
{
	const struct variable *variable = variables_find(&maker->variables, name);
	char *copy, *word;

	if (!variable) {
		return;
	}
	if (!variable->value) {
		give_up(maker,
		    arena_printf(maker->arena, "%s: its value cannot be told without a shell",
			variable->line));
		return;
	}
	maker->command->line = variable->line;
	copy = arena_strdup(maker->arena, variable->value);
	while ((word = strsep(&copy, " \t\n"))) {
		if (word[0]) {
			arguments_add(words, word);
		}
	}
}

/* Returns "106:113", as `getent passwd NAME | cut -f 3,4 -d:` prints it; "": no such user. */
static const char *
ids_of(struct maker *maker, const char *user)
{
	struct buf text = { .limit_bytes = 1 << 20 };
	const char *ids = "", *at;
	char *mark = arena_printf(maker->arena, "\n%s:", user);

	buf_text(&text, "\n");
	if (tree_read(maker->root, "/etc/passwd", &text, NULL) == TREE_READ &&
	    (at = strstr(buf_str(&text), mark)) && (at = strchr(at + strlen(mark), ':'))) {
		size_t len = strcspn(at + 1, ":");

		len += 1 + strcspn(at + 1 + len + (at[1 + len] == ':'), ":\n");
		ids = arena_strndup(maker->arena, at + 1, len);
	}
	buf_free(&text);
	return ids;
}

static void
add_user(struct maker *maker, const char *script, struct arguments *words)
{
	const char *user = behind(maker, script, "RUNASUSER=", " \n");

	if (user) {
		user = ids_of(maker, user);
	} else {
		user = behind(maker, script, "$NTPD_OPTS -u ", "\" \n");
	}
	if (user) {
		arguments_add(words, "-u");
		arguments_add(words, user);
	}
}

/* Whether the script would take DHCP's configuration now. */
static bool
takes_dhcp(struct maker *maker, const char *script, const char *path)
{
	const struct variable *ignore = variables_find(&maker->variables, "IGNORE_DHCP");

	if (strstr(script, "$IGNORE_DHCP") && ignore && ignore->value &&
	    strcmp(ignore->value, "yes") == 0) {
		return false;
	}
	maker->command->dhcp_path = path;
	if (tree_is_hidden(maker->root, path)) {
		give_up(maker,
		    arena_printf(maker->arena,
			"whether %s is there cannot be seen: run timetier-agent as root", path));
	}
	return tree_is_there(maker->root, path);
}

/* Do as Debian's ntp-systemd-wrapper does. */
static void
run_debian(struct maker *maker, const char *script)
{
	struct arguments *words = &maker->command->words;
	const char *defaults = behind(maker, script, "\n        . ", " \n");
	const char *pid_file = behind(maker, script, "PIDFILE=", " \n");
	const char *dhcp = behind(maker, script, "[ -e ", " ]");
	const char *config = behind(maker, script, "NTPD_OPTS=\"-c ", " \"");
	bool replaced;

	*words = (struct arguments){ .count = 0 };
	arguments_add(words, maker->driver->binary);
	arguments_add(words, "-p");
	arguments_add(words, pid_file ? pid_file : "");
	if (!defaults) {
		defaults = behind(maker, script, "\t. ", " \n");
	}
	if (defaults) {
		read_defaults(maker, defaults);
	}
	replaced = dhcp && takes_dhcp(maker, script, dhcp);
	if (!replaced && config) {
		arguments_add(words, "-c");
		arguments_add(words, config);
	}
	add_split(maker, "NTPD_OPTS", words);
	maker->command->dhcp_remedy = strstr(script, "$IGNORE_DHCP") && defaults
	    ? arena_printf(maker->arena, "IGNORE_DHCP=\"yes\" in %s", defaults)
	    : "start ntpd without the wrapper";
	if (replaced) {
		arguments_add(words, "-c");
		arguments_add(words, dhcp);
		maker->command->note =
		    arena_printf(maker->arena, "%s, written by DHCP, takes the place of %s: %s",
			dhcp, maker->driver->config_path, maker->command->dhcp_remedy);
	}
	add_user(maker, script, words);
}

/*
 * Ubuntu's chronyd-starter.sh starts chronyd with the arguments it got, and with -x where chronyd
 * may not set the clock.  False: this is another script.
 */
static bool
run_starter(struct maker *maker)
{
	struct arguments *words = &maker->command->words;

	if (strcmp(file_name(words->list[0]), "chronyd-starter.sh") != 0) {
		return false;
	}
	words->list[0] = maker->driver->binary;
	return true;
}

/* The command is not the daemon: handle a script that is known, else give up. */
static void
run_script(struct maker *maker)
{
	const char *path = maker->command->words.list[0];
	struct buf text = { .limit_bytes = SCRIPT_BYTES };
	struct error err = { "" };

	if (run_starter(maker)) {
		return;
	}
	if (launch_unwrap(maker->arena, &maker->variables, file_name(maker->driver->binary),
		&maker->command->words)) {
		return;
	}
	if (tree_read(maker->root, path, &text, &err) == TREE_READ &&
	    strstr(buf_str(&text), "exec $DAEMON -p $PIDFILE $NTPD_OPTS")) {
		run_debian(maker, buf_str(&text));
	} else {
		give_up(maker,
		    arena_printf(maker->arena,
			"%s starts it, and what that script does is not known", path));
	}
	buf_free(&text);
}

/* ntp 4.2.8 takes options from NTPD_NAME variables, too. */
static void
add_environment(struct maker *maker)
{
	const char *prefix = maker->driver->options_prefix;
	size_t len = strlen(prefix);

	for (size_t i = 0; i < maker->variables.count; i++) {
		const struct variable *variable = &maker->variables.list[i];

		if (variable->exported && variable->value &&
		    strncmp(variable->name, prefix, len) == 0 &&
		    (variable->name[len] == '_' || variable->name[len] == '\0') &&
		    strcmp(variable->name, maker->driver->options_variable) != 0) {
			arguments_add(&maker->command->environment,
			    arena_printf(maker->arena, "%s=%s", variable->name, variable->value));
			maker->command->line = variable->line;
		}
	}
}

/* Remove the prefixes of systemd.service(5); with an @ the second word, a mere name, goes, too. */
static void
strip_prefixes(struct arena *arena, struct arguments *words)
{
	bool named = false;
	const char *word = words->list[0];

	for (; *word && strchr("@-:+!|", *word); word++) {
		named |= *word == '@';
	}
	words->list[0] = arena_strdup(arena, word);
	if (named && words->count > 1) {
		memmove(
		    &words->list[1], &words->list[2], (words->count - 2) * sizeof(words->list[0]));
		words->count--;
	}
}

/* Returns the line of the last variable that gave options; without one @exec_line. */
static const char *
blamed(const struct maker *maker, const char *exec_line)
{
	for (size_t i = maker->used.count; i > 0; i--) {
		const struct variable *variable = &maker->used.list[i - 1];

		if (variable->value && variable->value[0]) {
			return variable->line;
		}
	}
	return exec_line;
}

void
start_command_read(const char *root, const struct daemon_driver *driver, const struct unit *unit,
    struct arena *arena, struct start_command *command)
{
	struct maker *maker = arena_alloc(arena, sizeof(*maker));
	const struct unit_setting *exec = unit_next(unit, "Service", "ExecStart", NULL);
	struct arguments *words = arena_alloc(arena, sizeof(*words));
	const char *why;

	*maker =
	    (struct maker){ .root = root, .driver = driver, .arena = arena, .command = command };
	*command = (struct start_command){ .line = "" };
	if (!exec) {
		give_up(maker, arena_printf(arena, "%s has no ExecStart=", unit->name));
		return;
	}
	why = unit_environment(root, unit, arena, &maker->variables);
	if (why) {
		give_up(maker, why);
	}
	arguments_split(arena, exec->value, words);
	arguments_expand(arena, words, &maker->variables, &command->words, &maker->used);
	if (command->words.count == 0) {
		give_up(maker, arena_printf(arena, "%s: no command", exec->line));
		return;
	}
	strip_prefixes(arena, &command->words);
	command->line = blamed(maker, exec->line);
	if (strcmp(file_name(command->words.list[0]), file_name(driver->binary)) != 0) {
		run_script(maker);
	}
	if (driver->options_prefix) {
		add_environment(maker);
	}
}
