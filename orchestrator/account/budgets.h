/* Budgets that rules outside the site ask for, by name: a table.  No I/O. */
#ifndef ORCHESTRATOR_ACCOUNT_BUDGETS_H
#define ORCHESTRATOR_ACCOUNT_BUDGETS_H

#include "orchestrator/topology/topology.h"

struct named_budget {
	const char *name;  /* "mifid-hft" */
	const char *title; /* "MiFID II RTS 25, high-frequency trading: 100 us" */
	int64_t limit_ns;  /* of offset and of error bound; INT64_MAX: the rule has no number */
	const char *asks;  /* what it asks for, in our words */
	const char *open;  /* what of it such an account cannot show */
	const char *source;
};

/* Ended by a row without name. */
extern const struct named_budget named_budgets[];

/* The budget called @name, or NULL with @err set, which lists them. */
const struct named_budget *named_budget(const char *name, struct error *err);

/* Both limits of it. */
struct budget named_budget_limits(const struct named_budget *named);

#endif
