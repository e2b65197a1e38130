#include "agent/scripts/follow.h"

#include "agent/scripts/wrappers.h"
#include "common/file.h"
#include "daemons/setters/setters.h"

#include <errno.h>
#include <string.h>

#define SCRIPT_BYTES 131072
#define DEPTH_MAX 5

/* One text whose commands are followed. */
struct walk {
	struct follow *follow;
	struct script script;
	unsigned depth;
	bool asks_systemd; /* the command in front asked whether systemd runs */
};

static void read_script(struct walk *from, const char *path, const char *mark);

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

bool
follow_is_used(const char *name)
{
	return !strstr(name, ".dpkg-") && !strstr(name, ".rpm") && !strchr(name, '~') &&
	    !strstr(name, ".bak");
}

/* Whether it is new; a script is read once. */
static bool
remember(struct walk *walk, const char *path)
{
	struct follow *follow = walk->follow;

	for (size_t i = 0; i < follow->seen_count; i++) {
		if (strcmp(follow->seen[i], path) == 0) {
			return false;
		}
	}
	if (follow->seen_count == FOLLOW_FILES_MAX) {
		struct command command = { .named = "one of more scripts than are read" };

		if (!follow->full) {
			follow->visit(follow->owner, &walk->script, &command);
		}
		follow->full = true;
		return false;
	}
	follow->seen[follow->seen_count++] = arena_strdup(follow->arena, path);
	return true;
}

/* Whether `[ -d /run/systemd/system ]` is asked: what leaves then, never goes on here. */
static bool
asks_systemd(const struct arguments *words)
{
	static const char *const tests[] = { "[", "[[", "test", NULL };

	return words->count >= 3 && is_one_of(words->list[0], tests) &&
	    (strcmp(words->list[1], "-d") == 0 || strcmp(words->list[1], "-e") == 0) &&
	    strncmp(words->list[2], "/run/systemd/system", 19) == 0 && words->count <= 4;
}

/* Read the script that a bare name leads to, in the folders of PATH. */
static void
read_by_name(struct walk *walk, const char *name)
{
	const char *path = walk->follow->path ? walk->follow->path : FOLLOW_PATH;

	if (!remember(walk, arena_printf(walk->follow->arena, "%s %s", path, name))) {
		return;
	}
	while (*path) {
		size_t len = strcspn(path, ":");
		const char *file =
		    arena_printf(walk->follow->arena, "%.*s/%s", (int)len, path, name);

		if (tree_is_program(walk->follow->root, file)) {
			read_script(walk, file, "#!");
			return;
		}
		path += len + (path[len] == ':');
	}
}

static void
read_program(struct walk *walk, const char *word)
{
	const char *says;

	if (word[0] == '/') {
		read_script(walk, word, "#!");
	} else if (!strpbrk(word, "/$*?=\"' ") && word[0] &&
	    setter_of(&word, 1, &says) != SETTER_LOOKS) {
		read_by_name(walk, word);
	}
}

/* Follow the command into the script that it runs. */
static void
follow_command(struct walk *walk, const struct command *command)
{
	const struct arguments *words = &command->words;
	const char *says, *program = words->list[0];

	if (command->script) {
		if (command->script[0] == '/') {
			read_script(walk, command->script, "");
		}
		return;
	}
	if (strcmp(file_name(program), "run-parts") == 0) {
		follow_folder(walk->follow, words->list[words->count - 1], false);
		return;
	}
	if (setter_of(words->list, words->count, &says) != SETTER_NONE ||
	    wrapper_only_talks(program)) {
		return;
	}
	read_program(walk, program);
	/* the arguments of a program that nobody knows may be what it runs */
	for (size_t i = 1; i < words->count; i++) {
		if (words->list[i][0] == '/') {
			read_script(walk, words->list[i], "#!");
		}
	}
}

static bool
take(void *owner, const struct command *command)
{
	struct walk *walk = owner;
	const struct arguments *words = &command->words;
	static const char *const ends[] = { "exit", "return", NULL };

	if (walk->asks_systemd && is_one_of(words->list[0], ends) && !command->otherwise) {
		return false;
	}
	walk->asks_systemd = asks_systemd(words);
	walk->follow->visit(walk->follow->owner, &walk->script, command);
	follow_command(walk, command);
	return true;
}

static bool
is_shells(const char *text)
{
	char line[128] = "";
	size_t len = strcspn(text, "\n");
	char *rest = line, *word;
	bool shell = strncmp(text, "#!", 2) != 0;

	memcpy(line, text, len < sizeof(line) ? len : sizeof(line) - 1);
	while (!shell && (word = strsep(&rest, " \t#!"))) {
		const char *name = file_name(word);
		size_t name_len = strcspn(name, "0123456789.");

		shell = name_len >= 2 && strncmp(name + name_len - 2, "sh", 2) == 0 &&
		    strncmp(name, "tcsh", 4) != 0 && strncmp(name, "tclsh", 5) != 0 &&
		    strcmp(name, "csh") != 0 && strcmp(name, "fish") != 0;
	}
	return shell;
}

/* Name the setters in the lines of a program that is no shell script. */
static void
name_setters(struct walk *walk, const char *text)
{
	char *rest = arena_strdup(walk->follow->arena, text), *line;
	struct command command = { .line = 0 };

	while ((line = strsep(&rest, "\n"))) {
		command.line++;
		line += strspn(line, " \t");
		command.named = line[0] == '#' ? NULL : setter_named(line);
		if (command.named) {
			walk->follow->visit(walk->follow->owner, &walk->script, &command);
		}
	}
}

static void
read_text(struct walk *walk, const char *text, unsigned line)
{
	if (is_shells(text)) {
		shell_read(walk->follow->arena, text, line, take, walk);
	} else {
		name_setters(walk, text);
	}
}

/* Read the file at @path, if it begins with @mark. */
static void
read_script(struct walk *from, const char *path, const char *mark)
{
	struct walk walk = {
		.follow = from->follow, .script = from->script, .depth = from->depth + 1
	};
	struct buf text = { .limit_bytes = SCRIPT_BYTES };

	if (walk.depth > DEPTH_MAX || !remember(from, path)) {
		return;
	}
	errno = 0;
	if (tree_read_start(from->follow->root, path, mark, SCRIPT_BYTES, &text)) {
		walk.script.path = arena_strdup(from->follow->arena, path);
		walk.script.by = from->script.path;
		read_text(&walk, buf_str(&text), 1);
	} else if (errno == EACCES && from->follow->strict) {
		struct command hidden = { .named = arena_printf(from->follow->arena,
					      "%s, which only root can read,", path) };

		from->follow->visit(from->follow->owner, &from->script, &hidden);
	}
	buf_free(&text);
}

void
follow_text(struct follow *follow, const struct script *script, const char *text, unsigned line)
{
	struct walk walk = { .follow = follow, .script = *script };

	shell_read(follow->arena, text, line, take, &walk);
}

void
follow_words(struct follow *follow, const struct script *script, const struct arguments *words,
    unsigned line)
{
	struct walk walk = { .follow = follow, .script = *script };

	shell_read_words(follow->arena, words, line, take, &walk);
}

/* As read_script(); nobody but the system runs the file. */
static void
read_first(struct follow *follow, const struct script *script, const char *mark)
{
	struct walk walk = { .follow = follow, .script = *script };
	struct buf text = { .limit_bytes = SCRIPT_BYTES };

	if (remember(&walk, script->path) &&
	    tree_read_start(follow->root, script->path, mark, SCRIPT_BYTES, &text)) {
		read_text(&walk, buf_str(&text), 1);
	}
	buf_free(&text);
}

void
follow_file(struct follow *follow, const struct script *script)
{
	read_first(follow, script, "#!");
}

void
follow_sourced(struct follow *follow, const struct script *script)
{
	read_first(follow, script, "");
}

void
follow_folder(struct follow *follow, const char *folder, bool sourced)
{
	const char *const *names;
	size_t count = tree_names(follow->root, folder, "", follow->arena, &names);

	for (size_t i = 0; i < count; i++) {
		struct script script = { .path = arena_printf(
					     follow->arena, "%s/%s", folder, names[i]) };

		if (!follow_is_used(names[i])) {
			continue;
		}
		if (sourced) {
			follow_sourced(follow, &script);
		} else if (tree_is_program(follow->root, script.path)) {
			script.hook = script.path;
			follow_file(follow, &script);
		}
	}
}
