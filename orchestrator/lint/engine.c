/* The engine: runs the rules, and turns each finding that the site accepts into a note. */
#include "common/nearest.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/lint/rule.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct lint_rule *const families[] = {
	rules_sources,
	rules_same,
	rules_network,
	rules_names,
	rules_address,
	rules_nts,
	rules_clocks,
	rules_extra,
	rules_pool,
	rules_member,
	rules_leap,
	rules_poll,
	rules_restart,
	rules_access,
	rules_deny,
	rules_peering,
	rules_keys,
	rules_audit,
	rules_watch,
	rules_client,
	rules_host,
	rules_files_start,
	rules_files_tier,
	rules_files_sources,
	rules_files_keys,
	rules_files_chrony,
	rules_files_restrict,
	rules_files_words,
	rules_probe,
	rules_accept,
};

const struct lint_place lint_places[LINT_PLACES] = {
	{ JUDGED_CHECK, "check", "by `timetier check`, from site.yaml" },
	{ JUDGED_FILES, "files", "by `timetier check`, from the files that hosts would get" },
	{ JUDGED_PLAN, "plan",
	    "by `timetier plan`, from what hosts tell and have; of their files by `drift`, too" },
	{ JUDGED_PROBE, "probe", "by `timetier probe`, from what upstreams answer" },
	{ JUDGED_AUDIT, "audit", "by `timetier audit`, from what servers answer" },
};

const struct lint_family lint_families[] = {
	{ "SRC", "sources: how many, and how independent of each other" },
	{ "POL", "permission: whom one may ask, and what the public pool asks" },
	{ "DNS", "names: where they lead, and who looks them up" },
	{ "ADR", "addresses of hosts" },
	{ "NTS", "NTS: sources that prove themselves by certificates" },
	{ "CLI", "Daemons that are clients alone" },
	{ "CLK", "Hardware clocks of servers" },
	{ "EXT", "The operator's own lines of a configuration" },
	{ "KOD", "kisses of death" },
	{ "POLL", "polls: how often sources are asked" },
	{ "LEAP", "leap seconds" },
	{ "RST", "restarts: what a start of a daemon may do to a clock" },
	{ "ORP", "orphans: time without a source" },
	{ "BUD", "budgets" },
	{ "PEER", "peers: servers of one tier" },
	{ "KEY", "keys" },
	{ "ACL", "access: who gets time, and who more" },
	{ "CHR", "access to chrony" },
	{ "NET", "networks and machines" },
	{ "TOS", "limits of ntpd" },
	{ "OPS", "operation" },
	{ "ACC", "what is accepted" },
	{ .prefix = NULL },
};

bool
lint_rule_is_judged(const struct lint_rule *rule, const struct lint_place *place)
{
	return ((rule->where ? rule->where : JUDGED_CHECK) & place->bit) != 0;
}

bool
lint_rule_is_of(const struct lint_rule *rule, const struct lint_family *family)
{
	size_t len = strlen(family->prefix);

	return strncmp(rule->number, family->prefix, len) == 0 && rule->number[len] >= '0' &&
	    rule->number[len] <= '9';
}

size_t
lint_rule_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(families); i++) {
		for (const struct lint_rule *rule = families[i]; rule->id; rule++) {
			count++;
		}
	}
	return count;
}

const struct lint_rule *
lint_rule_at(size_t index)
{
	for (size_t i = 0; i < COUNT(families); i++) {
		for (const struct lint_rule *rule = families[i]; rule->id; rule++) {
			if (index-- == 0) {
				return rule;
			}
		}
	}
	return NULL;
}

const struct lint_rule *
lint_rule_find(const char *name, const char **meant)
{
	struct nearest nearest = { .word = name };

	for (size_t i = 0; i < COUNT(families); i++) {
		for (const struct lint_rule *rule = families[i]; rule->id; rule++) {
			if (strcasecmp(rule->id, name) == 0 ||
			    strcasecmp(rule->number, name) == 0) {
				return rule;
			}
		}
	}
	for (size_t i = 0; meant && i < COUNT(families); i++) { /* what is near costs more */
		for (const struct lint_rule *rule = families[i]; rule->id; rule++) {
			nearest_offer(&nearest, rule->id);
		}
	}
	if (meant) {
		*meant = nearest.best;
	}
	return NULL;
}

const struct lint_rule *
lint_rule_once(const char *number)
{
	for (size_t i = 0; i < COUNT(families); i++) {
		for (const struct lint_rule *rule = families[i]; rule->id; rule++) {
			if (rule->once && strcasecmp(rule->once, number) == 0) {
				return rule;
			}
		}
	}
	return NULL;
}

static int
compare_keys(const struct lint_rule *a_rule, const char *a_on, const struct lint_rule *b_rule,
    const char *b_on)
{
	int rules = strcmp(a_rule ? a_rule->id : "", b_rule ? b_rule->id : "");

	if (rules != 0) {
		return rules;
	}
	if (!a_on || !b_on) {
		return (a_on != NULL) - (b_on != NULL);
	}
	return strcmp(a_on, b_on);
}

static int
compare_acceptances(const void *a, const void *b)
{
	const struct acceptance *x = a, *y = b;
	int keys = compare_keys(x->rule, x->accept->on, y->rule, y->accept->on);

	if (keys != 0) {
		return keys;
	}
	return (x->accept > y->accept) - (x->accept < y->accept); /* in the order of the file */
}

static void
index_acceptances(struct lint *lint)
{
	size_t count = lint->topology->accept_count;

	lint->acceptances = arena_alloc(&lint->scratch, count * sizeof(*lint->acceptances) + 1);
	lint->acceptance_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct accept *accept = &lint->topology->accepts[i];

		lint->acceptances[i].accept = accept;
		lint->acceptances[i].past =
		    accept->until_ns > 0 && lint->now_ns >= accept->until_ns;
		if (accept->rule && !lint_rule_once(accept->rule)) {
			lint->acceptances[i].rule = lint_rule_find(accept->rule, NULL);
		}
	}
	if (count > 1) {
		qsort(lint->acceptances, count, sizeof(*lint->acceptances), compare_acceptances);
	}
}

/* The first entry of `accept` for the running rule and exactly @on, or NULL. */
static struct acceptance *
find_acceptance(struct lint *lint, const char *on)
{
	size_t low = 0, high = lint->acceptance_count;
	struct acceptance *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		found = &lint->acceptances[middle];
		if (compare_keys(found->rule, found->accept->on, lint->rule, on) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == lint->acceptance_count) {
		return NULL;
	}
	found = &lint->acceptances[low];
	return compare_keys(found->rule, found->accept->on, lint->rule, on) == 0 ? found : NULL;
}

const char *
lint_subject(struct lint *lint, const struct host *const *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (find_acceptance(lint, hosts[i]->name)) {
			return hosts[i]->name;
		}
	}
	return count > 0 ? hosts[0]->name : "";
}

/* Replace control characters by blanks: a finding is one line, even if a name has a newline. */
static void
make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\177') {
			*text = ' ';
		}
	}
}

static void
add(struct lint *lint, enum severity severity, const char *on, struct pos pos, char *text)
{
	struct acceptance *acceptance = find_acceptance(lint, on);

	if (!acceptance) {
		acceptance = find_acceptance(lint, NULL);
	}
	make_printable(text);
	if (acceptance) {
		acceptance->used = true;
	}
	if (acceptance && acceptance->accept->because && !acceptance->past) {
		diags_add_accepted(
		    lint->diags, lint->rule->id, pos, acceptance->accept->because, text);
	} else {
		diags_add(lint->diags, severity, lint->rule->id, pos, "%s", text);
	}
	free(text);
}

static void add_words(struct lint *lint, enum severity severity, const char *on, struct pos pos,
    const char *fmt, va_list ap) PRINTF(5, 0);

static void
add_words(struct lint *lint, enum severity severity, const char *on, struct pos pos,
    const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	add(lint, severity, on, pos, text);
}

void
lint_report(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_words(lint, lint->rule->severity, on, pos, fmt, ap);
	va_end(ap);
}

void
lint_warn(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_words(lint, SEVERITY_WARNING, on, pos, fmt, ap);
	va_end(ap);
}

void
lint_note(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_words(lint, SEVERITY_NOTE, on, pos, fmt, ap);
	va_end(ap);
}

void
lint_run(const struct topology *topology, int64_t now_ns, struct diags *diags)
{
	struct lint lint = { .topology = topology, .now_ns = now_ns, .diags = diags };
	bool sound = diags->errors == 0;

	if (!topology->resolved) {
		return; /* no name was looked up: sources are empty */
	}
	index_acceptances(&lint);
	facts_settle(&lint);
	for (size_t i = 0; i < COUNT(families); i++) {
		for (lint.rule = families[i]; lint.rule->id; lint.rule++) {
			if (lint.rule->check && (sound || !lint.rule->needs_all)) {
				lint.rule->check(&lint);
			}
		}
	}
	arena_free(&lint.scratch);
}

bool
lint_accepts(const struct topology *topology, const struct lint_rule *rule, const char *on,
    int64_t now_ns, const char **because)
{
	for (size_t i = 0; i < topology->accept_count; i++) {
		const struct accept *accept = &topology->accepts[i];

		if (!accept->rule || !accept->because ||
		    (accept->on && strcmp(accept->on, on) != 0) || lint_rule_once(accept->rule) ||
		    lint_rule_find(accept->rule, NULL) != rule ||
		    (accept->until_ns > 0 && now_ns >= accept->until_ns)) {
			continue;
		}
		if (because) {
			*because = accept->because;
		}
		return true;
	}
	return false;
}
