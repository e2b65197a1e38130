/* What the sections of the document share.  No other room includes this. */
#ifndef ORCHESTRATOR_ACCOUNT_VIEW_H
#define ORCHESTRATOR_ACCOUNT_VIEW_H

#include "orchestrator/account/account.h"

struct account_view {
	const struct account *account;
	struct document *document;
	const struct account_host **worst; /* all hosts, the worst first */
};

/* Each adds a section to the document. */
void account_add_steps(const struct account_view *view);
void account_add_gaps(const struct account_view *view);
void account_add_sources(const struct account_view *view);
void account_add_runs(const struct account_view *view);
void account_add_limits(const struct account_view *view);

#endif
