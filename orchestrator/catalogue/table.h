/* The rows of the index of a catalogue: what parse.c makes and find.c looks up. */
#ifndef ORCHESTRATOR_CATALOGUE_TABLE_H
#define ORCHESTRATOR_CATALOGUE_TABLE_H

#include "orchestrator/catalogue/catalogue.h"

struct catalogue_key {
	const char *text;
	const struct service *service;
};

struct catalogue_domain {
	const char *name;
	const char *operator_name;
};

#endif
