/*
 * The design of a site for those who answer for it: what it is, what it survives, what it costs,
 * what is open and what is accepted, and what has changed since somebody looked last.
 */
#ifndef ORCHESTRATOR_REVIEW_REVIEW_H
#define ORCHESTRATOR_REVIEW_REVIEW_H

#include "common/diag.h"
#include "orchestrator/document/document.h"
#include "orchestrator/graph/graph.h"
#include "orchestrator/journal/journal.h"
#include "orchestrator/probe/kept.h"
#include "orchestrator/topology/topology.h"

/* What the journal says; all zero where there is none. */
struct review_history {
	int64_t reviewed_ns; /* 0: never */
	const char *reviewed_by;
	const char *site_text; /* as it was then */
	struct journal_run
	    *runs; /* since then, oldest first; without a review: all that are known */
	size_t run_count;
	int64_t keys_ns;         /* when `keys rotate` last came to its end; 0: not known */
	struct journal_run last; /* the latest that changed a host's files; id 0: none is known */
	struct diags *then;      /* what was found in site_text; NULL: it was not sound, or never */
};

struct review {
	const struct topology *topology; /* sound */
	const struct diags *diags;       /* of lint_run(), sorted */
	const struct review_history *history;
	const struct kept *kept; /* the latest probe */
	const char *site_text;
	int64_t now_ns;            /* real time */
	int64_t keys_file_ns;      /* when the file of keys was changed last; 0: there is none */
	double price_gb;           /* USD; 0: none is known */
	const struct graph *graph; /* made by review_document() */
};

/* Read what the journal knows of reviews and of runs since; from @arena. */
int review_history(struct journal *journal, struct arena *arena, struct review_history *history,
    struct error *err) MUST_CHECK;

/*
 * Judge the design of the latest review by the rules of today, so that both can be compared.
 *
 * @then: filled; the caller frees it with diags_free()
 */
void review_judge_then(
    const struct topology *now, int64_t now_ns, struct review_history *history, struct diags *then);

/* How many findings are not accepted in @of, and are not there, or accepted, in @other. */
size_t review_only_in(const struct diags *of, const struct diags *other);

/* Make the document; it borrows from @review, and the rest is in @arena. */
void review_document(const struct review *review, struct arena *arena, struct document *document);

/* A few questions with their answers, for who has two minutes: a table of the first section. */
void review_glance(const struct review *review, struct document *document);

/* The sections, in their order; each adds one to @document. */
void review_summary(const struct review *review, struct document *document);
void review_sources(const struct review *review, struct document *document);
void review_losses(const struct review *review, struct document *document);
void review_servers(const struct review *review, struct document *document);
void review_access(const struct review *review, struct document *document);
void review_keys(const struct review *review, struct document *document);
void review_findings(const struct review *review, struct document *document);
void review_traffic(const struct review *review, struct document *document);
void review_changes(const struct review *review, struct document *document);
void review_next(const struct review *review, struct document *document);

#endif
