/*
 * Follows commands into the scripts that they run, wherever these lie, and hands every command to a
 * callback.  This file only reads files, and a bounded number of them; those that this user may not
 * read are left out.
 */
#ifndef AGENT_SCRIPTS_FOLLOW_H
#define AGENT_SCRIPTS_FOLLOW_H

#include "agent/host/tree.h"
#include "agent/scripts/shell.h"

/* systemd's, where nothing else is said */
#define FOLLOW_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define FOLLOW_FILES_MAX 256

/* Where a command stands, and what runs it. */
struct script {
	const char *path;   /* the file that it stands in */
	const char *by;     /* another file, which runs path; NULL: none */
	const char *unit;   /* a timer that can be disabled so that it does not run; NULL: none */
	const char *hook;   /* a file that can be made not executable for that; NULL: none */
	const char *source; /* the line of a unit that led to it; NULL: none */
};

typedef void (*script_visit)(
    void *owner, const struct script *script, const struct command *command);

/* Zero-initialise it but for the first four. */
struct follow {
	const char *root;
	struct arena *arena;
	script_visit visit;
	void *owner;
	bool strict;      /* a script that this user may not read is a doubt, and not left out */
	const char *path; /* where programs are looked for; NULL: FOLLOW_PATH */
	const char *seen[FOLLOW_FILES_MAX];
	size_t seen_count;
	bool full; /* there are more scripts than are read; that was told */
};

/* Visit the commands of @text, which begins at @line of the file script->path. */
void follow_text(
    struct follow *follow, const struct script *script, const char *text, unsigned line);

/* Visit a command that systemd or udev runs, without a shell. */
void follow_words(struct follow *follow, const struct script *script, const struct arguments *words,
    unsigned line);

/* Visit every command of the script script->path; a file that does not begin with "#!" has none. */
void follow_file(struct follow *follow, const struct script *script);

/* The same for a file that a shell reads with `.`, or runs by its name. */
void follow_sourced(struct follow *follow, const struct script *script);

/*
 * Visit the commands of the files in a folder of hooks: of the executable scripts, as run-parts
 * runs them, or (@sourced) of every file, as a shell reads them.
 */
void follow_folder(struct follow *follow, const char *folder, bool sourced);

/* False for backups, and for what packages leave for the administrator to look at. */
bool follow_is_used(const char *name);

#endif
