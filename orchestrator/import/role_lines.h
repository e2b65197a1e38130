/*
 * How the variables of a role become lines of a configuration: what each kind of value means, and
 * the templates' few own ways.
 */
#ifndef ORCHESTRATOR_IMPORT_ROLE_LINES_H
#define ORCHESTRATOR_IMPORT_ROLE_LINES_H

#include "orchestrator/import/import.h"

#include <jansson.h>

/* A host's configuration while it is written. */
struct making {
	struct import *import;
	struct import_host *host;
	json_t *variables;
	const char *prefix; /* of the role's variables */
	struct buf text;
};

/* What a role writes of one variable; its lines stand in the order of the role's template. */
struct row {
	const char *variable; /* behind the prefix; "": none, `absent` is always written */
	/* @value: NULL when the variable is not set, and the row has no `absent` */
	void (*put)(struct making *making, const struct row *row, json_t *value);
	const char *word;   /* what the lines begin with */
	const char *absent; /* the lines when the variable is not set */
};

/* "{{ name }}" is what the variable `name` says; other expressions are the tools' own. */
json_t *followed(const struct making *making, json_t *value);

/* Ansible's own truths, of which an inventory in lines makes texts. */
bool is_true(const struct making *making, json_t *value);

/* The role's variable called @name behind its prefix, or NULL. */
json_t *variable(const struct making *making, const char *name);

typedef void put_lines(struct making *making, const struct row *row, json_t *value);

put_lines put_line;      /* a text behind the word */
put_lines put_each;      /* a line for each of a list, with the words of lists and maps in it */
put_lines put_joined;    /* a list in one line */
put_lines put_flag;      /* the word where it is true */
put_lines put_unless;    /* the word where it is false */
put_lines put_above_one; /* a text, when it is a number above 1 */
put_lines put_not_zero;  /* a text, when it is a number above 0 */
put_lines put_lost;      /* nothing, and a remark why where it is set */

/* The templates' own ways. */
put_lines put_timesync_sources; /* `word`: what a trusted source is called */
put_lines put_makestep;
put_lines put_step;
put_lines put_area; /* geerlingguy.ntp's own servers, which are those of an area */
put_lines put_chrony_sources;
put_lines put_chrony_makestep;
put_lines put_puppet_sources;
put_lines put_interfaces;
put_lines put_udlc;

#endif
