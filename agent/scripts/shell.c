/* Long, because words and commands of a shell are read by each other: "$(a $(b))". */
#include "agent/scripts/shell.h"

#include "agent/scripts/wrappers.h"
#include "common/file.h"
#include "daemons/setters/setters.h"

#include <string.h>

#define SEPARATORS ";&|(){}`\n"
#define DEPTH_MAX 12
#define HEREDOCS_MAX 4
#define WORD_BYTES 16384

/* Who reads what stands between <<EOF and EOF. */
enum reader { READS_TEXT, READS_COMMANDS, READS_AS_CHRONYC };

/* A text that is being read. */
struct shell {
	struct arena *arena;
	const char *at;
	unsigned line, depth, parentheses;
	command_take take;
	void *owner;
	struct variables *variables; /* of the script; without a value: it has had several */
	struct command *command;
	bool stopped;
	bool split;          /* the word is an unquoted variable: its value is split at spaces */
	bool piped;          /* a single | stands in front of the command */
	const char *printed; /* what goes to the command's input, as far as it is known; NULL */
	enum reader reader;
	const char *heredocs[HEREDOCS_MAX]; /* the words that end those that begin on this line */
	size_t heredoc_count;
};

static void read_all(struct shell *shell);
static void deliver(struct shell *shell, struct command *command);

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

static size_t
name_length(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
}

static const char *
join(struct arena *arena, const struct arguments *words, size_t from)
{
	struct buf text = { .limit_bytes = WORD_BYTES };
	const char *copy;

	for (size_t i = from; i < words->count; i++) {
		buf_text(&text, i > from ? " " : "");
		buf_text(&text, words->list[i]);
	}
	copy = arena_strdup(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

/* Read the commands of @text, which stands within this one. */
static void
read_within(struct shell *shell, const char *text)
{
	struct shell inner = { .arena = shell->arena,
		.at = text,
		.line = shell->line,
		.depth = shell->depth + 1,
		.take = shell->take,
		.owner = shell->owner,
		.variables = shell->variables };

	if (inner.depth <= DEPTH_MAX) {
		read_all(&inner);
	}
}

/* Returns where the ) or ` of a substitution stands; NULL: nowhere. */
static const char *
end_of_substitution(const char *at, char closes)
{
	unsigned open = 1;

	for (; *at; at++) {
		if (*at == '\\' && at[1]) {
			at++;
		} else if (closes == ')' && *at == '\'') {
			const char *end = strchr(at + 1, '\'');

			at = end ? end : at;
		} else if (closes == ')' && *at == '(') {
			open++;
		} else if (*at == closes && --open == 0) {
			return at;
		}
	}
	return NULL;
}

/* Take $(...) or `...`: what it prints is not known.  False: it does not end. */
static bool
take_substitution(struct shell *shell, struct buf *word)
{
	bool dollar = *shell->at == '$';
	const char *text = shell->at + 1 + dollar;
	const char *end = end_of_substitution(text, dollar ? ')' : '`');

	if (!end) {
		return false;
	}
	read_within(shell, arena_strndup(shell->arena, text, (size_t)(end - text)));
	for (; shell->at < end; shell->at++) {
		shell->line += *shell->at == '\n';
	}
	buf_text(word, "$()");
	return true;
}

/* Put in the value of $NAME or ${NAME} where it is known; else the name stays. */
static void
take_variable(struct shell *shell, struct buf *word, bool quoted)
{
	bool braced = shell->at[1] == '{';
	const char *name = shell->at + 1 + braced;
	size_t len = name_length(name), whole = 1;
	const struct variable *variable = NULL;

	if (len > 0 && (!braced || name[len] == '}')) {
		variable = variables_find(shell->variables, arena_strndup(shell->arena, name, len));
	}
	if (variable && variable->value) {
		shell->split |= !quoted && word->len == 0;
		buf_text(word, variable->value);
		shell->at = name + len + braced;
		return;
	}
	if (braced && name[strcspn(name, "}\n")] == '}') {
		whole = strcspn(name, "}\n") + 3; /* ${NAME:-x}: its braces are no separators */
	}
	buf_add(word, shell->at, whole);
	shell->at += whole;
}

/* Take one character, or what begins there. */
static void
take_character(struct shell *shell, struct buf *word, char quote)
{
	char c = *shell->at;

	if (c == '\\' && shell->at[1] && quote != '\'') {
		shell->at++;
		c = *shell->at;
		shell->line += c == '\n';
		buf_add(word, &c, c != '\n');
	} else if (quote != '\'' && ((c == '$' && shell->at[1] == '(') || c == '`') &&
	    take_substitution(shell, word)) {
		/* at its last character */
	} else if (quote != '\'' && c == '$' &&
	    (name_length(shell->at + 1) || shell->at[1] == '{')) {
		take_variable(shell, word, quote != '\0');
		return;
	} else {
		shell->line += c == '\n';
		buf_add(word, &c, 1);
	}
	shell->at++;
}

/* Whether a command ends at @at.  A brace is a word of its own or nothing: `{}` is no separator. */
static bool
is_separator(const char *at, bool in_word)
{
	if (*at == '{' || *at == '}') {
		return !in_word && strchr(*at == '{' ? " \t\r\n" : " \t\r\n;&|)", at[1]);
	}
	return *at && strchr(SEPARATORS, *at) && (*at != '`' || !end_of_substitution(at + 1, '`'));
}

/* Read one word to @word, without its quotes; false: the command ends here. */
static bool
next_word(struct shell *shell, struct buf *word)
{
	char quote = '\0';
	bool any = false;

	buf_reset(word);
	shell->split = false;
	shell->at += strspn(shell->at, " \t\r");
	if (*shell->at == '#') {
		shell->at += strcspn(shell->at, "\n");
	}
	while (*shell->at) {
		char c = *shell->at;

		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
			shell->at++;
		} else if (!quote && (strchr(" \t\r<>", c) || is_separator(shell->at, any))) {
			break;
		} else {
			take_character(shell, word, quote);
		}
		any = true;
	}
	return any;
}

/* Take `2>&1`, `>FILE`, `<<EOF`, `<<<TEXT`, if one begins here. */
static bool
take_redirection(struct shell *shell, struct buf *word)
{
	const char *at = shell->at + strspn(shell->at, " \t\r");
	const char *sign;
	size_t len;

	sign = at + (at[0] == '&' && at[1] == '>' ? 1 : strspn(at, "0123456789"));
	if (*sign != '<' && *sign != '>') {
		return false;
	}
	len = strspn(sign, "<>&|-");
	shell->at = sign + len;
	if (*shell->at == '(') {
		return true; /* <(COMMAND) */
	}
	if (sign[len - 1] != '-' || strncmp(sign, "<<-", 3) == 0) {
		next_word(shell, word);
	}
	if (strncmp(sign, "<<<", 3) == 0) {
		shell->printed = arena_strdup(shell->arena, buf_str(word));
		shell->piped = true;
	} else if (strncmp(sign, "<<", 2) == 0 && shell->heredoc_count < HEREDOCS_MAX) {
		shell->heredocs[shell->heredoc_count++] = arena_strdup(shell->arena, buf_str(word));
	}
	return true;
}

/* Deliver what chronyc reads as if it stood behind its name. */
static void
deliver_to_chronyc(struct shell *shell, const char *text)
{
	struct command *command = arena_alloc(shell->arena, sizeof(*command));

	*command = (struct command){ .line = shell->line };
	arguments_add(&command->words, "chronyc");
	arguments_split(shell->arena, text, &command->words);
	shell->stopped |= !shell->take(shell->owner, command);
}

/* Whether the line at @line, behind its tabs, is @word. */
static bool
is_line(const char *line, const char *word)
{
	const char *text = line + strspn(line, "\t");
	size_t len = strcspn(text, "\n");

	return strlen(word) == len && strncmp(text, word, len) == 0;
}

/* Read what stood between <<EOF and EOF as its reader would. */
static void
read_heredoc(struct shell *shell, const char *body)
{
	if (shell->reader == READS_COMMANDS) {
		read_within(shell, body);
	} else if (shell->reader != READS_TEXT) {
		deliver_to_chronyc(shell, body);
	}
}

/* Skip what stands between <<EOF and EOF; it is read where a shell would read it. */
static void
take_heredocs(struct shell *shell)
{
	for (size_t i = 0; i < shell->heredoc_count; i++) {
		const char *start = shell->at;
		bool ended = false;

		while (*shell->at && !ended) {
			const char *line = shell->at;
			size_t len = strcspn(line, "\n");

			ended = is_line(line, shell->heredocs[i]);
			if (ended) {
				read_heredoc(shell,
				    arena_strndup(shell->arena, start, (size_t)(line - start)));
			}
			shell->at = line + len + (line[len] == '\n');
			shell->line++;
		}
	}
	shell->heredoc_count = 0;
}

static bool
names_setter(struct arena *arena, const char *text)
{
	struct arguments *words = arena_alloc(arena, sizeof(*words));
	const char *says;

	arguments_split(arena, text, words);
	return setter_of(words->list, words->count, &says) != SETTER_NONE;
}

/*
 * Keep what a variable is set to.  Of several values that counts which is a program that sets the
 * clock; otherwise nobody knows which of them it has.
 */
static void
set_variable(struct shell *shell, const char *assignment)
{
	size_t len = name_length(assignment);
	const char *value = assignment + len + 1;
	struct variables *variables = shell->variables;

	for (size_t i = 0; i < variables->count; i++) {
		struct variable *variable = &variables->list[i];

		if (strlen(variable->name) != len ||
		    strncmp(variable->name, assignment, len) != 0) {
			continue;
		}
		if (variable->value && strcmp(variable->value, value) != 0 &&
		    !names_setter(shell->arena, variable->value)) {
			variable->value = names_setter(shell->arena, value)
			    ? arena_strdup(shell->arena, value)
			    : NULL;
		}
		return;
	}
	variables_assign(shell->arena, variables, assignment, "");
}

static bool
is_assignment(const char *word)
{
	size_t len = name_length(word);

	return len > 0 && word[len] == '=';
}

/* Add a word to the command; what only leads to a command is left out. */
static void
add_word(struct shell *shell, const char *word, bool plain)
{
	static const char *const keywords[] = { "if", "then", "else", "elif", "do", "while",
		"until", "!", "coproc", NULL };
	struct command *command = shell->command;

	if (command->words.count == 0 && plain && is_one_of(word, keywords)) {
		command->otherwise |= strcmp(word, "else") == 0;
		return;
	}
	arguments_add(&command->words, word);
}

static void
add_split(struct shell *shell, const char *value)
{
	char *rest = arena_strdup(shell->arena, value), *word;

	while ((word = strsep(&rest, " \t\n"))) {
		if (word[0]) {
			arguments_add(&shell->command->words, word);
		}
	}
}

/* Set the variables of a command that is nothing but assignments; drop those of another. */
static void
take_assignments(struct shell *shell)
{
	static const char *const makers[] = { "export", "local", "readonly", "declare", "typeset",
		NULL };
	struct arguments *words = &shell->command->words;
	size_t count = 0;
	bool made;

	made = words->count > 0 && is_one_of(words->list[0], makers);
	while (
	    count < words->count && (is_assignment(words->list[count]) || (made && count == 0))) {
		count++;
	}
	if (count == words->count || made) {
		for (size_t i = 0; i < words->count; i++) {
			if (is_assignment(words->list[i])) {
				set_variable(shell, words->list[i]);
			}
		}
		words->count = 0;
		return;
	}
	memmove(
	    &words->list[0], &words->list[count], (words->count - count) * sizeof(words->list[0]));
	words->count -= count;
}

static void
read_command(struct shell *shell, struct buf *word)
{
	struct command *command = shell->command;
	bool otherwise = command->otherwise;

	*command = (struct command){ .line = shell->line, .otherwise = otherwise };
	for (;;) {
		bool plain;

		if (take_redirection(shell, word)) {
			continue;
		}
		plain = !strchr("\"'\\", shell->at[strspn(shell->at, " \t\r")]);
		if (!next_word(shell, word)) {
			break;
		}
		if (command->words.count == 0) {
			command->line = shell->line;
		}
		if (shell->split) {
			add_split(shell, buf_str(word));
		} else {
			add_word(shell, arena_strdup(shell->arena, buf_str(word)), plain);
		}
	}
	if (*shell->at == ')' && shell->parentheses == 0) {
		command->words.count = 0; /* a pattern of `case` */
	}
	take_assignments(shell);
}

/* Take the separators up to the next command. */
static void
take_separators(struct shell *shell)
{
	const char *first = shell->at;
	size_t pipes = 0;

	while (*shell->at && (strchr(" \t\r", *shell->at) || is_separator(shell->at, false))) {
		char c = *shell->at++;

		pipes += c == '|';
		shell->parentheses += c == '(';
		shell->parentheses -= c == ')' && shell->parentheses > 0;
		if (c == '\n') {
			shell->line++;
			take_heredocs(shell);
		}
		if (c == '&' && *shell->at == '>') {
			shell->at--; /* &>FILE */
			break;
		}
	}
	shell->piped = pipes == 1 && *first == '|';
	shell->command->otherwise = pipes == 2;
}

static void
read_all(struct shell *shell)
{
	static const char *const printers[] = { "echo", "printf", NULL };
	struct buf word = { .limit_bytes = WORD_BYTES };
	struct command *command = arena_alloc(shell->arena, sizeof(*command));

	shell->command = command;
	while (*shell->at && !shell->stopped) {
		const char *start = shell->at;

		shell->reader = READS_TEXT;
		read_command(shell, &word);
		if (command->words.count > 0) {
			bool prints = is_one_of(command->words.list[0], printers);
			const char *text = prints ? join(shell->arena, &command->words, 1) : NULL;

			deliver(shell, command);
			shell->printed = text;
		}
		take_separators(shell);
		if (shell->at == start) {
			shell->at++; /* a < or > that begins nothing */
		}
	}
	buf_free(&word);
}

static void
deliver_words(struct shell *shell, const struct command *outer, size_t from, size_t to)
{
	struct command *inner = arena_alloc(shell->arena, sizeof(*inner));

	*inner = (struct command){ .line = outer->line, .otherwise = outer->otherwise };
	for (size_t i = from; i < to; i++) {
		arguments_add(&inner->words, outer->words.list[i]);
	}
	if (inner->words.count > 0) {
		deliver(shell, inner);
	}
}

/* Deliver what stands behind each -exec of `find`. */
static void
deliver_find(struct shell *shell, const struct command *command)
{
	static const char *const actions[] = { "-exec", "-execdir", "-ok", "-okdir", NULL };
	static const char *const ends[] = { ";", "+", NULL };

	for (size_t i = 1; i < command->words.count; i++) {
		size_t from = i + 1, to = from;

		if (!is_one_of(command->words.list[i], actions)) {
			continue;
		}
		while (to < command->words.count && !is_one_of(command->words.list[to], ends)) {
			to++;
		}
		deliver_words(shell, command, from, to);
		i = to;
	}
}

/* Hand the command over; chronyc takes its commands from a pipe, too. */
static void
hand_over(struct shell *shell, struct command *command)
{
	if (strcmp(file_name(command->words.list[0]), "chronyc") == 0) {
		shell->reader = READS_AS_CHRONYC;
		if (shell->piped && shell->printed) {
			arguments_add(&command->words, shell->printed);
		}
	}
	shell->stopped |= !shell->take(shell->owner, command);
}

static bool
is_busybox_ntpd(const struct arguments *words)
{
	return words->count > 1 && strcmp(words->list[1], "ntpd") == 0 &&
	    strcmp(file_name(words->list[0]), "busybox") == 0;
}

/* Hand over the command, or what it leads to. */
static void
deliver(struct shell *shell, struct command *command)
{
	struct lead lead;

	if (++shell->depth > DEPTH_MAX || is_busybox_ntpd(&command->words)) {
		command->unclear = shell->depth > DEPTH_MAX;
		hand_over(shell, command);
		shell->depth--;
		return;
	}
	wrapper_read(shell->arena, &command->words, &lead);
	switch (lead.kind) {
	case LEAD_NOWHERE:
		break;
	case LEAD_COMMAND:
		if (lead.more) {
			arguments_add(&command->words, "$ARGUMENTS");
		}
		deliver_words(shell, command, lead.at, command->words.count);
		break;
	case LEAD_TEXT:
		read_within(shell, lead.text);
		break;
	case LEAD_INPUT:
		shell->reader = READS_COMMANDS;
		read_within(shell, shell->piped && shell->printed ? shell->printed : "");
		break;
	case LEAD_FIND:
		deliver_find(shell, command);
		break;
	case LEAD_UNCLEAR:
		shell->reader = READS_COMMANDS;
		command->unclear = true;
		hand_over(shell, command);
		break;
	case LEAD_SCRIPT:
		command->script = lead.text;
		hand_over(shell, command);
		break;
	case LEAD_NONE:
		hand_over(shell, command);
		break;
	}
	shell->depth--;
}

void
shell_read(struct arena *arena, const char *text, unsigned line, command_take take, void *owner)
{
	struct shell shell = {
		.arena = arena, .at = text, .line = line, .take = take, .owner = owner
	};

	shell.variables = arena_alloc(arena, sizeof(*shell.variables));
	read_all(&shell);
}

void
shell_read_words(struct arena *arena, const struct arguments *words, unsigned line,
    command_take take, void *owner)
{
	struct shell shell = {
		.arena = arena, .at = "", .line = line, .take = take, .owner = owner
	};
	struct command *command = arena_alloc(arena, sizeof(*command));

	shell.variables = arena_alloc(arena, sizeof(*shell.variables));
	*command = (struct command){ .words = *words, .line = line };
	if (words->count > 0) {
		deliver(&shell, command);
	}
}
