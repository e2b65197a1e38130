/*
 * What the site's hosts answered, held against what site.yaml says that they should: findings by
 * rules, and a word for each door of each address.  No I/O.
 */
#ifndef ORCHESTRATOR_AUDIT_AUDIT_H
#define ORCHESTRATOR_AUDIT_AUDIT_H

#include "common/diag.h"
#include "measure/doors.h"
#include "orchestrator/rollout/health/access.h"

/* One address of a host. */
struct audit_row {
	const struct host *host;
	struct doors_seen seen;
};

struct audit {
	const struct topology *topology;
	struct audit_row *rows; /* addresses of one host are neighbours */
	size_t count;
};

/*
 * Whether @host should answer at @door to @from: ACCESS_EITHER where that cannot be said, as for
 * the host itself.
 */
enum access_rule audit_rule(const struct topology *topology, const struct host *host,
    enum door door, const struct ip *from);

enum audit_result {
	AUDIT_RIGHT,
	AUDIT_OPEN,    /* it answers what it should not */
	AUDIT_MISSING, /* it does not answer what it should */
	AUDIT_UNTRIED,
};

/* What is to be thought of one door of one address. */
enum audit_result audit_door(
    const struct audit *audit, const struct audit_row *row, enum door door);

/* A finding about a host, by the rule of this id. */
struct audit_finding {
	const struct topology *topology;
	const char *rule;
	const struct host *host;
	struct pos pos;
	int64_t now_ns; /* since 1970, for what is accepted until a day */
};

/* Report it; what site.yaml accepts becomes a note. */
void audit_report(const struct audit_finding *finding, struct diags *diags, const char *fmt, ...)
    PRINTF(3, 4);

/*
 * Report what is wrong, by rules; a finding that site.yaml accepts is a note.
 *
 * @now_ns: since 1970, for what is accepted until a day
 */
void audit_judge(const struct audit *audit, int64_t now_ns, struct diags *diags);

#endif
